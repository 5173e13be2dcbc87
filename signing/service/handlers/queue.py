"""The queue: customers join and leave, seats come and go, and the head is offered to the idlest seat."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from signing.domain import events
from signing.domain.call import Call
from signing.domain.case import CallMode, Case
from signing.domain.errors import ConflictError, Contended, NotPermitted
from signing.domain.idcard import birth_date
from signing.domain.joint import kept_back
from signing.domain.party import Party, PartyState
from signing.domain.phase import has_reached
from signing.domain.queue import (
    PRIORITY_TITLES,
    Ticket,
    TicketState,
    leave,
    missed,
    not_taken,
    offer,
    priority_of,
)
from signing.domain.routing import Match, Rules, choose, within_reach
from signing.domain.seat import Seat, SeatEvent, SeatState, apply
from signing.service import queue_rules, scope
from signing.service.bus import Handler
from signing.service.commands import (
    SYSTEM,
    Actor,
    Command,
    Dispatch,
    JoinQueue,
    LeaveQueue,
    RejectOffer,
    SetPhonePresence,
    SetPresence,
)
from signing.service.handlers import legs
from signing.service.handlers.common import chain, customer
from signing.service.one_of_many import passing_over, readable
from signing.service.services import Services
from signing.service.store import Unit


def join_queue(command: JoinQueue, services: Services) -> Ticket:
    """Idempotent; a customer who dropped finds their place at the head."""
    now, ticket_id = services.clock.now(), services.ids.new("tkt")
    with services.db.read() as unit:
        wait = _wait_on_joining(unit, command.actor, ticket_id, now)
    with services.db.write() as unit:
        case, party = customer(unit, command.actor)
        if not has_reached(party, PartyState.READY):
            raise ConflictError("还不能排队", "请先完成同意和设备检查")
        if party.state is PartyState.SIGNED:
            raise ConflictError("您已经签署完毕，不需要再排队", "请等待用印")
        ticket = unit.queue.open_ticket_of(party.party_id)
        if ticket is not None:
            return _present(unit, ticket, True)
        _require_open_door(unit, case, now)
        ticket = _newcomer(ticket_id, case, party, now)
        unit.queue.save_ticket(ticket)
        unit.office.save_needs(queue_rules.needs_of(unit, ticket, case.product_id, party, now))
        queue_rules.tell(unit, ticket, wait, now)
        joined = events.queue_joined(party, ticket_id, PRIORITY_TITLES[ticket.priority], False)
        chain(unit, case, command.actor, now, [joined])
        return ticket


def _newcomer(ticket_id: str, case: Case, party: Party, now: datetime) -> Ticket:
    return Ticket(
        ticket_id,
        case.case_id,
        party.party_id,
        case.institution_id,
        case.branch_id,
        now,
        priority_of(birth_date(party.id_number), now.date()),
        joint=case.call_mode is CallMode.JOINT,
    )


def _wait_on_joining(unit: Unit, actor: Actor, ticket_id: str, now: datetime) -> float | None:
    """Reckoned before the place is taken, so that nobody's writing waits for a look at the whole queue."""
    case, party = customer(unit, actor)
    if unit.queue.open_ticket_of(party.party_id) is not None:
        return None
    ticket = _newcomer(ticket_id, case, party, now)
    return queue_rules.wait_on_joining(
        unit, ticket, queue_rules.needs_of(unit, ticket, case.product_id, party, now), now
    )


def _require_open_door(unit: Unit, case: Case, now: datetime) -> None:
    """Raises ``ConflictError`` after closing time and during an emergency stop, with the words for the customer."""
    gate = queue_rules.gate_for(unit, unit.people.branch(case.branch_id), now)
    if not gate.joins:
        raise ConflictError(gate.message or "现在不能排队", "您已办好的步骤都保留着", code="queue.closed")


def _present(unit: Unit, ticket: Ticket, online: bool) -> Ticket:
    """Kept while it rings and talks too: a ring missed or a call dropped then gives back who is really there."""
    if ticket.present is online:
        return ticket
    ticket = replace(ticket, present=online)
    unit.queue.save_ticket(ticket)
    return ticket


def set_phone_presence(command: SetPhonePresence, services: Services) -> None:
    with services.db.write() as unit:
        ticket = unit.queue.open_ticket_of(command.actor.actor_id)
        if ticket is not None:
            _present(unit, ticket, command.online)


def leave_queue(command: LeaveQueue, services: Services) -> None:
    """Gives the place up; nothing happens where there is none. In a call the agent hangs up instead."""
    now = services.clock.now()
    with services.db.write() as unit:
        case, party = customer(unit, command.actor)
        ticket = unit.queue.open_ticket_of(party.party_id)
        if ticket is None:
            return
        if ticket.state is TicketState.CONNECTED:
            raise ConflictError("正在通话中", "如需结束，请告诉客户经理")
        withdraw(unit, ticket, now)
        chain(unit, case, command.actor, now, [events.queue_left(party, ticket.ticket_id)])


def withdraw(unit: Unit, ticket: Ticket, now: datetime) -> None:
    """Takes a waiting or ringing ticket out; the seat that rang is free again."""
    if ticket.state is TicketState.OFFERED and ticket.seat_id is not None:
        seat = apply(unit.queue.seat(ticket.seat_id), SeatEvent.WITHDRAWN, now)
        unit.queue.save_seat(replace(seat, ticket_id=None))
    unit.queue.save_ticket(leave(ticket))


def own_seat(unit: Unit, actor: Actor) -> Seat:
    """The seat of the agent who asks. Raises ``NotPermitted`` also where a colleague has taken it over."""
    if actor.seat_id is None:
        raise NotPermitted("您的账号没有分配席位", "请联系管理员")
    seat = unit.queue.seat(actor.seat_id)
    if seat.staff_id not in (None, actor.actor_id):
        raise NotPermitted(f"{seat.label}已由其他坐席使用", "请重新登录，或换一个席位")
    return seat


def set_presence(command: SetPresence, services: Services) -> None:
    now = services.clock.now()
    event = SeatEvent.WENT_AVAILABLE if command.available else SeatEvent.WENT_AWAY
    with services.db.write() as unit:
        before = own_seat(unit, command.actor)
        seat = apply(before, event, now, command.reason)
        seat = replace(seat, last_call_id=legs.wrapped_up(unit, before, command.actor, now).last_call_id)
        kept = None if seat.state in (SeatState.AVAILABLE, SeatState.AWAY) else seat.case_id
        unit.queue.save_seat(replace(seat, staff_id=command.actor.actor_id, case_id=kept, call_id=None))


def reject_offer(command: RejectOffer, services: Services) -> None:
    """The seat goes away, the customer back to the head."""
    now = services.clock.now()
    with services.db.write() as unit:
        seat = own_seat(unit, command.actor)
        ticket = offered_here(unit, command.actor, command.ticket_id, seat)
        _back_to_head(unit, ticket, seat, SeatEvent.REJECTED, now, "拒接来电")


def offered_here(unit: Unit, actor: Actor, ticket_id: str, seat: Seat) -> Ticket:
    ticket = scope.ticket(unit, actor, ticket_id)
    if ticket.state is not TicketState.OFFERED or ticket.seat_id != seat.seat_id:
        raise ConflictError("这位客户已不在本席位振铃", "客户可能已离开，或已转到其他席位")
    return ticket


def _back_to_head(unit: Unit, ticket: Ticket, seat: Seat, event: SeatEvent, now: datetime, reason: str) -> None:
    unit.queue.save_ticket(not_taken(ticket))
    unit.queue.save_seat(replace(apply(seat, event, now, reason), ticket_id=None))


BATCH = 200
"""Offers of one unit of work, so that a rush holds nothing for long; they take a handful of statements together."""


def dispatch(command: Dispatch, services: Services) -> list[Match]:
    """→ the offers made. Looks first, and writes only where there is something to do.

    Several services may do this at once: each thing that is over is tidied in a unit of its own, and an offer is made
    only where nobody else has the ticket, the seat or the case in hand. What is left out comes with the next dispatch,
    and what one case refuses, because it cannot be opened, keeps nobody else waiting.
    """
    now = services.clock.now()
    with services.db.read() as unit:
        look = _look(unit, services, now)
    for chore in look.chores:
        with passing_over(f"left out: {_named(chore)}"), suppress(Contended), services.db.write() as unit:
            chore(unit)
    if look.chores:
        with services.db.read() as unit:
            look = _look(unit, services, now)
    if not look.matches:
        return []
    with services.db.write() as unit:
        return _offer(unit, look.matches[:BATCH], now, look.rules)


def _named(chore: "partial[None]") -> str:
    return ", ".join(value for name, value in chore.keywords.items() if name.endswith("_id"))


@dataclass(frozen=True)
class _Look:
    """``chores``: what is over. ``matches``: what could be offered; ``_offer`` asks which still can."""

    rules: Rules
    chores: list[partial[None]]
    matches: list[Match]


def _look(unit: Unit, services: Services, now: datetime) -> _Look:
    """Reads the waiting tickets only where a seat is free, and only of the branches that it may serve."""
    seats, calls, restless = unit.queue.seats(), unit.queue.live_calls(), unit.queue.restless_tickets()
    rules = queue_rules.settings(unit, now)
    chores = _chores(unit, services, seats, restless, calls, now, rules)
    idle = [seat for seat in seats if seat.state is SeatState.AVAILABLE]
    if not idle:
        return _Look(rules, chores, [])
    reach = within_reach(idle, (ticket for ticket in restless if ticket.dropped_at is not None), rules)
    rules = queue_rules.with_needs(unit, rules, reach)
    tickets = unit.queue.open_tickets(branch_ids=reach)
    kept = kept_back(tickets, calls, now, rules)
    return _Look(rules, chores, choose([one for one in tickets if one.ticket_id not in kept], seats, now, rules))


def _chores(
    unit: Unit,
    services: Services,
    seats: Sequence[Seat],
    tickets: Sequence[Ticket],
    calls: Sequence[Call],
    now: datetime,
    rules: Rules,
) -> list[partial[None]]:
    """Rings and wrap-ups that are over, and who dropped and is back; each looks again before it changes anything."""
    wrap_up = services.limits.wrap_up
    return [
        *(
            partial(_miss, ticket_id=ticket.ticket_id, now=now, rules=rules)
            for ticket in missed(tickets, now, rules.ring_of)
        ),
        *(partial(_hush, ticket_id=ticket.ticket_id, now=now) for ticket in _stopped(unit, tickets, rules)),
        *(
            partial(legs.miss_transfer, transfer_id=one.transfer_id, now=now)
            for one in legs.overdue_transfers(unit, now)
        ),
        *(
            partial(legs.end_wrap_up, seat_id=seat.seat_id, now=now, limit=wrap_up)
            for seat in legs.overdue_wrap_ups(unit, seats, now, wrap_up)
        ),
        *(
            partial(legs.readmit, ticket_id=ticket.ticket_id, call_id=call.call_id, ids=services.ids, now=now)
            for ticket, call in legs.back_in_line(unit, tickets, calls)
        ),
    ]


def _miss(unit: Unit, ticket_id: str, now: datetime, rules: Rules) -> None:
    ticket = unit.queue.ticket(ticket_id)
    if missed([ticket], now, rules.ring_of):
        assert ticket.seat_id is not None
        _back_to_head(unit, ticket, unit.queue.seat(ticket.seat_id), SeatEvent.MISSED, now, "来电未接")


def _stopped(unit: Unit, tickets: Sequence[Ticket], rules: Rules) -> list[Ticket]:
    """Who rings although an emergency stop holds for their branch, or for that of the seat."""
    still = {branch_id for branch_id, gate in rules.gates.items() if gate.emergency}
    ringing = [ticket for ticket in tickets if ticket.state is TicketState.OFFERED and ticket.seat_id] if still else []
    return [one for one in ringing if still & {one.branch_id, unit.queue.seat(one.seat_id or "").branch_id}]


def _hush(unit: Unit, ticket_id: str, now: datetime) -> None:
    """The customer keeps the head, the seat stays as ready as it was."""
    ticket = unit.queue.ticket(ticket_id)
    if ticket.state is TicketState.OFFERED and ticket.seat_id is not None:
        _back_to_head(unit, ticket, unit.queue.seat(ticket.seat_id), SeatEvent.WITHDRAWN, now, "")


def _offer(unit: Unit, matches: Sequence[Match], now: datetime, rules: Rules) -> list[Match]:
    """Those made: ticket and seat are as they were, and the case, held now, opens and has nobody else who rings.

    Where it cannot be opened the ticket is taken out: it would ring one seat after the other, and none sees for whom.
    """
    claimed = unit.queue.claim(matches)
    if not claimed:
        return []
    case_ids = {match.ticket.case_id for match in claimed}
    tickets, calls = unit.queue.open_tickets(case_ids=case_ids), unit.queue.live_calls(case_ids=case_ids)
    kept = kept_back(tickets, calls, now, rules)
    made = [match for match in claimed if match.ticket.ticket_id not in kept]
    spoilt = [match for match in made if readable(unit, match.ticket.case_id) is None]
    for match in spoilt:
        _take_out(unit, match.ticket, now)
    made = [match for match in made if match not in spoilt]
    unit.queue.save_ticket(*(offer(match.ticket, match.seat.seat_id, now) for match in made))
    unit.office.rang([match.ticket.ticket_id for match in made], now)
    unit.queue.save_seat(*(_rings(match, now) for match in made))
    return made


def _take_out(unit: Unit, ticket: Ticket, now: datetime) -> None:
    unit.queue.save_ticket(leave(ticket))
    unit.logs.record_view(SYSTEM, now, "queue.left", ticket.case_id, f"{ticket.ticket_id} 业务打不开")


def _rings(match: Match, now: datetime) -> Seat:
    return replace(apply(match.seat, SeatEvent.OFFERED, now), ticket_id=match.ticket.ticket_id)


HANDLERS: dict[type[Command], Handler] = {
    JoinQueue: join_queue,
    LeaveQueue: leave_queue,
    SetPhonePresence: set_phone_presence,
    SetPresence: set_presence,
    RejectOffer: reject_offer,
    Dispatch: dispatch,
}
