"""Calls: accepted, joined, held, left, hung up, dropped; and the seat's wrap-up, also of a case left unsealed."""

from dataclasses import replace
from datetime import datetime

from signing.domain import events
from signing.domain.call import Call, Leg, LegEvent, Outcome, TransferEvent, apply_leg, concerned
from signing.domain.case import CallMode, Case
from signing.domain.errors import ConflictError, InputError, NotPermitted, RuleBroken
from signing.domain.phase import party_label, proof_of
from signing.domain.queue import TicketState, accept, finish, not_taken, sent_back
from signing.domain.seat import SeatEvent, SeatState, apply
from signing.service import scope
from signing.service.branch_cases import may_be_taken
from signing.service.bus import Handler
from signing.service.commands import (
    AcceptOffer,
    Actor,
    AdmitParty,
    Command,
    DropLeg,
    FinishWrapUp,
    HangUp,
    HoldParty,
    LoseSeat,
    RemoveParty,
    SetCallMode,
    SetSeatPresence,
    TakeCase,
)
from signing.service.handlers import legs
from signing.service.handlers.common import chain, party_of, require_open, save
from signing.service.handlers.queue import offered_here, own_seat, withdraw
from signing.service.one_of_many import readable
from signing.service.services import Services
from signing.service.store import Unit


def accept_offer(command: AcceptOffer, services: Services) -> Call:
    """→ the live ``Call``, with the ringing customer's leg"""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        seat = own_seat(unit, actor)
        ticket = offered_here(unit, actor, command.ticket_id, seat)
        case = scope.ringing_case(unit, actor, ticket)
        require_open(case)
        rang = None if ticket.offered_at is None else (now - ticket.offered_at).total_seconds()
        call = Call(
            services.ids.new("call"),
            case.case_id,
            seat.seat_id,
            actor.actor_id,
            actor.name,
            now,
            joint=ticket.joint,
            ring_seconds=rang,
        )
        unit.queue.save_call(call)
        legs.join(unit, call, accept(ticket), services.ids.new("leg"), now)
        seat = apply(seat, SeatEvent.ACCEPTED, now)
        unit.queue.save_seat(replace(seat, call_id=call.call_id, case_id=case.case_id, ticket_id=ticket.ticket_id))
        name = scope.seat_name(unit, seat, case)
        chain(unit, case, actor, now, [events.call_connected(party_of(case, ticket.party_id), call, name)])
        return call


def seat_call(unit: Unit, call_id: str, actor: Actor) -> tuple[Call, Case]:
    """Only from the seat that talks."""
    call, case = scope.call(unit, actor, call_id)
    if call.seat_id != actor.seat_id:
        raise NotPermitted("这不是本席位的通话", "如需处理，请先接管通话")
    if unit.queue.seat(call.seat_id).call_id != call.call_id:
        raise ConflictError("通话已结束", "请以页面显示的通话为准")
    return call, case


# --- who is in it -------------------------------------------------------------------------------------------------


def admit_party(command: AdmitParty, services: Services) -> Leg:
    """→ the party's leg. Raises ``ConflictError`` where they do not wait, or ring at another seat."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        call, case = seat_call(unit, command.call_id, actor)
        require_open(case)
        party = party_of(case, command.party_id)
        ticket = unit.queue.open_ticket_of(party.party_id)
        if ticket is None or not ticket.present:
            raise ConflictError(f"{party_label(party)}现在不在排队", "请对方打开专属链接并进入排队，再接入")
        if ticket.state is TicketState.OFFERED:
            raise ConflictError(f"{party_label(party)}正在其他席位振铃", "请稍候再试")
        return legs.admit_waiting(unit, call, ticket, services.ids.new("leg"), actor, now, returning=False)


def set_call_mode(command: SetCallMode, services: Services) -> Case:
    """→ the case; its waiting tickets and its live calls follow at once."""
    now, actor, joint = services.clock.now(), command.actor, command.mode is CallMode.JOINT
    with services.db.write() as unit:
        case = scope.own_case(unit, actor, command.case_id)
        require_open(case)
        if case.call_mode is command.mode:
            return case
        for party in case.parties:
            if (ticket := unit.queue.open_ticket_of(party.party_id)) is not None:
                unit.queue.save_ticket(replace(ticket, joint=joint))
        for call in unit.queue.live_calls_of(case.case_id):
            unit.queue.save_call(replace(call, joint=joint))
        case = replace(case, call_mode=command.mode)
        return save(unit, case, actor, now, [events.call_mode_set(command.mode)])


def hold_party(command: HoldParty, services: Services) -> Leg:
    """→ the party's leg; the same wish again changes nothing."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        call, case = seat_call(unit, command.call_id, actor)
        if call.alone_with is not None:
            raise ConflictError("正在单独谈话", "请先结束单独谈话，再请人稍候或回到通话")
        before = legs.open_leg(unit, call, command.party_id)
        leg = legs.hold(unit, call, command.party_id, command.held, now)
        if leg != before:
            happening = events.party_held(party_of(case, command.party_id), call, command.held)
            chain(unit, case, actor, now, [happening])
        return leg


def remove_party(command: RemoveParty, services: Services) -> None:
    """Raises ``ConflictError`` for the last one in the call: that is hanging up."""
    now, actor, reason = services.clock.now(), command.actor, command.reason.strip()
    if not reason:
        raise InputError("请填写请客户离开的原因", "原因会记入证据链")
    with services.db.write() as unit:
        call, case = seat_call(unit, command.call_id, actor)
        leg = legs.open_leg(unit, call, command.party_id)
        if len(legs.open_legs(unit, call)) == 1:
            raise ConflictError("这是通话中的最后一位客户", "如需结束，请挂断")
        unit.queue.save_leg(apply_leg(leg, LegEvent.REMOVED, now, reason))
        ticket = unit.queue.ticket(leg.ticket_id)
        unit.queue.save_ticket(sent_back(ticket) if command.requeue else finish(ticket))
        happened = [events.party_removed(party_of(case, leg.party_id), call, reason, command.requeue)]
        if call.alone_with == leg.party_id:
            happened += legs.end_alone(unit, call, case, now)
        chain(unit, case, actor, now, happened)


def drop_leg(command: DropLeg, services: Services) -> None:
    """Nothing happens where the customer is no longer in the call. With the last one the call drops.

    Where the case cannot be opened they do not go back to the head: no seat could take them up.
    """
    now = services.clock.now()
    with services.db.write() as unit:
        call, leg = unit.queue.call(command.call_id), unit.queue.live_leg_of(command.party_id)
        if leg is None or leg.call_id != call.call_id:
            return
        if len(legs.open_legs(unit, call)) == 1:
            legs.drop(unit, call, command.actor, now, command.reason, SeatEvent.CALL_DROPPED)
        elif (case := readable(unit, call.case_id)) is None:
            legs.drop_unread(unit, leg, command.actor, now, command.reason)
        else:
            happened = legs.drop_leg(unit, leg, command.actor, now, command.reason)
            chain(unit, case, command.actor, now, happened)


# --- the end ------------------------------------------------------------------------------------------------------


def hang_up(command: HangUp, services: Services) -> Call:
    """→ the ended call. Raises ``RuleBroken`` proof where something is missing and no reason is given.

    The proof is about those in the call, and those who dropped from it and are not back. Where the case cannot be
    opened there is none to ask for, and the seat is to be free again.
    """
    now, actor, reason = services.clock.now(), command.actor, command.reason.strip()
    with services.db.write() as unit:
        live = scope.live_call(unit, actor, command.call_id)
        if live is not None and readable(unit, live.case_id) is None:
            return legs.end_unread(unit, live, actor, now, reason)
        call, case = scope.call(unit, actor, command.call_id)
        proof = proof_of(case, concerned(unit.queue.legs_of(call.call_id)), call.call_id)
        missing = [item.remedy for item in proof if not item.ok]
        if missing and not reason:
            raise RuleBroken("proof", "挂断前核对未通过：" + "；".join(missing), "请补做，或写明挂断原因")
        return legs.hang_up(unit, case, call, actor, now, reason, missing)


def end_calls(unit: Unit, case: Case, actor: Actor, now: datetime, reason: str) -> None:
    """Where a case ends: its live calls are hung up and its open tickets taken out."""
    for call in unit.queue.live_calls_of(case.case_id):
        legs.hang_up(unit, case, call, actor, now, reason, [])
    for party in case.parties:
        ticket = unit.queue.open_ticket_of(party.party_id)
        if ticket is not None:
            withdraw(unit, ticket, now)


def lose_seat(command: LoseSeat, services: Services) -> None:
    """The seat's program is gone: it is offline, its call dropped, its ringing customer back at the head."""
    now = services.clock.now()
    with services.db.write() as unit:
        lose(unit, command.seat_id, command.actor, now, "席位连接中断")


def lose(unit: Unit, seat_id: str, actor: Actor, now: datetime, reason: str) -> None:
    seat = unit.queue.seat(seat_id)
    if seat.call_id is not None and seat.state is SeatState.ON_CALL:
        legs.drop(unit, unit.queue.call(seat.call_id), actor, now, reason, SeatEvent.LOST)
        return
    transfer = legs.ringing_at(unit, seat)
    if transfer is not None:
        legs.fail_transfer(unit, transfer, TransferEvent.MISSED, SeatEvent.LOST, actor, now, reason)
        return
    if seat.ticket_id is not None and seat.state is SeatState.RINGING:
        ticket = unit.queue.ticket(seat.ticket_id)
        if ticket.state is TicketState.OFFERED:
            unit.queue.save_ticket(not_taken(ticket))
    seat = legs.wrapped_up(unit, seat, actor, now)
    unit.queue.save_seat(replace(apply(seat, SeatEvent.LOST, now, reason), call_id=None, ticket_id=None))


# --- wrap-up ------------------------------------------------------------------------------------------------------


def finish_wrap_up(command: FinishWrapUp, services: Services) -> None:
    now, outcome, note = services.clock.now(), command.outcome or Outcome.NOT_STATED, command.note.strip()
    if outcome is Outcome.OTHER and not note:
        raise InputError("请写明“其他”的具体情况", "备注会随通话一并保存")
    with services.db.write() as unit:
        seat = own_seat(unit, command.actor)
        after = apply(seat, SeatEvent.WRAPPED_UP, now)
        legs.wrapped_up(unit, seat, command.actor, now, outcome, note)
        unit.queue.save_seat(replace(after, case_id=None, call_id=None, last_call_id=None))


def take_case(command: TakeCase, services: Services) -> None:
    """Refused where the seat rings or talks, and where the case is another branch's, over, or at another seat."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        seat = own_seat(unit, actor)
        case = scope.home_case(unit, actor, command.case_id)
        if case.branch_id != seat.branch_id:
            raise NotPermitted("这笔业务属于其他网点", "请由受理网点的坐席办理")
        if not may_be_taken(unit, case):
            raise ConflictError("这笔业务现在不能打开", "可能已经办结，或正在通话中，或正在其他席位整理")
        seat = replace(apply(seat, SeatEvent.CASE_TAKEN, now), case_id=case.case_id, call_id=None)
        unit.queue.save_seat(replace(seat, staff_id=actor.actor_id))


def set_seat_presence(command: SetSeatPresence, services: Services) -> None:
    """By a supervisor, with a reason that goes on record. A seat that rings or talks, or is offline, is left alone."""
    now, actor, reason = services.clock.now(), command.actor, command.reason.strip()
    if not reason:
        raise InputError("请填写调整席位状态的原因", "原因会记入操作记录")
    with services.db.write() as unit:
        seat = scope.seat(unit, actor, command.seat_id)
        if seat.state is SeatState.OFFLINE:
            raise ConflictError("席位不在线", "请坐席先登录")
        event = SeatEvent.WENT_AVAILABLE if command.available else SeatEvent.WENT_AWAY
        if command.available and seat.state is SeatState.WRAP_UP:
            event = SeatEvent.WRAPPED_UP
        after = apply(legs.wrapped_up(unit, seat, actor, now), event, now, f"主管：{reason}")
        unit.queue.save_seat(replace(after, case_id=None, call_id=None))
        unit.logs.record_view(actor, now, f"seat.{event}", "", f"{seat.seat_id} {reason}")


HANDLERS: dict[type[Command], Handler] = {
    AcceptOffer: accept_offer,
    AdmitParty: admit_party,
    SetCallMode: set_call_mode,
    HoldParty: hold_party,
    RemoveParty: remove_party,
    DropLeg: drop_leg,
    HangUp: hang_up,
    LoseSeat: lose_seat,
    FinishWrapUp: finish_wrap_up,
    TakeCase: take_case,
    SetSeatPresence: set_seat_presence,
}
