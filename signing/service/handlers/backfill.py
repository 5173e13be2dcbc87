"""A phone's own pieces of a call: taken where the recording lacks them, stored before they are told."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.domain import events
from signing.domain.backfill import (
    LONGEST,
    MOST,
    MOST_BYTES,
    MOST_TOLD,
    Keeps,
    Piece,
    Span,
    is_of_its_kind,
    is_wanted,
    lacking,
    shut,
)
from signing.domain.call import Call
from signing.domain.case import Case
from signing.domain.errors import ConflictError, InputError, NotFound
from signing.domain.events.base import at
from signing.domain.party import Party
from signing.service.backfill_commands import KeepBackfill, TakeBackfillNeeds, TellKeeping
from signing.service.bus import Handler
from signing.service.commands import Actor, Command
from signing.service.handlers.common import customer, save
from signing.service.services import Services
from signing.service.store import Unit

CLOCK_TOLERANCE = timedelta(seconds=30)
DROP = "手机会自动删除这一段"
UNWANTED = "backfill.unwanted"


@dataclass(frozen=True)
class Needs:
    """What the recording lacks of a customer, and the 32 bytes under which the phone keeps what it has of the call:
    derived for this call and party, never written down there."""

    key: bytes
    spans: list[Span]


@dataclass(frozen=True)
class _Place:
    case: Case
    party: Party
    call: Call
    lacks: list[Span]
    shut_out: list[Span]
    kept: list[str]
    """The digests of what this party has brought of this call."""
    told: list[str]
    """What this party's phone has said in this call of what it keeps."""


def take_needs(command: TakeBackfillNeeds, services: Services) -> Needs:
    now = services.clock.now()
    with services.db.read() as unit:
        place = _place(unit, command.actor, command.call_id, now)
    _require_unsealed(place.case)
    key = services.spool_keys.of(place.case.case_id, f"{place.call.call_id}:{place.party.party_id}")
    return Needs(key, place.lacks)


def keep_backfill(command: KeepBackfill, services: Services) -> bool:
    """Stored before it is told, so that what is acknowledged is durable."""
    now, digest = services.clock.now(), hashlib.sha256(command.data).hexdigest()
    _require_sound(command)
    with services.db.read() as unit:
        place = _place(unit, command.actor, command.piece.call_id, now)
        if digest in place.kept:
            return False
        _require_wanted(command.piece, place, now)
    services.blobs.put(place.case.case_id, command.data)
    with services.db.write() as unit:
        place = _place(unit, command.actor, command.piece.call_id, now)
        if digest in place.kept:
            return False
        _require_wanted(command.piece, place, now)
        told = events.backfill_kept(place.party, command.piece, digest, len(command.data))
        save(unit, place.case, command.actor, now, [told])
        return True


def tell_keeping(command: TellKeeping, services: Services) -> bool:
    now = services.clock.now()
    with services.db.write() as unit:
        place = _place(unit, command.actor, command.call_id, now)
        before = place.told[-1] if place.told else Keeps.WHOLE.value
        if place.call.ended_at is not None or before == command.keeps or len(place.told) >= MOST_TOLD:
            return False
        told = events.backfill_keeps(place.party, command.call_id, command.keeps)
        save(unit, place.case, command.actor, now, [told])
        return True


def _require_sound(command: KeepBackfill) -> None:
    piece = command.piece
    if len(command.data) > MOST_BYTES:
        raise InputError("补传的内容太大", DROP)
    if not is_of_its_kind(piece.kind, command.data):
        raise InputError("补传的内容与声明的类型不符", DROP)
    if not timedelta() <= piece.until - piece.since <= LONGEST:
        raise InputError("补传内容的起止时间不合理", "请核对手机的时间")


def _require_unsealed(case: Case) -> None:
    if case.seal_requested_at is not None:
        raise ConflictError("这笔业务已经用印，不再需要补传", DROP, code=UNWANTED)


def _require_wanted(piece: Piece, place: _Place, now: datetime) -> None:
    _require_unsealed(place.case)
    until = (place.call.ended_at or now) + CLOCK_TOLERANCE
    if piece.since < place.call.started_at - CLOCK_TOLERANCE or piece.until > until:
        raise InputError("补传内容的时间不在这次通话之内", "请核对手机的时间")
    if len(place.kept) >= MOST or not is_wanted(piece, place.lacks, place.shut_out):
        raise ConflictError("这段时间不需要补传", DROP, code=UNWANTED)


def _place(unit: Unit, actor: Actor, call_id: str, now: datetime) -> _Place:
    """Raises ``NotFound`` for a call that was not the customer's."""
    case, party = customer(unit, actor)
    if all(leg.party_id != party.party_id for leg in unit.queue.legs_of(call_id)):
        raise NotFound("没有找到这次通话")
    call, lines = unit.queue.call(call_id), unit.cases.events(case.case_id)
    told = [(line.type, {**line.body, "at": at(line.at)}) for line in lines]
    which = (told, party.party_id, call_id, call.ended_at or now)
    of_phone = [line for line in lines if line.type in (events.KEPT, events.KEEPS)]
    mine = [line for line in of_phone if (line.body["party_id"], line.body["call_id"]) == (party.party_id, call_id)]
    kept = [str(line.body["backfill_sha256"]) for line in mine if line.type == events.KEPT]
    keeps = [str(line.body["keeps"]) for line in mine if line.type == events.KEEPS]
    return _Place(case, party, call, lacking(*which), shut(*which), kept, keeps)


HANDLERS: dict[type[Command], Handler] = {
    TakeBackfillNeeds: take_needs,
    KeepBackfill: keep_backfill,
    TellKeeping: tell_keeping,
}
