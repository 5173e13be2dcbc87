"""A live call goes to another seat: by a ring that is accepted, or at once by a supervisor.

Until then, and whatever dies meanwhile, the customers stay in the call they are in.
"""

from dataclasses import replace
from datetime import datetime

from signing.domain import events
from signing.domain.call import (
    CALL,
    Call,
    CallEvent,
    CallState,
    Leg,
    LegEvent,
    Transfer,
    TransferEvent,
    TransferState,
    apply_leg,
    settle,
)
from signing.domain.errors import ConflictError, InputError, NotPermitted
from signing.domain.seat import SEAT, Seat, SeatEvent, SeatState, apply
from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import (
    AcceptTransfer,
    Actor,
    CancelTransfer,
    Command,
    RejectTransfer,
    TakeOver,
    TransferCall,
)
from signing.service.handlers import legs
from signing.service.handlers.common import chain
from signing.service.handlers.queue import own_seat
from signing.service.ports import Ids
from signing.service.services import Services
from signing.service.store import Unit


def _reasoned(reason: str) -> str:
    if not reason.strip():
        raise InputError("请填写转接的原因", "原因会记入证据链，并告诉接手的坐席")
    return reason.strip()


def _live(call: Call) -> None:
    if call.state is not CallState.LIVE:
        raise ConflictError("通话已结束", "请以页面显示的通话为准")


def transfer_call(command: TransferCall, services: Services) -> Transfer:
    """→ the transfer, ringing. Raises ``ConflictError`` where the seat is not free; the call then stays as it is."""
    now, actor, reason = services.clock.now(), command.actor, _reasoned(command.reason)
    with services.db.write() as unit:
        call, case = scope.call(unit, actor, command.call_id)
        _live(call)
        if legs.ringing_transfer(unit, call) is not None:
            raise ConflictError("正在转接中", "请等对方应答，或先取消转接")
        source = unit.queue.seat(call.seat_id)
        target = _target(unit, source, command.to_seat_id)
        transfer = Transfer(
            services.ids.new("xfer"), call.call_id, case.case_id, source.seat_id, target.seat_id, reason, now
        )
        unit.queue.save_transfer(transfer)
        unit.queue.save_seat(replace(apply(target, SeatEvent.OFFERED, now), ticket_id=None))
        parties = legs.parties_of(case, legs.open_legs(unit, call))
        chain(unit, case, actor, now, [events.transfer_requested(parties, call, target.label, reason)])
        return transfer


def _target(unit: Unit, source: Seat, seat_id: str | None) -> Seat:
    """The seat that was named, or the longest idle, of the same branch first."""
    if seat_id is not None:
        named = scope.colleague(unit, source, seat_id)
        if named.state is not SeatState.AVAILABLE:
            raise ConflictError(f"{named.label}当前“{SEAT.titles[named.state]}”，不能接手", "请换一个席位，或稍后再试")
        return named
    idle = [seat for seat in unit.queue.seats(source.institution_id) if seat.state is SeatState.AVAILABLE]
    if not idle:
        raise ConflictError("现在没有空闲的席位", "请稍后再试，或请主管接管")
    return min(idle, key=lambda seat: (seat.branch_id != source.branch_id, seat.since, seat.seat_id))


def accept_transfer(command: AcceptTransfer, services: Services) -> Call:
    """→ the new live call at the seat that rang."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        transfer, seat = _ringing_here(unit, command.transfer_id, actor)
        call = unit.queue.call(transfer.call_id)
        unit.queue.save_transfer(settle(transfer, TransferEvent.ACCEPTED, now))
        seat = apply(seat, SeatEvent.ACCEPTED, now)
        rang = (now - transfer.at).total_seconds()
        return _hand_over(unit, services.ids, call, seat, actor, now, transfer.reason, rang)


def reject_transfer(command: RejectTransfer, services: Services) -> None:
    """The seat goes away; the call stays where it is."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        transfer, _ = _ringing_here(unit, command.transfer_id, actor)
        legs.fail_transfer(unit, transfer, TransferEvent.REJECTED, SeatEvent.REJECTED, actor, now, "对方拒接")


def cancel_transfer(command: CancelTransfer, services: Services) -> None:
    """By the seat that asked, or a supervisor; also where the case cannot be opened."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        transfer = scope.transfer(unit, actor, command.transfer_id)
        if scope.live_call(unit, actor, transfer.call_id) is None:
            scope.call(unit, actor, transfer.call_id)
        _still_rings(transfer)
        legs.fail_transfer(unit, transfer, TransferEvent.WITHDRAWN, SeatEvent.WITHDRAWN, actor, now, "已取消")


def _ringing_here(unit: Unit, transfer_id: str, actor: Actor) -> tuple[Transfer, Seat]:
    seat, transfer = own_seat(unit, actor), scope.transfer(unit, actor, transfer_id)
    if transfer.to_seat_id != seat.seat_id:
        raise NotPermitted("这次转接不是给本席位的")
    _still_rings(transfer)
    return transfer, seat


def _still_rings(transfer: Transfer) -> None:
    if transfer.state is not TransferState.RINGING:
        raise ConflictError("这次转接已经结束", "请以页面显示为准")


def take_over(command: TakeOver, services: Services) -> Call:
    """→ the new live call at the supervisor's seat, which may be available, away or wrapping up."""
    now, actor, reason = services.clock.now(), command.actor, _reasoned(command.reason)
    with services.db.write() as unit:
        call, _ = scope.call(unit, actor, command.call_id)
        _live(call)
        seat = own_seat(unit, actor)
        if seat.seat_id == call.seat_id:
            raise ConflictError("通话已经在您的席位上", "不需要接管")
        after = apply(seat, SeatEvent.TOOK_OVER, now)
        legs.wrapped_up(unit, seat, actor, now)
        return _hand_over(unit, services.ids, call, after, actor, now, reason, None)


def _hand_over(
    unit: Unit, ids: Ids, call: Call, seat: Seat, actor: Actor, now: datetime, reason: str, rang: float | None
) -> Call:
    """In one transaction: the old call ends, a new one has all that were in it, and who dropped returns to it."""
    CALL.next(call.state, CallEvent.HANDED_OVER)
    new = Call(
        ids.new("call"),
        call.case_id,
        seat.seat_id,
        actor.actor_id,
        actor.name,
        now,
        follows=call.call_id,
        joint=call.joint,
        ring_seconds=rang,
        alone_with=call.alone_with,
    )
    unit.queue.save_call(new)
    legs.redirect(unit, call, seat.seat_id)
    moved = [_move(unit, leg, new, ids.new("leg"), now) for leg in legs.open_legs(unit, call)]
    case = unit.cases.get(call.case_id)
    ended = legs.close(unit, call, CallEvent.HANDED_OVER, now, reason)
    legs.free_seat(unit, call, now, legs.by_another(actor, call, "接管了这通通话") if rang is None else "")
    seat = replace(seat, staff_id=actor.actor_id, call_id=new.call_id, case_id=new.case_id, last_call_id=None)
    unit.queue.save_seat(replace(seat, ticket_id=None))
    parties = legs.parties_of(case, moved)
    handed = events.call_handed_over(parties, new, scope.seat_name(unit, seat, case), reason, rang is None)
    chain(unit, case, actor, now, [*ended, handed])
    return new


def _move(unit: Unit, leg: Leg, new: Call, leg_id: str, now: datetime) -> Leg:
    """Who was on hold stays on hold."""
    unit.queue.save_leg(apply_leg(leg, LegEvent.MOVED, now, "转到其他席位"))
    moved = replace(leg, leg_id=leg_id, call_id=new.call_id, joined_at=now, since=now)
    unit.queue.save_leg(moved)
    ticket = unit.queue.ticket(leg.ticket_id)
    unit.queue.save_ticket(replace(ticket, seat_id=new.seat_id))
    return moved


HANDLERS: dict[type[Command], Handler] = {
    TransferCall: transfer_call,
    AcceptTransfer: accept_transfer,
    RejectTransfer: reject_transfer,
    CancelTransfer: cancel_transfer,
    TakeOver: take_over,
}
