"""A customer does not want to go on: before, between and in calls, said by themselves or put on record for them."""

import pytest

from signing.bootstrap import App
from signing.domain.case import Ending
from signing.domain.errors import ConflictError, InputError, NotPermitted
from signing.domain.party import PartyState
from signing.domain.phase import Phase, is_stopped
from signing.domain.phone_step import PhoneStep
from signing.domain.seat import SeatState
from signing.service import commands as c
from signing.service import lifecycle_commands as lc
from signing.service.call_state import PlaceState
from tests.integration.service.endings import assert_ended, assert_nothing_open
from tests.integration.service.family import another_seat, dispatch, family, open_family_case
from tests.integration.service.office import WORDING, connect, enter, get_ready, log_in, open_case, stored, types_of
from tests.integration.service.steps import serve, sign_next


async def test_before_any_call_the_case_stops_and_staff_end_it(app: App) -> None:
    agent = await log_in(app)
    case, capability = await open_case(app, agent)
    customer = await enter(app, capability)
    await get_ready(app, customer)
    assert app.queries.phone(customer).may_refuse
    await app.bus.execute(c.JoinQueue(customer))
    await app.bus.execute(lc.Refuse(customer, "利率太高"))
    stopped = stored(app, case.case_id)
    assert (stopped.parties[0].state, stopped.parties[0].refusal) == (PartyState.REFUSED, "利率太高")
    assert is_stopped(stopped)
    phone = app.queries.phone(customer)
    assert (phone.step, phone.may_refuse, phone.ticket) == (PhoneStep.ENDED, False, None)
    assert types_of(app, case.case_id)[-2:] == ["party.refused", "queue.left"]
    assert app.queries.case(agent, case.case_id).phase is Phase.STOPPED
    for late in (lc.Refuse(customer), c.JoinQueue(customer)):
        with pytest.raises(ConflictError):
            await app.bus.execute(late)
    again = await enter(app, capability)
    assert app.queries.phone(again).step is PhoneStep.ENDED, "the page still says so to who comes back"
    await app.bus.execute(c.AbortCase(agent, case.case_id, "客户嫌利率高"))
    assert_ended(app, case.case_id, Ending.REFUSED, [capability], [again])
    assert types_of(app, case.case_id)[-1] == "case.refused"


async def test_in_a_joint_call_who_refuses_leaves_it_and_the_others_are_told_there(app: App) -> None:
    agent = await log_in(app)
    case, (first, second, third) = await family(app, agent)
    call = await connect(app, agent, first)
    for other in (second, third):
        await app.bus.execute(c.JoinQueue(other))
    await app.bus.execute(c.AdmitParty(agent, call.call_id, second.actor_id))
    await app.bus.execute(lc.Refuse(second))
    talk = app.queries.seat(agent).talk
    assert talk is not None
    assert [place.state for place in talk.places] == [PlaceState.LIVE, PlaceState.LEFT, PlaceState.ABSENT]
    assert [app.queries.phone(one).step for one in (first, second, third)] == [
        PhoneStep.STOPPED,
        PhoneStep.ENDED,
        PhoneStep.STOPPED,
    ]
    assert app.queries.phone(first).call == call
    for step_of_the_others in (
        c.JoinQueue(third),
        c.ShowLine(agent, case.case_id, first.actor_id, 1),
        c.DecideIdentity(agent, case.case_id, first.actor_id, True, "x"),
    ):
        with pytest.raises(ConflictError, match="共同借款人李"):
            await app.bus.execute(step_of_the_others)
    await app.bus.execute(lc.Refuse(third, "我也不办了"))
    await app.bus.execute(c.AbortCase(agent, case.case_id, "两位共同借款人不同意"))
    assert_ended(app, case.case_id, Ending.REFUSED, [], [first, second, third])
    assert app.queries.seat(agent).seat.state is SeatState.WRAP_UP


async def test_the_agent_puts_it_on_record_with_a_reason_and_only_the_seat_that_talks(app: App) -> None:
    agent, other = await log_in(app), await another_seat(app, "08")
    case, (first, *_) = await family(app, agent)
    await connect(app, agent, first)
    refusal = lc.RecordRefusal(agent, case.case_id, first.actor_id, "不愿承担连带责任")
    with pytest.raises(NotPermitted, match="其他席位"):
        await app.bus.execute(lc.RecordRefusal(other, case.case_id, first.actor_id, "x"))
    with pytest.raises(InputError):
        await app.bus.execute(lc.RecordRefusal(agent, case.case_id, first.actor_id, " "))
    await app.bus.execute(refusal)
    assert_nothing_open(app, case.case_id)
    with app.services.db.read() as unit:
        said = next(event for event in unit.cases.events(case.case_id) if event.type == "party.refused")
    assert (said.body["reason"], said.body["on_phone"], said.actor["role"]) == ("不愿承担连带责任", False, "agent")
    seat = app.queries.seat(agent)
    assert seat.seat.state is SeatState.WRAP_UP, "the last customer is gone: the call has ended"
    assert seat.case is not None
    assert seat.case.phase is Phase.STOPPED
    with pytest.raises(ConflictError):
        await app.bus.execute(refusal)


async def test_one_who_rings_takes_the_ring_away(app: App) -> None:
    agent = await log_in(app)
    case, (first, *_) = await family(app, agent)
    await app.bus.execute(c.SetPresence(agent, True))
    await app.bus.execute(c.JoinQueue(first))
    assert await dispatch(app) == [first.actor_id]
    await app.bus.execute(lc.Refuse(first))
    assert app.queries.seat(agent).seat.state is SeatState.AVAILABLE
    assert_nothing_open(app, case.case_id)


@pytest.mark.timeout(480)
async def test_between_two_signatures_but_not_after_the_last(app: App) -> None:
    agent = await log_in(app)
    case, (first, second, _) = await family(app, agent)
    call = await connect(app, agent, first)
    await app.bus.execute(c.JoinQueue(second))
    await app.bus.execute(c.AdmitParty(agent, call.call_id, second.actor_id))
    await serve(app, agent, first, case.case_id)
    assert not app.queries.phone(first).may_refuse
    with pytest.raises(ConflictError, match="已签署完毕"):
        await app.bus.execute(lc.Refuse(first))
    await serve(app, agent, second, case.case_id, PartyState.READ)
    await sign_next(app, second, case.case_id)
    await app.bus.execute(lc.Refuse(second, "想再考虑"))
    assert app.queries.phone(first).step is PhoneStep.STOPPED
    with pytest.raises(ConflictError, match="签过的内容不能再改"):
        await app.bus.execute(lc.ChangeTerms(agent, case.case_id, "x", removed=(second.actor_id,)))
    await app.bus.execute(c.AbortCase(agent, case.case_id, "李大山不同意"))
    assert_ended(app, case.case_id, Ending.REFUSED, [], [first, second])


async def test_a_consent_that_is_not_given_ends_it_only_where_nobody_can_be_done_without(app: App) -> None:
    agent = await log_in(app)
    case, (borrower, helper, _) = await open_family_case(app, agent)
    customer = await enter(app, helper)
    await app.bus.execute(c.RecordConsent(customer, "recording", False, WORDING))
    assert is_stopped(stored(app, case.case_id)), "a loan can do with one co-borrower fewer"
    main = await enter(app, borrower)
    assert app.queries.phone(main).step is PhoneStep.STOPPED
    await app.bus.execute(lc.ChangeTerms(agent, case.case_id, "李大山不参加", removed=(customer.actor_id,)))
    assert app.queries.phone(main).step is PhoneStep.CONSENT_RECORDING
    await app.bus.execute(c.RecordConsent(main, "recording", False, WORDING))
    assert_ended(app, case.case_id, Ending.REFUSED, [borrower, helper], [main, customer])
