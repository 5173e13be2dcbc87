"""The queue: tickets of waiting customers, and who is offered to which seat."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

from signing.domain.idcard import age_on
from signing.domain.machine import Machine
from signing.domain.seat import Seat, SeatState

RING_SECONDS = 20
HOLD_SECONDS = 120
"""How long a seat is kept free for the customer whose call dropped there."""
ELDER_AGE = 65


class TicketState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    CONNECTED = "connected"
    DONE = "done"
    LEFT = "left"


class TicketEvent(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    NOT_TAKEN = "not_taken"
    DROPPED = "dropped"
    FINISHED = "finished"
    LEFT = "left"


_S, _E = TicketState, TicketEvent

TICKET = Machine(
    name="ticket",
    initial=TicketState.WAITING,
    table={
        (_S.WAITING, _E.OFFERED): _S.OFFERED,
        (_S.WAITING, _E.LEFT): _S.LEFT,
        (_S.OFFERED, _E.ACCEPTED): _S.CONNECTED,
        (_S.OFFERED, _E.NOT_TAKEN): _S.WAITING,
        (_S.OFFERED, _E.LEFT): _S.LEFT,
        (_S.CONNECTED, _E.DROPPED): _S.WAITING,
        (_S.CONNECTED, _E.FINISHED): _S.DONE,
        (_S.CONNECTED, _E.LEFT): _S.LEFT,
    },
    titles={
        TicketState.WAITING: "排队中",
        TicketState.OFFERED: "振铃中",
        TicketState.CONNECTED: "通话中",
        TicketState.DONE: "已完成",
        TicketState.LEFT: "已离开",
    },
)

OPEN_STATES = frozenset({TicketState.WAITING, TicketState.OFFERED, TicketState.CONNECTED})


class Priority(IntEnum):
    """Lower comes first."""

    RETURNING = 0
    NOT_TAKEN = 1
    ELDER = 2
    NORMAL = 3


PRIORITY_TITLES = {
    Priority.RETURNING: "断线重连",
    Priority.NOT_TAKEN: "上次未接通",
    Priority.ELDER: "65岁以上",
    Priority.NORMAL: "",
}


@dataclass(frozen=True)
class Ticket:
    """A customer's place. ``present`` is False while their page is closed: the place is kept, but not offered.

    ``seat_id`` is the seat that rings or talks, or the one to return to after a drop.
    """

    ticket_id: str
    case_id: str
    party_id: str
    institution_id: str
    branch_id: str
    waiting_since: datetime
    priority: Priority = Priority.NORMAL
    state: TicketState = TicketState.WAITING
    seat_id: str | None = None
    offered_at: datetime | None = None
    dropped_at: datetime | None = None
    present: bool = True


@dataclass(frozen=True)
class Match:
    ticket: Ticket
    seat: Seat


def priority_of(birth: date | None, today: date) -> Priority:
    """Elderly customers come first; an unknown birth date gives no priority."""
    if birth is not None and age_on(birth, today) >= ELDER_AGE:
        return Priority.ELDER
    return Priority.NORMAL


def offer(ticket: Ticket, seat_id: str, now: datetime) -> Ticket:
    return replace(ticket, state=TICKET.next(ticket.state, TicketEvent.OFFERED), seat_id=seat_id, offered_at=now)


def accept(ticket: Ticket) -> Ticket:
    return replace(ticket, state=TICKET.next(ticket.state, TicketEvent.ACCEPTED))


def not_taken(ticket: Ticket) -> Ticket:
    """Back to the head after a missed or rejected ring, keeping a better priority where there was one."""
    state = TICKET.next(ticket.state, TicketEvent.NOT_TAKEN)
    better = min(ticket.priority, Priority.NOT_TAKEN)
    return replace(ticket, state=state, priority=better, seat_id=None, offered_at=None)


def dropped(ticket: Ticket, now: datetime) -> Ticket:
    """Back to the head for the same seat. Whether the page is open is as it was: the seat may be what was lost."""
    state = TICKET.next(ticket.state, TicketEvent.DROPPED)
    return replace(ticket, state=state, priority=Priority.RETURNING, offered_at=None, dropped_at=now)


def finish(ticket: Ticket) -> Ticket:
    return replace(ticket, state=TICKET.next(ticket.state, TicketEvent.FINISHED))


def leave(ticket: Ticket) -> Ticket:
    return replace(ticket, state=TICKET.next(ticket.state, TicketEvent.LEFT))


def in_order(tickets: Iterable[Ticket]) -> list[Ticket]:
    """Waiting tickets as they are to be served: by priority, then by time, then by identifier."""
    waiting = (ticket for ticket in tickets if ticket.state is TicketState.WAITING)
    return sorted(waiting, key=lambda ticket: (ticket.priority, ticket.waiting_since, ticket.ticket_id))


def missed(tickets: Iterable[Ticket], now: datetime) -> list[Ticket]:
    """Offered tickets that have rung for ``RING_SECONDS``."""
    limit = timedelta(seconds=RING_SECONDS)
    return [
        ticket
        for ticket in tickets
        if ticket.state is TicketState.OFFERED and ticket.offered_at is not None and now - ticket.offered_at >= limit
    ]


def choose(tickets: Sequence[Ticket], seats: Iterable[Seat], now: datetime) -> list[Match]:
    """Who is to ring where: each waiting, present ticket in order to the longest-idle seat of its branch.

    A customer who dropped goes to the seat they had, and that seat is kept for them for ``HOLD_SECONDS``;
    after that any seat of the branch will do. No seat and no ticket appears twice.
    """
    idle = sorted(
        (seat for seat in seats if seat.state is SeatState.AVAILABLE), key=lambda seat: (seat.since, seat.seat_id)
    )
    held = {ticket.seat_id: ticket.ticket_id for ticket in tickets if _is_held(ticket, now)}
    return list(_matches(in_order(tickets), idle, held))


def position_of(ticket: Ticket, tickets: Iterable[Ticket]) -> int:
    """How many are before this one, plus one; 0 once it is no longer waiting."""
    if ticket.state is not TicketState.WAITING:
        return 0
    branch = [other for other in in_order(tickets) if other.branch_id == ticket.branch_id]
    return 1 + [other.ticket_id for other in branch].index(ticket.ticket_id)


def _is_held(ticket: Ticket, now: datetime) -> bool:
    if ticket.state is not TicketState.WAITING or ticket.dropped_at is None or ticket.seat_id is None:
        return False
    return now - ticket.dropped_at < timedelta(seconds=HOLD_SECONDS)


def _matches(ordered: list[Ticket], idle: list[Seat], held: dict[str | None, str]) -> Iterator[Match]:
    returning_to = {ticket_id: seat_id for seat_id, ticket_id in held.items()}
    for ticket in ordered:
        if not ticket.present:
            continue
        wanted = returning_to.get(ticket.ticket_id)
        seat = next((seat for seat in idle if _fits(seat, ticket, wanted, held)), None)
        if seat is not None:
            idle.remove(seat)
            yield Match(ticket, seat)


def _fits(seat: Seat, ticket: Ticket, wanted: str | None, held: dict[str | None, str]) -> bool:
    if (seat.institution_id, seat.branch_id) != (ticket.institution_id, ticket.branch_id):
        return False
    if wanted is not None:
        return seat.seat_id == wanted
    return seat.seat_id not in held
