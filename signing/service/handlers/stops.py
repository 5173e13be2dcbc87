"""The queue stands still: a supervisor's pause, the emergency stop, and going on."""

import logging
from dataclasses import replace
from datetime import datetime

from signing.domain.call import Call, CallState
from signing.domain.errors import ConflictError, InputError, SigningError
from signing.domain.opening import Stop, moment
from signing.service import scope
from signing.service.again import again
from signing.service.bus import Handler
from signing.service.commands import Actor, Command
from signing.service.handlers import legs
from signing.service.handlers.common import on_record
from signing.service.one_of_many import readable
from signing.service.queue_commands import PauseQueue, ResumeQueue, StopQueue
from signing.service.services import Services
from signing.service.store import Unit

_LOG = logging.getLogger(__name__)
LONGEST_MESSAGE = 200


def pause(command: PauseQueue, services: Services) -> Stop:
    """Raises ``InputError`` without a message for the customers, or with an end that is over."""
    now = services.clock.now()
    if command.until is not None and command.until <= now:
        raise InputError("恢复的时间须晚于现在", "请重新填写时间，或不填")
    with services.db.write() as unit:
        stop = replace(_new(unit, command, services.ids.new("stop"), now), until=command.until)
        _begin(unit, stop, command.actor, now)
        return stop


def stop(command: StopQueue, services: Services) -> Stop:
    """The dispatcher ends what rings, and its customers keep the head; live calls go on unless ``end_calls``.

    The stop holds before the first call ends, each in a unit of its own: one that cannot be ended keeps up nothing.
    """
    now = services.clock.now()
    with services.db.write() as unit:
        made = replace(_new(unit, command, services.ids.new("stop"), now), emergency=True)
        _begin(unit, made, command.actor, now)
        calls = _calls(unit, made) if command.end_calls else []
    for call in calls:
        _end(call, made, command.actor, services)
    return made


def _new(unit: Unit, command: PauseQueue | StopQueue, stop_id: str, now: datetime) -> Stop:
    message, reason = command.message.strip(), command.reason.strip()
    if not message or not reason:
        raise InputError("请填写给客户看的话和暂停的原因", "客户会看到前者，后者记入操作记录")
    if max(len(message), len(reason)) > LONGEST_MESSAGE:
        raise InputError(f"至多 {LONGEST_MESSAGE} 个字", "请写得短一些")
    institution_id = _institution(unit, command.actor, command.institution_id, command.branch_id)
    who = command.actor.actor_id
    return Stop(stop_id, institution_id, command.branch_id, False, message, reason, now, who)


def _institution(unit: Unit, actor: Actor, institution_id: str, branch_id: str | None) -> str:
    if branch_id is not None:
        return scope.branch(unit, actor, branch_id).institution_id
    return scope.institution(unit, actor, scope.acting_for(actor, institution_id)).institution_id


def _begin(unit: Unit, made: Stop, actor: Actor, now: datetime) -> None:
    unit.office.save_stop(made)
    unit.changes.branch_ids.update(_branches(unit, made))
    until = f"，至 {moment(made.until)}" if made.until else ""
    kind = "queue.stopped" if made.emergency else "queue.paused"
    on_record(
        unit, actor, now, kind, f"{made.branch_id or made.institution_id}{until} {made.reason}；告知：{made.message}"
    )


def _branches(unit: Unit, made: Stop) -> set[str]:
    return {made.branch_id} if made.branch_id else scope.branch_ids(unit, made.institution_id)


def _calls(unit: Unit, made: Stop) -> list[Call]:
    """At the seats that stop and of their customers; looked at without holding any."""
    served = {one.case_id for one in unit.queue.open_tickets(branch_ids=_branches(unit, made))}
    return [call for call in unit.queue.live_calls() if call.case_id in served or _is_at(unit, made, call)]


def _is_at(unit: Unit, made: Stop, call: Call) -> bool:
    seat = unit.queue.seat(call.seat_id)
    return made.holds_for(seat.institution_id, seat.branch_id)


def _end(call: Call, made: Stop, actor: Actor, services: Services) -> None:
    try:
        again(_hang_up, call.call_id, made, actor, services)
    except SigningError as error:
        _LOG.error("call %s goes on in spite of stop %s: %s", call.call_id, made.stop_id, error.code)


def _hang_up(call_id: str, made: Stop, actor: Actor, services: Services) -> None:
    now = services.clock.now()
    with services.db.write() as unit:
        call = unit.queue.call(call_id)
        if call.state is CallState.LIVE:
            case, reason = readable(unit, call.case_id), f"紧急停止：{made.reason}"
            if case is None:
                legs.end_unread(unit, call, actor, now, reason)
            else:
                legs.hang_up(unit, case, call, actor, now, reason, [])


def resume(command: ResumeQueue, services: Services) -> None:
    """Raises ``ConflictError`` where nothing is stopped."""
    now, reason, actor = services.clock.now(), command.reason.strip(), command.actor
    if not reason:
        raise InputError("请填写恢复的原因", "原因会记入操作记录")
    with services.db.write() as unit:
        institution_id = _institution(unit, actor, command.institution_id, command.branch_id)
        standing = [
            one
            for one in unit.office.stops()
            if one.institution_id == institution_id and one.branch_id == command.branch_id
        ]
        if not any(one.lasts(now) for one in standing):
            raise ConflictError("现在没有暂停", "请以页面显示为准")
        for one in standing:
            unit.office.save_stop(replace(one, ended_at=now, ended_by=actor.actor_id, ended_reason=reason))
            unit.changes.branch_ids.update(_branches(unit, one))
        on_record(unit, actor, now, "queue.resumed", f"{command.branch_id or institution_id} {reason}")


HANDLERS: dict[type[Command], Handler] = {PauseQueue: pause, StopQueue: stop, ResumeQueue: resume}
