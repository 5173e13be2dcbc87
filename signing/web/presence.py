"""What it means when a socket comes or goes: told to the service, with some patience for bad networks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from signing.domain.call import Call, Leg
from signing.domain.errors import SigningError
from signing.service.commands import SYSTEM, Actor, DropLeg, LoseSeat, SetPhonePresence, StopListening
from signing.web.errors import as_error_body

log = logging.getLogger("pingqian.web")

SEAT_GRACE_SECONDS = 10.0
CALL_GRACE_SECONDS = 20.0
"""How long a call waits for the phone's socket before the customer goes back to the head of the queue."""


RESTART_GRACE_SECONDS = 30.0
"""How long both ends of a live call have to report after the service itself was away."""


@dataclass
class Tasks:
    """Owns background tasks by key: a newer one of the same key replaces the older, all end with ``close``."""

    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def start(self, key: str, work: Coroutine[Any, Any, None]) -> None:
        self.cancel(key)
        task = asyncio.create_task(work, name=key)
        self._running[key] = task
        task.add_done_callback(lambda done: self._forget(key, done))

    def cancel(self, key: str) -> None:
        task = self._running.pop(key, None)
        if task is not None:
            task.cancel()

    def _forget(self, key: str, task: asyncio.Task[None]) -> None:
        if self._running.get(key) is task:
            del self._running[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            as_error_body(error if isinstance(error, Exception) else RuntimeError())

    async def close(self) -> None:
        tasks = list(self._running.values())
        self._running.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Presence:
    """Tells the service who is there. ``live_call`` gives the identifier of a party's live call, if any."""

    execute: Callable[..., Awaitable[Any]]
    live_call: Callable[[Actor], Awaitable[str | None]]
    tasks: Tasks = field(default_factory=Tasks)

    def seat(self, seat_id: str, *, there: bool) -> None:
        key = f"seat-grace {seat_id}"
        if there:
            self.tasks.cancel(key)
        else:
            self.tasks.start(key, self._lose(seat_id, SEAT_GRACE_SECONDS))

    def phone(self, actor: Actor, *, there: bool) -> None:
        self.tasks.start(f"phone-presence {actor.actor_id}", self._mark(actor, there))
        key = f"call-grace {actor.actor_id}"
        if there:
            self.tasks.cancel(key)
        else:
            self.tasks.start(key, self._drop(actor))

    def board(self, actor: Actor, *, there: bool) -> None:
        """A supervisor whose window is gone hears nothing any more."""
        key = f"board-grace {actor.actor_id}"
        if there:
            self.tasks.cancel(key)
        else:
            self.tasks.start(key, self._stop_listening(actor))

    async def _stop_listening(self, actor: Actor) -> None:
        await asyncio.sleep(SEAT_GRACE_SECONDS)
        await self._try(StopListening(actor))

    def expect(self, call: Call, legs: Iterable[Leg]) -> None:
        """After a restart: a live call goes on if its seat reports in time, with those customers who do."""
        self.tasks.start(f"seat-grace {call.seat_id}", self._lose(call.seat_id, RESTART_GRACE_SECONDS))
        for leg in legs:
            self.tasks.start(f"call-grace {leg.party_id}", self._drop_leg(leg, RESTART_GRACE_SECONDS))

    async def _drop_leg(self, leg: Leg, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._try(DropLeg(SYSTEM, leg.call_id, leg.party_id))

    async def _lose(self, seat_id: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._try(LoseSeat(SYSTEM, seat_id))

    async def _mark(self, actor: Actor, there: bool) -> None:
        await self._try(SetPhonePresence(actor, there))

    async def _drop(self, actor: Actor) -> None:
        await asyncio.sleep(CALL_GRACE_SECONDS)
        call_id = await self.live_call(actor)
        if call_id is not None:
            await self._try(DropLeg(SYSTEM, call_id, actor.actor_id))

    async def _try(self, command: LoseSeat | SetPhonePresence | DropLeg | StopListening) -> None:
        try:
            await self.execute(command)
        except SigningError as error:
            log.warning("%s was refused: %s", type(command).__name__, error.code)
