"""Queue, seats and calls as they meet on real files; drops, lost seats, restarts."""

import asyncio
import json
from pathlib import Path

import pytest

from signing.adapters.identity import VisionIdentityReader
from signing.bootstrap import App
from signing.domain.call import CallState
from signing.domain.errors import ConflictError, IllegalEvent, NotPermitted, RuleBroken
from signing.domain.estimate import RING_AND_WRAP_UP_SECONDS, USUAL_HANDLING_SECONDS, handling_seconds
from signing.domain.phone_step import PhoneStep
from signing.domain.queue import RING_SECONDS, Priority, TicketState
from signing.domain.seat import SeatState
from signing.service import commands as c
from signing.service.commands import SYSTEM
from signing.service.store import Changes
from tests.integration.service.office import (
    SteppedClock,
    connect,
    enter,
    get_ready,
    in_call,
    log_in,
    open_app,
    open_case,
    ring,
    stored,
    types_of,
)
from tests.postgres import both_databases

pytestmark = both_databases


async def test_the_head_rings_is_accepted_and_both_see_it(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    seat, phone = app.queries.seat(agent), app.queries.phone(customer)
    assert (seat.seat.state, seat.call, seat.queue) == (SeatState.ON_CALL, call, [])
    assert (phone.call, phone.seat_label, phone.step) == (call, "07号席", PhoneStep.ID_FRONT)
    assert seat.case is not None
    assert seat.case.case == stored(app, case.case_id)


async def test_an_elderly_customer_has_priority_and_knows_the_place(app: App) -> None:
    agent = await log_in(app)
    _, capability = await open_case(app, agent)
    customer = await enter(app, capability)
    await get_ready(app, customer)
    ticket = await app.bus.execute(c.JoinQueue(customer))
    assert ticket.priority is Priority.ELDER
    assert await app.bus.execute(c.JoinQueue(customer)) == ticket
    phone = app.queries.phone(customer)
    assert (phone.position, phone.expected_wait_seconds, phone.seats_on_duty) == (1, None, 0)
    await app.bus.execute(c.SetPresence(agent, True))
    assert app.queries.phone(customer).expected_wait_seconds == 0


async def test_a_missed_ring_sends_the_seat_away_and_the_customer_to_the_head(app: App, clock: SteppedClock) -> None:
    agent = await log_in(app)
    _, capability = await open_case(app, agent)
    customer = await enter(app, capability)
    await get_ready(app, customer)
    await app.bus.execute(c.SetPresence(agent, True))
    ticket_id = await ring(app, agent, customer)
    assert app.queries.seat(agent).offer is not None
    clock.pass_by(seconds=RING_SECONDS)
    await app.bus.execute(c.Dispatch(SYSTEM))
    seat = app.queries.seat(agent)
    assert (seat.seat.state, seat.seat.reason, seat.offer) == (SeatState.AWAY, "来电未接", None)
    assert seat.queue[0].ticket.priority is Priority.NOT_TAKEN
    with pytest.raises(ConflictError):
        await app.bus.execute(c.AcceptOffer(agent, ticket_id))


async def test_rejecting_and_leaving(app: App) -> None:
    agent = await log_in(app)
    case, capability = await open_case(app, agent)
    customer = await enter(app, capability)
    await get_ready(app, customer)
    await app.bus.execute(c.SetPresence(agent, True))
    await app.bus.execute(c.RejectOffer(agent, await ring(app, agent, customer)))
    assert app.queries.seat(agent).seat.state is SeatState.AWAY
    await app.bus.execute(c.SetPresence(agent, True))
    await ring(app, agent, customer)
    place = app.queries.phone(customer).ticket
    assert place is not None
    await app.bus.execute(c.LeaveQueue(customer))
    assert app.queries.seat(agent).seat.state is SeatState.AVAILABLE
    assert types_of(app, case.case_id)[-1] == "queue.left"
    await app.bus.execute(c.LeaveQueue(customer))
    with app.services.db.read() as unit:
        told = [json.loads(event.line)["body"] for event in unit.cases.events(case.case_id) if "queue." in event.type]
    tickets = [body["ticket_id"] for body in told]
    assert len(tickets) == 2
    assert tickets[0] == tickets[1] == place.ticket_id


async def test_who_closed_the_page_is_not_rung(app: App) -> None:
    agent = await log_in(app)
    _, capability = await open_case(app, agent)
    customer = await enter(app, capability)
    await get_ready(app, customer)
    await app.bus.execute(c.JoinQueue(customer))
    await app.bus.execute(c.SetPhonePresence(customer, False))
    await app.bus.execute(c.SetPresence(agent, True))
    assert await app.bus.execute(c.Dispatch(SYSTEM)) == []
    await app.bus.execute(c.SetPhonePresence(customer, True))
    assert len(await app.bus.execute(c.Dispatch(SYSTEM))) == 1


async def test_hanging_up_early_needs_a_reason_and_says_what_is_missing(app: App) -> None:
    agent, customer, _, call = await in_call(app)
    with pytest.raises(RuleBroken) as refused:
        await app.bus.execute(c.HangUp(agent, call.call_id))
    assert refused.value.rule == "proof"
    assert "身份核验" in refused.value.message
    ended = await app.bus.execute(c.HangUp(agent, call.call_id, "客户有急事"))
    assert ended.state is CallState.ENDED
    seat = app.queries.seat(agent)
    assert (seat.seat.state, seat.call, seat.handled_today) == (SeatState.WRAP_UP, None, 1)
    assert seat.case is not None
    await app.bus.execute(c.FinishWrapUp(agent))
    assert app.queries.seat(agent).case is None
    phone = app.queries.phone(customer)
    assert (phone.step, phone.let_go) == (PhoneStep.QUEUE, True)
    with pytest.raises(IllegalEvent):
        await app.bus.execute(c.HangUp(agent, call.call_id, "again"))
    await app.bus.execute(c.JoinQueue(customer))
    assert not app.queries.phone(customer).let_go, "they have come back"


async def test_the_told_wait_follows_the_calls_of_the_branch(app: App, clock: SteppedClock) -> None:
    agent, customer, _, call = await in_call(app)
    clock.pass_by(minutes=30)
    _, capability = await open_case(app, agent)
    second = await enter(app, capability)
    await get_ready(app, second)
    await app.bus.execute(c.JoinQueue(second))
    usual = app.queries.phone(second).expected_wait_seconds
    assert usual == USUAL_HANDLING_SECONDS, "one seat, busy: a whole call of unknown age is to be waited for"
    await app.bus.execute(c.HangUp(agent, call.call_id, "客户有急事"))
    learnt = app.queries.phone(second).expected_wait_seconds
    assert learnt == pytest.approx(handling_seconds([1800 + RING_AND_WRAP_UP_SECONDS]), abs=5)
    assert app.queries.phone(customer).expected_wait_seconds is None


async def test_a_dropped_customer_returns_to_the_same_seat_and_step(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    step = app.queries.phone(customer).step
    await app.bus.execute(c.SetPhonePresence(customer, False))
    await app.bus.execute(c.DropLeg(SYSTEM, call.call_id, customer.actor_id))
    await app.bus.execute(c.DropLeg(SYSTEM, call.call_id, customer.actor_id))
    assert types_of(app, case.case_id)[-2:] == ["call.dropped", "queue.rejoined"]
    phone = app.queries.phone(customer)
    assert (phone.step, phone.position) == (PhoneStep.QUEUE, 1)
    assert await app.bus.execute(c.Dispatch(SYSTEM)) == []
    again = await connect(app, agent, customer)
    assert again.call_id != call.call_id
    assert again.seat_id == call.seat_id
    assert app.queries.phone(customer).step is step


async def test_a_lost_seat_drops_its_call(app: App) -> None:
    agent, customer, _, call = await in_call(app)
    await app.bus.execute(c.LoseSeat(SYSTEM, call.seat_id))
    assert app.queries.seat(agent).seat.state is SeatState.OFFLINE
    assert app.queries.phone(customer).step is PhoneStep.QUEUE
    with app.services.db.read() as unit:
        assert unit.queue.call(call.call_id).state is CallState.DROPPED
    # The customer's page was open all the time and has nothing to report.
    await app.bus.execute(c.SetPresence(agent, True))
    assert len(await app.bus.execute(c.Dispatch(SYSTEM))) == 1


async def test_who_closed_the_page_while_it_rang_is_not_rung_again(app: App, clock: SteppedClock) -> None:
    agent = await log_in(app)
    _, capability = await open_case(app, agent)
    customer = await enter(app, capability)
    await get_ready(app, customer)
    await app.bus.execute(c.SetPresence(agent, True))
    await ring(app, agent, customer)
    await app.bus.execute(c.SetPhonePresence(customer, False))
    clock.pass_by(seconds=21)
    await app.bus.execute(c.Dispatch(SYSTEM))
    await app.bus.execute(c.SetPresence(agent, True))
    assert await app.bus.execute(c.Dispatch(SYSTEM)) == []


async def test_a_lost_seat_that_rang_gives_the_customer_back(app: App) -> None:
    agent = await log_in(app)
    _, capability = await open_case(app, agent)
    customer = await enter(app, capability)
    await get_ready(app, customer)
    await app.bus.execute(c.SetPresence(agent, True))
    ticket_id = await ring(app, agent, customer)
    await app.bus.execute(c.LoseSeat(SYSTEM, "seat_07"))
    with app.services.db.read() as unit:
        assert unit.queue.ticket(ticket_id).state is TicketState.WAITING


async def test_a_restart_leaves_a_live_call_to_its_two_ends(
    tmp_path: Path, database: str, reader: VisionIdentityReader
) -> None:
    first = open_app(tmp_path, database, identity=reader)
    _, customer, case, call = await in_call(first)
    await first.close()  # with the call still live, as after a crash
    second = open_app(tmp_path, database, identity=reader)
    await second.start()
    await second.resumed()
    agent = await log_in(second)
    assert second.queries.live_calls() == [call]
    assert second.queries.seat(agent).call == call
    assert second.queries.phone(customer).call == call
    await second.bus.execute(c.LoseSeat(SYSTEM, call.seat_id))  # the window did not come back
    with second.services.db.read() as unit:
        assert unit.queue.seat(call.seat_id).state is SeatState.OFFLINE
    assert types_of(second, case.case_id)[-2:] == ["call.dropped", "queue.rejoined"]
    await connect(second, agent, customer)
    await second.close()


async def test_a_restart_resets_a_seat_that_was_not_talking(
    tmp_path: Path, database: str, reader: VisionIdentityReader
) -> None:
    first = open_app(tmp_path, database, identity=reader)
    agent = await log_in(first)
    await first.bus.execute(c.SetPresence(agent, True))
    await first.close()
    second = open_app(tmp_path, database, identity=reader)
    await second.start()
    assert second.queries.live_calls() == []
    assert second.queries.seat(agent).seat.state is SeatState.OFFLINE
    await second.close()


async def test_only_the_seat_that_talks_may_act(app: App) -> None:
    agent, _, case, call = await in_call(app)
    party_id = case.parties[0].party_id
    admin = await log_in(app, "admin", "demo-admin-2026")
    await app.bus.execute(c.AddStaff(admin, "wu", "long-enough-1", "吴坐席", "agent", "branch_shanghang"))
    other = await log_in(app, "wu", "long-enough-1")
    for command in (
        c.DecideIdentity(other, case.case_id, party_id, True, "x"),
        c.ShowLine(other, case.case_id, party_id, 1),
        c.HangUp(other, call.call_id, "x"),
        c.SealCase(other, case.case_id),
        c.SetPresence(other, True),
    ):
        with pytest.raises(NotPermitted):
            await app.bus.execute(command)
    assert app.queries.seat(agent).call == call


async def test_listeners_hear_each_commit_and_the_queue_dispatches_itself(app: App) -> None:
    heard: list[Changes] = []
    stop = app.bus.subscribe(heard.append)
    agent = await log_in(app)
    case, capability = await open_case(app, agent)
    customer = await enter(app, capability)
    await get_ready(app, customer)
    await app.start()
    await app.bus.execute(c.SetPresence(agent, True))
    await app.bus.execute(c.JoinQueue(customer))
    for _ in range(200):
        if app.queries.seat(agent).offer is not None:
            break
        await asyncio.sleep(0.02)
    assert app.queries.seat(agent).offer is not None
    assert any(case.case_id in changes.case_ids for changes in heard)
    assert any("seat_07" in changes.seat_ids for changes in heard)
    assert any(case.parties[0].party_id in changes.party_ids for changes in heard)
    count = len(heard)
    stop()
    await app.bus.execute(c.LeaveQueue(customer))
    await asyncio.sleep(0)
    assert len(heard) == count
    await app.close()


async def test_a_seat_belongs_to_one_agent_at_a_time(app: App) -> None:
    zhang = await log_in(app)
    admin = await log_in(app, "admin", "demo-admin-2026")
    words = ("wu", "long-enough-1", "吴坐席", "agent", "branch_shanghang", "seat_07")
    await app.bus.execute(c.AddStaff(admin, *words))
    with pytest.raises(ConflictError, match="正由其他坐席使用"):
        await log_in(app, "wu", "long-enough-1")
    await app.bus.execute(c.LoseSeat(SYSTEM, "seat_07"))
    wu = await log_in(app, "wu", "long-enough-1")
    with pytest.raises(NotPermitted):
        await app.bus.execute(c.SetPresence(zhang, True))
    await app.bus.execute(c.LogOut(zhang))
    assert app.queries.seat(wu).seat.staff_id == wu.actor_id
