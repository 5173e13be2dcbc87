"""A recording while it is made: each segment is kept as it comes, and its chain's heads go on the case's chain."""

import hashlib
from datetime import datetime

from signing.domain import events
from signing.domain.case import Case, Recording, RecordingState, Segment, Track, party_of
from signing.domain.errors import ConflictError, InputError
from signing.domain.events import Happening
from signing.domain.heads import EVERY, head_of, is_due, late_by
from signing.domain.track import HEADS_EVERY
from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import Command
from signing.service.handlers.common import require_wanted
from signing.service.recording_commands import KeepSegment, TakeSpoolKey
from signing.service.services import Services
from signing.service.store import Unit

COMING = (RecordingState.RECORDING, RecordingState.FINISHED, RecordingState.DAMAGED)
ZERO = "00" * 32
_AGAIN = "请重新上传；若仍失败请联系管理员"


def take_spool_key(command: TakeSpoolKey, services: Services) -> bytes:
    """→ the call's key. Each asking is on the access log, whether the call runs or is long over."""
    now = services.clock.now()
    with services.db.read() as unit:
        call = scope.recorded_call(unit, command.actor, command.call_id)
    key = services.spool_keys.of(call.case_id, call.call_id)  # outside: it may take a connection of its own
    with services.db.write() as unit:
        unit.logs.record_view(command.actor, now, "spool_key", call.case_id, call.call_id)
    return key


def keep_segment(command: KeepSegment, services: Services) -> Segment:
    """→ the segment as it is held. Stored before it is counted, so that what is acknowledged is durable."""
    if hashlib.sha256(command.data).hexdigest() != command.sha256:
        raise InputError("上传的录像分段与报告的摘要不符", "传输可能中断，请重新上传", code="input.digest")
    with services.db.read() as unit:
        case, stream = scope.own_stream(unit, command.actor, command.recording_id)
        if (held := _held(unit, command)) is not None:
            return held
        _following(unit, stream, command)
    services.blobs.put(case.case_id, command.data)
    return _count(command, services)


def _held(unit: Unit, command: KeepSegment) -> Segment | None:
    """What came before under this number. Another one in its place is refused: nothing is ever replaced."""
    held = unit.segments.get(command.recording_id, command.index)
    if held is not None and (held.sha256, held.chain) != (command.sha256, command.chain):
        raise ConflictError(f"录像第 {command.index + 1} 段已存有不同的内容", "请停止上传，并联系管理员核查")
    return held


def _following(unit: Unit, recording: Recording | Track, command: KeepSegment) -> Segment:
    """The segment that the command brings. Raises ``ConflictError`` where it is not the next, ``InputError`` where it
    does not follow from what is held."""
    require_wanted(recording)
    if recording.state not in COMING:
        raise ConflictError("这段录像已经收齐", "不需要再上传")
    newest = unit.segments.newest(command.recording_id)
    index, place, chain = (newest.index + 1, newest.offset + newest.size, newest.chain) if newest else (0, 0, ZERO)
    if command.index != index:
        raise ConflictError(f"录像应从第 {index + 1} 段继续", "坐席电脑会自动接着上传")
    found = Segment(index, place, len(command.data), command.start_seconds, command.sha256, command.chain)
    if not command.data or found.chain != _chained(chain, found.sha256):
        raise InputError(f"录像第 {index + 1} 段与前面的内容接不上", _AGAIN, code="input.chain")
    if not _promised(recording, found):
        raise InputError(f"录像第 {index + 1} 段与结束时报告的不符", _AGAIN, code="input.chain")
    return found


def _promised(stream: Recording | Track, found: Segment) -> bool:
    """Whether it is what the end told, where that is told: of a track the number and the last chain value."""
    if isinstance(stream, Recording):
        return found.index >= len(stream.segments) or stream.segments[found.index] == found
    if not stream.segments:
        return True
    return found.index < stream.segments - 1 or (found.index, found.chain) == (stream.segments - 1, stream.chain)


def _chained(previous: str, sha256: str) -> str:
    return hashlib.sha256(bytes.fromhex(previous) + bytes.fromhex(sha256)).hexdigest()


def _count(command: KeepSegment, services: Services) -> Segment:
    now = services.clock.now()
    with services.db.write() as unit:
        case, stream = scope.own_stream(unit, command.actor, command.recording_id)
        if (held := _held(unit, command)) is not None:
            return held
        found = _following(unit, stream, command)
        unit.segments.add(command.recording_id, found, now)
        runs = stream.state is RecordingState.RECORDING and not unit.cases.is_closed(case.case_id)
        every = EVERY if isinstance(stream, Recording) else HEADS_EVERY
        if runs and is_due(unit.segments.head_at(command.recording_id), now, found, every):
            unit.segments.set_head_at(command.recording_id, now)
            unit.cases.append(case.case_id, _head(case, stream, found, now), command.actor, now)
    return found


def _head(case: Case, stream: Recording | Track, found: Segment, now: datetime) -> Happening:
    late = late_by(stream.started_at, found, now)
    if isinstance(stream, Recording):
        return events.recording_head(stream.recording_id, head_of(found), late)
    return events.track_head(party_of(case, stream.party_id), stream, head_of(found), late)


HANDLERS: dict[type[Command], Handler] = {TakeSpoolKey: take_spool_key, KeepSegment: keep_segment}
