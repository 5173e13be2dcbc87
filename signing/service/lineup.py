"""The order of the whole queue at one moment, reckoned once and shown to everybody who waits.

Pushing a change to a thousand phones would otherwise sort a thousand tickets a thousand times.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

from signing.domain.estimate import Waits
from signing.domain.queue import Ticket, TicketState
from signing.domain.routing import Rules, positions
from signing.domain.seat import OFF_DUTY
from signing.service.queue_rules import handling_of, rules_for
from signing.service.snapshots import PhoneSnapshot
from signing.service.store import Unit

AT_ONCE = timedelta(0)


@dataclass(frozen=True)
class Lineup:
    """``tickets``, ``positions`` (from 1) and ``waits`` (whole seconds) by ticket; ``on_duty``: seats by branch.

    ``changes``: so many announced changes, as ``Lineups.count`` counts, are in it for certain.
    """

    at: datetime
    rules: Rules
    tickets: Mapping[str, Ticket]
    positions: Mapping[str, int]
    waits: Mapping[str, int | None]
    on_duty: Mapping[str, int]
    changes: int = 0

    def position_of(self, ticket: Ticket | None) -> int:
        """0 once it is no longer waiting."""
        return 0 if ticket is None else self.positions.get(ticket.ticket_id, 0)

    def wait_of(self, ticket: Ticket | None) -> int | None:
        return None if ticket is None else self.waits.get(ticket.ticket_id)


def lineup(unit: Unit, now: datetime) -> Lineup:
    """Of all institutions."""
    rules, tickets, seats = rules_for(unit, now), unit.queue.open_tickets(), unit.queue.seats()
    waiting = [ticket for ticket in tickets if ticket.state is TicketState.WAITING]
    handling = {branch_id: handling_of(unit, branch_id, now) for branch_id in {one.branch_id for one in waiting}}
    reckoned = Waits(tickets, seats, now, rules)
    waits = {ticket.ticket_id: reckoned.of(ticket, handling[ticket.branch_id]) for ticket in waiting}
    return Lineup(
        now,
        rules,
        {ticket.ticket_id: ticket for ticket in tickets},
        positions(waiting, now, rules),
        {ticket_id: None if wait is None else round(wait) for ticket_id, wait in waits.items()},
        Counter(seat.branch_id for seat in seats if seat.state not in OFF_DUTY),
    )


@dataclass
class Lineups:
    """The newest one; for any thread, and reckoned by one of them at a time."""

    newest: Lineup | None = None
    count: Callable[[], int] = lambda: 0
    """How many changes were announced by now; for any thread."""
    _lock: Lock = field(default_factory=Lock)

    def get(
        self, unit: Unit, now: datetime, ticket: Ticket | None = None, oldest: timedelta = AT_ONCE, changes: int = 0
    ) -> Lineup:
        """At most ``oldest`` old, and one in which ``ticket``, if any, is as it is now.

        ``changes``: what ``count`` gave before ``unit`` began to read.
        """
        if oldest <= AT_ONCE:
            return lineup(unit, now)
        with self._lock:
            found = self.newest
            if found is None or now - found.at > oldest or not _has(found, ticket):
                found = self.newest = replace(lineup(unit, now), changes=changes)
            return found


def _has(found: Lineup, ticket: Ticket | None) -> bool:
    return ticket is None or found.tickets.get(ticket.ticket_id) == ticket


def moved(phone: PhoneSnapshot, to: Lineup) -> PhoneSnapshot | None:
    """What the phone shows once only the others in the queue have changed; None where it is not only they."""
    if phone.ticket is None or not _has(to, phone.ticket):
        return None
    return replace(
        phone,
        now=to.at,
        position=to.position_of(phone.ticket),
        expected_wait_seconds=to.wait_of(phone.ticket),
        seats_on_duty=to.on_duty.get(phone.branch.branch_id, 0),
        gate=to.rules.gate_of(phone.branch.branch_id),
    )
