"""Reads and shows: a query in a worker thread, then the view of what it found."""

from collections.abc import Iterable

from signing.domain.phone_step import CONSENT_STEPS
from signing.service import snapshots
from signing.service.board import BoardSnapshot, board
from signing.service.call_state import CallSnapshot
from signing.service.commands import Actor
from signing.web.consents import consent_text
from signing.web.context import Web
from signing.web.views.board import board_view
from signing.web.views.case import case_view
from signing.web.views.phone import phone_view
from signing.web.views.seat import seat_view
from signing.wire.board import BoardView
from signing.wire.case import CaseView, ConsentKind
from signing.wire.phone import ConsentText, PhoneView
from signing.wire.staff import SeatView

_KIND_OF_STEP = {step: kind for kind, step in CONSENT_STEPS.items()}


def party_key(party_id: str) -> str:
    return f"party:{party_id}"


def staff_key(staff_id: str) -> str:
    """A supervisor's board."""
    return f"staff:{staff_id}"


def seat_key(seat_id: str) -> str:
    return f"seat:{seat_id}"


async def seat_display(web: Web, actor: Actor) -> SeatView:
    return await show_seat(web, await web.ask(web.queries.seat, actor))


async def show_seat(web: Web, seat: snapshots.SeatSnapshot) -> SeatView:
    return seat_view(
        seat, web.ice.servers(seat.seat.seat_id, seat.now), await _online(web, [seat.talk] if seat.talk else [])
    )


async def board_display(web: Web, actor: Actor) -> BoardView:
    return await show_board(web, await web.ask(board, web.services, actor))


async def show_board(web: Web, shown: BoardSnapshot) -> BoardView:
    return board_view(
        shown,
        web.ice.servers(shown.staff.member.staff_id, shown.now),
        await _online(web, [call.talk for call in shown.calls]),
    )


async def _online(web: Web, talks: Iterable[CallSnapshot]) -> list[str]:
    """Those of the calls' parties whose pages are open, at this service or another."""
    parties = [party.party_id for talk in talks for party in talk.case.parties]
    here = {party_id for party_id in parties if web.hub.online(party_key(party_id))}
    there = await web.replica.open_among([party_key(party_id) for party_id in parties if party_id not in here])
    return [party_id for party_id in parties if party_id in here or party_key(party_id) in there]


async def phone_display(web: Web, actor: Actor) -> PhoneView:
    return show_phone(web, await web.ask(web.queries.phone, actor))


def show_phone(web: Web, phone: snapshots.PhoneSnapshot) -> PhoneView:
    return phone_view(phone, web.ice.servers(phone.party.party_id, phone.now), _consent(phone))


def _consent(phone: snapshots.PhoneSnapshot) -> ConsentText | None:
    kind = _KIND_OF_STEP.get(phone.step)
    return None if kind is None else wording_for(phone, ConsentKind(kind))


def wording_for(phone: snapshots.PhoneSnapshot, kind: ConsentKind) -> ConsentText:
    return consent_text(kind, phone.institution.name, phone.institution.helpline)


async def case_display(web: Web, actor: Actor, case_id: str) -> CaseView:
    return case_view(await web.ask(web.queries.case, actor, case_id))
