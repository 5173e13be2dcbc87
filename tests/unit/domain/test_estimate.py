"""The expected wait told to the customer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as bounded

from signing.domain.estimate import (
    PRIOR_WEIGHT,
    RECENT_CALLS,
    USUAL_HANDLING_SECONDS,
    WaitAccuracy,
    Waits,
    accuracy_of,
    expected_wait,
    handling_seconds,
    wait_behind,
)
from signing.domain.opening import Gate
from signing.domain.queue import Priority, Ticket, TicketState
from signing.domain.routing import Rules
from signing.domain.seat import Seat, SeatState
from tests.unit.domain.factories import NOW, later, make_seat, make_ticket
from tests.unit.domain.test_routing import provinces

BUSY = [make_seat(f"s{n}", state=SeatState.ON_CALL) for n in range(4)]


def test_handling_starts_from_the_usual_and_follows_what_is_seen() -> None:
    assert handling_seconds([]) == USUAL_HANDLING_SECONDS
    assert handling_seconds([100.0] * PRIOR_WEIGHT) == (USUAL_HANDLING_SECONDS + 100) / 2
    assert handling_seconds([9000.0] * 50 + [100.0] * RECENT_CALLS) < 145


@pytest.mark.parametrize(
    ("ahead", "free", "staffed", "expected"),
    [(0, 1, 4, 0.0), (0, 0, 4, 100.0), (3, 0, 4, 400.0), (3, 1, 4, 300.0), (0, 0, 0, None)],
)
def test_one_departure_for_each_before_and_one_for_oneself(
    ahead: int, free: int, staffed: int, expected: float | None
) -> None:
    assert wait_behind(ahead, free, staffed, 400.0) == expected


def test_only_present_customers_before_count_and_only_staffed_seats() -> None:
    me = make_ticket("me", 50)
    before = [make_ticket("a", 0), make_ticket("b", 60, Priority.ELDER), replace(make_ticket("c", 1), present=False)]
    seats = [*BUSY, make_seat("off", state=SeatState.OFFLINE), make_seat("away", state=SeatState.AWAY)]
    assert expected_wait(me, [me, *before], seats, later(60), 400.0) == 300.0
    assert expected_wait(me, [me, *before], seats[4:], later(60), 400.0) is None
    talking = replace(me, state=TicketState.CONNECTED)
    assert expected_wait(talking, [talking], seats, later(60), 400.0) is None


def test_who_dropped_waits_for_their_own_seat_and_others_not_for_it() -> None:
    back = replace(make_ticket("back", 0, Priority.RETURNING), seat_id="mine", dropped_at=NOW)
    me, mine = make_ticket("me", 0, Priority.ELDER), make_seat("mine")
    seats = [mine, *BUSY[:1]]
    assert expected_wait(back, [back, me], seats, later(20), 400.0) == 0.0
    away = replace(back, present=False)
    assert expected_wait(me, [away, me], seats, later(20), 400.0) == 200.0, "the idle seat is not theirs"
    talking = replace(mine, state=SeatState.ON_CALL)
    assert expected_wait(back, [back], [talking, make_seat("free")], later(20), 400.0) == 100.0, "what is left of it"
    assert expected_wait(back, [back], [talking, make_seat("free")], later(20), 50.0) == 50.0
    lost = replace(mine, state=SeatState.OFFLINE)
    assert expected_wait(back, [back], [lost, make_seat("free")], later(20), 400.0) == 0.0, "any seat's at once"


def elsewhere(state: SeatState) -> list[Seat]:
    return [replace(make_seat(f"o{n}", state=state), branch_id="other") for n in range(4)]


def test_where_branches_help_out_the_wait_is_at_most_the_time_until_then_and_theirs() -> None:
    rules = Rules(overflow_after=timedelta(seconds=120))
    me, before = make_ticket("me", 20), [make_ticket(f"t{n}", n) for n in range(8)]
    free, busy = elsewhere(SeatState.AVAILABLE), elsewhere(SeatState.ON_CALL)
    assert expected_wait(me, [me, *before], BUSY, later(20), 400.0) == 900.0
    assert expected_wait(me, [me, *before], [*BUSY, *busy], later(20), 400.0, rules) == 120 + 450.0
    assert expected_wait(me, [me], [*BUSY, *free], later(80), 400.0, rules) == 60.0
    assert expected_wait(me, [me], free, NOW + timedelta(seconds=200), 400.0, rules) == 0.0
    assert expected_wait(me, [me], [], later(20), 400.0, rules) is None


def test_who_has_no_priority_is_told_that_others_will_overtake() -> None:
    me, elder = make_ticket("me", 50), make_ticket("me", 50, Priority.ELDER)
    old = [replace(make_ticket(f"c{n}", n, Priority.ELDER), state=TicketState.CONNECTED) for n in range(2)]
    young = [replace(make_ticket(f"y{n}", n), state=TicketState.CONNECTED) for n in range(2)]
    stretched = expected_wait(me, [me, *old, *young], BUSY, later(60), 400.0)
    assert stretched == pytest.approx(100.0 / (1 - 2 / (4 + PRIOR_WEIGHT)))
    assert expected_wait(me, [me, *young], BUSY, later(60), 400.0) == 100.0
    assert expected_wait(elder, [elder, *old, *young], BUSY, later(60), 400.0) == 100.0


def test_a_stopped_branch_promises_nothing_and_a_stopped_seat_counts_for_nothing() -> None:
    me, gates = make_ticket("me", 50), {"branch": Gate(offers=False)}
    assert expected_wait(me, [me], BUSY, later(60), 400.0, Rules(gates=gates)) is None
    elsewhere_only = Rules(gates={"other": Gate(offers=False)}, overflow_after=timedelta(seconds=0))
    helped = [*BUSY, *elsewhere(SeatState.AVAILABLE)]
    assert expected_wait(me, [me], helped, later(60), 400.0, elsewhere_only) == 100.0


def test_where_another_institution_helps_the_wait_is_at_most_the_time_until_then_and_with_both() -> None:
    me, rules = make_ticket("me", 0), Rules(agreements={("inst", "helper"): timedelta(seconds=300)})
    theirs = [replace(seat, institution_id="helper") for seat in elsewhere(SeatState.ON_CALL)]
    before = [make_ticket(f"t{n}", -n - 1) for n in range(15)]
    assert expected_wait(me, [me, *before], BUSY, NOW, 400.0, rules) == 1600.0
    assert expected_wait(me, [me, *before], [*BUSY, *theirs], NOW, 400.0, rules) == 300 + 800.0
    own = [replace(make_ticket(f"o{n}", -n - 1), institution_id="helper", branch_id="other") for n in range(2)]
    assert expected_wait(me, [me, *before, *own], [*BUSY, *theirs], NOW, 400.0, rules) == 300 + 900.0
    assert expected_wait(me, [me], theirs, later(300), 400.0, rules) == 100.0
    assert expected_wait(me, [me], theirs, later(300), 400.0) is None


def test_the_accuracy_of_told_waits() -> None:
    assert accuracy_of([]) == WaitAccuracy()
    found = accuracy_of([(100.0, 160.0), (200.0, 180.0)])
    assert (found.count, found.told, found.waited, found.error, found.bias) == (2, 150.0, 170.0, 40.0, 20.0)


@bounded(deadline=None, max_examples=100)
@given(provinces())
def test_reckoned_together_or_one_by_one_is_the_same(province: tuple[list[Ticket], list[Seat], Rules]) -> None:
    tickets, seats, rules = province
    rules = replace(rules, agreements={("inst", "far"): timedelta(minutes=10)})
    seats = [*seats, replace(make_seat("s99"), institution_id="far")]
    together = Waits(tickets, seats, later(3600), rules)
    for number, ticket in enumerate(tickets):
        alone = expected_wait(ticket, tickets, seats, later(3600), 300.0 + number, rules)
        assert together.of(ticket, 300.0 + number) == alone


def test_a_closed_page_is_not_before_anybody() -> None:
    absent, second = replace(make_ticket("t1", 0), present=False), make_ticket("t2", 10)
    elsewhere = replace(make_ticket("t0", -10), branch_id="far")
    waits = Waits([absent, second, elsewhere], BUSY, later(60))
    assert waits.of(second, 400.0) == waits.of(absent, 400.0) == 100.0
