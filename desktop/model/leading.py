"""The papers beside the stage: which one, where each signer is in it, and whom the agent leads. Pure."""

from dataclasses import dataclass
from typing import Literal

from desktop.model import paging
from desktop.model import party as parties
from desktop.model.state import State
from signing.wire.call import CallPartyState
from signing.wire.case import DocumentState, DocumentView, PartyView
from signing.wire.signal import Lead

Kind = Literal["page", "point", "mark", "over"]
AGAIN = 4.0
"""Seconds after which the same is said again: a phone that connects anew must hear of it within five."""
APART = 0.11
"""Seconds between two frames at least: the service takes ten a second."""
SMALLEST = 0.015
"""Of a page's width or height: a smaller rectangle was meant as a point."""


@dataclass(frozen=True)
class Mark:
    """What is pointed at, in shares of the page from its upper left corner; ``page``: at nothing."""

    kind: Kind = "page"
    x: float = 0.0
    y: float = 0.0
    w: float = 0.0
    h: float = 0.0


NOTHING = Mark()


def drawn(from_x: float, from_y: float, to_x: float, to_y: float) -> Mark:
    """A point, or the rectangle between where the hand went down and where it is; kept within the page."""
    (left, right), (top, bottom) = sorted((_inside(from_x), _inside(to_x))), sorted((_inside(from_y), _inside(to_y)))
    if right - left < SMALLEST and bottom - top < SMALLEST:
        return Mark("point", _inside(to_x), _inside(to_y))
    return Mark("mark", left, top, right - left, bottom - top)


def _inside(share: float) -> float:
    return min(1.0, max(0.0, share))


def chosen(state: State, wanted: str) -> DocumentView | None:
    """The paper the agent opened; else the one in the hand of whom they have turned to, else the first of theirs."""
    case, party = state.case, state.party
    if case is None:
        return None
    live = [one for one in case.documents if one.state is not DocumentState.VOID]
    found = next((one for one in live if one.document_id == wanted), None)
    if found is None and party is not None:
        mine = [one for one in live if party.party_id in one.signers]
        in_hand = (one for one in mine if party.party_id not in one.signed_by)
        found = next(in_hand, mine[0] if mine else None)
    return found or (live[0] if live else None)


def page_of(state: State, document: DocumentView) -> int:
    """Where whom the agent has turned to is in it."""
    party = state.party
    return min(document.on_screen_by.get(party.party_id, 1) if party else 1, document.pages)


def led(state: State, document: DocumentView) -> list[PartyView]:
    """Those who sign it, are in the call, and read or sign now."""
    return [
        one
        for one in state.people
        if one.party_id in document.signers
        and one.party_id not in document.signed_by
        and parties.step(one) in paging.STEPS
        and _live(state, one.party_id)
    ]


def _live(state: State, party_id: str) -> bool:
    place = state.place(party_id)
    return place is not None and place.state is CallPartyState.LIVE and place.online


def frames(state: State, document: DocumentView, page: int, mark: Mark) -> list[Lead]:
    """One for each who is led; nothing outside a call."""
    if state.call is None:
        return []
    return [
        Lead(
            call_id=state.call.call_id, party_id=one.party_id, document_id=document.document_id, page=page,
            kind=mark.kind, x=mark.x, y=mark.y, w=mark.w, h=mark.h,
        )
        for one in led(state, document)
    ]  # fmt: skip


def whereabouts(state: State, document: DocumentView) -> str:
    """Where each of its signers is."""
    told = []
    for one in state.people:
        if one.party_id not in document.signers:
            continue
        if one.party_id in document.signed_by:
            told.append(f"{one.name_masked}已签")
        elif (page := document.on_screen_by.get(one.party_id)) is not None:
            told.append(f"{one.name_masked}在第 {page} 页")
        else:
            told.append(f"{one.name_masked}还没有打开")
    return "，".join(told)
