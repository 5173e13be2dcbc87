"""The expected wait told to a customer, and how it is reckoned.

With every seat busy, seats come free at about staffed ÷ mean handling time; a customer with n present ones before them
needs n + 1 of these moments, so the wait is (n + 1) × handling ÷ staffed. That is the exact mean of M/M/c given what is
seen on arrival, and near it for other call lengths, because the ends of many independent calls together look Poisson.
Who has no priority is overtaken meanwhile: where a share s of the served has priority, a wait grows by 1 ÷ (1 - s), as
with two classes under heavy load (A. Cobham, 1954). s is that of the calls of now, drawn towards none because these
are few. Where the institution's branches help each other out after a while, the wait is at most what is left until
then, plus the same reckoning over all of them; likewise where another institution does. ``pingqian simulate`` and the
waits that the service keeps measure the error.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from signing.domain.queue import HOLD_SECONDS, Priority, Ticket, TicketState
from signing.domain.routing import PLAIN, Rank, Rules, Wish, fits, holds, in_order, rank_of, wish_of
from signing.domain.seat import OFF_DUTY, Seat, SeatState

USUAL_CALL_SECONDS = 420.0
"""Seven minutes: the published mean, until there are calls of one's own to count."""
RING_AND_WRAP_UP_SECONDS = 45.0
"""What a seat needs beside the call itself; added where only calls are on record."""
USUAL_HANDLING_SECONDS = USUAL_CALL_SECONDS + RING_AND_WRAP_UP_SECONDS
PRIOR_WEIGHT = 5
RECENT_CALLS = 40


def handling_seconds(recent: Sequence[float], usual: float = USUAL_HANDLING_SECONDS) -> float:
    """The mean of the last ``RECENT_CALLS`` (oldest first), smoothed by ``PRIOR_WEIGHT`` usual ones."""
    counted = recent[-RECENT_CALLS:]
    return (PRIOR_WEIGHT * usual + sum(counted)) / (PRIOR_WEIGHT + len(counted))


def wait_behind(ahead: int, free: int, staffed: int, handling: float) -> float | None:
    """Seconds for one with ``ahead`` customers before them; None where no seat is staffed."""
    if staffed == 0:
        return None
    return 0.0 if ahead < free else (ahead - free + 1) * handling / staffed


def expected_wait(
    ticket: Ticket,
    tickets: Collection[Ticket],
    seats: Sequence[Seat],
    now: datetime,
    handling: float,
    rules: Rules = PLAIN,
) -> float | None:
    """Seconds. None where the customer does not wait, nobody who could serve them is on duty, or the queue is stopped.

    ``tickets`` and ``seats`` are at least those of the institution, and of those that help it out.
    """
    return Waits(tickets, seats, now, rules).of(ticket, handling)


@dataclass(frozen=True)
class _Order:
    """Of some institutions' waiting tickets: how many come before each whose page is open, in all and of its branch."""

    ahead: Mapping[str, int]
    neighbours: Mapping[str, int]


@dataclass(frozen=True)
class Waits:
    """The waits of one moment. What many customers have in common is reckoned once, so that a thousand cost little."""

    tickets: Collection[Ticket]
    seats: Sequence[Seat]
    now: datetime
    rules: Rules = PLAIN
    _orders: dict[frozenset[str], _Order] = field(default_factory=dict)
    _shares: dict[str, float] = field(default_factory=dict)
    _staff: dict[Wish, tuple[int, int]] = field(default_factory=dict)

    def of(self, ticket: Ticket, handling: float) -> float | None:
        """As ``expected_wait``; the ticket is one of ``tickets``."""
        if ticket.state is not TicketState.WAITING or not self.rules.offers_in(ticket.branch_id):
            return None
        seat_id = ticket.seat_id or ""
        if ticket.dropped_at is None or self._holds.get(seat_id) != ticket.ticket_id:
            return self._of_any(ticket, handling)
        own = self._among(wish_of(ticket, self.now, self.rules, seat_id), 0, handling)
        kept = timedelta(seconds=HOLD_SECONDS) - (self.now - ticket.dropped_at)
        later = _later(kept.total_seconds(), self._of_any(ticket, handling))
        return min((wait for wait in (own, later) if wait is not None), default=None)

    @cached_property
    def _holds(self) -> dict[str, str]:
        return holds(self.tickets, self.seats, self.now, self.rules)

    def _of_any(self, ticket: Ticket, handling: float) -> float | None:
        """Whichever seat it will be."""
        rules, home = self.rules, ticket.institution_id
        own = self._order(frozenset({home}))
        handling *= self._stretch(ticket)
        wish = wish_of(ticket, self.now, rules)._replace(helpers=frozenset())
        waits = [self._among(wish._replace(anywhere=False), own.neighbours[ticket.ticket_id], handling)]
        overflow = rules.limits_of(home).overflow_after
        if overflow is not None:
            wide = self._among(wish._replace(anywhere=True), own.ahead[ticket.ticket_id], handling)
            waits.append(_later(_left(ticket, overflow, self.now), wide))
        for (helped, serving), after in rules.agreements.items():
            if helped == home:
                ahead = self._order(frozenset({home, serving})).ahead[ticket.ticket_id]
                lent = wish._replace(anywhere=overflow is not None, helpers=frozenset({serving}))
                waits.append(_later(_left(ticket, after, self.now), self._among(lent, ahead, handling)))
        return min((wait for wait in waits if wait is not None), default=None)

    def _order(self, institutions: frozenset[str]) -> _Order:
        """Who will be rung earlier: those before in order whose page is open."""
        if institutions not in self._orders:
            own = (one for one in self.tickets if one.institution_id in institutions)
            self._orders[institutions] = _counted(in_order(own, self.now, self.rules))
        return self._orders[institutions]

    def _stretch(self, ticket: Ticket) -> float:
        """1 ÷ (1 - s), for those without priority."""
        if rank_of(ticket, self.now, self.rules) is not Rank.NORMAL:
            return 1.0
        home = ticket.institution_id
        if home not in self._shares:
            self._shares[home] = _elder_share(one for one in self.tickets if one.institution_id == home)
        return 1 / (1 - self._shares[home])

    def _among(self, wish: Wish, ahead: int, handling: float) -> float | None:
        if wish not in self._staff:
            able = (seat for seat in self.seats if seat.state not in OFF_DUTY and self.rules.offers_in(seat.branch_id))
            staffed = [seat for seat in able if fits(seat, wish, self.rules)]
            idle = [seat for seat in staffed if seat.state is SeatState.AVAILABLE]
            free = sum(wish.seat_id is not None or seat.seat_id not in self._holds for seat in idle)
            self._staff[wish] = (free, len(staffed))
        free, staffed_seats = self._staff[wish]
        return wait_behind(ahead, free, staffed_seats, handling)


def _counted(ordered: Sequence[Ticket]) -> _Order:
    before: Counter[str] = Counter()
    ahead, neighbours = {}, {}
    for ticket in ordered:
        ahead[ticket.ticket_id], neighbours[ticket.ticket_id] = before.total(), before[ticket.branch_id]
        before[ticket.branch_id] += ticket.present
    return _Order(ahead, neighbours)


def _elder_share(known: Iterable[Ticket]) -> float:
    """Calls that returned after a drop are left out: their tickets no longer tell whose they are."""
    talking = [one.priority for one in known if one.state is TicketState.CONNECTED]
    told = [priority for priority in talking if priority in (Priority.ELDER, Priority.NORMAL)]
    return told.count(Priority.ELDER) / (PRIOR_WEIGHT + len(told))


def _left(ticket: Ticket, limit: timedelta, now: datetime) -> float:
    """Seconds until the ticket has waited ``limit``."""
    return max(timedelta(0), limit - (now - ticket.waiting_since)).total_seconds()


def _later(left: float, wait: float | None) -> float | None:
    return None if wait is None else left + wait


@dataclass(frozen=True)
class WaitAccuracy:
    """Told waits against what they became, in seconds; the means are over ``count`` customers who were rung.

    ``error``: the mean distance between the two. ``bias``: how much longer the wait was than told; negative: shorter.
    """

    count: int = 0
    told: float = 0.0
    waited: float = 0.0
    error: float = 0.0

    @property
    def bias(self) -> float:
        return self.waited - self.told


def accuracy_of(pairs: Sequence[tuple[float, float]]) -> WaitAccuracy:
    """``pairs``: (told, waited)."""
    count = len(pairs)
    if count == 0:
        return WaitAccuracy()
    told, waited = (sum(pair[n] for pair in pairs) / count for n in (0, 1))
    return WaitAccuracy(count, told, waited, sum(abs(b - a) for a, b in pairs) / count)
