"""Customers' own tracks: made known, finished, and checked against what was promised and chained."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate

from signing.domain import events
from signing.domain.case import Case, Recording, RecordingState, Segment, Track, party_of
from signing.domain.errors import ConflictError, InputError, NotFound, TamperError
from signing.domain.events import Happening
from signing.domain.heads import head_faults, of_body
from signing.domain.recording import RECORDING, RecordingEvent, chain_faults, segment_faults
from signing.domain.track import LACKS, LATE, MOST, PENDING, ROOM, TOO_MUCH, file_of, fits
from signing.service import scope
from signing.service.again import to_the_end
from signing.service.bus import Handler
from signing.service.commands import Actor, Command
from signing.service.content import Content
from signing.service.handlers.common import require_open, save
from signing.service.handlers.recordings import CLOCK_TOLERANCE, CLOCKS, LENGTH_TOLERANCE_SECONDS, OTHER_CLOCK
from signing.service.services import Services
from signing.service.store import Unit
from signing.service.track_commands import AssembleTrack, FinishTrack, GiveUpTrack, StartTrack

ENDED = (RecordingState.VERIFIED, RecordingState.LOST)


def start_track(command: StartTrack, services: Services) -> str:
    """→ ``track_id``. Only for the seat's own call, and only beside a recording of it."""
    now = services.clock.now()
    with services.db.write() as unit:
        call = scope.recorded_call(unit, command.actor, command.call_id)
        case = unit.cases.get(call.case_id)
        _require_unsealed(unit, case)
        party = party_of(case, command.party_id)
        if known := _known(case, command):
            return known.track_id
        if not any(one.call_id == call.call_id for one in case.recordings) or len(case.tracks) >= MOST:
            raise ConflictError("这次通话不能再保存单独的音视频", "通话的录像不受影响")
        if not call.started_at - CLOCK_TOLERANCE <= command.started_at <= now + CLOCK_TOLERANCE:
            raise InputError("音视频开始时间不在本次通话之内", CLOCKS, code=OTHER_CLOCK)
        name = file_of(party, case.everybody, case.tracks)
        made = services.ids.new("trk")
        track = Track(made, call.call_id, party.party_id, command.started_at, name, command.video_codec)
        unit.cases.add_recording(track.track_id, case.case_id)
        case = replace(case, tracks=(*case.tracks, track))
        save(unit, case, command.actor, now, [events.track_started(party, track)])
        return track.track_id


def _require_unsealed(unit: Unit, case: Case) -> None:
    """What is to be sealed has been told already; a track that begins now would be missing in the package."""
    require_open(case)
    if case.seal_requested_at is not None or unit.cases.is_closed(case.case_id):
        raise ConflictError("这笔业务已经用印，单独的音视频不能再放进证据包", "通话的录像不受影响")


def _known(case: Case, command: StartTrack) -> Track | None:
    """What an earlier attempt made, whose answer was lost."""
    wanted = command.call_id, command.party_id, command.started_at
    return next((one for one in case.tracks if (one.call_id, one.party_id, one.started_at) == wanted), None)


def finish_track(command: FinishTrack, services: Services) -> None:
    """Keeps what the seat promises about the bytes to come."""
    now = services.clock.now()
    if faults := chain_faults(command.segments, command.size):
        raise InputError("音视频分段信息不一致：" + "；".join(faults), "请重新上传；若仍失败请联系管理员")
    if unknown := {lack for _, _, lack in command.gaps} - set(LACKS):
        raise InputError(f"缺失的原因写法不对：{'、'.join(sorted(unknown))}", "请升级坐席电脑上的程序")
    with services.db.write() as unit:
        case, track = scope.own_track(unit, command.actor, command.track_id)
        _require_wanted(track)
        if (track.segments, track.chain) == (len(command.segments), command.segments[-1].chain):
            return
        _require_plausible(track, command, now)
        held = unit.segments.all(track.track_id)
        if held != command.segments[: len(held)]:
            raise InputError("结束时报告的音视频与已上传的分段不符", "请联系管理员核查", code="input.chain")
        track = replace(
            track,
            state=RECORDING.next(track.state, RecordingEvent.FINISHED),
            ended_at=command.ended_at,
            duration_seconds=command.duration_seconds,
            sha256=command.sha256,
            size=command.size,
            segments=len(command.segments),
            chain=command.segments[-1].chain,
            gaps=command.gaps,
            given_up=command.given_up,
        )
        _save(unit, case, track, command.actor, now, events.track_finished)


def _require_wanted(track: Track) -> None:
    if track.state is RecordingState.LOST:
        raise ConflictError("这份单独的音视频已不再需要", "坐席电脑会自动停止上传", code="recording.lost")


def _require_plausible(track: Track, command: FinishTrack, now: datetime) -> None:
    """Ended after it began and not in the future, and no longer than the time between."""
    if not track.started_at <= command.ended_at <= now + CLOCK_TOLERANCE:
        raise InputError("音视频结束时间不合理", CLOCKS, code=OTHER_CLOCK)
    if timedelta(seconds=command.duration_seconds) > command.ended_at - track.started_at + CLOCK_TOLERANCE:
        raise InputError("音视频时长超过起止时间", "请核对坐席电脑的时间，再重新上传")


def give_up_track(command: GiveUpTrack, services: Services) -> Track:
    """→ the lost track. One that is here whole stays so."""
    now, reason = services.clock.now(), command.reason.strip()
    if not reason:
        raise InputError("请说明为什么不能上传", "原因会记入证据链")
    with services.db.write() as unit:
        case, track = scope.own_track(unit, command.actor, command.track_id)
        if track.state in ENDED:
            return track
        require_open(case)
        track = _lost(track, reason)
        _save(unit, case, track, command.actor, now, events.track_lost)
        return track


def _lost(track: Track, reason: str) -> Track:
    """Also one that is being looked at, or one that the store does not give back would hold up the seal for ever."""
    return replace(track, state=RecordingState.LOST, lost_reason=reason)


def settled(case: Case) -> tuple[Case, list[Happening]]:
    """A case that is to be sealed: what has not come of its tracks by now never will, and is told as lost; so is what
    the package cannot hold beside the recordings."""
    room = ROOM - sum(one.size or 0 for one in case.recordings if one.state is not RecordingState.LOST)
    tracks = tuple(_lost(one, LATE) if one.state in PENDING else one for one in case.tracks)
    sizes = accumulate(0 if one.state is RecordingState.LOST else one.size or 0 for one in tracks)
    tracks = tuple(
        _lost(one, TOO_MUCH) if one.state is not RecordingState.LOST and size > room else one
        for one, size in zip(tracks, sizes, strict=True)
    )
    lost = [new for old, new in zip(case.tracks, tracks, strict=True) if new is not old]
    return replace(case, tracks=tracks), [events.track_lost(party_of(case, one.party_id), one) for one in lost]


def assemble_track(command: AssembleTrack, services: Services) -> Track:
    """→ the track, verified or damaged. All its segments must have come, and be those that were promised."""
    stored = _assemble(command, services)
    return stored if stored.state is RecordingState.VERIFIED else read_back(stored, command.actor, services)


def _assemble(command: AssembleTrack, services: Services) -> Track:
    with services.db.write() as unit:
        case, track = scope.own_track(unit, command.actor, command.track_id)
        if track.state is RecordingState.VERIFIED:
            return track
        _require_wanted(track)
        held = unit.segments.all(track.track_id)
        if not track.segments:
            raise ConflictError("请先报告音视频结束", "坐席电脑会自动重试")
        if not fits(held, track):
            raise ConflictError(f"音视频还没有收齐，应从第 {len(held) + 1} 段继续", "坐席电脑会自动接着上传")
        track = replace(track, state=RECORDING.next(track.state, RecordingEvent.UPLOADED), findings=())
        unit.cases.save(_with(case, track))
        return track


def read_back(track: Track, actor: Actor, services: Services) -> Track:
    """Reads what is stored, checks digests, chain and heads, and takes it apart; the restart calls it for what was
    left. Nothing is decoded: what the line lost is missing in it, and nobody's alteration."""
    with services.db.read() as unit:
        case = unit.cases.of_recording(track.track_id)
        held = unit.segments.all(track.track_id)
        bodies = [one.body for one in unit.cases.events(case.case_id) if one.type == "track.head"]
    heads = [of_body(body) for body in bodies if body.get("track_id") == track.track_id]
    try:
        digest, faults = _examined(track, track_content(case.case_id, track, held, services), services)
    except (NotFound, TamperError) as error:  # for good: it must not hold up the seal
        digest, faults = track.sha256, [error.message]
    faults += head_faults(heads, held)
    return to_the_end(_conclude, track.track_id, tuple(dict.fromkeys(faults)), digest, actor, services)


def _conclude(track_id: str, findings: tuple[str, ...], digest: str | None, actor: Actor, services: Services) -> Track:
    event = RecordingEvent.FOUND_DAMAGED if findings else RecordingEvent.FOUND_WHOLE
    now = services.clock.now()
    with services.db.write() as unit:
        case, track = scope.track(unit, track_id)
        if track.state is not RecordingState.UPLOADED:  # given up, or somebody else was done first
            return track
        track = replace(track, state=RECORDING.next(track.state, event), findings=findings, sha256=digest)
        _save(unit, case, track, actor, now, events.track_read_back)
        return track


def _examined(track: Track, content: Content, services: Services) -> tuple[str | None, list[str]]:
    """→ (digest of the whole, what is wrong). Raises ``NotFound``, ``TamperError``, ``OutsideError``."""
    digest = _digest(content)
    faults = [*segment_faults(content.segment, content.recording.segments), *_length(track, content, services)]
    return digest, [*faults, *([] if track.sha256 in (None, digest) else ["与结束时报告的摘要不符"])]


def _length(track: Track, content: Content, services: Services) -> list[str]:
    reading = services.recordings.read_track(content.segment, content.recording.segments)
    promised = track.duration_seconds or 0.0
    longer = reading.duration_seconds > promised + LENGTH_TOLERANCE_SECONDS
    said = f"时长 {reading.duration_seconds:.1f} 秒超过报告的 {promised:.1f} 秒"
    return [*reading.findings, *([said] if longer else [])]


def _digest(content: Content) -> str:
    whole = hashlib.sha256()
    for piece in content.part(0, content.size):
        whole.update(piece)
    return whole.hexdigest()


def track_content(case_id: str, track: Track, held: tuple[Segment, ...], services: Services) -> Content:
    """A track that has come, read like a recording."""
    recording = Recording(track.track_id, track.call_id, track.started_at, segments=held, in_segments=True)
    return Content(case_id, recording, services.blobs)


def _with(case: Case, track: Track) -> Case:
    return replace(case, tracks=tuple(track if one.track_id == track.track_id else one for one in case.tracks))


def _save(unit: Unit, case: Case, track: Track, actor: Actor, at: datetime, *what: object) -> None:
    party = party_of(case, track.party_id)
    happenings: Iterable[Happening] = [make(party, track) for make in what]  # type: ignore[operator]
    save(unit, _with(case, track), actor, at, happenings)


HANDLERS: dict[type[Command], Handler] = {
    StartTrack: start_track,
    FinishTrack: finish_track,
    GiveUpTrack: give_up_track,
    AssembleTrack: assemble_track,
}
