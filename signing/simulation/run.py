"""The event heap. Who rings where, in which order, and what a ticket or seat may do is the service's own code."""

import heapq
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

from signing.domain.estimate import RECENT_CALLS, USUAL_HANDLING_SECONDS, expected_wait, handling_seconds
from signing.domain.queue import (
    HOLD_SECONDS,
    OPEN_STATES,
    RING_SECONDS,
    Ticket,
    TicketState,
    accept,
    dropped,
    finish,
    missed,
    not_taken,
    offer,
)
from signing.domain.routing import Match, Needs, Rules, choose
from signing.domain.seat import Seat, SeatEvent, SeatState, apply
from signing.simulation.scenario import Customer, Scenario, customers, moment, random_stream

INSTITUTION = "institution"
_Entry = tuple[float, int, Callable[[], None]]
_JUST_AFTER = 0.001
"""Seconds: a timer set to the very limit could fall before it, because datetimes round to the microsecond."""


@dataclass
class Served:
    """One customer's story in seconds. ``estimate`` is the wait told on joining, ``wait`` until the first answer."""

    at: float
    branch: str
    estimate: float | None = None
    wait: float | None = None
    seat_branch: str = ""
    finished: bool = False


@dataclass
class Result:
    """``busy`` has, for each customer a seat took, the seconds from ringing until it was free again."""

    scenario: Scenario
    served: list[Served]
    busy: list[tuple[float, float]]
    missed_rings: int = 0
    drops: int = 0


class Run:
    """From the first arrival until the last customer is done. ``execute`` may be called once."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._scenario = scenario
        self.people = customers(scenario, seed)
        self._random = random_stream(seed, "seats")
        self._result = Result(scenario, [Served(one.at, _branch(one.branch)) for one in self.people], [])
        self._heap: list[_Entry] = []
        self._order = count()
        self._now = 0.0
        self._tickets: dict[str, Ticket] = {}
        self._waiting: dict[str, Ticket] = {}
        self._seats: dict[str, Seat] = {}
        self._idle: dict[str, Seat] = {}
        self._busy_since: dict[str, float] = {}
        self._needs: dict[str, Needs] = {}
        self._rules = replace(scenario.rules, needs=self._needs)
        self._recent: dict[str, deque[float]] = defaultdict(partial(deque, maxlen=RECENT_CALLS))
        for number in range(scenario.seats):
            branch = _branch(number % scenario.branches)
            self._keep(
                Seat(seat_id(number), INSTITUTION, branch, f"{number + 1:03}号席", moment(0), SeatState.AVAILABLE)
            )

    def execute(self) -> Result:
        """Raises ``IllegalEvent`` where a ticket or a seat would ever be in two places."""
        self._next_arrival(iter(self.people))
        while self._heap:
            self._now, _, action = heapq.heappop(self._heap)
            action()
        return self._result

    def _after(self, delay: float, action: Callable[..., None], *arguments: object) -> None:
        entry: _Entry = (self._now + delay, next(self._order), partial(action, *arguments))
        heapq.heappush(self._heap, entry)

    def _save(self, ticket: Ticket) -> None:
        self._tickets[ticket.ticket_id] = ticket
        if ticket.state is TicketState.WAITING:
            self._waiting[ticket.ticket_id] = ticket
        else:
            self._waiting.pop(ticket.ticket_id, None)
        if ticket.state not in OPEN_STATES:
            del self._tickets[ticket.ticket_id]

    def _keep(self, seat: Seat) -> None:
        self._seats[seat.seat_id] = seat
        if seat.state is SeatState.AVAILABLE:
            self._idle[seat.seat_id] = seat
        else:
            self._idle.pop(seat.seat_id, None)

    # --- customers --------------------------------------------------------------------------------------------------

    def _next_arrival(self, upcoming: Iterator[Customer]) -> None:
        customer = next(upcoming, None)
        if customer is not None:
            self._after(customer.at - self._now, self._arrive, customer, upcoming)

    def _arrive(self, customer: Customer, upcoming: Iterator[Customer]) -> None:
        self._next_arrival(upcoming)
        ticket = self._ticket(customer)
        if customer.dialect is not None:
            self._needs[ticket.ticket_id] = Needs(dialect=customer.dialect)
        self._save(ticket)
        if self._scenario.estimates:
            self._result.served[customer.number].estimate = self._estimate(ticket)
        for limit in _limits(self._rules):
            self._after(limit + _JUST_AFTER, self._dispatch)
        self._dispatch()

    def _ticket(self, customer: Customer) -> Ticket:
        number = str(customer.number)
        branch, since = _branch(customer.branch), moment(self._now)
        return Ticket(number, number, number, INSTITUTION, branch, since, customer.priority)

    def _estimate(self, ticket: Ticket) -> float | None:
        handling = handling_seconds(list(self._recent[ticket.branch_id]), USUAL_HANDLING_SECONDS)
        seats = list(self._seats.values())
        return expected_wait(ticket, self._tickets.values(), seats, moment(self._now), handling, self._rules)

    def _return(self, ticket_id: str) -> None:
        self._save(replace(self._tickets[ticket_id], present=True))
        self._dispatch()

    # --- seats ------------------------------------------------------------------------------------------------------

    def _dispatch(self) -> None:
        if self._waiting and self._idle:
            tickets, seats = list(self._waiting.values()), list(self._seats.values())
            for match in choose(tickets, seats, moment(self._now), self._rules):
                self._ring(match)

    def _ring(self, match: Match) -> None:
        ticket, seat, faults = match.ticket, match.seat, self._scenario.faults
        self._save(offer(ticket, seat.seat_id, moment(self._now)))
        self._keep(apply(seat, SeatEvent.OFFERED, moment(self._now)))
        self._busy_since[seat.seat_id] = self._now
        if self._random.random() < faults.missed_share:
            self._after(RING_SECONDS + _JUST_AFTER, self._ring_out)
        else:
            self._after(self._random.uniform(*faults.pick_up), self._answer, ticket.ticket_id)

    def _ring_out(self) -> None:
        ringing = [one for one in self._tickets.values() if one.state is TicketState.OFFERED]
        for ticket in missed(ringing, moment(self._now)):
            assert ticket.seat_id is not None
            self._save(not_taken(ticket))
            self._move(ticket.seat_id, SeatEvent.MISSED)
            self._free(ticket.seat_id)
            self._after(self._scenario.faults.away, self._come_back, ticket.seat_id)
            self._result.missed_rings += 1
        self._dispatch()

    def _come_back(self, seat_id: str) -> None:
        self._move(seat_id, SeatEvent.WENT_AVAILABLE)
        self._dispatch()

    def _answer(self, ticket_id: str) -> None:
        rung = self._tickets[ticket_id]
        ticket, returned = accept(rung), rung.dropped_at is not None
        assert ticket.seat_id is not None
        self._save(ticket)
        self._move(ticket.seat_id, SeatEvent.ACCEPTED)
        customer, story = self.people[int(ticket_id)], self._result.served[int(ticket_id)]
        talked = customer.drop_at if returned and customer.drop_at is not None else 0.0
        if story.wait is None:
            story.wait = self._now - customer.at
            story.seat_branch = self._seats[ticket.seat_id].branch_id
        if customer.drop_at is not None and not returned:
            self._after(customer.drop_at, self._drop, ticket_id, ticket.seat_id)
        else:
            self._after(customer.talk - talked, self._hang_up, ticket_id, ticket.seat_id)

    def _drop(self, ticket_id: str, seat_id: str) -> None:
        self._save(replace(dropped(self._tickets[ticket_id], moment(self._now)), present=False))
        self._move(seat_id, SeatEvent.CALL_DROPPED)
        self._free(seat_id)
        self._result.drops += 1
        self._after(self.people[int(ticket_id)].back_after, self._return, ticket_id)
        self._after(HOLD_SECONDS + _JUST_AFTER, self._dispatch)
        self._dispatch()

    def _hang_up(self, ticket_id: str, seat_id: str) -> None:
        self._save(finish(self._tickets[ticket_id]))
        self._result.served[int(ticket_id)].finished = True
        self._move(seat_id, SeatEvent.HUNG_UP)
        self._after(self._scenario.faults.wrap_up, self._wrapped_up, seat_id)

    def _wrapped_up(self, seat_id: str) -> None:
        self._recent[self._seats[seat_id].branch_id].append(self._now - self._busy_since[seat_id])
        self._move(seat_id, SeatEvent.WRAPPED_UP)
        self._free(seat_id)
        self._dispatch()

    def _move(self, seat_id: str, event: SeatEvent) -> None:
        self._keep(apply(self._seats[seat_id], event, moment(self._now)))

    def _free(self, seat_id: str) -> None:
        self._result.busy.append((self._busy_since.pop(seat_id), self._now))


def seat_id(number: int) -> str:
    return f"seat{number:04}"


def _branch(number: int) -> str:
    return f"branch{number:03}"


def _limits(rules: Rules) -> list[float]:
    """Waiting times in seconds at which a ticket's choice or rank grows, and it is worth looking again."""
    limits = (rules.overflow_after, rules.any_dialect_after, rules.promote_after)
    return [limit.total_seconds() for limit in limits if limit is not None]
