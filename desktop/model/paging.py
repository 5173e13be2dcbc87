"""Which page of which paper stands on the stage beside the faces: the one on the screen of whom the agent turns to.

Papers that carry one person's data for their own purpose are shown only to those who sign them: while anybody else is
in the call, faces stay alone.
"""

from dataclasses import replace

from desktop.model.happenings import LeafThrough, Outcome, Post
from desktop.model.state import PageShown, State
from media import ports
from signing.wire.call import CallPartyState
from signing.wire.case import CaseView, DocumentState, DocumentView, PartyView, StepKey

PERSONAL = frozenset({"credit_inquiry_authorisation", "personal_information_consent"})
"""Kinds of papers that are nobody else's business."""
STEPS = (StepKey.READING, StepKey.SIGNING)


def page_now(state: State) -> PageShown | None:
    """None where nobody reads or signs, or what is read is not for all who would see it."""
    case, party = state.case, state.party
    if state.call is None or case is None or party is None or state.step not in STEPS:
        return None
    document = _in_hand(case, party)
    if document is None or not state.inside(party.party_id) or not _may_be_seen(state, document):
        return None
    read = document.pages_read_by.get(party.party_id, [])
    done = len(read) >= document.pages
    page = document.pages if done else min(document.on_screen_by.get(party.party_id, 1), document.pages)
    names = (case.case_id, document.document_id, document.current_sha256, document.title)
    return PageShown(*names, page, document.pages)


def _in_hand(case: CaseView, party: PartyView) -> DocumentView | None:
    """The first in signing order that the party has still to sign."""
    mine = (one for one in case.documents if party.party_id in one.signers and one.state is not DocumentState.VOID)
    return next((one for one in mine if party.party_id not in one.signed_by), None)


def _may_be_seen(state: State, document: DocumentView) -> bool:
    places = state.call.parties if state.call else []
    seeing = {place.party_id for place in places if place.state is CallPartyState.LIVE}
    return document.kind not in PERSONAL or seeing <= set(document.signers)


def follow(state: State) -> Outcome:
    """Turns the page on the stage where another is to be seen."""
    page = page_now(state)
    if page == state.media.page:
        return state, ()
    call_id, state = state.media.call_id, replace(state, media=replace(state.media, page=page))
    if page is None:
        return state, (Post(ports.ShowDocument(call_id, None)),) if call_id else ()
    return state, (LeafThrough(call_id, page),)


def words(page: PageShown) -> tuple[str, str]:
    """What stands under it: which paper, and which page."""
    return f"《{page.title}》", f"第 {page.page} 页，共 {page.pages} 页"
