"""This service among those that share its database.

Alone (on SQLite) all of it is local and nothing runs. Otherwise a loop beats, listens for what the others have changed
or hand over, and buries whoever stands still. A hint (``Hints``) makes the loop's next turn come at once; without hints
it comes each second, and nothing else is different.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Protocol, TypeVar

from signing.domain.errors import Fenced, NotFound, OutsideError, SigningError
from signing.domain.feed import Cursor
from signing.domain.lease import BEAT_SECONDS, Watch
from signing.service.commands import Actor
from signing.service.ports import Ids
from signing.service.sharing import LiveSocket, Signal
from signing.service.store import Changes, Database, Unit
from signing.service.turns import Turns

T = TypeVar("T")
_LOG = logging.getLogger("pingqian.replica")
SWEEP_TURNS = 30
TOGETHER = 200
"""Sockets that are reported anew in one unit of work: well within a heartbeat's time."""
REPLACED, OTHER_DEVICE = "replaced", "other_device"
"""Kinds of ``Signal`` to a socket whose key was taken; the body is its ``link_id``."""


class Hints(Protocol):
    """Tells other services that there is something new, and is told. Any of it may be lost."""

    async def start(self, wake: Callable[[], None]) -> None: ...

    def tell(self) -> None: ...

    async def close(self) -> None: ...


@dataclass
class Told:
    """What one turn brought."""

    changes: list[Changes] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    orphans: list[LiveSocket] = field(default_factory=list)
    buried: int = 0
    fenced: bool = False


@dataclass
class Listeners:
    """Who is told on the event loop. ``sockets``: what is open here, to be reported anew after a fence."""

    changed: Callable[[Changes], None] = lambda changes: None
    signalled: Callable[[Signal], None] = lambda signal: None
    orphaned: Callable[[Sequence[LiveSocket]], None] = lambda sockets: None
    buried: Callable[[], None] = lambda: None
    moved: Callable[[LiveSocket], None] = lambda socket: None
    returned: Callable[[LiveSocket], None] = lambda socket: None
    sockets: Callable[[], Sequence[LiveSocket]] = tuple


class Replica:
    """``start`` once on the running loop, ``close`` at the end."""

    def __init__(self, db: Database, ids: Ids, hints: Hints | None = None) -> None:
        self.db = db
        self.told = Listeners()
        self._ids = ids
        self._hints = hints
        self._wake = asyncio.Event()
        self._watch = Watch()
        self._cursor = Cursor(0)
        self._turns = 0
        self._beating = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beat")
        self._running: asyncio.Task[None] | None = None
        self._by_key = Turns()
        self._unreported = False
        """Whether sockets that are open here are still to be reported under a new identity."""

    @property
    def shared(self) -> bool:
        return self.db.shared and self._running is not None

    async def start(self) -> bool:
        """Whether no other service is on the list: then this one puts right what the last one left."""
        if not self.db.shared:
            return True
        alone = await asyncio.to_thread(self._enter)
        if self._hints is not None:
            await self._hints.start(self._wake.set)
        self._running = asyncio.create_task(self._run(), name="replica")
        return alone

    def _enter(self) -> bool:
        fresh = self._ids.new("rep")
        with self.db.write() as unit:
            alone = unit.replicas.enter(fresh)
            self._cursor = Cursor(unit.replicas.last_change())
        self.db.replica_id = fresh
        return alone

    async def close(self) -> None:
        """Says that it leaves, so that another one looks after what is left without waiting for a lease to run out."""
        if self._running is None:
            return
        self._running.cancel()
        await asyncio.gather(self._running, self._by_key.close(), return_exceptions=True)
        with suppress(OutsideError):
            await self._beat(self._leave)
        if self._hints is not None:
            await self._hints.close()
        await asyncio.to_thread(self._beating.shutdown)
        self._running = None

    def _leave(self) -> None:
        with self.db.beat() as unit:
            unit.replicas.leave(self.db.replica_id)

    def hint(self) -> None:
        """That something of this service is new for others. On the event loop."""
        if self._hints is not None and self._running is not None:
            self._hints.tell()

    def _in_unit(self, work: Callable[[Unit], T]) -> T:
        with self.db.write() as unit:
            return work(unit)

    # --- the loop ---------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._publish(await self._beat(self._turn))
            except OutsideError as error:
                _LOG.warning("the database is away: %s", error.code)
            except Exception as error:
                # Whatever one turn met, the next one comes: without a heartbeat this service would be given up.
                _LOG.error("a turn failed: %s", getattr(error, "code", type(error).__name__))
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await self._wake.wait()

    async def _beat(self, work: Callable[[], T]) -> T:
        """In the one thread that has nothing else to do, so that a busy service is not taken for a dead one."""
        return await asyncio.get_running_loop().run_in_executor(self._beating, work)

    def _turn(self) -> Told:
        own, told = self.db.replica_id, Told()
        with self.db.beat() as unit:
            if not unit.replicas.beat(own):
                return Told(fenced=True)
            told.signals = unit.replicas.take(own)
            beats = unit.replicas.beats(own)
            told.changes = self._cursor.fresh(unit.replicas.changes(self._cursor.low, own), monotonic())
            self._turns += 1
            if self._turns % SWEEP_TURNS == 0:
                unit.replicas.sweep()
        for dead in self._watch.look(beats, monotonic()):
            try:
                self._bury(dead, told)
            except SigningError as error:
                # What this turn brought is told all the same, and the next one buries.
                _LOG.warning("%s could not be buried: %s", dead, error.code)
        return told

    def _bury(self, dead: str, told: Told) -> None:
        with self.db.beat() as unit:
            orphans = unit.replicas.bury(dead, self.db.replica_id)
            if orphans is not None:
                _LOG.warning("%s has stopped; its %d sockets are looked after here", dead, len(orphans))
                told.buried += 1
                told.orphans += [_named(unit, orphan) for orphan in orphans]

    async def _publish(self, told: Told) -> None:
        if told.fenced:
            await self._begin_anew()
        for changes in told.changes:
            self.told.changed(changes)
        for signal in told.signals:
            self.told.signalled(signal)
        if told.buried:
            self.told.orphaned(told.orphans)
            self.told.buried()
        if self._unreported:
            await self._report_anew()  # at the end: where it fails, what this turn brought is told already

    async def _begin_anew(self) -> None:
        _LOG.warning("%s was given up by the others and begins anew", self.db.replica_id)
        await asyncio.to_thread(self._enter)
        self._watch, self._unreported = Watch(), True

    async def _report_anew(self) -> None:
        """What is open here and nowhere else is reported again; what comes or goes meanwhile waits for its turn.

        Raises ``Fenced`` where the others give this service up meanwhile; the loop's next turn begins anew.
        """
        sockets = sorted(self.told.sockets(), key=lambda socket: socket.key)
        await self._by_key.take([socket.key for socket in sockets], lambda: self._report(sockets))
        self._unreported = False

    async def _report(self, sockets: Sequence[LiveSocket]) -> None:
        """With a heartbeat after each unit, since the loop stands still."""
        for begin in range(0, len(sockets), TOGETHER):
            batch = sockets[begin : begin + TOGETHER]
            there = await self._by_key.answered(self._rejoin, batch)
            if self._by_key.closing:
                return  # nobody listens any more
            for socket in batch:
                (self.told.returned if socket.key in there else self.told.moved)(socket)
            if not await self._beat(self._count):
                raise Fenced

    def _count(self) -> bool:
        with self.db.beat() as unit:
            return unit.replicas.beat(self.db.replica_id)

    def _rejoin(self, sockets: Sequence[LiveSocket]) -> set[str]:
        with self.db.write() as unit:
            unit.replicas.stand(self.db.replica_id)
            return unit.replicas.rejoin([self._own(socket) for socket in sockets])

    def _own(self, socket: LiveSocket) -> LiveSocket:
        return replace(socket, replica_id=self.db.replica_id)

    # --- sockets ----------------------------------------------------------------------------------------------

    async def join(self, key: str, link_id: str, owner: Actor) -> None:
        """Elsewhere the same key is told that it was replaced."""
        if self.shared:
            with suppress(Fenced):  # the loop begins anew then, and reports whatever is open here
                await self._turned(key, self._join, LiveSocket(key, link_id, "", owner))
            self.hint()

    def _join(self, socket: LiveSocket) -> None:
        with self.db.write() as unit:
            unit.replicas.stand(self.db.replica_id)
            before = unit.replicas.join(self._own(socket))
            if before is not None and before.open and before.replica_id != self.db.replica_id:
                unit.replicas.send(
                    before.replica_id, Signal(socket.key, _left(before, socket), before.link_id.encode())
                )
            if socket.owner.case_id is not None:
                unit.changes.case_ids.add(socket.owner.case_id)

    async def part(self, key: str, link_id: str) -> bool:
        """Whether consequences are to be drawn here; not where the key has moved to another service."""
        if not self.shared:
            return True
        parted: bool = await self._turned(key, self._part, key, link_id)
        return parted

    def _part(self, key: str, link_id: str) -> bool:
        with self.db.write() as unit:
            socket = unit.replicas.socket(key)
            if socket is not None and socket.owner.case_id is not None:
                unit.changes.case_ids.add(socket.owner.case_id)
            return unit.replicas.part(key, link_id)

    async def is_gone(self, key: str, link_id: str | None) -> bool:
        """Whether nobody has come back to any service; without ``link_id``, whether nobody is there."""
        return not self.shared or await asyncio.to_thread(self._look, lambda unit: _gone(unit, key, link_id))

    async def forget(self, key: str, link_id: str) -> None:
        if self.shared:
            await self._turned(key, self._in_unit, lambda unit: unit.replicas.forget(key, link_id))

    async def open_among(self, keys: Sequence[str]) -> set[str]:
        """Which of them are connected to another service."""
        if not self.shared or not keys:
            return set()
        return await asyncio.to_thread(self._look, lambda unit: unit.replicas.open_among(keys))

    async def elsewhere(self, key: str) -> str | None:
        """The other service that the key is connected to."""
        if not self.shared:
            return None
        socket = await asyncio.to_thread(self._look, lambda unit: unit.replicas.socket(key))
        return socket.replica_id if socket and socket.open and socket.replica_id != self.db.replica_id else None

    async def send(self, replica_id: str, signal: Signal) -> bool:
        sent: bool = await asyncio.to_thread(self._in_unit, lambda unit: unit.replicas.send(replica_id, signal))
        self.hint()
        return sent

    def _look(self, work: Callable[[Unit], T]) -> T:
        with self.db.read() as unit:
            return work(unit)

    async def _turned(self, key: str, work: Callable[..., T], *arguments: object) -> T:
        return await self._by_key.take([key], lambda: self._by_key.answered(work, *arguments))


def _left(before: LiveSocket, now: LiveSocket) -> str:
    """Why the older socket goes: another session of a customer is another device."""
    same = before.owner.kind != "party" or before.owner.session_id == now.owner.session_id
    return REPLACED if same else OTHER_DEVICE


def _gone(unit: Unit, key: str, link_id: str | None) -> bool:
    if link_id is not None:
        return unit.replicas.is_gone(key, link_id)
    socket = unit.replicas.socket(key)
    return socket is None or not socket.open


def _named(unit: Unit, orphan: LiveSocket) -> LiveSocket:
    """Names are not kept with the sockets; what a supervisor's end leaves on record needs theirs."""
    if orphan.owner.kind != "staff":
        return orphan
    with suppress(NotFound):
        return replace(orphan, owner=replace(orphan.owner, name=unit.people.staff(orphan.owner.actor_id).name))
    return orphan
