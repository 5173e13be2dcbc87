"""Recordings: announced, finished, stored, and read back from the store before anything rests on them."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from signing.domain import events
from signing.domain.call import CallState
from signing.domain.case import Case, Recording, RecordingState, Segment
from signing.domain.errors import ConflictError, InputError
from signing.domain.events import Happening
from signing.domain.heads import Head, head_faults, of_body
from signing.domain.recording import RECORDING, RecordingEvent, chain_faults, segment_faults
from signing.service import scope
from signing.service.again import to_the_end
from signing.service.bus import Handler
from signing.service.commands import (
    Actor,
    Command,
    FinishRecording,
    StartRecording,
)
from signing.service.content import Content
from signing.service.handlers.common import recording_of, require_open, require_wanted, save, with_recording
from signing.service.ports import Reading
from signing.service.recording_commands import AssembleRecording
from signing.service.services import Services
from signing.service.store import Unit

LENGTH_TOLERANCE_SECONDS = 2.0
CLOCK_TOLERANCE = timedelta(seconds=30)
"""How far a seat's times may be from the service's clock. No bound by the call's end: media outlive the service."""

OTHER_CLOCK = "input.clock"
"""Right by another clock: the seat tries again, for the service's own may have been set back."""
CLOCKS = "请核对服务器和坐席电脑的时间，校准后会自动重试"


def start_recording(command: StartRecording, services: Services) -> str:
    """→ ``recording_id``. Only for the seat's own call. Told again it is the same: the answer may have been lost. Once
    the call is over it is one that began while the service was away: told late, and said to be so on the chain."""
    now = services.clock.now()
    details = {
        "width": command.width,
        "height": command.height,
        "frame_rate": command.frame_rate,
        "video_codec": command.video_codec,
        "audio_codec": command.audio_codec,
        "seat_fingerprint": command.seat_fingerprint,
        "phone_fingerprint": command.phone_fingerprint,
    }
    with services.db.write() as unit:
        call = scope.recorded_call(unit, command.actor, command.call_id)
        case = unit.cases.get(call.case_id)
        late = call.state is not CallState.LIVE
        if (known := _known(case, command)) is not None:
            return known.recording_id
        _require_time_for(unit, case, late=late)
        if not call.started_at - CLOCK_TOLERANCE <= command.started_at <= (call.ended_at or now) + CLOCK_TOLERANCE:
            raise InputError("录像开始时间不在本次通话之内", CLOCKS, code=OTHER_CLOCK)
        if late and any(_covers(one, command) for one in case.recordings):
            raise InputError("这段时间已有另一段录像，不能再补登", "请保留本机文件，并联系管理员核查")
        recording = Recording(services.ids.new("rec"), call.call_id, command.started_at)
        unit.cases.add_recording(recording.recording_id, case.case_id)
        case = replace(case, recordings=(*case.recordings, recording))
        happening = events.recording_started(recording, details, now - command.started_at if late else None)
        save(unit, case, command.actor, now, [happening])
        return recording.recording_id


def _known(case: Case, command: StartRecording) -> Recording | None:
    same = (one for one in case.recordings if (one.call_id, one.started_at) == (command.call_id, command.started_at))
    return next(same, None)


def _covers(recording: Recording, command: StartRecording) -> bool:
    """Whether the same seat recorded something else at that moment: it records one thing at a time."""
    if recording.call_id != command.call_id or recording.ended_at is None or recording.state is RecordingState.LOST:
        return False
    return recording.started_at <= command.started_at < recording.ended_at - CLOCK_TOLERANCE


def _require_time_for(unit: Unit, case: Case, *, late: bool) -> None:
    """A live call's recording needs an open case; one that comes late only a chain to which it can still be put."""
    if not late:
        require_open(case)
    elif case.seal_requested_at is not None or unit.cases.is_closed(case.case_id):
        raise ConflictError("这笔业务已经用印，补传的录像不能再放进证据包", "请保留本机文件，并告知主管")


def finish_recording(command: FinishRecording, services: Services) -> None:
    """Keeps what the seat promises about the bytes to come. The same promise again changes nothing."""
    now = services.clock.now()
    if faults := chain_faults(command.segments, command.size):
        raise InputError("录像分段信息不一致：" + "；".join(faults), "请重新上传；若仍失败请联系管理员")
    with services.db.write() as unit:
        case, recording = scope.own_recording(unit, command.actor, command.recording_id)
        require_wanted(recording)
        if recording.segments == command.segments:
            return
        _require_plausible(recording, command, now)
        _require_same(unit.segments.all(recording.recording_id), command)
        recording = replace(
            recording,
            state=RECORDING.next(recording.state, RecordingEvent.FINISHED),
            ended_at=command.ended_at,
            duration_seconds=command.duration_seconds,
            sha256=command.sha256,
            size=command.size,
            segments=command.segments,
            gaps=command.gaps,
        )
        save(unit, with_recording(case, recording), command.actor, now, [events.recording_finished(recording)])


def _require_plausible(recording: Recording, command: FinishRecording, now: datetime) -> None:
    """Ended after it began and not in the future, and no longer than the time between."""
    if not recording.started_at <= command.ended_at <= now + CLOCK_TOLERANCE:
        raise InputError("录像结束时间不合理", CLOCKS, code=OTHER_CLOCK)
    if timedelta(seconds=command.duration_seconds) > command.ended_at - recording.started_at + CLOCK_TOLERANCE:
        raise InputError("录像时长超过起止时间", "请核对坐席电脑的时间，再重新上传")


def _require_same(held: tuple[Segment, ...], command: FinishRecording) -> None:
    """What came while the call ran is the beginning of what is promised now."""
    if held != command.segments[: len(held)]:
        raise InputError("结束时报告的录像与通话中已上传的分段不符", "请停止上传，并联系管理员核查", code="input.chain")


def assemble_recording(command: AssembleRecording, services: Services) -> Recording:
    """→ the recording, verified or damaged. All its segments must have come, and be those that were promised."""
    stored = _assemble(command, services)
    return stored if stored.state is RecordingState.VERIFIED else read_back(stored, command.actor, services)


def _assemble(command: AssembleRecording, services: Services) -> Recording:
    with services.db.read() as unit:
        case, recording = scope.own_recording(unit, command.actor, command.recording_id)
        held = unit.segments.all(command.recording_id)
    if recording.state is RecordingState.VERIFIED:
        return recording
    require_wanted(recording)
    if not recording.segments:
        raise ConflictError("请先报告录像结束", "录像结束信息没有送达，请重试上传")
    if held != recording.segments:
        raise ConflictError(f"录像还没有收齐，应从第 {len(held) + 1} 段继续", "坐席电脑会自动接着上传")
    digest = _digest(replace(recording, in_segments=True), case.case_id, services)
    if recording.sha256 not in (None, digest):
        raise InputError("收到的录像与结束时报告的摘要不符", "请联系管理员核查", code="input.digest")
    with services.db.write() as unit:
        case, recording = scope.own_recording(unit, command.actor, command.recording_id)
        state = RECORDING.next(recording.state, RecordingEvent.UPLOADED)
        recording = replace(recording, state=state, findings=(), advice=(), sha256=digest, in_segments=True)
        unit.cases.save(with_recording(case, recording))
    return recording


def _digest(recording: Recording, case_id: str, services: Services) -> str:
    """Of the whole, with one segment at a time in memory."""
    whole, content = hashlib.sha256(), Content(case_id, recording, services.blobs)
    for piece in content.part(0, content.size):
        whole.update(piece)
    return whole.hexdigest()


def read_back(recording: Recording, actor: Actor, services: Services) -> Recording:
    """Reads what is stored, checks digest and chain, decodes it whole; the restart calls it for what was left."""
    with services.db.read() as unit:
        case = unit.cases.of_recording(recording.recording_id)
        heads = _heads(unit, case.case_id, recording.recording_id)
    read = Content(case.case_id, recording, services.blobs).segment
    reading = services.recordings.read_back(read, recording.segments)
    faults = [*segment_faults(read, recording.segments), *head_faults(heads, recording.segments)]
    findings = tuple(dict.fromkeys([*faults, *_length(recording, reading), *reading.findings]))
    return to_the_end(_conclude, recording.recording_id, findings, reading, actor, services)


def _heads(unit: Unit, case_id: str, recording_id: str) -> list[Head]:
    """What went on the case's chain of this recording while it ran."""
    bodies = (event.body for event in unit.cases.events(case_id) if event.type == "recording.head")
    return [of_body(body) for body in bodies if body.get("recording_id") == recording_id]


def _length(recording: Recording, reading: Reading) -> list[str]:
    promised = recording.duration_seconds or 0.0
    if abs(promised - reading.duration_seconds) <= LENGTH_TOLERANCE_SECONDS:
        return []
    return [f"时长 {reading.duration_seconds:.1f} 秒与报告的 {promised:.1f} 秒不符"]


def _conclude(
    recording_id: str, findings: tuple[str, ...], reading: Reading, actor: Actor, services: Services
) -> Recording:
    event = RecordingEvent.FOUND_DAMAGED if findings else RecordingEvent.FOUND_WHOLE
    now = services.clock.now()
    with services.db.write() as unit:
        case = unit.cases.of_recording(recording_id)
        recording = recording_of(case, recording_id)
        if recording.state is not RecordingState.UPLOADED:  # somebody else was done first
            return recording
        recording = replace(recording, state=RECORDING.next(recording.state, event), findings=findings)
        recording = replace(recording, advice=reading.advice)
        save(unit, with_recording(case, recording), actor, now, [_event(recording, reading)])
    return recording


def _event(recording: Recording, reading: Reading) -> Happening:
    details = {
        "duration_seconds": reading.duration_seconds,
        "frames": reading.frames,
        "video_codec": reading.video_codec,
        "audio_codec": reading.audio_codec,
    }
    return events.recording_read_back(recording, details)


HANDLERS: dict[type[Command], Handler] = {
    StartRecording: start_recording,
    FinishRecording: finish_recording,
    AssembleRecording: assemble_recording,
}
