"""Recordings: announced, finished, stored, and read back from the store before anything rests on them."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from signing.domain import events
from signing.domain.call import CallState
from signing.domain.case import Recording, RecordingState
from signing.domain.errors import ConflictError, InputError, NotPermitted
from signing.domain.events import Happening
from signing.domain.recording import RECORDING, RecordingEvent, chain_faults, segment_faults
from signing.service import scope
from signing.service.again import again
from signing.service.bus import Handler
from signing.service.commands import (
    Actor,
    Command,
    DeclareRecordingLost,
    FinishRecording,
    StartRecording,
    StoreRecording,
)
from signing.service.handlers.common import recording_of, require_open, save, with_recording
from signing.service.ports import Reading
from signing.service.services import Services

LENGTH_TOLERANCE_SECONDS = 2.0
CLOCK_TOLERANCE = timedelta(seconds=30)
"""How far a seat's times may be from the service's clock. No bound by the call's end: media outlive the service."""


def start_recording(command: StartRecording, services: Services) -> str:
    """→ ``recording_id``. Only for the seat's own live call."""
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
        call, case = scope.call(unit, command.actor, command.call_id)
        require_open(case)
        if call.seat_id != command.actor.seat_id:
            raise NotPermitted("这不是本席位的通话")
        if call.state is not CallState.LIVE:
            raise ConflictError("通话已结束，不能开始录像")
        if not call.started_at - CLOCK_TOLERANCE <= command.started_at <= now + CLOCK_TOLERANCE:
            raise InputError("录像开始时间不在本次通话之内", "请核对坐席电脑的时间后重试")
        recording = Recording(services.ids.new("rec"), call.call_id, command.started_at)
        unit.cases.add_recording(recording.recording_id, case.case_id)
        case = replace(case, recordings=(*case.recordings, recording))
        save(unit, case, command.actor, now, [events.recording_started(recording, details)])
        return recording.recording_id


def finish_recording(command: FinishRecording, services: Services) -> None:
    """Keeps what the seat promises about the bytes to come. The same promise again changes nothing."""
    now = services.clock.now()
    if faults := chain_faults(command.segments, command.size):
        raise InputError("录像分段信息不一致：" + "；".join(faults), "请重新上传；若仍失败请联系管理员")
    with services.db.write() as unit:
        case, recording = scope.own_recording(unit, command.actor, command.recording_id)
        if recording.sha256 == command.sha256:
            return
        _require_plausible(recording, command, now)
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
        raise InputError("录像结束时间不合理", "请核对坐席电脑的时间，再重新上传")
    if timedelta(seconds=command.duration_seconds) > command.ended_at - recording.started_at + CLOCK_TOLERANCE:
        raise InputError("录像时长超过起止时间", "请核对坐席电脑的时间，再重新上传")


def declare_recording_lost(command: DeclareRecordingLost, services: Services) -> Recording:
    """→ the lost recording. Not while its call is live, and never where the bytes are stored and whole."""
    now, actor, reason = services.clock.now(), command.actor, command.reason.strip()
    if not reason:
        raise InputError("请填写录像遗失的原因", "原因会记入证据链，并写进证据包")
    with services.db.write() as unit:
        case = scope.recorded(unit, actor, command.recording_id)
        require_open(case)
        recording = recording_of(case, command.recording_id)
        if unit.queue.call(recording.call_id).state is CallState.LIVE:
            raise ConflictError("通话还在进行，不能声明录像遗失", "请先挂断，等待录像上传")
        state = RECORDING.next(recording.state, RecordingEvent.DECLARED_LOST)
        recording = replace(recording, state=state, lost_reason=reason)
        save(unit, with_recording(case, recording), actor, now, [events.recording_lost(recording)])
        return recording


async def store_recording(command: StoreRecording, services: Services) -> Recording:
    """→ the recording, verified or damaged. The bytes must be those that were promised."""
    stored = await asyncio.to_thread(again, _store, command, services)
    return stored if stored.state is RecordingState.VERIFIED else await read_back(stored, command.actor, services)


def _store(command: StoreRecording, services: Services) -> Recording:
    with services.db.read() as unit:
        case, recording = scope.own_recording(unit, command.actor, command.recording_id)
    if recording.state is RecordingState.VERIFIED:
        return recording
    if recording.sha256 is None:
        raise ConflictError("请先报告录像结束", "录像结束信息没有送达，请重试上传")
    if hashlib.sha256(command.data).hexdigest() != recording.sha256:
        raise InputError("上传的录像与结束时报告的摘要不符", "传输可能中断，请重新上传", code="input.digest")
    services.blobs.put(case.case_id, command.data)
    with services.db.write() as unit:
        case, recording = scope.own_recording(unit, command.actor, command.recording_id)
        recording = replace(recording, state=RECORDING.next(recording.state, RecordingEvent.UPLOADED), findings=())
        unit.cases.save(with_recording(case, recording))
    return recording


async def read_back(recording: Recording, actor: Actor, services: Services) -> Recording:
    """Reads what is stored, checks digest and chain, decodes it whole; the restart calls it for what was left."""
    return await asyncio.to_thread(again, _read_back, recording, actor, services)


def _read_back(recording: Recording, actor: Actor, services: Services) -> Recording:
    with services.db.read() as unit:
        case = unit.cases.of_recording(recording.recording_id)
    assert recording.sha256 is not None
    data = services.blobs.get(case.case_id, recording.sha256)
    reading = services.recordings.read_back(data, recording.segments)
    findings = tuple(
        dict.fromkeys([*segment_faults(data, recording.segments), *_length(recording, reading), *reading.findings])
    )
    return _conclude(recording.recording_id, findings, reading, actor, services)


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
        if recording.state is RecordingState.VERIFIED:
            return recording
        recording = replace(recording, state=RECORDING.next(recording.state, event), findings=findings)
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
    StoreRecording: store_recording,
    DeclareRecordingLost: declare_recording_lost,
}
