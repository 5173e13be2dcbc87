"""Several parties of one case: together, one after the other, on hold, dropped, transferred, listened to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from signing.bootstrap import App
from signing.domain.call import RING_SECONDS, CallState, LegState, Outcome, TransferState
from signing.domain.case import CallMode
from signing.domain.errors import ConflictError, InputError, NotPermitted, RuleBroken
from signing.domain.party import PartyState
from signing.domain.seat import SeatState
from signing.service import commands as c
from signing.service.board import board
from signing.service.call_state import PlaceState
from signing.service.commands import SYSTEM, Actor
from signing.web.views.phone import phone_view
from signing.web.views.seat import seat_view
from tests.integration.service.family import another_seat, dispatch, family
from tests.integration.service.office import SteppedClock, connect, log_in, ring, types_of
from tests.postgres import both_databases

pytestmark = both_databases


def places(app: App, agent: Actor) -> list[PlaceState]:
    talk = app.queries.seat(agent).talk
    assert talk is not None
    return [place.state for place in talk.places]


def all_identified(app: App, case_id: str) -> None:
    """Writes the parties into the store as if their identity had been decided."""
    with app.services.db.write() as unit:
        case = unit.cases.get(case_id)
        parties = tuple(replace(party, state=PartyState.IDENTIFIED) for party in case.parties)
        unit.cases.save(replace(case, parties=parties))


async def test_who_waits_is_kept_for_the_live_call_and_admitted_there(app: App) -> None:
    agent, other, chen = await log_in(app), await another_seat(app, "08"), await log_in(app, "chen", "demo-super-2026")
    case, (first, second, third) = await family(app, agent)
    all_identified(app, case.case_id)
    call = await connect(app, agent, first)
    await app.bus.execute(c.SetPresence(other, True))
    await app.bus.execute(c.JoinQueue(second))
    assert await dispatch(app) == [], "the seat that is free does not ring for them"
    assert [waiting.kept_for_call for waiting in board(app.services, chen).waiting] == [True]
    assert places(app, agent) == [PlaceState.LIVE, PlaceState.WAITING, PlaceState.ABSENT]
    with pytest.raises(ConflictError, match="不在排队"):
        await app.bus.execute(c.AdmitParty(agent, call.call_id, third.actor_id))
    with pytest.raises(NotPermitted):
        await app.bus.execute(c.AdmitParty(other, call.call_id, second.actor_id))
    await app.bus.execute(c.AdmitParty(agent, call.call_id, second.actor_id))
    assert app.queries.phone(second).call == call
    assert types_of(app, case.case_id)[-1] == "call.joined"
    await app.bus.execute(c.HoldParty(agent, call.call_id, second.actor_id, True))
    assert (app.queries.phone(second).held, app.queries.phone(first).held) == (True, False)
    with pytest.raises(ConflictError, match="正在等候"):
        await app.bus.execute(c.ShowLine(agent, case.case_id, second.actor_id, 2))
    await app.bus.execute(c.ShowLine(agent, case.case_id, first.actor_id, 1))
    await app.bus.execute(c.HoldParty(agent, call.call_id, second.actor_id, False))
    await app.bus.execute(c.RemoveParty(agent, call.call_id, second.actor_id, "稍后单独办理", True))
    assert places(app, agent)[1] is PlaceState.WAITING
    with pytest.raises(ConflictError, match="最后一位"):
        await app.bus.execute(c.RemoveParty(agent, call.call_id, first.actor_id, "x"))
    await app.bus.execute(c.SetCallMode(agent, case.case_id, CallMode.SEPARATE))
    assert await dispatch(app) == [second.actor_id], "now anybody may serve them, and the first is still talking"
    assert types_of(app, case.case_id)[-1] == "case.call_mode"


async def test_a_seat_rings_for_one_party_of_a_case_at_a_time(app: App) -> None:
    agent, other = await log_in(app), await another_seat(app, "08")
    _, customers = await family(app, agent)
    for customer in customers:
        await app.bus.execute(c.JoinQueue(customer))
    for seat in (agent, other):
        await app.bus.execute(c.SetPresence(seat, True))
    assert len(await dispatch(app)) == 1


async def test_separate_calls_of_one_case_at_two_seats(app: App) -> None:
    agent, other = await log_in(app), await another_seat(app, "08")
    case, (first, second, third) = await family(app, agent, CallMode.SEPARATE)
    call = await connect(app, agent, first)
    second_call = await connect(app, other, second)
    assert {call.case_id, second_call.case_id} == {case.case_id}
    assert places(app, agent) == [PlaceState.LIVE, PlaceState.ELSEWHERE, PlaceState.ABSENT]
    await app.bus.execute(c.JoinQueue(third))
    await app.bus.execute(c.AdmitParty(other, second_call.call_id, third.actor_id))
    assert places(app, other) == [PlaceState.ELSEWHERE, PlaceState.LIVE, PlaceState.LIVE]
    with pytest.raises(NotPermitted):
        await app.bus.execute(c.ShowLine(agent, case.case_id, third.actor_id, 1))
    await app.bus.execute(c.DropLeg(SYSTEM, second_call.call_id, third.actor_id))
    await dispatch(app)
    assert app.queries.phone(third).call == second_call, "back in the very call they dropped from"


async def test_one_drops_and_returns_by_themselves_the_last_takes_the_call_along(app: App) -> None:
    agent = await log_in(app)
    case, (first, second, _) = await family(app, agent)
    call = await connect(app, agent, first)
    await app.bus.execute(c.JoinQueue(second))
    await app.bus.execute(c.AdmitParty(agent, call.call_id, second.actor_id))
    await app.bus.execute(c.SetPhonePresence(second, False))
    await app.bus.execute(c.DropLeg(SYSTEM, call.call_id, second.actor_id))
    await dispatch(app)
    assert places(app, agent)[:2] == [PlaceState.LIVE, PlaceState.DROPPED]
    assert types_of(app, case.case_id)[-2:] == ["call.dropped", "queue.rejoined"]
    await app.bus.execute(c.SetPhonePresence(second, True))
    await dispatch(app)
    assert places(app, agent)[:2] == [PlaceState.LIVE, PlaceState.LIVE]
    assert types_of(app, case.case_id)[-1] == "call.rejoined"
    for customer in (first, second):
        await app.bus.execute(c.SetPhonePresence(customer, False))
        await app.bus.execute(c.DropLeg(SYSTEM, call.call_id, customer.actor_id))
    assert app.queries.seat(agent).seat.state is SeatState.AVAILABLE
    for customer in (first, second):
        await app.bus.execute(c.SetPhonePresence(customer, True))
    assert len(await dispatch(app)) == 1
    again = await app.bus.execute(c.AcceptOffer(agent, await ring(app, agent, first)))
    await dispatch(app)
    assert app.queries.phone(second).call == again


async def test_the_proof_before_hang_up_is_about_those_in_the_call(app: App) -> None:
    agent = await log_in(app)
    case, (first, *_) = await family(app, agent)
    call = await connect(app, agent, first)
    with pytest.raises(RuleBroken) as refused:
        await app.bus.execute(c.HangUp(agent, call.call_id))
    assert "王*兰" in refused.value.message
    assert "李*山" not in refused.value.message
    shown = app.queries.seat(agent).case
    assert shown is not None
    assert not any(case.parties[1].party_id in item.key for item in shown.proof)
    assert any("李*山" in block for block in shown.seal_blocked_by)


async def test_a_transfer_moves_everybody_when_it_is_accepted_and_not_before(app: App, clock: SteppedClock) -> None:
    agent, other = await log_in(app), await another_seat(app, "08")
    case, (first, second, third) = await family(app, agent)
    call = await connect(app, agent, first)
    with pytest.raises(ConflictError, match="没有空闲"):
        await app.bus.execute(c.TransferCall(agent, call.call_id, "方言"))
    with pytest.raises(ConflictError, match="暂离"):
        await app.bus.execute(c.TransferCall(agent, call.call_id, "方言", "seat_08"))
    for customer in (second, third):
        await app.bus.execute(c.JoinQueue(customer))
        await app.bus.execute(c.AdmitParty(agent, call.call_id, customer.actor_id))
    await app.bus.execute(c.HoldParty(agent, call.call_id, second.actor_id, True))
    await app.bus.execute(c.SetPhonePresence(third, False))
    await app.bus.execute(c.DropLeg(SYSTEM, call.call_id, third.actor_id))
    await app.bus.execute(c.SetPresence(other, True))
    await app.bus.execute(c.TransferCall(agent, call.call_id, "方言"))
    assert app.queries.phone(first).transferring
    clock.pass_by(seconds=RING_SECONDS)
    await dispatch(app)
    talk = app.queries.seat(agent).talk
    assert talk is not None
    assert talk.transfer is not None
    assert talk.transfer.transfer.state is TransferState.MISSED
    assert app.queries.seat(other).seat.state is SeatState.AWAY
    await app.bus.execute(c.SetPresence(other, True))
    transfer = await app.bus.execute(c.TransferCall(agent, call.call_id, "方言", "seat_08"))
    shown = app.queries.seat(other).transfer_offer
    assert shown is not None
    assert [party.party_id for party in shown.parties] == [first.actor_id, second.actor_id]
    new = await app.bus.execute(c.AcceptTransfer(other, transfer.transfer_id))
    assert (new.follows, new.seat_id) == (call.call_id, "seat_08")
    assert places(app, other) == [PlaceState.LIVE, PlaceState.HELD, PlaceState.DROPPED]
    assert app.queries.seat(agent).seat.state is SeatState.WRAP_UP
    assert types_of(app, case.case_id)[-1] == "call.handed_over"
    await app.bus.execute(c.SetPhonePresence(third, True))
    await dispatch(app)
    assert app.queries.phone(third).call == new, "who dropped before comes back to where the others are"
    with pytest.raises(NotPermitted):
        await app.bus.execute(c.ShowLine(agent, case.case_id, first.actor_id, 1))


async def test_a_seat_that_dies_while_it_transfers_leaves_its_customers_to_the_other(app: App) -> None:
    agent, other = await log_in(app), await another_seat(app, "08")
    _, (first, second, _) = await family(app, agent)
    call = await connect(app, agent, first)
    await app.bus.execute(c.JoinQueue(second))
    await app.bus.execute(c.AdmitParty(agent, call.call_id, second.actor_id))
    await app.bus.execute(c.SetPresence(other, True))
    transfer = await app.bus.execute(c.TransferCall(agent, call.call_id, "电脑要坏了"))
    await app.bus.execute(c.LoseSeat(SYSTEM, agent.seat_id or ""))
    with pytest.raises(ConflictError):
        await app.bus.execute(c.AcceptTransfer(other, transfer.transfer_id))
    (ringing,) = await dispatch(app)
    assert ringing in (first.actor_id, second.actor_id)
    taken = await app.bus.execute(c.AcceptOffer(other, app.queries.seat(other).seat.ticket_id or ""))
    await dispatch(app)
    assert {app.queries.phone(customer).call for customer in (first, second)} == {taken}


def told(app: App, customer: Actor) -> str:
    """The notice on the customer's page."""
    notice = phone_view(app.queries.phone(customer), [], None).notice
    return "" if notice is None else notice.text


def told_agent(app: App, agent: Actor) -> str:
    """The notice on the agent's window."""
    notice = seat_view(app.queries.seat(agent), [], []).notice
    return "" if notice is None else notice.text


async def test_a_supervisor_listens_whispers_and_takes_over(app: App) -> None:
    agent, chief = await log_in(app), await another_seat(app, "01", "supervisor")
    case, (first, *_) = await family(app, agent)
    call = await connect(app, agent, first)
    with pytest.raises(ConflictError, match="没有在旁听"):
        await app.bus.execute(c.Whisper(chief, call.call_id, True))
    with pytest.raises(NotPermitted):
        await app.bus.execute(c.ListenIn(agent, call.call_id))
    await app.bus.execute(c.ListenIn(chief, call.call_id))
    await app.bus.execute(c.Whisper(chief, call.call_id, True))
    talk = app.queries.seat(agent).talk
    assert talk is not None
    assert [(one.name, one.whispering) for one in talk.listeners] == [("01坐席", True)]
    assert board(app.services, chief).listening == [call.call_id]
    assert "主管正在旁听" in told(app, first), "the customer knows who hears the call"
    assert "01坐席" not in told(app, first)
    await app.bus.execute(c.SetPresence(chief, False))
    new = await app.bus.execute(c.TakeOver(chief, call.call_id, "客户投诉"))
    assert app.queries.phone(first).call == new
    assert board(app.services, chief).listening == []
    assert told_agent(app, agent) == "主管01坐席接管了这通通话：客户投诉"
    kinds = types_of(app, case.case_id)
    assert kinds[-5:] == [
        "call.listening_started", "call.whisper_started", "call.whisper_stopped", "call.listening_stopped",
        "call.taken_over",
    ]  # fmt: skip
    assert told(app, first) == "", "the new call is heard by nobody"
    await app.bus.execute(c.FinishWrapUp(agent, Outcome.TO_CONTINUE, "主管接管"))
    assert told_agent(app, agent) == ""
    await app.bus.execute(c.HangUp(await another_seat(app, "02", "supervisor"), new.call_id, "线路太差"))
    assert told_agent(app, chief) == "主管02坐席终止了这通通话：线路太差"
    with app.services.db.read() as unit:
        first_call = unit.queue.call(call.call_id)
    assert (first_call.state, first_call.outcome) == (CallState.ENDED, Outcome.TO_CONTINUE)
    assert first_call.ring_seconds is not None
    assert first_call.wrap_up_seconds is not None


async def test_wrap_up_ends_by_itself_and_a_stuck_seat_is_set_right(app: App, clock: SteppedClock) -> None:
    agent, chen = await log_in(app), await log_in(app, "chen", "demo-super-2026")
    case, (first, *_) = await family(app, agent)
    call = await connect(app, agent, first)
    with pytest.raises(InputError):
        await app.bus.execute(c.SetSeatPresence(chen, "seat_07", False, " "))
    assert app.queries.seat(agent).wrap_up_until is None
    await app.bus.execute(c.HangUp(agent, call.call_id, "客户有事"))
    told = app.queries.seat(agent)
    assert told_agent(app, agent) == "", "they know what they did"
    assert told.wrap_up_until == told.seat.since + app.services.limits.wrap_up
    clock.pass_by(seconds=app.services.limits.wrap_up / timedelta(seconds=1))
    await dispatch(app)
    assert app.queries.seat(agent).wrap_up_until is None
    assert app.queries.seat(agent).seat.state is SeatState.AVAILABLE
    assert types_of(app, case.case_id)[-1] == "call.wrapped_up"
    await app.bus.execute(c.SetSeatPresence(chen, "seat_07", False, "人不在座位上"))
    seat = app.queries.seat(agent).seat
    assert (seat.state, seat.reason) == (SeatState.AWAY, "主管：人不在座位上")
    with app.services.db.read() as unit:
        assert b"seat.went_away" in unit.logs.views()[-1]


async def test_an_agent_reads_and_ends_only_cases_of_the_branch_or_of_their_calls(app: App) -> None:
    agent, stranger = await log_in(app), await another_seat(app, "08")
    case, (first, *_) = await family(app, agent)
    with app.services.db.write() as unit:
        unit.people.add_branch(replace(unit.people.branch("branch_shanghang"), branch_id="branch_far", name="远处支行"))
        unit.people.save_staff(replace(unit.people.staff(stranger.actor_id), branch_id="branch_far"))
    for attempt in (
        app.queries.case,
        lambda who, one: app.queries.document_pdf(who, one, case.documents[0].document_id),
    ):
        with pytest.raises(NotPermitted):
            attempt(stranger, case.case_id)
    with pytest.raises(NotPermitted):
        await app.bus.execute(c.AbortCase(stranger, case.case_id, "x"))
    call = await connect(app, agent, first)
    await app.bus.execute(c.SetPresence(stranger, True))
    transfer = await app.bus.execute(c.TransferCall(agent, call.call_id, "方言", "seat_08"))
    await app.bus.execute(c.AcceptTransfer(stranger, transfer.transfer_id))
    assert app.queries.case(stranger, case.case_id).case.case_id == case.case_id


async def test_aborting_ends_every_call_of_the_case(app: App) -> None:
    agent, other = await log_in(app), await another_seat(app, "08")
    case, (first, second, third) = await family(app, agent, CallMode.SEPARATE)
    await connect(app, agent, first)
    await connect(app, other, second)
    await app.bus.execute(c.JoinQueue(third))
    await app.bus.execute(c.AbortCase(agent, case.case_id, "客户撤回申请"))
    with app.services.db.read() as unit:
        assert unit.queue.live_calls() == []
        assert unit.queue.open_tickets() == []
        assert {
            leg.state for call in unit.queue.calls_of(case.case_id) for leg in unit.queue.legs_of(call.call_id)
        } == {LegState.LEFT}
