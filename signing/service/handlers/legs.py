"""Within a handler's unit of work: customers come into a call and leave it, calls end, seats finish their wrap-up."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from signing.domain import events
from signing.domain.call import (
    Call,
    CallEvent,
    CallState,
    Leg,
    LegEvent,
    LegState,
    Outcome,
    Transfer,
    TransferEvent,
    TransferState,
    apply_leg,
    end,
    settle,
    together,
)
from signing.domain.case import Case
from signing.domain.errors import ConflictError
from signing.domain.events import Happening
from signing.domain.joint import returning
from signing.domain.party import Party
from signing.domain.phase import is_open
from signing.domain.queue import Ticket, TicketState, admit, dropped, finish
from signing.domain.seat import SEAT, Seat, SeatEvent, SeatState, apply
from signing.service import scope
from signing.service.commands import SYSTEM, Actor
from signing.service.handlers.common import chain, party_of
from signing.service.one_of_many import readable
from signing.service.ports import Ids
from signing.service.store import Unit

_LOG = logging.getLogger(__name__)


def join(unit: Unit, call: Call, ticket: Ticket, leg_id: str, now: datetime) -> Leg:
    """``ticket`` is connected. Raises ``ConflictError`` where the customer is in a call already."""
    if unit.queue.live_leg_of(ticket.party_id) is not None:
        raise ConflictError("客户已在通话中", "请以页面显示的通话为准")
    leg = Leg(leg_id, call.call_id, call.case_id, ticket.party_id, ticket.ticket_id, now, now)
    if call.alone_with not in (None, ticket.party_id):
        leg = replace(apply_leg(leg, LegEvent.HELD, now), apart=True)
    unit.queue.save_ticket(ticket)
    unit.queue.save_leg(leg)
    return leg


def open_legs(unit: Unit, call: Call) -> list[Leg]:
    return [leg for leg in unit.queue.legs_of(call.call_id) if leg.is_open]


def open_leg(unit: Unit, call: Call, party_id: str) -> Leg:
    """Raises ``ConflictError`` where the party is not in this call."""
    leg = unit.queue.live_leg_of(party_id)
    if leg is None or leg.call_id != call.call_id:
        raise ConflictError("客户不在本次通话中", "请以页面显示的通话为准")
    return leg


def admit_waiting(
    unit: Unit, call: Call, ticket: Ticket, leg_id: str, actor: Actor, now: datetime, *, returning: bool
) -> Leg:
    """A waiting customer into a live call of their case; on hold while its agent talks to another alone."""
    leg = join(unit, call, admit(ticket, call.seat_id), leg_id, now)
    case = unit.cases.get(call.case_id)
    label = scope.seat_name(unit, unit.queue.seat(call.seat_id), case)
    party = party_of(case, ticket.party_id)
    happened = [events.call_joined(party, call, label, returning)]
    if leg.apart:
        happened.append(events.party_held(party, call, True))
    chain(unit, case, actor, now, happened)
    return leg


def back_in_line(unit: Unit, tickets: Sequence[Ticket], calls: Sequence[Call]) -> list[tuple[Ticket, Call]]:
    """Who dropped and returns to the live call by themselves: in separate mode only to the very same call."""
    pairs = returning(tickets, calls)
    return [(t, call) for t, call in pairs if t.joint or _was_in(unit, call, t.party_id)]


def _was_in(unit: Unit, call: Call, party_id: str) -> bool:
    return any(leg.party_id == party_id for leg in unit.queue.legs_of(call.call_id))


def readmit(unit: Unit, ticket_id: str, call_id: str, ids: Ids, now: datetime) -> None:
    """Where both are still so."""
    call, ticket = unit.queue.call(call_id), unit.queue.ticket(ticket_id)
    if call.state is CallState.LIVE and back_in_line(unit, [ticket], [call]):
        admit_waiting(unit, call, ticket, ids.new("leg"), SYSTEM, now, returning=True)


# --- leaving ------------------------------------------------------------------------------------------------------


def drop_leg(unit: Unit, leg: Leg, actor: Actor, now: datetime, reason: str) -> list[Happening]:
    """The customer goes back to the head for the same seat."""
    unit.queue.save_leg(apply_leg(leg, LegEvent.DROPPED, now, reason))
    unit.queue.save_ticket(dropped(unit.queue.ticket(leg.ticket_id), now))
    party = party_of(unit.cases.get(leg.case_id), leg.party_id)
    call = unit.queue.call(leg.call_id)
    rejoined = events.queue_joined(party, leg.ticket_id, "断线重连", True)
    return [events.call_dropped(party, call, reason), rejoined]


def drop(unit: Unit, call: Call, actor: Actor, now: datetime, reason: str, seat_event: SeatEvent) -> None:
    """The whole call; also at a restart and where the seat is lost. A seat that rings for it gets its customers.

    Where the case cannot be opened the call ends: nobody could take up its customers again.
    """
    if readable(unit, call.case_id) is None:
        end_unread(unit, call, actor, now, reason, seat_event)
        return
    happened = [fact for leg in open_legs(unit, call) for fact in drop_leg(unit, leg, actor, now, reason)]
    ringing = ringing_transfer(unit, call)
    if ringing is not None and seat_event is SeatEvent.LOST:
        redirect(unit, call, ringing.to_seat_id)
    happened += close(unit, call, CallEvent.DROPPED, now, reason)
    seat = unit.queue.seat(call.seat_id)
    if SEAT.allows(seat.state, seat_event):
        seat = apply(seat, seat_event, now, reason)
    unit.queue.save_seat(replace(seat, call_id=None, ticket_id=None))
    chain(unit, unit.cases.get(call.case_id), actor, now, happened)


def redirect(unit: Unit, call: Call, seat_id: str) -> None:
    """Who dropped from the call returns to ``seat_id`` instead."""
    for leg in unit.queue.legs_of(call.call_id):
        ticket = unit.queue.ticket(leg.ticket_id)
        if ticket.state is TicketState.WAITING and ticket.dropped_at is not None and ticket.seat_id == call.seat_id:
            unit.queue.save_ticket(replace(ticket, seat_id=seat_id))


def hang_up(unit: Unit, case: Case, call: Call, actor: Actor, now: datetime, reason: str, missing: list[str]) -> Call:
    """All legs end, their tickets are done, the seat wraps up."""
    legs = open_legs(unit, call)
    for leg in legs:
        unit.queue.save_leg(apply_leg(leg, LegEvent.CALL_ENDED, now, reason))
        unit.queue.save_ticket(finish(unit.queue.ticket(leg.ticket_id)))
    happened = close(unit, call, CallEvent.HUNG_UP, now, reason)
    free_seat(unit, call, now, by_another(actor, call, "终止了这通通话"))
    ended = unit.queue.call(call.call_id)
    chain(unit, case, actor, now, [*happened, events.call_ended(parties_of(case, legs), ended, missing)])
    return ended


UNREAD = "刚才的业务打不开，通话已结束"
"""Why a seat is away after ``end_unread``."""


def end_unread(
    unit: Unit, call: Call, actor: Actor, now: datetime, reason: str, seat_event: SeatEvent = SeatEvent.HUNG_UP
) -> Call:
    """The call of a case that cannot be opened: it ends, and the seat is away with nothing to wrap up.

    Nothing can be chained nor, without the case's key, any reason be sealed: the access log has it.
    """
    for leg in open_legs(unit, call):
        _finish_unread(unit, leg, now)
    kinds = [fact.type for fact in close(unit, call, CallEvent.HUNG_UP, now, "")]
    for kind in (*kinds, "call.ended"):
        unit.logs.record_view(actor, now, kind, call.case_id, f"{call.call_id} {reason}".strip())
    seat = unit.queue.seat(call.seat_id)
    if seat.call_id == call.call_id and seat.state is SeatState.ON_CALL:
        if seat_event is SeatEvent.LOST:
            seat = apply(seat, SeatEvent.LOST, now, reason)
        else:
            seat = apply(apply(seat, SeatEvent.HUNG_UP, now), SeatEvent.WENT_AWAY, now, UNREAD)
        unit.queue.save_seat(replace(seat, case_id=None, call_id=None, ticket_id=None, last_call_id=None))
    return unit.queue.call(call.call_id)


def drop_unread(unit: Unit, leg: Leg, actor: Actor, now: datetime, reason: str) -> None:
    """One of several customers leaves the call of a case that cannot be opened, for good; the others stay in it."""
    _finish_unread(unit, leg, now)
    unit.logs.record_view(actor, now, "call.dropped", leg.case_id, f"{leg.call_id} {leg.party_id} {reason}".strip())


def _finish_unread(unit: Unit, leg: Leg, now: datetime) -> None:
    unit.queue.save_leg(apply_leg(leg, LegEvent.CALL_ENDED, now))
    unit.queue.save_ticket(finish(unit.queue.ticket(leg.ticket_id)))
    unit.changes.party_ids.add(leg.party_id)


def by_another(actor: Actor, call: Call, what: str) -> str:
    """What the agent is told whose call somebody else of the staff ends; nothing where they end it themselves."""
    if actor.kind != "staff" or actor.actor_id == call.staff_id:
        return ""
    return f"{'主管' if actor.role == 'supervisor' else ''}{actor.name}{what}"


def free_seat(unit: Unit, call: Call, now: datetime, why: str = "") -> None:
    seat = apply(unit.queue.seat(call.seat_id), SeatEvent.HUNG_UP, now, why)
    unit.queue.save_seat(replace(seat, call_id=None, ticket_id=None, last_call_id=call.call_id))


def parties_of(case: Case, legs: Sequence[Leg]) -> list[Party]:
    return [party_of(case, leg.party_id) for leg in legs]


def close(unit: Unit, call: Call, event: CallEvent, now: datetime, reason: str) -> list[Happening]:
    """→ what else ends with the call: a transfer that rings, and who listens."""
    unit.queue.save_call(end(call, event, now, reason))
    ended = []
    ringing = ringing_transfer(unit, call)
    if ringing is not None:
        ended.append(stop_ringing(unit, call, ringing, TransferEvent.WITHDRAWN, SeatEvent.WITHDRAWN, now, "已取消"))
    for listener in unit.queue.listeners(call.call_id):
        unit.queue.save_listener(replace(listener, whispering=False, ended_at=now), call)
        if listener.whispering:
            ended.append(events.whisper_changed(call, listener.name, False))
        ended.append(events.listening_changed(call, listener.name, False))
    return ended


# --- a transfer that rings ----------------------------------------------------------------------------------------


def ringing_transfer(unit: Unit, call: Call) -> Transfer | None:
    return next((one for one in unit.queue.ringing_transfers() if one.call_id == call.call_id), None)


def ringing_at(unit: Unit, seat: Seat) -> Transfer | None:
    return next((one for one in unit.queue.ringing_transfers() if one.to_seat_id == seat.seat_id), None)


def stop_ringing(
    unit: Unit,
    call: Call,
    transfer: Transfer,
    event: TransferEvent,
    seat_event: SeatEvent,
    now: datetime,
    outcome: str,
) -> Happening:
    """The call stays where it is."""
    unit.queue.save_transfer(settle(transfer, event, now))
    seat = unit.queue.seat(transfer.to_seat_id)
    reason = outcome if seat_event in (SeatEvent.REJECTED, SeatEvent.MISSED, SeatEvent.LOST) else ""
    unit.queue.save_seat(apply(seat, seat_event, now, reason))
    return events.transfer_failed(call, seat.label, outcome)


def fail_transfer(
    unit: Unit, transfer: Transfer, event: TransferEvent, seat: SeatEvent, actor: Actor, now: datetime, outcome: str
) -> None:
    """It rings no more, and that is on the case's chain; on the access log where the case cannot be opened."""
    call = unit.queue.call(transfer.call_id)
    case, fact = readable(unit, call.case_id), stop_ringing(unit, call, transfer, event, seat, now, outcome)
    if case is not None:
        chain(unit, case, actor, now, [fact])
    else:
        unit.logs.record_view(actor, now, fact.type, call.case_id, f"{call.call_id} {outcome}")


def miss_transfer(unit: Unit, transfer_id: str, now: datetime) -> None:
    transfer = unit.queue.transfer(transfer_id)
    if transfer.state is TransferState.RINGING and transfer.expires_at <= now:
        fail_transfer(unit, transfer, TransferEvent.MISSED, SeatEvent.MISSED, SYSTEM, now, "对方未接")


def overdue_transfers(unit: Unit, now: datetime) -> list[Transfer]:
    return [one for one in unit.queue.ringing_transfers() if one.expires_at <= now]


# --- wrap-up ------------------------------------------------------------------------------------------------------


def wrapped_up(
    unit: Unit, seat: Seat, actor: Actor, now: datetime, outcome: Outcome = Outcome.NOT_STATED, note: str = ""
) -> Seat:
    """The seat without its last call, which now has its outcome: in the chain, or in the log where the chain is closed
    or the case cannot be opened."""
    if seat.state is not SeatState.WRAP_UP or seat.last_call_id is None:
        return replace(seat, last_call_id=None)
    call = unit.queue.call(seat.last_call_id)
    seconds = (now - seat.since).total_seconds()
    case = readable(unit, call.case_id)
    kept = "" if case is None else note  # sealed with the case's key, which may be what is missing
    call = replace(call, wrap_up_seconds=seconds, outcome=outcome, outcome_note=kept)
    unit.queue.save_call(call)
    if case is not None and is_open(case) and not unit.cases.is_closed(case.case_id):
        chain(unit, case, actor, now, [events.call_wrapped_up(call)])
    else:
        said = outcome.value if case is not None else f"{outcome.value} {note}".strip()
        unit.logs.record_view(actor, now, "call.wrapped_up", call.case_id, said)
    return replace(seat, last_call_id=None)


def overdue_wrap_ups(unit: Unit, seats: Iterable[Seat], now: datetime, limit: timedelta) -> list[Seat]:
    """Of ``seats``, those that have wrapped up long enough, except those whose case is being sealed."""
    return [seat for seat in seats if _is_overdue(unit, seat, now, limit)]


def _is_overdue(unit: Unit, seat: Seat, now: datetime, limit: timedelta) -> bool:
    over = seat.state is SeatState.WRAP_UP and now - seat.since >= limit
    return over and not _is_sealing(unit, seat, now - limit)


def _is_sealing(unit: Unit, seat: Seat, since: datetime) -> bool:
    """A seal that was asked for before ``since`` has failed and keeps no seat."""
    if seat.case_id is None:
        return False
    case = readable(unit, seat.case_id)
    if case is None:
        return False
    return is_open(case) and case.seal_requested_at is not None and case.seal_requested_at > since


def end_wrap_up(unit: Unit, seat_id: str, now: datetime, limit: timedelta) -> None:
    """Available again by itself; the outcome stays unstated."""
    seat = unit.queue.seat(seat_id)
    if _is_overdue(unit, seat, now, limit):
        free = apply(wrapped_up(unit, seat, SYSTEM, now), SeatEvent.WRAPPED_UP, now, "整理时间已到")
        unit.queue.save_seat(replace(free, case_id=None, call_id=None))


def end_alone(unit: Unit, call: Call, case: Case, now: datetime) -> list[Happening]:
    """The agent talks to one party alone no more: who was held for it is back."""
    assert call.alone_with is not None
    back = together(open_legs(unit, call), now)
    for leg in back:
        unit.queue.save_leg(leg)
    unit.queue.save_call(replace(call, alone_with=None))
    return [events.alone_ended(party_of(case, call.alone_with), call, parties_of(case, back))]


def hold(unit: Unit, call: Call, party_id: str, held: bool, now: datetime) -> Leg:
    leg = open_leg(unit, call, party_id)
    if (leg.state is LegState.HELD) is held:
        return leg
    leg = apply_leg(leg, LegEvent.HELD if held else LegEvent.RESUMED, now)
    unit.queue.save_leg(leg)
    return leg
