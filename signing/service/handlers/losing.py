"""Recordings that will never come: a supervisor says so and why; it is told wherever the recording would be shown."""

from dataclasses import replace
from datetime import datetime

from signing.domain import events
from signing.domain.call import Call, CallState
from signing.domain.case import Case, Recording, RecordingState
from signing.domain.coverage import unknown
from signing.domain.errors import ConflictError, InputError, NotPermitted
from signing.domain.recording import RECORDING, RecordingEvent
from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import Actor, Command, DeclareRecordingLost
from signing.service.handlers.common import recording_of, require_open, save, with_recording
from signing.service.recording_commands import DeclareCallUnrecorded
from signing.service.services import Services
from signing.service.store import Unit


def declare_recording_lost(command: DeclareRecordingLost, services: Services) -> Recording:
    """→ the lost recording. Not while its call is live, and never where the bytes are stored and whole."""
    now, actor, reason = services.clock.now(), command.actor, _reason(command.reason)
    with services.db.write() as unit:
        case = scope.recorded(unit, actor, command.recording_id)
        require_open(case)
        recording = recording_of(case, command.recording_id)
        call = unit.queue.call(recording.call_id)
        _require_over(call)
        _require_another(actor, call)
        state = RECORDING.next(recording.state, RecordingEvent.DECLARED_LOST)
        recording = replace(recording, state=state, lost_reason=reason)
        save(unit, with_recording(case, recording), actor, now, [events.recording_lost(recording)])
        return recording


def declare_call_unrecorded(command: DeclareCallUnrecorded, services: Services) -> list[Recording]:
    """→ a lost recording for each stretch of the call of which none is known. Should one still come, it is taken."""
    now, actor, reason = services.clock.now(), command.actor, _reason(command.reason)
    with services.db.write() as unit:
        call, case = _held(unit, actor, command.call_id)
        require_open(case)
        _require_over(call)
        _require_another(actor, call)
        lost = [
            Recording(
                services.ids.new("rec"), call.call_id, stretch.since, RecordingState.LOST, stretch.until,
                lost_reason=reason,
            )
            for stretch in unknown([call], case.recordings)
        ]  # fmt: skip
        if not lost:
            raise ConflictError("这次通话的录像都有下落", "请刷新后查看")
        _add(unit, case, lost, actor, now)
        return lost


def _held(unit: Unit, actor: Actor, call_id: str) -> tuple[Call, Case]:
    call = unit.queue.call(call_id)
    return call, scope.home_case(unit, actor, call.case_id)


def _add(unit: Unit, case: Case, lost: list[Recording], actor: Actor, now: datetime) -> None:
    for recording in lost:
        unit.cases.add_recording(recording.recording_id, case.case_id)
    case = replace(case, recordings=(*case.recordings, *lost))
    save(unit, case, actor, now, [events.recording_lost(recording) for recording in lost])


def _reason(typed: str) -> str:
    reason = typed.strip()
    if not reason:
        raise InputError("请填写录像遗失的原因", "原因会记入证据链，并写进证据包")
    return reason


def _require_over(call: Call) -> None:
    if call.state is CallState.LIVE:
        raise ConflictError("通话还在进行，不能声明录像遗失", "请先挂断，等待录像上传")


def _require_another(actor: Actor, call: Call) -> None:
    """Nobody says of their own call that its recording is lost."""
    if call.staff_id == actor.actor_id:
        raise NotPermitted("这次通话由您接听，不能自己声明录像遗失", "请另一位主管声明")


HANDLERS: dict[type[Command], Handler] = {
    DeclareRecordingLost: declare_recording_lost,
    DeclareCallUnrecorded: declare_call_unrecorded,
}
