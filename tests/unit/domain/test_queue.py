"""Who is served next, and where."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.domain.errors import IllegalEvent
from signing.domain.queue import (
    HOLD_SECONDS,
    RING_SECONDS,
    Priority,
    Ticket,
    TicketState,
    accept,
    dropped,
    finish,
    leave,
    missed,
    not_taken,
    offer,
    priority_of,
)
from signing.domain.routing import choose, in_order, position_of
from signing.domain.seat import Seat, SeatEvent, SeatState, apply
from tests.unit.domain.factories import NOW, later, make_seat, make_ticket


def pairs(tickets: list[Ticket], seats: list[Seat], seconds: float = 0) -> list[tuple[str, str]]:
    return [(m.ticket.ticket_id, m.seat.seat_id) for m in choose(tickets, seats, later(seconds))]


def test_longest_waiting_goes_to_longest_idle() -> None:
    tickets = [make_ticket("late", 50), make_ticket("early", 10)]
    assert pairs(tickets, [make_seat("new", 9), make_seat("old", 1)]) == [("early", "old"), ("late", "new")]


def test_elderly_first_then_those_a_seat_let_ring_before_them_then_the_returning() -> None:
    tickets = [
        make_ticket("normal", 0),
        make_ticket("elder", 10, Priority.ELDER),
        make_ticket("rang", 20, Priority.NOT_TAKEN),
        make_ticket("back", 30, Priority.RETURNING),
    ]
    assert [t.ticket_id for t in in_order(tickets, NOW)] == ["back", "rang", "elder", "normal"]


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        (date(1961, 11, 24), Priority.ELDER),
        (date(1961, 11, 25), Priority.NORMAL),
        (date(1949, 12, 31), Priority.ELDER),
        (None, Priority.NORMAL),
    ],
)
def test_sixty_five_on_the_birthday_itself(birth: date | None, expected: Priority) -> None:
    assert priority_of(birth, date(2026, 11, 24)) is expected


def test_only_seats_of_the_same_branch_and_only_idle_ones() -> None:
    elsewhere = replace(make_seat("other"), branch_id="other")
    busy = [make_seat(state, state=state) for state in SeatState if state is not SeatState.AVAILABLE]
    assert pairs([make_ticket()], [elsewhere, *busy]) == []


def test_who_closed_the_page_keeps_the_place_but_is_passed_over() -> None:
    away = replace(make_ticket("away", 0), present=False)
    here = make_ticket("here", 10)
    assert pairs([away, here], [make_seat()]) == [("here", "s1")]
    assert position_of(here, [away, here], NOW) == 2
    assert pairs([replace(away, present=True), here], [make_seat()]) == [("away", "s1")]


def dropped_ticket() -> Ticket:
    """Of a customer whose page is gone."""
    return dropped(replace(accept(offer(make_ticket("back", 100), "mine", NOW)), present=False), NOW)


def test_a_dropped_customer_returns_to_the_head_and_the_same_seat() -> None:
    ticket = dropped_ticket()
    assert (ticket.state, ticket.priority, ticket.present) == (TicketState.WAITING, Priority.RETURNING, False)
    back, other = replace(ticket, present=True), make_ticket("other", 0, Priority.ELDER)
    seats = [make_seat("another", 0), make_seat("mine", 50)]
    assert pairs([other, back], seats, 5) == [("back", "mine"), ("other", "another")]


def test_the_seat_is_kept_for_a_while_and_then_any_will_do() -> None:
    gone, other = dropped_ticket(), make_ticket("other", 0)
    assert pairs([gone, other], [make_seat("mine")], HOLD_SECONDS - 1) == []
    assert pairs([gone, other], [make_seat("mine")], HOLD_SECONDS) == [("other", "mine")]
    back = replace(gone, present=True)
    seats = [make_seat("another"), make_seat("mine", state=SeatState.WRAP_UP)]
    assert pairs([back], seats, HOLD_SECONDS - 1) == []
    assert pairs([back], seats, HOLD_SECONDS) == [("back", "another")]


@pytest.mark.parametrize("state", [SeatState.OFFLINE, SeatState.AWAY])
def test_a_seat_that_is_off_duty_is_kept_for_nobody(state: SeatState) -> None:
    back = replace(dropped_ticket(), present=True)
    assert pairs([back], [make_seat("another"), make_seat("mine", state=state)], 5) == [("back", "another")]
    assert pairs([back], [make_seat("another")], 5) == [("back", "another")], "a seat that is no more"


def test_a_ring_is_missed_after_twenty_seconds_and_the_customer_is_first_again() -> None:
    ringing = offer(make_ticket("a", 50), "s1", NOW)
    assert missed([ringing], later(RING_SECONDS - 0.001)) == []
    assert missed([ringing], later(RING_SECONDS)) == [ringing]
    back = not_taken(ringing)
    assert (back.seat_id, back.offered_at, back.waiting_since) == (None, None, ringing.waiting_since)
    assert in_order([make_ticket("b", 0, Priority.ELDER), back], NOW)[0] == back


def test_a_returning_customer_stays_before_one_whose_ring_was_missed() -> None:
    assert not_taken(offer(dropped_ticket(), "mine", NOW)).priority is Priority.RETURNING


def test_illegal_moves_of_a_ticket() -> None:
    ticket = make_ticket()
    for move in (accept, not_taken, finish, lambda t: dropped(t, NOW)):
        with pytest.raises(IllegalEvent):
            move(ticket)
    with pytest.raises(IllegalEvent):
        leave(leave(ticket))


def test_a_seat_keeps_its_since_where_its_state_stays() -> None:
    seat = make_seat(since=0)
    assert apply(seat, SeatEvent.WENT_AVAILABLE, later(9)).since == seat.since
    assert apply(seat, SeatEvent.OFFERED, later(9)).since == later(9)


tickets_of = st.lists(
    st.builds(
        lambda number, since, priority, present: replace(make_ticket(f"t{number}", since, priority), present=present),
        st.integers(0, 10_000),
        st.integers(0, 3600),
        st.sampled_from(Priority),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda ticket: ticket.ticket_id,
)
seats_of = st.lists(
    st.builds(
        lambda number, since, state: make_seat(f"s{number}", since, state),
        st.integers(0, 100),
        st.integers(0, 3600),
        st.sampled_from(SeatState),
    ),
    max_size=8,
    unique_by=lambda seat: seat.seat_id,
)


@given(tickets_of, seats_of)
def test_nobody_rings_twice_and_nobody_is_overtaken(tickets: list[Ticket], seats: list[Seat]) -> None:
    matches = choose(tickets, seats, NOW + timedelta(hours=2))
    idle = [seat for seat in seats if seat.state is SeatState.AVAILABLE]
    present = [ticket for ticket in in_order(tickets, NOW) if ticket.present]
    assert [match.ticket for match in matches] == present[: len(idle)]
    assert len({match.seat.seat_id for match in matches}) == len(matches) == min(len(idle), len(present))
