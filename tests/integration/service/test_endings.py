"""Cases that end before their seal, from every phase: aborted, withdrawn, expired. And coming back days later."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from signing.bootstrap import App
from signing.domain.case import CallMode, Ending
from signing.domain.errors import ConflictError, InputError, NotFound, NotLoggedIn, NotPermitted
from signing.domain.party import PartyState
from signing.domain.phase import ending_of, is_open
from signing.domain.phone_step import PhoneStep
from signing.domain.seat import SeatState
from signing.service import commands as c
from signing.service import lifecycle_commands as lc
from signing.service.commands import SYSTEM, Actor
from signing.service.handlers import lifecycle
from tests.integration.service.endings import assert_ended
from tests.integration.service.family import another_seat, dispatch, open_family_case
from tests.integration.service.office import (
    Film,
    SteppedClock,
    connect,
    deliver,
    enter,
    finish_command,
    get_ready,
    log_in,
    open_case,
    start_command,
    stored,
    types_of,
)
from tests.integration.service.steps import serve


@dataclass
class Place:
    """A case of three somewhere on its way."""

    app: App
    agent: Actor
    other: Actor
    case_id: str
    links: list[str]
    customers: list[Actor]

    async def do(self, command: c.Command) -> None:
        await self.app.bus.execute(command)

    async def call(self) -> str:
        return (await connect(self.app, self.agent, self.customers[0])).call_id


async def invited(place: Place) -> None:
    """Nobody has come yet."""


async def waiting(place: Place) -> None:
    for customer in place.customers:
        await place.do(c.JoinQueue(customer))


async def ringing(place: Place) -> None:
    await waiting(place)
    await place.do(c.SetPresence(place.agent, True))
    assert await dispatch(place.app)


async def joint(place: Place) -> str:
    call_id = await place.call()
    await place.do(c.JoinQueue(place.customers[1]))
    await place.do(c.AdmitParty(place.agent, call_id, place.customers[1].actor_id))
    await place.do(c.JoinQueue(place.customers[2]))
    return call_id


async def separate(place: Place) -> None:
    await place.do(c.SetCallMode(place.agent, place.case_id, CallMode.SEPARATE))
    await place.call()
    await connect(place.app, place.other, place.customers[1])


async def on_hold(place: Place) -> None:
    call_id = await joint(place)
    await place.do(c.HoldParty(place.agent, call_id, place.customers[1].actor_id, True))


async def dropped(place: Place) -> None:
    call_id = await joint(place)
    await place.do(c.SetPhonePresence(place.customers[1], False))
    await place.do(c.DropLeg(SYSTEM, call_id, place.customers[1].actor_id))


async def transferring(place: Place) -> None:
    call_id = await joint(place)
    await place.do(c.SetPresence(place.other, True))
    await place.do(c.TransferCall(place.agent, call_id, "方言", place.other.seat_id))


async def listened_to(place: Place) -> None:
    chen = await log_in(place.app, "chen", "demo-super-2026")
    await place.do(c.ListenIn(chen, await joint(place)))


async def wrapping_up(place: Place) -> None:
    await place.do(c.HangUp(place.agent, await joint(place), "改日继续"))


PHASES = (invited, waiting, ringing, joint, separate, on_hold, dropped, transferring, listened_to, wrapping_up)


async def place_in(app: App, phase: Callable[[Place], Awaitable[object]]) -> Place:
    agent, other = await log_in(app), await another_seat(app, "08")
    case, links = await open_family_case(app, agent)
    customers = [] if phase is invited else [await enter(app, link) for link in links]
    for customer in customers:
        await get_ready(app, customer)
    place = Place(app, agent, other, case.case_id, links, customers)
    await phase(place)
    return place


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.__name__)
async def test_a_case_can_be_aborted_from_every_phase(app: App, phase: Callable[[Place], Awaitable[object]]) -> None:
    place = await place_in(app, phase)
    with pytest.raises(InputError):
        await place.do(c.AbortCase(place.agent, place.case_id, " "))
    await place.do(c.AbortCase(place.agent, place.case_id, "客户改变主意"))
    assert_ended(app, place.case_id, Ending.ABORTED, place.links, place.customers)
    assert types_of(app, place.case_id)[-1] == "case.aborted"
    assert await dispatch(app) == []
    with pytest.raises(ConflictError, match="已经结束"):
        await place.do(c.AbortCase(place.agent, place.case_id, "again"))
    if app.queries.seat(place.agent).seat.state is SeatState.WRAP_UP:
        await place.do(c.FinishWrapUp(place.agent))


@pytest.mark.parametrize("phase", [invited, ringing, separate, transferring], ids=lambda phase: phase.__name__)
async def test_the_institution_takes_back_what_it_offered(
    app: App, phase: Callable[[Place], Awaitable[object]]
) -> None:
    place = await place_in(app, phase)
    core = Actor("system_key", "core_1", "core_system", place.agent.institution_id, "信贷系统")
    with pytest.raises(NotFound):
        await place.do(lc.WithdrawCase(replace(core, institution_id="other"), place.case_id, "x"))
    with pytest.raises(InputError):
        await place.do(lc.WithdrawCase(core, place.case_id, ""))
    await place.do(lc.WithdrawCase(core, place.case_id, "审批撤销"))
    assert_ended(app, place.case_id, Ending.WITHDRAWN, place.links, place.customers)
    told = types_of(app, place.case_id)
    assert told[-1] == "case.withdrawn"
    await place.do(lc.WithdrawCase(place.agent, place.case_id, "again"))
    assert types_of(app, place.case_id) == told, "asked twice, done once"
    with pytest.raises(ConflictError):
        await place.do(c.AbortCase(place.agent, place.case_id, "x"))


async def test_another_branch_withdraws_nothing(app: App) -> None:
    agent, stranger = await log_in(app), await another_seat(app, "08")
    case, _ = await open_case(app, agent)
    with app.services.db.write() as unit:
        unit.people.add_branch(replace(unit.people.branch("branch_shanghang"), branch_id="branch_far", name="远处支行"))
        unit.people.save_staff(replace(unit.people.staff(stranger.actor_id), branch_id="branch_far"))
    for command in (
        lc.WithdrawCase(stranger, case.case_id, "x"),
        c.RenewLink(stranger, case.case_id, case.parties[0].party_id),
        lc.ChangeTerms(stranger, case.case_id, "x"),
        lc.RecordRefusal(stranger, case.case_id, case.parties[0].party_id, "x"),
    ):
        with pytest.raises(NotPermitted, match="其他网点"):
            await app.bus.execute(command)


@pytest.mark.timeout(480)
async def test_signed_by_all_it_can_still_be_ended_but_not_once_it_is_being_sealed(app: App, shot: Film) -> None:
    agent = await log_in(app)
    cases = []
    for _ in range(2):
        case, link = await open_case(app, agent)
        customer = await enter(app, link)
        await get_ready(app, customer)
        call = await connect(app, agent, customer)
        recording_id = await app.bus.execute(start_command(agent, call))
        await serve(app, agent, customer, case.case_id)
        await app.bus.execute(c.HangUp(agent, call.call_id, "x"))
        await app.bus.execute(finish_command(agent, recording_id, shot, call.started_at))
        await deliver(app, agent, recording_id, shot)
        await app.bus.execute(c.FinishWrapUp(agent))
        cases.append((case.case_id, link, customer))
    (first, link, customer), (second, *_) = cases
    assert app.queries.case(agent, first).expires_at is None
    await app.bus.execute(lc.WithdrawCase(agent, first, "审批撤销"))
    assert_ended(app, first, Ending.WITHDRAWN, [link], [customer])
    await app.bus.execute(c.SealCase(agent, second))
    for command in (c.AbortCase(agent, second, "x"), lc.WithdrawCase(agent, second, "x")):
        with pytest.raises(ConflictError, match=r"用印|归档"):
            await app.bus.execute(command)
    assert is_open(stored(app, first)) is False
    party_id = stored(app, second).parties[0].party_id
    fresh, _ = await app.bus.execute(c.RenewLink(agent, second, party_id))
    copies = await enter(app, fresh)
    assert app.queries.phone(copies).step is PhoneStep.DONE
    with app.services.db.read() as unit:
        assert b"party.link_renewed" in b"".join(unit.logs.views())


# --- time -----------------------------------------------------------------------------------------------------------


async def expire(app: App) -> list[str]:
    expired: list[str] = await app.bus.execute(lc.ExpireCases(SYSTEM))
    return expired


async def test_what_is_not_signed_in_time_expires_and_says_so(app: App, clock: SteppedClock) -> None:
    agent = await log_in(app)
    case, link = await open_case(app, agent)
    assert case.expires_at == case.opened_at + timedelta(days=30)
    assert app.queries.case(agent, case.case_id).expires_at == case.expires_at
    clock.pass_by(days=29)
    assert await expire(app) == []
    again, until = await app.bus.execute(c.RenewLink(agent, case.case_id, case.parties[0].party_id))
    assert until == case.expires_at, "no link outlives its case"
    customer = await enter(app, again)
    clock.pass_by(days=1, seconds=1)
    assert await expire(app) == [case.case_id]
    assert await expire(app) == []
    assert_ended(app, case.case_id, Ending.EXPIRED, [link, again], [customer])
    with pytest.raises(NotLoggedIn, match="过有效期"):
        app.queries.opened_link(link)
    with app.services.db.read() as unit:
        assert unit.cases.events(case.case_id)[-1].actor["kind"] == "system"


async def test_a_live_call_is_not_cut_off_by_the_calendar(app: App, clock: SteppedClock) -> None:
    agent = await log_in(app)
    case, link = await open_case(app, agent)
    customer = await enter(app, link)
    await get_ready(app, customer)
    call = await connect(app, agent, customer)
    clock.pass_by(days=31)
    assert await expire(app) == []
    await app.bus.execute(c.DropLeg(SYSTEM, call.call_id, customer.actor_id))
    assert await expire(app) == [case.case_id]
    with app.services.db.read() as unit:
        assert unit.queue.open_ticket_of(customer.actor_id) is None


async def test_many_that_are_due_end_in_bounded_runs_and_once_each_at_several_replicas(
    app: App, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await log_in(app)
    made = [(await open_case(app, agent))[0].case_id for _ in range(5)]
    clock.pass_by(days=31)
    monkeypatch.setattr(lifecycle, "EXPIRED_AT_ONCE", 3)
    assert len(await expire(app)) == 3
    rounds = await asyncio.gather(*(expire(app) for _ in range(4)))
    assert len({one for row in rounds for one in row}) == sum(len(row) for row in rounds) == 2
    ended = [types_of(app, case_id).count("case.expired") for case_id in made]
    assert ended == [1] * 5
    assert {ending_of(stored(app, case_id)) for case_id in made} == {Ending.EXPIRED}


async def test_days_later_the_same_link_a_new_code_the_same_step_and_the_queue(app: App, clock: SteppedClock) -> None:
    agent = await log_in(app)
    case, link = await open_case(app, agent)
    customer = await enter(app, link)
    await get_ready(app, customer)
    call = await connect(app, agent, customer)
    await serve(app, agent, customer, case.case_id, PartyState.INFORMED)
    await app.bus.execute(c.HangUp(agent, call.call_id, "改日继续"))
    await app.bus.execute(c.FinishWrapUp(agent))
    clock.pass_by(days=2)
    back = await enter(app, link)
    assert app.queries.phone(back).step is PhoneStep.QUEUE
    agent = await log_in(app)
    call = await connect(app, agent, back)
    assert app.queries.phone(back).step is PhoneStep.READING
    await app.bus.execute(c.HangUp(agent, call.call_id, "改日继续"))
    await app.bus.execute(c.FinishWrapUp(agent))
    clock.pass_by(days=5)
    with pytest.raises(NotLoggedIn, match="链接已过期") as over:
        app.queries.opened_link(link)
    assert "办好的不会丢" in over.value.hint
    with pytest.raises(NotLoggedIn):
        app.queries.authenticate(back.session_id)
    agent = await log_in(app)
    fresh, _ = await app.bus.execute(c.RenewLink(agent, case.case_id, back.actor_id))
    assert types_of(app, case.case_id)[-1] == "party.link_renewed"
    with pytest.raises(NotLoggedIn, match="已停用"):
        app.queries.opened_link(link)
    third = await enter(app, fresh)
    await connect(app, agent, third)
    assert app.queries.phone(third).step is PhoneStep.READING, "the step they had reached a week ago"
    with pytest.raises(ConflictError, match="正在通话中"):
        await app.bus.execute(c.RenewLink(agent, case.case_id, back.actor_id))
