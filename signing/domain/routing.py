"""Who is offered to which seat: by order of the queue, branch, product, dialect and waiting time.

Pure: the waiting tickets, the seats and the time go in, the matches come out. With ``PLAIN`` rules a branch serves its
own customers by stored priority and arrival, and every seat takes everything.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from signing.domain.dialect import Dialect
from signing.domain.opening import OPEN, Gate
from signing.domain.queue import PRIORITY_TITLES, RING_SECONDS, Priority, Ticket, TicketState, is_held
from signing.domain.seat import OFF_DUTY, Seat, SeatState


class Rank(IntEnum):
    """Lower comes first. Unlike the stored ``Priority`` it depends on the time of asking."""

    RETURNING = 0
    NOT_TAKEN = 1
    APPOINTMENT = 2
    ELDER = 3
    NORMAL = 4


_RANKS = {
    Priority.RETURNING: Rank.RETURNING,
    Priority.NOT_TAKEN: Rank.NOT_TAKEN,
    Priority.ELDER: Rank.ELDER,
    Priority.NORMAL: Rank.NORMAL,
}


@dataclass(frozen=True)
class Needs:
    """What a customer asks of a seat; None: anything will do.

    An appointment gives priority from ``appointment_at`` until the grace after ``appointment_until`` (or after its
    beginning, where it names no end) is over.
    """

    product_id: str | None = None
    dialect: Dialect | None = None
    appointment_at: datetime | None = None
    appointment_until: datetime | None = None


@dataclass(frozen=True)
class Ability:
    """What a seat declared; an empty set: everything."""

    products: frozenset[str] = frozenset()
    dialects: frozenset[Dialect] = frozenset()

    def handles(self, product_id: str | None) -> bool:
        return product_id is None or not self.products or product_id in self.products

    def speaks(self, dialect: Dialect | None) -> bool:
        return dialect is None or not self.dialects or dialect in self.dialects


ANYTHING, NOTHING_SPECIAL = Ability(), Needs()


@dataclass(frozen=True)
class Limits:
    """An institution's own numbers.

    ``overflow_after``: waiting that long opens every branch of the same institution. ``any_dialect_after``: from then
    on a seat that does not speak the dialect may be rung, after those that do. ``promote_after``: from then on a
    customer ranks with the elderly, so that nobody is overtaken for ever. None: never. ``appointment_grace``: how long
    after the appointed time its priority lasts. ``ring``: how long a seat rings before the ring counts as missed.
    """

    overflow_after: timedelta | None = None
    any_dialect_after: timedelta | None = None
    promote_after: timedelta | None = None
    appointment_grace: timedelta = timedelta(minutes=30)
    ring: timedelta = timedelta(seconds=RING_SECONDS)


@dataclass(frozen=True)
class Rules(Limits):
    """Every institution's settings, and what is known of tickets, seats and branches.

    The rules' own limits hold for an institution that is not in ``institutions``. ``agreements``: (home, serving) →
    how long a customer of the home institution waits before the serving one's seats may be rung; only agreements that
    both have declared are in it.
    """

    institutions: Mapping[str, Limits] = field(default_factory=dict)
    needs: Mapping[str, Needs] = field(default_factory=dict)
    abilities: Mapping[str, Ability] = field(default_factory=dict)
    gates: Mapping[str, Gate] = field(default_factory=dict)
    agreements: Mapping[tuple[str, str], timedelta] = field(default_factory=dict)

    def limits_of(self, institution_id: str) -> Limits:
        return self.institutions.get(institution_id, self)

    def needs_of(self, ticket: Ticket) -> Needs:
        return self.needs.get(ticket.ticket_id, NOTHING_SPECIAL)

    def gate_of(self, branch_id: str) -> Gate:
        return self.gates.get(branch_id, OPEN)

    def offers_in(self, branch_id: str) -> bool:
        return self.gate_of(branch_id).offers

    def ring_of(self, ticket: Ticket) -> timedelta:
        return self.limits_of(ticket.institution_id).ring


PLAIN = Rules()


@dataclass(frozen=True)
class Match:
    ticket: Ticket
    seat: Seat


NOBODY: frozenset[str] = frozenset()


class Wish(NamedTuple):
    """The seats a ticket may have now. Tickets with equal wishes fit the same seats.

    ``helpers``: the other institutions whose seats may be rung.
    """

    institution_id: str
    branch_id: str
    anywhere: bool
    product_id: str | None
    dialect: Dialect | None
    any_dialect: bool
    seat_id: str | None = None
    helpers: frozenset[str] = NOBODY


def passed(ticket: Ticket, now: datetime, limit: timedelta | None) -> bool:
    """Whether the ticket has waited at least ``limit``; never where there is none."""
    return limit is not None and now - ticket.waiting_since >= limit


def wish_of(ticket: Ticket, now: datetime, rules: Rules, seat_id: str | None = None) -> Wish:
    """``seat_id``: the seat to return to after a drop, also another institution's without waiting anew."""
    needs, limits = rules.needs_of(ticket), rules.limits_of(ticket.institution_id)
    return Wish(
        ticket.institution_id,
        ticket.branch_id,
        passed(ticket, now, limits.overflow_after),
        needs.product_id,
        needs.dialect,
        passed(ticket, now, limits.any_dialect_after),
        seat_id,
        helpers_of(ticket, now, rules, at_once=seat_id is not None),
    )


def helpers_of(ticket: Ticket, now: datetime, rules: Rules, *, at_once: bool = False) -> frozenset[str]:
    """The institutions that an agreement opens to this customer by now."""
    if not rules.agreements:
        return NOBODY
    return frozenset(
        serving
        for (home, serving), after in rules.agreements.items()
        if home == ticket.institution_id and (at_once or passed(ticket, now, after))
    )


def fits(seat: Seat, wish: Wish, rules: Rules) -> bool:
    """Whether the seat may take such a customer, whatever its state. The seat of the dropped call always may.

    Another institution's seat only where an agreement of both lets it.
    """
    foreign = seat.institution_id != wish.institution_id
    if foreign and seat.institution_id not in wish.helpers:
        return False
    if wish.seat_id is not None:
        return seat.seat_id == wish.seat_id
    if seat.branch_id != wish.branch_id and not (wish.anywhere or foreign):
        return False
    ability = rules.abilities.get(seat.seat_id, ANYTHING)
    return ability.handles(wish.product_id) and (wish.any_dialect or ability.speaks(wish.dialect))


def rank_of(ticket: Ticket, now: datetime, rules: Rules = PLAIN) -> Rank:
    rank = _RANKS[ticket.priority]
    if rank < Rank.APPOINTMENT:
        return rank
    limits = rules.limits_of(ticket.institution_id)
    if rank > Rank.APPOINTMENT and is_due(rules.needs_of(ticket), now, limits):
        return Rank.APPOINTMENT
    if rank is Rank.NORMAL and passed(ticket, now, limits.promote_after):
        return Rank.ELDER
    return rank


def is_due(needs: Needs, now: datetime, limits: Limits) -> bool:
    if needs.appointment_at is None:
        return False
    last = needs.appointment_until or needs.appointment_at
    return needs.appointment_at <= now < last + limits.appointment_grace


def rank_title(ticket: Ticket, now: datetime, rules: Rules = PLAIN) -> str:
    """Why this customer comes first, for people; empty where they do not."""
    rank = rank_of(ticket, now, rules)
    if rank is Rank.APPOINTMENT:
        return "预约到时"
    return "等候已久" if rank is Rank.ELDER and ticket.priority is Priority.NORMAL else PRIORITY_TITLES[ticket.priority]


def in_order(tickets: Iterable[Ticket], now: datetime, rules: Rules = PLAIN) -> list[Ticket]:
    """Waiting tickets as they are to be served: by rank, then by arrival, then by identifier."""
    waiting = (ticket for ticket in tickets if ticket.state is TicketState.WAITING)
    return sorted(waiting, key=lambda one: (rank_of(one, now, rules), one.waiting_since, one.ticket_id))


def position_of(ticket: Ticket, tickets: Iterable[Ticket], now: datetime, rules: Rules = PLAIN) -> int:
    """How many of the same branch are before this one, plus one; 0 once it is no longer waiting."""
    if ticket.state is not TicketState.WAITING:
        return 0
    branch = in_order((other for other in tickets if other.branch_id == ticket.branch_id), now, rules)
    return 1 + [other.ticket_id for other in branch].index(ticket.ticket_id)


def positions(tickets: Iterable[Ticket], now: datetime, rules: Rules = PLAIN) -> dict[str, int]:
    """``position_of`` for every waiting ticket, by its identifier."""
    found, counted = {}, Counter[str]()
    for ticket in in_order(tickets, now, rules):
        counted[ticket.branch_id] += 1
        found[ticket.ticket_id] = counted[ticket.branch_id]
    return found


def within_reach(seats: Iterable[Seat], back: Iterable[Ticket], rules: Rules = PLAIN) -> frozenset[str] | None:
    """The branches that ``choose`` has to know the tickets of, for these idle seats; None: all of them.

    ``back``: the customers who dropped and wait: the seat they return to may be another branch's.
    """
    idle = list(seats)
    institutions = {seat.institution_id for seat in idle}
    if any(rules.limits_of(one).overflow_after is not None for one in institutions):
        return None
    if any(serving in institutions for _, serving in rules.agreements):
        return None
    return frozenset({seat.branch_id for seat in idle} | {ticket.branch_id for ticket in back})


def choose(tickets: Sequence[Ticket], seats: Iterable[Seat], now: datetime, rules: Rules = PLAIN) -> list[Match]:
    """Who is to ring where. No seat and no ticket appears twice.

    Each waiting, present ticket in order takes, of the idle seats that fit, one that speaks its dialect, then one of
    its own institution, then of its own branch, then the longest idle. A customer who dropped goes to the seat they
    had, while it is kept for them (``holds``; hence all ``seats``, not only the idle ones). One order holds over all
    branches: who has overflowed competes by rank and arrival, not last.
    """
    known = list(seats)
    able = (seat for seat in known if seat.state is SeatState.AVAILABLE and rules.offers_in(seat.branch_id))
    idle = sorted(able, key=lambda seat: (seat.since, seat.seat_id))
    if not idle:
        return []
    return list(_matches(in_order(tickets, now, rules), idle, holds(tickets, known, now, rules), now, rules))


def holds(tickets: Iterable[Ticket], seats: Iterable[Seat], now: datetime, rules: Rules = PLAIN) -> dict[str, str]:
    """→ by the seat that is kept, the ticket of the customer whose call dropped there.

    Not where that seat could not ring for them now: off duty, in a stopped branch, or another institution's without an
    agreement any more. Such a customer is any seat's at once. Of two who dropped from one seat it is the earlier's.
    """
    back = sorted((one for one in tickets if is_held(one, now)), key=lambda one: (one.dropped_at or now, one.ticket_id))
    if not back:
        return {}
    on_duty = {seat.seat_id: seat for seat in seats if seat.state not in OFF_DUTY and rules.offers_in(seat.branch_id)}
    kept: dict[str, str] = {}
    for ticket in back:
        seat = on_duty.get(ticket.seat_id or "")
        if seat is None or not rules.offers_in(ticket.branch_id):
            continue
        if fits(seat, wish_of(ticket, now, rules, seat.seat_id), rules):
            kept.setdefault(seat.seat_id, ticket.ticket_id)
    return kept


def _matches(
    ordered: list[Ticket], idle: list[Seat], held: Mapping[str, str], now: datetime, rules: Rules
) -> Iterator[Match]:
    back_to = {ticket_id: seat_id for seat_id, ticket_id in held.items()}
    hopeless: set[Wish] = set()
    for ticket in ordered:
        if not idle:
            return
        wish = wish_of(ticket, now, rules, back_to.get(ticket.ticket_id))
        if not ticket.present or wish in hopeless or not rules.offers_in(ticket.branch_id):
            continue
        seat = _best(idle, wish, held, rules)
        if seat is None:
            hopeless.add(wish)  # idle seats only become fewer, so nobody else with this wish need look
        else:
            idle.remove(seat)
            yield Match(ticket, seat)


def _best(idle: list[Seat], wish: Wish, held: Mapping[str, str], rules: Rules) -> Seat | None:
    """``idle`` is sorted by idle time, and ``min`` keeps the first among equals."""
    free = (seat for seat in idle if wish.seat_id is not None or seat.seat_id not in held)
    return min(
        (seat for seat in free if fits(seat, wish, rules)), key=lambda seat: _strange(seat, wish, rules), default=None
    )


def _strange(seat: Seat, wish: Wish, rules: Rules) -> tuple[bool, bool, bool]:
    ability = rules.abilities.get(seat.seat_id, ANYTHING)
    foreign = seat.institution_id != wish.institution_id
    return (not ability.speaks(wish.dialect), foreign, seat.branch_id != wish.branch_id)
