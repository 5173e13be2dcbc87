"""Calls: accepted, hung up, dropped; and the seat's wrap-up, also of a case left unsealed."""

from dataclasses import replace
from datetime import datetime

from signing.domain import events
from signing.domain.call import Call, CallEvent, end
from signing.domain.case import Case
from signing.domain.errors import ConflictError, NotPermitted, RuleBroken
from signing.domain.phase import proof_of
from signing.domain.queue import TicketState, accept, dropped, finish, not_taken
from signing.domain.seat import SEAT, SeatEvent, SeatState, apply
from signing.service.bus import Handler
from signing.service.commands import AcceptOffer, Actor, Command, DropCall, FinishWrapUp, HangUp, LoseSeat, TakeCase
from signing.service.handlers.common import chain, party_of, require_open
from signing.service.handlers.queue import offered_here, own_seat, withdraw
from signing.service.queries import awaits_seal
from signing.service.services import Services
from signing.service.store import Unit


def accept_offer(command: AcceptOffer, services: Services) -> Call:
    """→ the live ``Call``"""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        seat = own_seat(unit, actor)
        ticket = accept(offered_here(unit, command.ticket_id, seat))
        case = unit.cases.get(ticket.case_id, actor.institution_id)
        require_open(case)
        call = Call(
            services.ids.new("call"),
            case.case_id,
            ticket.party_id,
            ticket.ticket_id,
            seat.seat_id,
            actor.actor_id,
            actor.name,
            now,
        )
        unit.queue.save_ticket(ticket)
        unit.queue.save_call(call)
        seat = apply(seat, SeatEvent.ACCEPTED, now)
        unit.queue.save_seat(replace(seat, call_id=call.call_id, case_id=case.case_id, ticket_id=ticket.ticket_id))
        chain(unit, case, actor, now, [events.call_connected(party_of(case, ticket.party_id), call, seat.label)])
        return call


def hang_up(command: HangUp, services: Services) -> Call:
    """→ the ended call. Raises ``RuleBroken`` proof where something is missing and no reason is given."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        call = unit.queue.call(command.call_id)
        case = _own_call(unit, call, actor)
        missing = [item.remedy for item in proof_of(case) if not item.ok]
        if missing and not command.reason.strip():
            raise RuleBroken("proof", "挂断前核对未通过：" + "；".join(missing), "请补做，或写明挂断原因")
        return _end(unit, case, call, actor, now, command.reason.strip(), missing)


def _own_call(unit: Unit, call: Call, actor: Actor) -> Case:
    case = unit.cases.get(call.case_id, actor.institution_id)
    if actor.role == "agent" and call.seat_id != actor.seat_id:
        raise NotPermitted("这不是本席位的通话")
    return case


def _end(unit: Unit, case: Case, call: Call, actor: Actor, now: datetime, reason: str, missing: list[str]) -> Call:
    call = end(call, CallEvent.HUNG_UP, now, reason)
    unit.queue.save_call(call)
    unit.queue.save_ticket(finish(unit.queue.ticket(call.ticket_id)))
    seat = unit.queue.seat(call.seat_id)
    unit.queue.save_seat(replace(apply(seat, SeatEvent.HUNG_UP, now), call_id=None, ticket_id=None))
    chain(unit, case, actor, now, [events.call_ended(party_of(case, call.party_id), call, missing)])
    return call


def end_calls(unit: Unit, case: Case, actor: Actor, now: datetime, reason: str) -> None:
    """Where a case ends: its live calls are hung up and its open tickets taken out."""
    for party in case.parties:
        call = unit.queue.live_call_of(party.party_id)
        if call is not None:
            _end(unit, case, call, actor, now, reason, [])
        ticket = unit.queue.open_ticket_of(party.party_id)
        if ticket is not None:
            withdraw(unit, ticket, now)


def drop_call(command: DropCall, services: Services) -> None:
    """The customer goes back to the head for the same seat. Nothing happens where the call is over."""
    now = services.clock.now()
    with services.db.write() as unit:
        call = unit.queue.call(command.call_id)
        if unit.queue.live_call_of(call.party_id) == call:
            drop(unit, call, command.actor, now, command.reason, SeatEvent.CALL_DROPPED)


def drop(unit: Unit, call: Call, actor: Actor, now: datetime, reason: str, seat_event: SeatEvent) -> None:
    """Within the caller's unit of work; also at a restart and where the seat is lost."""
    call = end(call, CallEvent.DROPPED, now, reason)
    unit.queue.save_call(call)
    ticket = dropped(unit.queue.ticket(call.ticket_id), now)
    unit.queue.save_ticket(ticket)
    seat = unit.queue.seat(call.seat_id)
    if SEAT.allows(seat.state, seat_event):
        seat = apply(seat, seat_event, now, reason)
    unit.queue.save_seat(replace(seat, call_id=None, ticket_id=None))
    case = unit.cases.get(call.case_id)
    party = party_of(case, call.party_id)
    chain(unit, case, actor, now, [events.call_dropped(party, call), events.queue_joined(party, "断线重连", True)])


def lose_seat(command: LoseSeat, services: Services) -> None:
    """The seat's program is gone: it is offline, its call dropped, its ringing customer back at the head."""
    now = services.clock.now()
    with services.db.write() as unit:
        lose(unit, command.seat_id, command.actor, now, "席位连接中断")


def lose(unit: Unit, seat_id: str, actor: Actor, now: datetime, reason: str) -> None:
    seat = unit.queue.seat(seat_id)
    if seat.call_id is not None and seat.state is SeatState.ON_CALL:
        drop(unit, unit.queue.call(seat.call_id), actor, now, reason, SeatEvent.LOST)
        return
    if seat.ticket_id is not None and seat.state is SeatState.RINGING:
        ticket = unit.queue.ticket(seat.ticket_id)
        if ticket.state is TicketState.OFFERED:
            unit.queue.save_ticket(not_taken(ticket))
    unit.queue.save_seat(replace(apply(seat, SeatEvent.LOST, now, reason), call_id=None, ticket_id=None))


def finish_wrap_up(command: FinishWrapUp, services: Services) -> None:
    now = services.clock.now()
    with services.db.write() as unit:
        seat = apply(own_seat(unit, command.actor), SeatEvent.WRAPPED_UP, now)
        unit.queue.save_seat(replace(seat, case_id=None, call_id=None))


def take_case(command: TakeCase, services: Services) -> None:
    """Refused where the seat rings or talks, and where the case is another branch's or has nothing to be sealed."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        seat = own_seat(unit, actor)
        case = unit.cases.get(command.case_id, actor.institution_id)
        if case.branch_id != seat.branch_id:
            raise NotPermitted("这笔业务属于其他网点", "请由受理网点的坐席用印")
        if not awaits_seal(unit, case):
            raise ConflictError("这笔业务不在待用印名单中", "可能已由同事用印，或正在其他席位整理")
        seat = replace(apply(seat, SeatEvent.CASE_TAKEN, now), case_id=case.case_id, call_id=None)
        unit.queue.save_seat(replace(seat, staff_id=actor.actor_id))


HANDLERS: dict[type[Command], Handler] = {
    AcceptOffer: accept_offer,
    HangUp: hang_up,
    DropCall: drop_call,
    LoseSeat: lose_seat,
    FinishWrapUp: finish_wrap_up,
    TakeCase: take_case,
}
