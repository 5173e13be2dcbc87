"""A supervisor hears a call, and may whisper to its agent."""

from dataclasses import replace

from signing.domain import events
from signing.domain.call import CallState, Listener
from signing.domain.errors import ConflictError
from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import Actor, Command, ListenIn, StopListening, Whisper
from signing.service.handlers.common import chain
from signing.service.services import Services
from signing.service.store import Unit


def listen_in(command: ListenIn, services: Services) -> Listener:
    """→ the listener; again: as it is."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        call, case = scope.call(unit, actor, command.call_id)
        if call.state is not CallState.LIVE:
            raise ConflictError("通话已结束，不能旁听", "请以看板显示的通话为准")
        if call.seat_id == actor.seat_id:
            raise ConflictError("通话就在您的席位上", "不需要旁听")
        there = _listener(unit, call.call_id, actor)
        if there is not None:
            return there
        listener = Listener(services.ids.new("listen"), call.call_id, actor.actor_id, actor.name, now)
        unit.queue.save_listener(listener, call)
        chain(unit, case, actor, now, [events.listening_changed(call, actor.name, True)])
        return listener


def _listener(unit: Unit, call_id: str, actor: Actor) -> Listener | None:
    return next((one for one in unit.queue.listeners(call_id) if one.staff_id == actor.actor_id), None)


def stop_listening(command: StopListening, services: Services) -> None:
    """Nothing happens where the supervisor does not listen."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        for listener in unit.queue.listening(actor.actor_id):
            if command.call_id not in (None, listener.call_id):
                continue
            call = unit.queue.call(listener.call_id)
            unit.queue.save_listener(replace(listener, whispering=False, ended_at=now), call)
            happened = [events.whisper_changed(call, actor.name, False)] if listener.whispering else []
            happened.append(events.listening_changed(call, actor.name, False))
            chain(unit, unit.cases.get(call.case_id), actor, now, happened)


def whisper(command: Whisper, services: Services) -> Listener:
    """→ the listener. Only who listens may whisper."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        call, case = scope.call(unit, actor, command.call_id)
        listener = _listener(unit, call.call_id, actor)
        if listener is None:
            raise ConflictError("您没有在旁听这次通话", "请先旁听，再与坐席耳语")
        if listener.whispering is not command.on:
            listener = replace(listener, whispering=command.on)
            unit.queue.save_listener(listener, call)
            chain(unit, case, actor, now, [events.whisper_changed(call, actor.name, command.on)])
        return listener


HANDLERS: dict[type[Command], Handler] = {ListenIn: listen_in, StopListening: stop_listening, Whisper: whisper}
