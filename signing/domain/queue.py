"""Tickets of waiting customers: their states, their stored priority, their order.

Who is offered to which seat is in ``routing``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

from signing.domain.idcard import age_on
from signing.domain.machine import Machine

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
    ADMITTED = "admitted"
    NOT_TAKEN = "not_taken"
    DROPPED = "dropped"
    SENT_BACK = "sent_back"
    FINISHED = "finished"
    LEFT = "left"


_S, _E = TicketState, TicketEvent

TICKET = Machine(
    name="ticket",
    initial=TicketState.WAITING,
    table={
        (_S.WAITING, _E.OFFERED): _S.OFFERED,
        (_S.WAITING, _E.ADMITTED): _S.CONNECTED,
        (_S.WAITING, _E.LEFT): _S.LEFT,
        (_S.OFFERED, _E.ACCEPTED): _S.CONNECTED,
        (_S.OFFERED, _E.NOT_TAKEN): _S.WAITING,
        (_S.OFFERED, _E.LEFT): _S.LEFT,
        (_S.CONNECTED, _E.DROPPED): _S.WAITING,
        (_S.CONNECTED, _E.SENT_BACK): _S.WAITING,
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
    joint: bool = True
    """Served together with the other parties of the case: kept for its live call, and rung at one seat at a time."""


def priority_of(birth: date | None, today: date) -> Priority:
    """Elderly customers come first; an unknown birth date gives no priority."""
    if birth is not None and age_on(birth, today) >= ELDER_AGE:
        return Priority.ELDER
    return Priority.NORMAL


def offer(ticket: Ticket, seat_id: str, now: datetime) -> Ticket:
    return replace(ticket, state=TICKET.next(ticket.state, TicketEvent.OFFERED), seat_id=seat_id, offered_at=now)


def accept(ticket: Ticket) -> Ticket:
    return replace(ticket, state=TICKET.next(ticket.state, TicketEvent.ACCEPTED), dropped_at=None)


def admit(ticket: Ticket, seat_id: str) -> Ticket:
    """Straight into the seat's live call, without a ring."""
    state = TICKET.next(ticket.state, TicketEvent.ADMITTED)
    return replace(ticket, state=state, seat_id=seat_id, offered_at=None, dropped_at=None)


def sent_back(ticket: Ticket) -> Ticket:
    """From a call that goes on without them: to the head, for any seat."""
    state = TICKET.next(ticket.state, TicketEvent.SENT_BACK)
    better = min(ticket.priority, Priority.NOT_TAKEN)
    return replace(ticket, state=state, priority=better, seat_id=None, offered_at=None, dropped_at=None)


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


def _usual_ring(ticket: Ticket) -> timedelta:
    return timedelta(seconds=RING_SECONDS)


def missed(tickets: Iterable[Ticket], now: datetime, ring: Callable[[Ticket], timedelta] = _usual_ring) -> list[Ticket]:
    """Offered tickets that have rung for as long as ``ring`` lets them."""
    return [
        ticket
        for ticket in tickets
        if ticket.state is TicketState.OFFERED
        and ticket.offered_at is not None
        and now - ticket.offered_at >= ring(ticket)
    ]


def is_held(ticket: Ticket, now: datetime) -> bool:
    """Whether it is so soon after the drop that the seat is kept, where it can still take them (``routing.holds``)."""
    if ticket.state is not TicketState.WAITING or ticket.dropped_at is None or ticket.seat_id is None:
        return False
    return now - ticket.dropped_at < timedelta(seconds=HOLD_SECONDS)
