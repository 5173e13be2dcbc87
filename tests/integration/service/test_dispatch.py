"""One dispatch that makes many offers: all of them in one unit of work, and none that somebody else has in hand."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from signing.adapters.database.engine import open_engine
from signing.bootstrap import App
from signing.domain.call import CallState
from signing.domain.queue import TicketState
from signing.domain.seat import SeatState
from signing.service import commands as c
from signing.service.commands import Actor
from signing.service.office import ToldWait
from signing.service.store import Changes
from tests.integration.service.county import EAST, WEST, County
from tests.integration.service.office import SteppedClock
from tests.postgres import both_databases

NAMES = ("one", "two", "three", "four", "five")


@pytest.fixture
def county(app: App, clock: SteppedClock) -> County:
    county = County(app, clock)
    county.set_up()
    return county


async def waiting(county: County) -> tuple[list[Actor], list[Actor]]:
    """Five seats that are free and five customers: two of the west, the others of the east."""
    branches = [WEST if name in ("two", "four") else EAST for name in NAMES]
    agents = [county.staff(name, branch) for name, branch in zip(NAMES, branches, strict=True)]
    customers = [county.customer(name, branch) for name, branch in zip(NAMES, branches, strict=True)]
    await county.join(*customers)
    await county.free(*agents)
    return agents, customers


def told_wait(county: County, customer: Actor) -> ToldWait | None:
    ticket_id = county.ticket(customer).ticket_id
    with county.app.services.db.read() as unit:
        return unit.office.told(ticket_id)


@both_databases
async def test_all_offers_are_one_commit_that_names_everybody(county: County) -> None:
    agents, customers = await waiting(county)
    await asyncio.sleep(0)
    told: list[Changes] = []
    stop = county.app.bus.subscribe(told.append)
    assert await county.rings() == {name: name for name in NAMES}
    await asyncio.sleep(0)
    stop()
    (changes,) = told
    assert changes.party_ids == {one.actor_id for one in customers}
    assert changes.case_ids == {one.case_id for one in customers}
    assert changes.seat_ids == {one.seat_id for one in agents}
    assert changes.branch_ids == {EAST, WEST}
    for agent, customer in zip(agents, customers, strict=True):
        ticket, seat = county.ticket(customer), county.seat(agent)
        assert (ticket.state, ticket.seat_id) == (TicketState.OFFERED, seat.seat_id)
        assert (seat.state, seat.ticket_id) == (SeatState.RINGING, ticket.ticket_id)


@both_databases
async def test_the_told_wait_of_each_ends_with_its_first_ring(county: County) -> None:
    agents, customers = await waiting(county)
    assert len(await county.rings()) == 5
    rang = [told_wait(county, customer) for customer in customers]
    assert all(one is not None and one.waited for one in rang)
    await county.do(c.RejectOffer(agents[0], county.ticket(customers[0]).ticket_id))
    await county.free(agents[0])
    assert await county.rings(seconds=3) == {"one": "one"}
    assert told_wait(county, customers[0]) == rang[0]


@both_databases
async def test_of_a_joint_case_one_rings_and_the_others_of_the_batch_too(county: County) -> None:
    """The second party of the first customer's case waits too, with a seat free for them."""
    _, customers = await waiting(county)
    ticket = county.ticket(customers[0])
    with county.app.services.db.write() as unit:
        unit.queue.save_ticket(replace(ticket, ticket_id="tkt_second", party_id="party_second"))
    await county.free(county.staff("six"))
    assert await county.rings() == {name: name for name in NAMES}
    with county.app.services.db.read() as unit:
        assert unit.queue.ticket("tkt_second").state is TicketState.WAITING


@both_databases
async def test_whoever_s_case_talks_by_now_is_left_out(county: County) -> None:
    agents, customers = await waiting(county)
    assert len(await county.rings()) == 5
    call = await county.answer(agents[0])
    ticket = replace(county.ticket(customers[0]), ticket_id="tkt_second", party_id="party_second")
    waits = replace(ticket, state=TicketState.WAITING, seat_id=None, offered_at=None)
    with county.app.services.db.write() as unit:
        unit.queue.save_ticket(waits)
        assert [one.call_id for one in unit.queue.live_calls(case_ids=[ticket.case_id])] == [call.call_id]
        assert unit.queue.live_calls(case_ids=["case_two"]) == []
        assert {one.party_id for one in unit.queue.open_tickets(case_ids=[ticket.case_id])} == {
            "party_one",
            "party_second",
        }
    await county.free(county.staff("six"))
    assert await county.rings() == {}
    assert call.state is CallState.LIVE


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_what_another_service_has_in_hand_comes_with_the_next_dispatch(county: County, database: str) -> None:
    await waiting(county)
    engine = open_engine(database)
    held = (
        "SELECT 1 FROM case_file WHERE case_id = 'case_one' FOR NO KEY UPDATE",
        "SELECT 1 FROM seat WHERE seat_id = 'seat_three' FOR UPDATE",
    )
    with engine.begin() as elsewhere:
        for statement in held:
            assert elsewhere.execute(text(statement)).all()
        assert await county.rings() == {"two": "two", "four": "four", "five": "five"}
    assert await county.rings() == {"one": "one", "three": "three"}
    engine.dispose()
