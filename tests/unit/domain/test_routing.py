"""Routing at the size of a province: branch, product, dialect, appointments, overflow; nobody lost, nobody twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.domain.dialect import Dialect
from signing.domain.opening import Gate
from signing.domain.queue import (
    HOLD_SECONDS,
    RING_SECONDS,
    Priority,
    Ticket,
    TicketState,
    accept,
    dropped,
    missed,
    offer,
)
from signing.domain.routing import (
    PLAIN,
    Ability,
    Limits,
    Match,
    Needs,
    Rank,
    Rules,
    choose,
    fits,
    holds,
    in_order,
    position_of,
    positions,
    rank_of,
    rank_title,
    wish_of,
    within_reach,
)
from signing.domain.seat import OFF_DUTY, Seat, SeatState
from tests.unit.domain.factories import NOW, later, make_seat, make_ticket

HAKKA, HOKKIEN = frozenset({Dialect.HAKKA}), frozenset({Dialect.HOKKIEN})
TWO_MINUTES = timedelta(minutes=2)


def pairs(matches: list[Match]) -> list[tuple[str, str]]:
    return [(match.ticket.ticket_id, match.seat.seat_id) for match in matches]


def at_branch(seat: Seat, branch_id: str) -> Seat:
    return replace(seat, branch_id=branch_id)


def test_a_product_goes_only_to_a_seat_that_handles_it_or_declares_nothing() -> None:
    rules = Rules(
        needs={"t1": Needs(product_id="rosewood_pledge")},
        abilities={"first": Ability(products=frozenset({"village_credit_line"}))},
    )
    seats = [make_seat("first", 0), make_seat("all", 50)]
    assert pairs(choose([make_ticket()], seats, later(60), rules)) == [("t1", "all")]
    assert choose([make_ticket()], seats[:1], later(9999), rules) == []


def test_a_dialect_is_waited_for_and_then_done_without() -> None:
    rules = Rules(
        any_dialect_after=TWO_MINUTES,
        needs={"t1": Needs(dialect=Dialect.HAKKA)},
        abilities={"min": Ability(dialects=HOKKIEN)},
    )
    assert choose([make_ticket()], [make_seat("min")], later(119), rules) == []
    assert pairs(choose([make_ticket()], [make_seat("min")], later(120), rules)) == [("t1", "min")]


def test_who_speaks_the_dialect_is_preferred_even_when_another_would_do() -> None:
    abilities = {"min": Ability(dialects=HOKKIEN), "hak": Ability(dialects=HAKKA)}
    rules = Rules(any_dialect_after=TWO_MINUTES, needs={"t1": Needs(dialect=Dialect.HAKKA)}, abilities=abilities)
    seats = [make_seat("min", 0), make_seat("hak", 50)]
    assert pairs(choose([make_ticket()], seats, later(200), rules)) == [("t1", "hak")]


def test_overflow_after_the_wait_and_own_branch_first() -> None:
    rules = Rules(overflow_after=TWO_MINUTES)
    away, home = at_branch(make_seat("away", 0), "other"), make_seat("home", 90)
    assert choose([make_ticket()], [away], later(119.9), rules) == []
    assert pairs(choose([make_ticket()], [away], later(120), rules)) == [("t1", "away")]
    assert pairs(choose([make_ticket()], [away, home], later(120), rules)) == [("t1", "home")]


def test_overflow_never_leaves_the_institution() -> None:
    stranger = replace(make_seat(), institution_id="another")
    assert choose([make_ticket()], [stranger], later(99_999), Rules(overflow_after=TWO_MINUTES)) == []


def strangers() -> Seat:
    return replace(make_seat("theirs"), institution_id="helper", branch_id="b2")


def test_another_institution_helps_out_only_by_agreement_after_its_wait_and_last() -> None:
    own, rules = at_branch(make_seat("own", 50), "other"), Rules(agreements={("inst", "helper"): TWO_MINUTES})
    assert choose([make_ticket()], [strangers()], later(119.9), rules) == []
    assert pairs(choose([make_ticket()], [strangers()], later(120), rules)) == [("t1", "theirs")]
    both = replace(rules, overflow_after=TWO_MINUTES)
    assert pairs(choose([make_ticket()], [strangers(), own], later(120), both)) == [("t1", "own")]
    for other in ({("helper", "inst"): TWO_MINUTES}, {("x", "helper"): TWO_MINUTES}, {("inst", "x"): TWO_MINUTES}):
        assert choose([make_ticket()], [strangers()], later(999), Rules(agreements=other)) == []


def test_a_helper_is_bound_by_ability_and_its_own_pause() -> None:
    rules = Rules(agreements={("inst", "helper"): TWO_MINUTES}, needs={"t1": Needs("pledge", Dialect.HAKKA)})
    for ability in (Ability(frozenset({"credit"})), Ability(dialects=HOKKIEN)):
        unable = replace(rules, abilities={"theirs": ability})
        assert choose([make_ticket()], [strangers()], later(300), unable) == []
    paused = replace(rules, gates={"b2": Gate(offers=False)})
    assert choose([make_ticket()], [strangers()], later(300), paused) == []
    assert pairs(choose([make_ticket()], [strangers()], later(300), rules)) == [("t1", "theirs")]


def test_who_dropped_from_a_helper_returns_there_at_once_while_the_agreement_lasts() -> None:
    back = replace(dropped(accept(offer(make_ticket(), "theirs", NOW)), NOW), present=True)
    rules = Rules(agreements={("inst", "helper"): timedelta(hours=1)})
    assert pairs(choose([back], [strangers(), make_seat("own")], later(5), rules)) == [("t1", "theirs")]
    assert choose([back], [strangers()], later(5), Rules()) == []
    revoked = choose([back], [strangers(), make_seat("own")], later(5), Rules())
    assert pairs(revoked) == [("t1", "own")], "nobody waits for a seat that may not ring for them any more"


def test_a_seat_is_kept_only_where_it_may_ring_for_who_dropped_there() -> None:
    back, other = dropped(accept(offer(make_ticket(), "mine", NOW)), NOW), replace(make_ticket("t2"), branch_id="b2")
    mine = at_branch(make_seat("mine"), "b2")
    assert holds([back], [mine], later(5)) == {"mine": "t1"}
    for state in SeatState:
        assert bool(holds([back], [replace(mine, state=state)], later(5))) is (state not in OFF_DUTY), state
    assert holds([back], [mine], later(HOLD_SECONDS)) == {}
    for branch_id in ("b2", "branch"):
        paused = Rules(gates={branch_id: Gate(offers=False)})
        assert holds([back], [mine], later(5), paused) == {}, "the seat's branch or the customer's stands still"
    still = Rules(gates={"b2": Gate(offers=False)})
    assert pairs(choose([back], [mine, make_seat("own")], later(5), still)) == [("t1", "own")]
    waits = Rules(gates={"branch": Gate(offers=False)})
    assert pairs(choose([back, other], [mine], later(5), waits)) == [("t2", "mine")]
    second = replace(back, ticket_id="t0", dropped_at=later(1))
    assert holds([second, back], [mine], later(5)) == {"mine": "t1"}, "of two the earlier"


def test_each_institution_has_its_own_limits_and_the_usual_ones_hold_for_the_rest() -> None:
    mine = Limits(overflow_after=TWO_MINUTES, ring=timedelta(seconds=40))
    rules = Rules(overflow_after=timedelta(minutes=9), institutions={"inst": mine})
    foreign = replace(make_ticket("t2"), institution_id="another")
    assert wish_of(make_ticket(), later(120), rules).anywhere
    assert not wish_of(foreign, later(120), rules).anywhere
    assert wish_of(foreign, later(540), rules).anywhere
    rung = offer(make_ticket(), "s", NOW)
    assert missed([rung], later(39.9), rules.ring_of) == []
    assert missed([rung], later(40), rules.ring_of) == [rung]
    assert rules.ring_of(foreign) == timedelta(seconds=RING_SECONDS)


def test_an_appointment_lasts_to_the_end_of_its_window_and_its_grace() -> None:
    needs = Needs(appointment_at=later(600), appointment_until=later(1200))
    rules = Rules(needs={"t1": needs}, appointment_grace=timedelta(minutes=1))
    titles = [rank_title(make_ticket(), later(s), rules) for s in (599, 600, 1259, 1260)]
    assert titles == ["", "预约到时", "预约到时", ""]
    patient = replace(rules, promote_after=timedelta(minutes=5), needs={})
    assert rank_title(make_ticket(), later(300), patient) == "等候已久"
    assert rank_title(make_ticket("e", 0, Priority.ELDER), later(300), patient) == "65岁以上"


def test_an_appointment_comes_before_the_elderly_once_it_is_due_and_until_its_grace_ends() -> None:
    rules = Rules(needs={"booked": Needs(appointment_at=later(600))}, appointment_grace=timedelta(minutes=10))
    booked, elder = make_ticket("booked", 100), make_ticket("elder", 0, Priority.ELDER)
    first = [in_order([elder, booked], later(s), rules)[0].ticket_id for s in (599, 600, 1199, 1200)]
    assert first == ["elder", "booked", "booked", "elder"]
    returning = replace(booked, priority=Priority.RETURNING)
    assert rank_of(returning, later(600), rules) is Rank.RETURNING


def test_nobody_is_overtaken_by_the_elderly_for_ever() -> None:
    rules = Rules(promote_after=timedelta(minutes=20))
    young, elder = make_ticket("young", 0), make_ticket("elder", 300, Priority.ELDER)
    assert position_of(young, [young, elder], later(1199), rules) == 2
    assert position_of(young, [young, elder], later(1200), rules) == 1


def test_a_paused_branch_offers_nothing_and_lends_no_seat() -> None:
    rules = Rules(overflow_after=TWO_MINUTES, gates={"branch": Gate(offers=False, message="系统维护，请稍候")})
    other = at_branch(make_seat("other"), "other")
    assert choose([make_ticket()], [make_seat(), other], later(300), rules) == []
    stranded = replace(make_ticket("t2"), branch_id="other")
    assert choose([stranded], [make_seat()], later(300), rules) == []
    assert pairs(choose([stranded], [make_seat(), other], later(300), rules)) == [("t2", "other")]


def test_a_dropped_customer_gets_the_same_seat_whatever_its_skills() -> None:
    back = replace(dropped(accept(offer(make_ticket(), "mine", NOW)), NOW), present=True)
    rules = Rules(needs={"t1": Needs("rosewood_pledge")}, abilities={"mine": Ability(frozenset({"other_product"}))})
    assert pairs(choose([back], [make_seat("mine"), make_seat("all")], later(5), rules)) == [("t1", "mine")]
    assert pairs(choose([back], [make_seat("mine"), make_seat("all")], later(HOLD_SECONDS), rules)) == [("t1", "all")]


def test_a_thousand_waiting_and_188_idle_seats_are_matched_quickly() -> None:
    seats = [at_branch(make_seat(f"s{n:03}"), f"b{n % 27}") for n in range(188)]
    tickets = [replace(make_ticket(f"t{n:04}", n), branch_id=f"b{n % 27}") for n in range(1000)]
    rules = Rules(needs={one.ticket_id: Needs(f"p{n % 5}") for n, one in enumerate(tickets)})
    matches = choose(tickets, seats, later(1000), rules)
    assert len(matches) == 188
    assert max(int(match.ticket.ticket_id[1:]) for match in matches) < 190


# --- whatever the province looks like ---------------------------------------------------------------------------------

branches = st.sampled_from(["branch", "b2", "b3"])
products = st.sampled_from([None, "loan", "pledge"])
dialects = st.sampled_from([None, *Dialect])
seconds = st.integers(0, 3600)
tickets_of = st.lists(
    st.builds(
        lambda number, since, priority, present, branch, seat: replace(
            make_ticket(f"t{number}", since, priority),
            present=present,
            branch_id=branch,
            seat_id=seat,
            dropped_at=None if seat is None else later(3590),
        ),
        st.integers(0, 10_000),
        seconds,
        st.sampled_from(Priority),
        st.booleans(),
        branches,
        st.sampled_from([None, None, None, "s1", "s2"]),
    ),
    max_size=12,
    unique_by=lambda ticket: ticket.ticket_id,
)
seats_of = st.lists(
    st.builds(
        lambda number, since, state, branch: at_branch(make_seat(f"s{number}", since, state), branch),
        st.integers(0, 12),
        seconds,
        st.sampled_from([*[SeatState.AVAILABLE] * 4, SeatState.ON_CALL, SeatState.AWAY, SeatState.OFFLINE]),
        branches,
    ),
    max_size=8,
    unique_by=lambda seat: seat.seat_id,
)
limits = st.sampled_from([None, timedelta(minutes=2), timedelta(minutes=20)])


@st.composite
def provinces(draw: Callable[..., object]) -> tuple[list[Ticket], list[Seat], Rules]:
    pick: Callable[..., object] = draw
    tickets, seats = pick(tickets_of), pick(seats_of)
    assert isinstance(tickets, list)
    assert isinstance(seats, list)
    needs = st.builds(Needs, products, dialects, st.one_of(st.none(), seconds.map(later)))
    able = st.builds(
        Ability, st.frozensets(st.sampled_from(["loan", "pledge"])), st.frozensets(st.sampled_from(Dialect))
    )
    rules = st.builds(
        Rules,
        limits,
        limits,
        limits,
        needs=st.fixed_dictionaries({ticket.ticket_id: needs for ticket in tickets}),
        abilities=st.fixed_dictionaries({seat.seat_id: able for seat in seats}),
    )
    chosen = pick(rules)
    assert isinstance(chosen, Rules)
    return tickets, seats, chosen


@settings(deadline=None, max_examples=60)
@given(provinces())
def test_no_ticket_and_no_seat_twice_and_every_match_fits(province: tuple[list[Ticket], list[Seat], Rules]) -> None:
    tickets, seats, rules = province
    now = later(3600)
    matches = choose(tickets, seats, now, rules)
    assert len({match.ticket.ticket_id for match in matches}) == len(matches)
    assert len({match.seat.seat_id for match in matches}) == len(matches)
    for match in matches:
        assert match.ticket.present
        assert match.seat.state is SeatState.AVAILABLE
        assert offer(match.ticket, match.seat.seat_id, now).state is TicketState.OFFERED
        held = match.ticket.dropped_at is not None and match.ticket.seat_id == match.seat.seat_id
        assert held or fits(match.seat, wish_of(match.ticket, now, rules), rules)


@settings(deadline=None, max_examples=60)
@given(provinces())
def test_nobody_waits_beside_an_idle_seat_that_fits(province: tuple[list[Ticket], list[Seat], Rules]) -> None:
    tickets, seats, rules = province
    now = later(3600)
    matches = choose(tickets, seats, now, rules)
    rung, busy = {match.ticket.ticket_id for match in matches}, {match.seat.seat_id for match in matches}
    held = holds(tickets, seats, now, rules)
    kept = rung | set(held.values())
    left = [one for one in tickets if one.present and one.ticket_id not in kept]
    idle = [seat for seat in seats if seat.state is SeatState.AVAILABLE and seat.seat_id not in {*busy, *held}]
    assert not [(one, seat) for one in left for seat in idle if fits(seat, wish_of(one, now, rules), rules)]


@settings(deadline=None, max_examples=60)
@given(provinces())
def test_nobody_is_passed_over_for_one_of_lower_rank(province: tuple[list[Ticket], list[Seat], Rules]) -> None:
    tickets, seats, rules = province
    now = later(3600)
    matches = choose(tickets, seats, now, rules)
    place = {ticket.ticket_id: n for n, ticket in enumerate(in_order(tickets, now, rules))}
    rung = {match.ticket.ticket_id for match in matches}
    for one in tickets:
        if not one.present or one.seat_id is not None or one.ticket_id in rung:
            continue
        wish = wish_of(one, now, rules)
        lower = [m for m in matches if place[m.ticket.ticket_id] > place[one.ticket_id]]
        assert not [match for match in lower if fits(match.seat, wish, rules) and match.ticket.seat_id is None]


@settings(deadline=None, max_examples=200)
@given(provinces())
def test_the_tickets_within_reach_are_all_that_matter(province: tuple[list[Ticket], list[Seat], Rules]) -> None:
    tickets, seats, rules = province
    now = later(3600)
    idle = [seat for seat in seats if seat.state is SeatState.AVAILABLE]
    reach = within_reach(idle, [one for one in tickets if one.dropped_at is not None], rules)
    near = [one for one in tickets if reach is None or one.branch_id in reach]
    assert choose(near, seats, now, rules) == choose(tickets, seats, now, rules)


@settings(deadline=None, max_examples=60)
@given(provinces())
def test_everybody_has_the_place_that_they_are_told_alone(province: tuple[list[Ticket], list[Seat], Rules]) -> None:
    tickets, _, rules = province
    found = positions(tickets, later(3600), rules)
    assert found == {one.ticket_id: position_of(one, tickets, later(3600), rules) for one in tickets}


def test_who_may_be_helped_is_within_reach_of_every_seat() -> None:
    seat, back = make_seat("s1"), replace(make_ticket("t1"), branch_id="far", seat_id="s1", dropped_at=NOW)
    assert within_reach([seat], []) == frozenset({"branch"})
    assert within_reach([seat], [back]) == frozenset({"branch", "far"})
    assert within_reach([seat], [], Rules(overflow_after=TWO_MINUTES)) is None
    assert within_reach([seat], [], Rules(institutions={"other": Limits(overflow_after=TWO_MINUTES)})) == frozenset(
        {"branch"}
    )
    assert within_reach([seat], [], Rules(agreements={("other", "inst"): TWO_MINUTES})) is None
    assert within_reach([seat], [], Rules(agreements={("inst", "other"): TWO_MINUTES})) == frozenset({"branch"})


@settings(deadline=None, max_examples=60)
@given(tickets_of, seats_of)
def test_plain_rules_are_each_branch_by_itself(tickets: list[Ticket], seats: list[Seat]) -> None:
    now = later(3600)
    together = {(m.ticket.ticket_id, m.seat.seat_id) for m in choose(tickets, seats, now)}
    apart: set[tuple[str, str]] = set()
    free = [one for one in tickets if one.seat_id is None]
    for branch in ("branch", "b2", "b3"):
        own = [seat for seat in seats if seat.branch_id == branch]
        apart |= set(pairs(choose([one for one in free if one.branch_id == branch], own, now)))
    if len(free) == len(tickets):
        assert together == apart


@settings(deadline=None, max_examples=60)
@given(provinces(), st.integers(0, 3))
def test_with_overflow_every_customer_is_served_in_the_end(
    province: tuple[list[Ticket], list[Seat], Rules], extra: int
) -> None:
    """One seat anywhere in the institution that takes everything is enough; newcomers without end do not prevent it."""
    tickets, _, rules = province
    rules = replace(rules, overflow_after=TWO_MINUTES, promote_after=timedelta(minutes=20), abilities={})
    waiting = {one.ticket_id: replace(one, present=True) for one in tickets}
    first = set(waiting)
    for round_ in range(len(first) + 5):
        now = later(3600 + 300 * round_)
        for n in range(extra):
            name = f"new{round_}.{n}"
            waiting[name] = replace(make_ticket(name, priority=Priority.ELDER), waiting_since=now)
        for match in choose(list(waiting.values()), [make_seat("only")], now, rules):
            del waiting[match.ticket.ticket_id]
    assert not first & set(waiting)


@pytest.mark.parametrize("state", [state for state in TicketState if state is not TicketState.WAITING])
def test_only_the_waiting_have_a_place(state: TicketState) -> None:
    ticket = replace(make_ticket(), state=state)
    assert position_of(ticket, [ticket], NOW, PLAIN) == 0
    assert choose([ticket], [make_seat()], NOW) == []
