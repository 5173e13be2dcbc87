"""How a live call stands: each party of its case, a transfer that rings, who listens."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signing.domain.call import Call, Leg, LegState, Listener, Transfer, TransferState, present_legs
from signing.domain.case import Case
from signing.domain.party import Party
from signing.domain.queue import Ticket, TicketState
from signing.domain.seat import Seat
from signing.service.one_of_many import readable
from signing.service.store import Unit


class PlaceState(StrEnum):
    """Where a party of the case is, seen from one of its calls."""

    LIVE = "live"
    HELD = "held"
    DROPPED = "dropped"
    WAITING = "waiting"
    RINGING = "ringing"
    ELSEWHERE = "elsewhere"
    LEFT = "left"
    ABSENT = "absent"


@dataclass(frozen=True)
class CallPlace:
    """``since``: when that began; None for who was never there. ``ticket``: their open one.

    ``muted``: in the call, heard by nobody.
    """

    party: Party
    state: PlaceState
    since: datetime | None
    ticket: Ticket | None
    muted: bool = False


@dataclass(frozen=True)
class TransferSnapshot:
    transfer: Transfer
    from_seat: Seat
    to_seat: Seat


@dataclass(frozen=True)
class TransferOfferSnapshot:
    """A live call that rings here, with those who are in it."""

    transfer: Transfer
    from_seat: Seat
    call: Call
    case: Case
    parties: list[Party]


@dataclass(frozen=True)
class CallSnapshot:
    call: Call
    case: Case
    places: list[CallPlace]
    transfer: TransferSnapshot | None = None
    """The last that was asked for, also where it came to nothing."""
    listeners: tuple[Listener, ...] = ()


def call_snapshot(unit: Unit, call: Call, case: Case) -> CallSnapshot:
    last = {leg.party_id: leg for leg in present_legs(unit.queue.legs_of(call.call_id))}
    places = [_place(unit, party, last.get(party.party_id)) for party in case.parties]
    transfer = unit.queue.last_transfer(call.call_id)
    shown = None if transfer is None else _transfer(unit, transfer)
    return CallSnapshot(call, case, places, shown, tuple(unit.queue.listeners(call.call_id)))


def _transfer(unit: Unit, transfer: Transfer) -> TransferSnapshot:
    return TransferSnapshot(transfer, unit.queue.seat(transfer.from_seat_id), unit.queue.seat(transfer.to_seat_id))


def _place(unit: Unit, party: Party, leg: Leg | None) -> CallPlace:
    ticket = unit.queue.open_ticket_of(party.party_id)
    if leg is not None and leg.is_open:
        return CallPlace(party, PlaceState(leg.state), leg.since, ticket, leg.muted)
    if ticket is None:
        ended = None if leg is None else leg.since
        return CallPlace(party, PlaceState.ABSENT if leg is None else PlaceState.LEFT, ended, None)
    state = {TicketState.OFFERED: PlaceState.RINGING, TicketState.CONNECTED: PlaceState.ELSEWHERE}.get(ticket.state)
    if state is None:
        state = PlaceState.WAITING if ticket.dropped_at is None else PlaceState.DROPPED
    return CallPlace(party, state, ticket.dropped_at or ticket.offered_at or ticket.waiting_since, ticket)


def let_go(unit: Unit, case: Case, party: Party) -> bool:
    """Whether the party's last call ended in order: by the agent or a supervisor, not by a lost line."""
    legs = [leg for call in unit.queue.calls_of(case.case_id) for leg in unit.queue.legs_of(call.call_id)]
    own = [leg for leg in legs if leg.party_id == party.party_id]
    return bool(own) and max(own, key=lambda leg: leg.joined_at).state is LegState.LEFT


def transfer_offer(unit: Unit, seat: Seat) -> TransferOfferSnapshot | None:
    ringing = (one for one in unit.queue.ringing_transfers() if one.to_seat_id == seat.seat_id)
    transfer = next(ringing, None)
    if transfer is None:
        return None
    case, call = readable(unit, transfer.case_id), unit.queue.call(transfer.call_id)
    if case is None:
        return None
    inside = {leg.party_id for leg in unit.queue.legs_of(call.call_id) if leg.is_open}
    parties = [party for party in case.parties if party.party_id in inside]
    return TransferOfferSnapshot(transfer, unit.queue.seat(transfer.from_seat_id), call, case, parties)


def is_transferring(unit: Unit, call: Call) -> bool:
    transfer = unit.queue.last_transfer(call.call_id)
    return transfer is not None and transfer.state is TransferState.RINGING
