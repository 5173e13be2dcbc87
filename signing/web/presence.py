"""What it means when a socket comes or goes: told to the service, with some patience for bad networks."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Container, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from signing.domain.call import Call, Leg
from signing.domain.errors import OutsideError, SigningError
from signing.service.commands import SYSTEM, Actor, DropLeg, LoseSeat, SetPhonePresence, StopListening
from signing.service.one_of_many import stops_all
from signing.service.sharing import LiveSocket
from signing.web.errors import as_error_body

T = TypeVar("T")
log = logging.getLogger("pingqian.web")

SEAT_GRACE_SECONDS = 10.0
SEAT_HELD_SECONDS = 60.0
"""For so long a seat that vanished in the middle of a call, or of its wrap-up, keeps it, whatever its media do: a
window that is begun again logs in, finds it and goes on with it. Wherever the phone is connected; nobody has to say
that anything comes."""
CALL_GRACE_SECONDS = 20.0
"""How long a call waits for the phone's socket before the customer goes back to the head of the queue."""


RESTART_GRACE_SECONDS = 30.0
"""How long both ends of a live call have to report after the service itself was away."""

CARRIED_SECONDS = 2.0
LONGEST_CARRIED_SECONDS = 300.0
"""For so long a call goes on by the word of one end while nobody hears from the other: nothing can be signed in it."""

AGAIN_SECONDS = 1.0

Consequence = LoseSeat | SetPhonePresence | DropLeg | StopListening

BOARD = "staff:"
"""How the key of a supervisor's board begins."""


@dataclass
class Tasks:
    """Owns background tasks by key: a newer one of the same key replaces the older, all end with ``close``."""

    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def start(self, key: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        self.cancel(key)
        task = asyncio.create_task(work, name=key)
        self._running[key] = task
        task.add_done_callback(lambda done: self._forget(key, done))
        return task

    async def settled(self, key: str) -> None:
        """Waits for the running one, however it ends."""
        while (task := self._running.get(key)) is not None:
            await asyncio.wait([task])

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


class Sockets(Protocol):
    """Who is connected, over all services; ``signing.service.replica.Replica``."""

    async def join(self, key: str, link_id: str, owner: Actor) -> None: ...

    async def part(self, key: str, link_id: str) -> bool: ...

    async def is_gone(self, key: str, link_id: str | None) -> bool: ...

    async def forget(self, key: str, link_id: str) -> None: ...


async def _never(owner: Actor) -> bool:
    return False


async def _no_call(owner: Actor) -> str | None:
    return None


@dataclass
class Presence:
    """Tells the service who is there. ``live_call`` gives the identifier of a party's live call, if any."""

    execute: Callable[..., Awaitable[Any]]
    live_call: Callable[[Actor], Awaitable[str | None]]
    sockets: Sockets
    carries: Callable[[Actor], Awaitable[bool]] = _never
    """Whether the other end of the call says that somebody's picture and sound come, socket or not."""
    seat_work: Callable[[Actor], Awaitable[str | None]] = _no_call
    """The identifier of what the actor's own seat is about: its live call, or the case that it wraps up."""
    tasks: Tasks = field(default_factory=Tasks)

    def came(self, key: str, link_id: str, owner: Actor) -> None:
        self.tasks.cancel(f"grace {key}")
        self.tasks.start(f"presence {key}", self._came(key, link_id, owner))

    def went(self, key: str, link_id: str, owner: Actor, *, lost: bool = True) -> None:
        """``lost``: without a goodbye, so that its call may go on."""
        self.tasks.start(f"presence {key}", self._went(key, link_id, owner, lost))

    async def _came(self, key: str, link_id: str, owner: Actor) -> None:
        await self.sockets.join(key, link_id, owner)
        await self._present(key, owner)

    def returned(self, key: str, owner: Actor) -> None:
        """Whoever gave this service up has told that its phones are away; it has reported this one anew."""
        self.tasks.start(f"presence {key}", self._present(key, owner))

    async def _present(self, key: str, owner: Actor) -> None:
        if owner.kind == "party":
            await self._try(SetPhonePresence(owner, True), key)

    async def _away(self, key: str, owner: Actor) -> None:
        """Taken back where somebody is there after all: another service may have told so just before."""
        await self._try(SetPhonePresence(owner, False), key)
        if not await self._gone(key, None):
            await self._present(key, owner)

    async def _went(self, key: str, link_id: str, owner: Actor, lost: bool) -> None:
        """Nothing follows where the other end is connected to another service by now."""
        if await self.sockets.part(key, link_id):
            self.tasks.start(f"grace {key}", self._consequences(key, link_id, owner, _grace(owner), lost=lost))
            if owner.kind == "party":
                await self._away(key, owner)

    def adopt(self, orphans: Iterable[LiveSocket], talking: Container[str]) -> None:
        """The sockets of a service that died; who talks has the time that a restart gives. ``talking``: seats."""
        for one in orphans:
            owner = one.owner
            patient = owner.kind == "party" or owner.seat_id in talking
            seconds = RESTART_GRACE_SECONDS if patient else _grace(owner)
            self.tasks.start(f"grace {one.key}", self._consequences(one.key, one.link_id, owner, seconds))
            if owner.kind == "party":
                self.tasks.start(f"presence {one.key}", self._absent(one))

    async def _absent(self, orphan: LiveSocket) -> None:
        if await self._gone(orphan.key, orphan.link_id):
            await self._away(orphan.key, orphan.owner)

    async def _consequences(self, key: str, link_id: str, owner: Actor, seconds: float, *, lost: bool = True) -> None:
        await asyncio.sleep(seconds)
        if lost:
            await self._while_held(key, link_id, owner, SEAT_HELD_SECONDS - seconds)
            await self._while_carried(key, link_id, owner)
        if not await self._gone(key, link_id):
            return
        if key.startswith(BOARD):
            await self._try(StopListening(owner))
        elif owner.kind == "party":
            await self._drop(owner)
        elif owner.seat_id is not None:
            await self._try(LoseSeat(SYSTEM, owner.seat_id))
        await self.sockets.forget(key, link_id)

    async def _while_held(self, key: str, link_id: str, owner: Actor, seconds: float) -> None:
        """A seat's call and its wrap-up wait for its window to come back."""
        until = time.monotonic() + seconds
        while owner.seat_id is not None and time.monotonic() < until:
            if not await self._gone(key, link_id) or await _answered(lambda: self.seat_work(owner)) is None:
                return
            await asyncio.sleep(min(CARRIED_SECONDS, max(0.0, until - time.monotonic())))

    async def _while_carried(self, key: str, link_id: str, owner: Actor) -> None:
        """A call outlives its sockets, as long as its other end says that picture and sound come."""
        for _ in range(int(LONGEST_CARRIED_SECONDS / CARRIED_SECONDS)):
            if not await self._gone(key, link_id) or not await _answered(lambda: self.carries(owner)):
                return
            await asyncio.sleep(CARRIED_SECONDS)

    async def _drop(self, owner: Actor) -> None:
        call_id = await _answered(lambda: self.live_call(owner))
        if call_id is not None:
            await self._try(DropLeg(SYSTEM, call_id, owner.actor_id))

    def expect(self, call: Call, legs: Iterable[Leg]) -> None:
        """After a restart: a live call goes on if its seat reports in time, with those customers who do."""
        seat = f"seat:{call.seat_id}"
        self.tasks.start(f"grace {seat}", self._unless_there(seat, LoseSeat(SYSTEM, call.seat_id)))
        for leg in legs:
            phone = f"party:{leg.party_id}"
            lost = DropLeg(SYSTEM, leg.call_id, leg.party_id)
            self.tasks.start(f"grace {phone}", self._unless_there(phone, lost))

    async def _unless_there(self, key: str, command: LoseSeat | DropLeg) -> None:
        await asyncio.sleep(RESTART_GRACE_SECONDS)
        if await self._gone(key, None):
            await self._try(command)

    async def _gone(self, key: str, link_id: str | None) -> bool:
        return await _answered(lambda: self.sockets.is_gone(key, link_id))

    async def _try(self, command: Consequence, turn: str = "") -> None:
        """Until the database answers; a refusal is an answer. Those of one ``turn`` come one after the other."""
        try:
            await _answered(lambda: self._in_turn(turn, command) if turn else self.execute(command))
        except SigningError as error:
            log.warning("%s was refused: %s", type(command).__name__, error.code)

    async def _in_turn(self, turn: str, command: Consequence) -> None:
        """A command's thread goes on where whoever asked for it is cancelled; the next one waits for it."""
        await self.tasks.settled(f"telling {turn}")
        await asyncio.shield(self.tasks.start(f"telling {turn}", self._tell(command)))

    async def _tell(self, command: Consequence) -> None:
        await self.execute(command)


def _grace(owner: Actor) -> float:
    return CALL_GRACE_SECONDS if owner.kind == "party" else SEAT_GRACE_SECONDS


async def _answered(ask: Callable[[], Awaitable[T]]) -> T:
    """Asked until the database answers; that one case cannot be opened is an answer."""
    while True:
        try:
            return await ask()
        except OutsideError as error:
            if not stops_all(error):
                raise
            await asyncio.sleep(AGAIN_SECONDS)
