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

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.domain.queue import Priority, Ticket, TicketState
from signing.domain.routing import PLAIN, Rank, Rules, Wish, fits, in_order, rank_of, wish_of
from signing.domain.seat import Seat, SeatState

USUAL_CALL_SECONDS = 420.0
"""Seven minutes: the published mean, until there are calls of one's own to count."""
RING_AND_WRAP_UP_SECONDS = 45.0
"""What a seat needs beside the call itself; added where only calls are on record."""
USUAL_HANDLING_SECONDS = USUAL_CALL_SECONDS + RING_AND_WRAP_UP_SECONDS
PRIOR_WEIGHT = 5
RECENT_CALLS = 40
_OFF = (SeatState.OFFLINE, SeatState.AWAY)


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

    ``tickets`` and ``seats`` are those of the institution, and of those that help it out.
    """
    if ticket.state is not TicketState.WAITING or not rules.offers_in(ticket.branch_id):
        return None
    known = [one for one in tickets if one.institution_id == ticket.institution_id]
    before = _before(ticket, known, now, rules)
    handling *= _stretch(ticket, known, now, rules)
    wish = wish_of(ticket, now, rules)._replace(helpers=frozenset())
    neighbours = sum(one.branch_id == ticket.branch_id for one in before)
    waits = [_among(seats, wish._replace(anywhere=False), neighbours, handling, rules)]
    overflow = rules.limits_of(ticket.institution_id).overflow_after
    if overflow is not None:
        wide = _among(seats, wish._replace(anywhere=True), len(before), handling, rules)
        waits.append(_later(_left(ticket, overflow, now), wide))
    for (home, serving), after in rules.agreements.items():
        if home == ticket.institution_id:
            both = [one for one in tickets if one.institution_id in (home, serving)]
            ahead = len(_before(ticket, both, now, rules))
            helped = wish._replace(anywhere=overflow is not None, helpers=frozenset({serving}))
            waits.append(_later(_left(ticket, after, now), _among(seats, helped, ahead, handling, rules)))
    return min((wait for wait in waits if wait is not None), default=None)


def _left(ticket: Ticket, limit: timedelta, now: datetime) -> float:
    """Seconds until the ticket has waited ``limit``."""
    return max(timedelta(0), limit - (now - ticket.waiting_since)).total_seconds()


def _later(left: float, wait: float | None) -> float | None:
    return None if wait is None else left + wait


def _before(ticket: Ticket, known: list[Ticket], now: datetime, rules: Rules) -> list[Ticket]:
    """Who will be rung earlier: those before in order whose page is open."""
    ordered = in_order(known, now, rules)
    place = [one.ticket_id for one in ordered].index(ticket.ticket_id)
    return [one for one in ordered[:place] if one.present]


def _stretch(ticket: Ticket, known: list[Ticket], now: datetime, rules: Rules) -> float:
    """1 ÷ (1 - s). Calls that returned after a drop are left out: their tickets no longer tell whose they are."""
    if rank_of(ticket, now, rules) is not Rank.NORMAL:
        return 1.0
    talking = [one.priority for one in known if one.state is TicketState.CONNECTED]
    told = [priority for priority in talking if priority in (Priority.ELDER, Priority.NORMAL)]
    return 1 / (1 - told.count(Priority.ELDER) / (PRIOR_WEIGHT + len(told)))


def _among(seats: Sequence[Seat], wish: Wish, ahead: int, handling: float, rules: Rules) -> float | None:
    able = (seat for seat in seats if seat.state not in _OFF and rules.offers_in(seat.branch_id))
    staffed = [seat for seat in able if fits(seat, wish, rules)]
    free = sum(seat.state is SeatState.AVAILABLE for seat in staffed)
    return wait_behind(ahead, free, len(staffed), handling)


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
