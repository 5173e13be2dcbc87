"""What has to be true once a case has ended, whatever it was doing before."""

import pytest

from signing.bootstrap import App
from signing.domain.call import CallState
from signing.domain.case import DocumentState, Ending
from signing.domain.errors import NotLoggedIn
from signing.domain.ledger import verify_chain
from signing.domain.phase import ending_of
from signing.domain.phone_step import PhoneStep
from signing.domain.queue import OPEN_STATES
from signing.domain.seat import SeatState
from signing.service.commands import Actor
from tests.integration.service.office import stored


def assert_ended(app: App, case_id: str, ending: Ending, links: list[str], customers: list[Actor]) -> None:
    """No open ticket, leg, call or ring; links dead, papers void, pages told, seats free or wrapping up."""
    case = stored(app, case_id)
    assert ending_of(case) is ending
    assert {document.state for document in case.documents} == {DocumentState.VOID}
    assert_nothing_open(app, case_id)
    for link in links:
        with pytest.raises(NotLoggedIn) as refused:
            app.queries.opened_link(link)
        assert "请拨打" in refused.value.hint
    for customer in customers:
        assert app.queries.phone(customer).step is PhoneStep.ENDED


def assert_nothing_open(app: App, case_id: str) -> None:
    with app.services.db.read() as unit:
        case = unit.cases.get(case_id)
        calls = unit.queue.calls_of(case_id)
        people = [party.party_id for party in (*case.parties, *case.former_parties)]
        assert not [call for call in calls if call.state is CallState.LIVE]
        assert not [leg for call in calls for leg in unit.queue.legs_of(call.call_id) if leg.is_open]
        assert not [one for one in people if unit.queue.open_ticket_of(one) or unit.queue.live_leg_of(one)]
        assert not [one for one in unit.queue.ringing_transfers() if one.case_id == case_id]
        tickets = {ticket.ticket_id for ticket in unit.queue.open_tickets()}
        for seat in unit.queue.seats():
            rings = seat.state is SeatState.RINGING
            assert (
                not rings
                or seat.ticket_id in tickets
                or any(one.to_seat_id == seat.seat_id for one in unit.queue.ringing_transfers())
            ), "a seat rings for nobody"
            live = {call.call_id for call in unit.queue.live_calls()}
            assert (seat.state is SeatState.ON_CALL) is (seat.call_id in live), "a seat talks with nobody"
        assert all(ticket.state in OPEN_STATES for ticket in unit.queue.open_tickets())
        verify_chain([event.line for event in unit.cases.events(case_id)])
