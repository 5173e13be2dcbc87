"""What an institution sets for its queue holds in the dispatcher, on the phone and on the board, and is on record."""

from collections.abc import AsyncIterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.event import listen, remove

from signing.domain.appointment import Appointment
from signing.domain.beijing import BEIJING
from signing.domain.dialect import Dialect
from signing.domain.errors import ConflictError, InputError, NotFound
from signing.domain.opening import Stop
from signing.domain.queue import Priority, TicketState
from signing.domain.seat import SeatState
from signing.service import commands as c
from signing.service import queue_commands as q
from signing.service.board import board
from signing.service.commands import SYSTEM
from signing.service.office import OwnHours, OwnLimits
from tests.integration.service.county import EAST, FAR, HOME, WEST, County, opened_county


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    async with opened_county(tmp_path / "data") as county:
        yield county


def limits(**change: Any) -> q.SetQueueLimits:
    return q.SetQueueLimits(SYSTEM, OwnLimits(HOME, **change))


# --- order and overflow ---------------------------------------------------------------------------------------------


async def test_priorities_and_idle_times_decide_who_rings_where(county: County) -> None:
    one, two = county.staff("one"), county.staff("two")
    young, elder, booked = (
        county.customer("young"),
        county.customer("elder", born="19400101"),
        county.customer("booked"),
    )
    chief = county.staff("chief", role="supervisor", seated=False)
    now = county.clock.now()
    await county.do(
        q.MakeAppointment(
            chief, "case_booked", booked.actor_id, now + timedelta(seconds=2), now + timedelta(minutes=30)
        )
    )
    await county.join(young, elder, booked)
    await county.free(two, one)
    assert await county.rings() == {"booked": "two", "elder": "one"}
    for agent in (one, two):
        await county.answer(agent)
    assert county.ticket(young).state is TicketState.WAITING
    await county.do(c.HangUp(one, county.seat(one).call_id or "", "完"))
    await county.do(c.FinishWrapUp(one))
    assert await county.rings() == {"young": "one"}


async def test_a_missed_ring_sets_the_seat_away_and_puts_the_customer_at_the_head(county: County) -> None:
    await county.do(limits(ring_seconds=12))
    one, two = county.staff("one"), county.staff("two")
    first, elder = county.customer("first"), county.customer("elder", born="19400101")
    await county.join(first)
    await county.free(one)
    assert await county.rings() == {"first": "one"}
    await county.join(elder)
    assert await county.rings(seconds=10) == {}, "still ringing: joining took a second"
    assert county.seat(one).state is SeatState.RINGING
    assert await county.rings(seconds=1.5) == {}
    assert county.seat(one).state is SeatState.AWAY
    assert county.ticket(first).priority is Priority.NOT_TAKEN
    await county.free(two)
    assert await county.rings() == {"first": "two"}, "before the elderly customer, who has a better usual rank"


async def test_who_dropped_returns_to_the_same_seat_and_first(county: County) -> None:
    one, two = county.staff("one"), county.staff("two")
    first, other = county.customer("first"), county.customer("other", born="19400101")
    await county.join(first)
    await county.free(one)
    await county.rings()
    call = await county.answer(one)
    await county.do(c.SetPhonePresence(first, False))
    await county.do(c.DropLeg(SYSTEM, call.call_id, first.actor_id))
    await county.join(other)
    assert await county.rings() == {}, "the seat is kept for who dropped from it"
    await county.do(c.SetPhonePresence(first, True))
    assert await county.rings() == {"first": "one"}
    await county.free(two)
    assert await county.rings() == {"other": "two"}


async def test_overflow_opens_the_other_branches_after_the_wait_and_never_another_institution(county: County) -> None:
    await county.do(limits(overflow_seconds=120))
    near, far = county.staff("near", WEST), county.staff("far", FAR)
    await county.join(county.customer("first"))
    await county.free(near, far)
    assert await county.rings(seconds=110) == {}
    assert await county.rings(seconds=10) == {"first": "near"}
    await county.join(county.customer("second"))
    assert await county.rings(hours=1) == {}


async def test_nobody_is_overtaken_for_ever_where_the_institution_says_so(county: County) -> None:
    await county.do(limits(promote_seconds=600))
    one = county.staff("one")
    await county.join(county.customer("young"))
    county.clock.pass_by(minutes=11)
    await county.join(county.customer("elder", born="19400101"))
    await county.free(one)
    assert await county.rings() == {"young": "one"}


@pytest.mark.parametrize(
    "change",
    [{"overflow_seconds": -1}, {"promote_seconds": 8 * 3600 + 1}, {"ring_seconds": 9}, {"ring_seconds": 121}],
)
async def test_a_limit_that_makes_no_sense_is_refused(county: County, change: dict[str, int]) -> None:
    with pytest.raises(InputError):
        await county.do(limits(**change))
    assert county.look(lambda unit: unit.office.limits()) == []


# --- what a seat can --------------------------------------------------------------------------------------------------


async def test_a_seat_is_rung_for_what_it_can(county: County) -> None:
    chief = county.staff("chief", role="supervisor", seated=False)
    credit, all_round = county.staff("credit"), county.staff("all")
    await county.do(q.SetSeatAbility(chief, "seat_credit", frozenset({"village_credit_line"}), frozenset()))
    await county.join(county.customer("pledge", product_id="tree_pledge"))
    await county.free(credit)
    assert await county.rings(minutes=30) == {}
    await county.free(all_round)
    assert await county.rings() == {"pledge": "all"}
    assert any("seat.ability" in line and "village_credit_line" in line for line in county.log())
    with pytest.raises(InputError):
        await county.do(q.SetSeatAbility(chief, "seat_credit", frozenset({"no_such"}), frozenset()))


async def test_the_dialect_chosen_on_the_phone_counts_and_gives_way_after_a_while(county: County) -> None:
    await county.do(limits(any_dialect_seconds=300))
    mandarin, hakka = county.staff("mandarin"), county.staff("hakka")
    await county.do(q.SetSeatAbility(SYSTEM, "seat_mandarin", frozenset(), frozenset({Dialect.MANDARIN})))
    await county.do(q.SetSeatAbility(SYSTEM, "seat_hakka", frozenset(), frozenset({Dialect.HAKKA})))
    first, second = county.customer("first"), county.customer("second")
    await county.do(q.ChooseDialect(first, Dialect.HAKKA))
    await county.join(first, second)
    await county.do(q.ChooseDialect(second, Dialect.HAKKA))
    await county.free(mandarin)
    assert await county.rings(seconds=250) == {}
    await county.free(hakka)
    assert await county.rings() == {"first": "hakka"}
    await county.answer(hakka)
    assert await county.rings(seconds=60) == {"second": "mandarin"}
    assert [type_ for type_, _ in county.events(second)] == ["queue.joined", "party.dialect_chosen"]
    await county.do(q.ChooseDialect(second, Dialect.HAKKA))
    assert len(county.events(second)) == 2, "the same choice again is no event"


# --- hours, pause, stop -----------------------------------------------------------------------------------------------


def closed_today(county: County) -> OwnHours:
    """A branch that closed a minute ago."""
    local = county.clock.now().astimezone(BEIJING)
    today = frozenset({local.date()})
    return OwnHours(EAST, time(0, 0), time(0, 1), days=frozenset(), extra_days=today | {date(2099, 1, 1)})


async def test_after_closing_time_who_waits_is_served_and_nobody_joins(county: County) -> None:
    one, early, late = county.staff("one"), county.customer("early"), county.customer("late")
    await county.join(early)
    await county.do(q.SetBranchHours(SYSTEM, EAST, closed_today(county)))
    with pytest.raises(ConflictError) as refused:
        await county.join(late)
    assert refused.value.code == "queue.closed"
    assert "服务时间" in refused.value.message
    phone = county.app.queries.phone(late)
    assert (phone.gate.joins, phone.ticket) == (False, None)
    await county.join(early)
    await county.free(one)
    assert await county.rings() == {"early": "one"}
    await county.do(q.SetBranchHours(SYSTEM, EAST, None))
    await county.join(late)
    assert [line for line in county.log() if "queue.hours" in line]


async def test_hours_that_end_before_they_begin_are_refused(county: County) -> None:
    with pytest.raises(InputError):
        await county.do(q.SetBranchHours(SYSTEM, EAST, OwnHours(EAST, time(17), time(9))))


async def test_a_pause_rings_nobody_keeps_places_and_ends_by_itself(county: County) -> None:
    chief, one = county.staff("chief", role="supervisor", seated=False), county.staff("one")
    first, later = county.customer("first"), county.customer("later")
    await county.join(first)
    until = county.clock.now() + timedelta(minutes=10)
    stop: Stop = await county.do(q.PauseQueue(chief, EAST, "午间休息，请稍候", "午饭", until))
    assert (stop.emergency, stop.made_by) == (False, chief.actor_id)
    await county.free(one)
    assert await county.rings() == {}
    await county.join(later)
    phone = county.app.queries.phone(first)
    assert (phone.gate.message, phone.expected_wait_seconds) == ("午间休息，请稍候", None)
    shown = board(county.app.services, chief)
    assert [one.message for one in shown.stops] == ["午间休息，请稍候"]
    assert await county.rings(minutes=10) == {"first": "one"}
    assert board(county.app.services, chief).stops == []


async def test_a_supervisor_ends_a_pause_and_says_why(county: County) -> None:
    chief, one = county.staff("chief", role="supervisor", seated=False), county.staff("one")
    await county.join(county.customer("first"))
    await county.free(one)
    await county.do(q.PauseQueue(chief, None, "系统维护，请稍候", "升级"))
    assert await county.rings() == {}
    with pytest.raises(ConflictError):
        await county.do(q.ResumeQueue(chief, EAST, "不是这一个"))
    await county.do(q.ResumeQueue(chief, None, "升级完成"))
    assert await county.rings() == {"first": "one"}
    said = [line for line in county.log() if "queue." in line]
    assert ["升级；告知：系统维护，请稍候" in said[0], "升级完成" in said[1], chief.actor_id in said[1]] == [True] * 3


@pytest.mark.parametrize("end_calls", [False, True])
async def test_an_emergency_stop_silences_rings_and_calls_go_on_or_end(county: County, end_calls: bool) -> None:
    chief = county.staff("chief", role="administrator", seated=False)
    talking, ringing = county.staff("talking"), county.staff("ringing")
    first, second, third = (county.customer(name) for name in ("first", "second", "third"))
    await county.join(first, second)
    await county.free(talking, ringing)
    assert await county.rings() == {"first": "talking", "second": "ringing"}
    call = await county.answer(talking)
    await county.do(q.StopQueue(chief, None, "服务临时停止，请稍后再来", "停电", end_calls=end_calls))
    assert await county.rings() == {}
    assert county.seat(ringing).state is SeatState.AVAILABLE
    assert (county.ticket(second).state, county.ticket(second).priority) == (TicketState.WAITING, Priority.NOT_TAKEN)
    assert await county.rings(minutes=5) == {}
    with pytest.raises(ConflictError, match="服务临时停止"):
        await county.join(third)
    assert county.seat(talking).state is (SeatState.WRAP_UP if end_calls else SeatState.ON_CALL)
    ended = [body for type_, body in county.events(first) if type_ == "call.ended"]
    assert [body["reason"] for body in ended] == (["紧急停止：停电"] if end_calls else [])
    assert county.look(lambda unit: unit.queue.call(call.call_id)).reason == ("紧急停止：停电" if end_calls else "")
    await county.do(q.ResumeQueue(chief, None, "来电"))
    assert await county.rings() == {"second": "ringing"}


async def test_a_stop_of_one_branch_leaves_the_others_and_other_institutions_alone(county: County) -> None:
    chief, west, far = county.staff("chief", role="supervisor"), county.staff("w", WEST), county.staff("f", FAR)
    await county.join(county.customer("east"), county.customer("west", WEST), county.customer("far", FAR))
    await county.free(chief, west, far)
    await county.do(q.StopQueue(chief, EAST, "请稍后再来", "漏水"))
    assert await county.rings() == {"west": "w", "far": "f"}
    with pytest.raises(NotFound):
        await county.do(q.StopQueue(chief, FAR, "请稍后再来", "恶意"))


@pytest.mark.parametrize(("message", "reason"), [("", "x"), ("x", " "), ("长" * 201, "x")])
async def test_a_stop_needs_words_for_the_customer_and_a_reason(county: County, message: str, reason: str) -> None:
    with pytest.raises(InputError):
        await county.do(q.StopQueue(SYSTEM, EAST, message, reason))
    with pytest.raises(InputError):
        await county.do(q.PauseQueue(SYSTEM, EAST, "x", "x", county.clock.now()))


# --- appointments -----------------------------------------------------------------------------------------------------


async def book(county: County, customer: Any, minutes: int, **actor: Any) -> Appointment:
    starts = county.clock.now() + timedelta(minutes=minutes)
    who = actor.get("by") or SYSTEM
    made: Appointment = await county.do(
        q.MakeAppointment(who, customer.case_id, customer.actor_id, starts, starts + timedelta(minutes=30))
    )
    return made


async def test_an_appointment_is_shown_kept_and_counts_when_it_is_due(county: County) -> None:
    agent, customer, other = county.staff("one"), county.customer("first"), county.customer("other")
    made = await book(county, customer, 20, by=agent)
    assert county.app.queries.phone(customer).appointment == made
    assert [one.appointment for one in county.app.queries.seat(agent).appointments] == [made]
    await county.join(other, customer)
    assert county.app.queries.phone(customer).position == 2
    county.clock.pass_by(minutes=20)
    assert county.app.queries.phone(customer).position == 1
    assert [row.rank_title for row in county.app.queries.seat(agent).queue] == ["预约到时", ""]
    assert [type_ for type_, _ in county.events(customer)] == ["appointment.made", "queue.joined"]
    await county.do(q.CancelAppointment(agent, made.appointment_id, "客户改期"))
    assert county.app.queries.phone(customer).position == 2
    assert county.app.queries.phone(customer).appointment is None
    with pytest.raises(ConflictError):
        await county.do(q.CancelAppointment(agent, made.appointment_id, "再取消一次"))


async def test_a_newer_appointment_takes_the_place_of_the_older(county: County) -> None:
    agent, customer = county.staff("one"), county.customer("first")
    await book(county, customer, 20, by=agent)
    newer = await book(county, customer, 90, by=agent)
    assert county.look(lambda unit: unit.office.appointment_of(customer.actor_id, county.clock.now())) == newer


async def test_an_appointment_outside_of_the_hours_or_in_the_past_is_refused(county: County) -> None:
    agent, customer = county.staff("one"), county.customer("first")
    with pytest.raises(InputError):
        await book(county, customer, -60, by=agent)
    await county.do(q.SetBranchHours(SYSTEM, EAST, closed_today(county)))
    with pytest.raises(InputError, match="服务时间"):
        await book(county, customer, 20, by=agent)


async def test_neither_joining_nor_a_change_of_needs_walks_the_queue_while_it_writes(county: County) -> None:
    await county.join(*(county.customer(f"before{n}") for n in range(3)))
    newcomer, written = county.customer("newcomer"), list[str]()

    def note(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        if connection.get_execution_options().get("write"):
            written.append(" ".join(statement.split()))

    listen(county.app.engine, "before_cursor_execute", note)
    try:
        (ticket,) = await county.join(newcomer)
        await county.do(q.ChooseDialect(newcomer, Dialect.HAKKA))
    finally:
        remove(county.app.engine, "before_cursor_execute", note)
    asked = [one for one in written if one.startswith("SELECT")]
    assert [one for one in asked if "FROM ticket_needs" in one], "the change looks its own ticket's needs up"
    assert not [one for one in asked if "FROM ticket_needs JOIN" in one or one.endswith("FROM seat")]
    of_all = [one for one in asked if "FROM ticket " in one and "party_id = " not in one.partition(" WHERE ")[2]]
    assert not of_all, "only one's own ticket is looked for"
    told = county.look(lambda unit: unit.office.told(ticket.ticket_id))
    assert told is not None
    assert county.look(lambda unit: unit.office.needs_of(ticket.ticket_id)).dialect is Dialect.HAKKA
    assert county.look(lambda unit: unit.office.needs_of("none")) is None


# --- the wait that was told -------------------------------------------------------------------------------------------


async def test_the_told_wait_is_kept_beside_what_it_became(county: County) -> None:
    chief, one = county.staff("chief", role="supervisor", seated=False), county.staff("one")
    first, second = county.customer("first"), county.customer("second")
    await county.free(one)
    (ticket, later) = await county.join(first, second)
    told = county.look(lambda unit: unit.office.told(ticket.ticket_id))
    assert (told.seconds, told.rang_at) == (0.0, None)
    expected = county.look(lambda unit: unit.office.told(later.ticket_id)).seconds
    assert expected == county.app.queries.phone(second).expected_wait_seconds == 465.0
    assert await county.rings(seconds=8) == {"first": "one"}
    assert county.look(lambda unit: unit.office.told(ticket.ticket_id)).waited == pytest.approx(10, abs=1)
    waits = board(county.app.services, chief).waits
    assert (waits.count, waits.told) == (1, 0.0)
    assert waits.error == waits.bias == pytest.approx(10, abs=1)
    # A second ring changes nothing of what the first has shown.
    await county.rings(seconds=25)
    await county.free(one)
    await county.rings()
    assert county.look(lambda unit: unit.office.told(ticket.ticket_id)).waited == pytest.approx(10, abs=1)


async def test_over_a_morning_the_told_waits_are_near_what_they_become(county: County) -> None:
    """Two seats, a customer every three minutes, seven minutes a call: the queue grows, and what is told with it."""
    chief = county.staff("chief", role="supervisor", seated=False)
    agents = [county.staff("one"), county.staff("two")]
    await county.free(*agents)
    started: dict[str, float] = {}
    comers, clock = [county.customer(f"c{n}") for n in range(14)], 0.0
    while comers or started or county.look(lambda unit: unit.queue.open_tickets()):
        if comers and clock % 180 == 0:
            await county.do(c.JoinQueue(comers.pop(0)))
        await county.do(c.Dispatch(SYSTEM))
        for agent in agents:
            seat = county.seat(agent)
            if seat.state is SeatState.RINGING:
                await county.answer(agent)
                started[agent.actor_id] = clock
            elif seat.call_id and clock - started[agent.actor_id] >= 420:
                await county.do(c.HangUp(agent, seat.call_id, "完"))
                await county.do(c.FinishWrapUp(agent))
                del started[agent.actor_id]
        clock += 30
        county.clock.pass_by(seconds=30)
    waits = board(county.app.services, chief).waits
    assert waits.count == 14
    assert waits.waited > 60, "there was a queue to tell of"
    assert waits.error < 120, waits
