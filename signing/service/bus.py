"""The one door for everything that changes state: checks who asks, runs the handler, tells who listens."""

import asyncio
import inspect
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from signing.domain.errors import SigningError
from signing.domain.room import room_words
from signing.service import permissions
from signing.service.account_commands import Sweep
from signing.service.again import again
from signing.service.backfill_commands import KeepBackfill
from signing.service.commands import (
    SYSTEM,
    AbortCase,
    Command,
    Dispatch,
    OpenCase,
    RecordConsent,
    SealCase,
    SendCode,
    SignDocument,
    SubmitCard,
    SubmitSnapshot,
)
from signing.service.core_commands import OpenCoreCase
from signing.service.lifecycle_commands import ChangeTerms, ExpireCases, RecordRefusal, Refuse, WithdrawCase
from signing.service.opening_commands import SendLink
from signing.service.recording_commands import AssembleRecording, KeepSegment
from signing.service.registry import due_seals, put_off
from signing.service.seal_commands import AmendSeal, ApproveSealing, RegisterSeal, ResumeSeal
from signing.service.services import Services
from signing.service.store import EXCLUSIVE_AT_ONCE, Changes
from signing.service.track_commands import AssembleTrack
from signing.service.waiting import WAITING_AT_ONCE, Waiting

Handler = Callable[[Any, Services], object]
"""Synchronous handlers run in a worker thread; asynchronous ones on the loop, handing their own work to threads."""

Listener = Callable[[Changes], None]

_T = TypeVar("_T")
_LOG = logging.getLogger(__name__)
EXPIRY_SECONDS = 60.0
_EXCLUSIVE = (SignDocument, SealCase, AbortCase, WithdrawCase, Refuse, RecordRefusal, ChangeTerms, ApproveSealing)
"""Commands that call the signer, or must not come between its call and the commit: one at a time for each case."""
FETCH, READ_BACK = "fetch", "read back"
_WAITING = {
    SubmitCard: "look", SubmitSnapshot: "look", SendCode: "send", SendLink: "send",
    KeepSegment: "bring", KeepBackfill: "bring",
    OpenCase: "keep", OpenCoreCase: "keep", ChangeTerms: "keep", RecordConsent: "keep",
    AssembleRecording: READ_BACK, AssembleTrack: READ_BACK,
}  # fmt: skip
"""Commands that wait for what is slow or outside, and in which threads: those of all others are never full of them.

What is brought comes by itself and again; what is kept or fetched, somebody waits for. What is read back is decoded
whole, by as many as the machine has processors.
"""
_SLOW_STORE = ("文件存储响应很慢，暂时没有轮到", "请稍候再试；一直这样请联系管理员检查存储")
_CROWDED = {"bring": _SLOW_STORE, "keep": _SLOW_STORE, FETCH: _SLOW_STORE}
_AT_ONCE = {READ_BACK: max(2, os.cpu_count() or 2)}


_FREES_SEALS = (RegisterSeal, ResumeSeal, AmendSeal)
"""After these, what waits for its seal is tried at once."""


class Bus:
    """Executes commands and announces commits. ``start`` and ``close`` belong to one running event loop."""

    def __init__(self, services: Services, handlers: Mapping[type[Command], Handler]) -> None:
        self.services = services
        self._handlers = handlers
        self._workers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="bus")
        self._waiters = {
            name: Waiting(name, _CROWDED.get(name), _AT_ONCE.get(name, WAITING_AT_ONCE))
            for name in {*_WAITING.values(), FETCH}
        }
        self._lockers = ThreadPoolExecutor(max_workers=EXCLUSIVE_AT_ONCE, thread_name_prefix="lock")
        self._exclusive = asyncio.Semaphore(EXCLUSIVE_AT_ONCE)
        """Whoever holds one finds a thread and a connection for its lock, at the beginning and at the end."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._listeners: list[Listener] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tickers: list[asyncio.Task[None]] = []
        self._queue_changed = asyncio.Event()
        self._seals_freed = asyncio.Event()
        self.announce: Callable[[], None] = lambda: None
        """Called on the event loop after each commit of this service, for the others."""

    async def execute(self, command: Command) -> Any:
        """What the command's handler returns. Raises ``SigningError`` of the fitting kind; then nothing changed."""
        permissions.check(command)
        self._loop = asyncio.get_running_loop()
        handler = self._handlers[type(command)]
        case_id = _exclusive_case(command)
        if case_id is None:
            return await self._call(handler, command)
        lock = self._locks.setdefault(case_id, asyncio.Lock())
        async with lock, self._among_services(case_id):
            return await self._call(handler, command)

    @asynccontextmanager
    async def _among_services(self, case_id: str) -> AsyncIterator[None]:
        if not self.services.db.shared:
            yield
            return
        loop, alone = asyncio.get_running_loop(), self.services.db.exclusive(f"case {case_id}")
        async with self._exclusive, AsyncExitStack() as held:
            taking = loop.run_in_executor(self._lockers, alone.__enter__)
            held.push_async_callback(self._let_go, taking, alone)
            await asyncio.shield(taking)
            yield

    async def _let_go(self, taking: Awaitable[None], alone: AbstractContextManager[None]) -> None:
        """Also where whoever asked was cancelled while it was still being taken."""
        with suppress(SigningError):
            await taking
            letting = asyncio.get_running_loop().run_in_executor(self._lockers, alone.__exit__, None, None, None)
            await asyncio.shield(letting)

    async def _call(self, handler: Handler, command: Command) -> object:
        if inspect.iscoroutinefunction(handler):
            awaitable: Awaitable[object] = handler(command, self.services)
            return await awaitable
        waiters = self._waiters.get(_WAITING.get(type(command), ""))
        run = self.run if waiters is None else partial(waiters.run, _worked)
        done = await run(again, handler, command, self.services)
        if isinstance(command, _FREES_SEALS):
            self._seals_freed.set()
        return done

    async def run(self, work: Callable[..., _T], *arguments: object) -> _T:
        """``work(*arguments)`` in one of the bus's worker threads: for queries."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, _worked, work, *arguments)

    async def fetch(self, work: Callable[..., _T], *arguments: object) -> _T:
        """``work(*arguments)``, which reads from the store of the files. Raises ``OutsideError`` where it is so slow
        that no turn comes."""
        return await self._waiters[FETCH].run(_worked, work, *arguments)

    async def read_back(self, work: Callable[..., _T], *arguments: object) -> _T:
        """``work(*arguments)``, which decodes a recording, in its turn."""
        return await self._waiters[READ_BACK].run(_worked, work, *arguments)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls ``listener`` on the event loop after each commit that touched anything. Returns how to stop it."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def committed(self, changes: Changes) -> None:
        """Called by the database, from any thread, once a unit of work is durable."""
        if self._loop is not None and changes and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._own, changes)

    def _own(self, changes: Changes) -> None:
        self._publish(changes)
        self.announce()

    def changed_elsewhere(self, changes: Changes) -> None:
        """By another service on the same database. On the event loop."""
        self._publish(changes)

    def _publish(self, changes: Changes) -> None:
        if changes.branch_ids:
            self._queue_changed.set()
        for listener in list(self._listeners):
            listener(changes)

    async def start(self) -> None:
        """Begins dispatching the queue, on every change of it and each second; slowly, expiring cases and sweeping, and
        trying what waits for its seal, which is also done when a seal is taken up again."""
        self._loop = asyncio.get_running_loop()
        self._tickers = [
            asyncio.create_task(self._tick(), name="dispatch"),
            asyncio.create_task(self._expire(), name="expire"),
            asyncio.create_task(self._seals(), name="seals"),
        ]

    async def _tick(self) -> None:
        while True:
            self._queue_changed.clear()
            try:
                await self.execute(Dispatch(SYSTEM))
            except Exception as error:
                # Dispatching is idempotent and the queue must not stand still; the next second tries again.
                _LOG.error("dispatch failed: %s", getattr(error, "code", type(error).__name__))
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._queue_changed.wait()

    async def _expire(self) -> None:
        while True:
            for command in (ExpireCases(SYSTEM), Sweep(SYSTEM)):
                try:
                    await self.execute(command)
                except Exception as error:
                    # Days have passed already; the next minute is soon enough to try again.
                    what, code = type(command).__name__, getattr(error, "code", type(error).__name__)
                    _LOG.error("%s failed: %s", what, code)
            if words := room_words(await self.run(self.services.free_room)):
                _LOG.warning("the disk fills up: %s", words)
            await asyncio.sleep(EXPIRY_SECONDS)

    async def _seals(self) -> None:
        while True:
            self._seals_freed.clear()
            try:
                await self._seal_again()
            except Exception as error:
                _LOG.error("what waits for its seal was not tried: %s", getattr(error, "code", type(error).__name__))
            with suppress(TimeoutError):
                async with asyncio.timeout(EXPIRY_SECONDS):
                    await self._seals_freed.wait()

    async def _seal_again(self) -> None:
        """Cases whose seals waited for a CA, an HSM or a time-stamp."""
        for case_id in await self.run(due_seals, self.services):
            try:
                await self.execute(SealCase(SYSTEM, case_id))
            except Exception as error:
                code = getattr(error, "code", type(error).__name__)
                _LOG.warning("case %s still waits for its seal: %s", case_id, code)
                await self.run(put_off, self.services, case_id, getattr(error, "message", code))

    async def close(self) -> None:
        """Stops dispatching and waits for what is under way."""
        for ticker in self._tickers:
            ticker.cancel()
        await asyncio.gather(*self._tickers, return_exceptions=True)
        threads: list[ThreadPoolExecutor | Waiting] = [self._workers, *self._waiters.values(), self._lockers]
        for each in threads:
            await asyncio.to_thread(each.shutdown)


def _worked(work: Callable[..., _T], *arguments: object) -> _T:
    """A future cannot hold a ``StopIteration``; whoever waits for it would wait for ever."""
    try:
        return work(*arguments)
    except StopIteration as error:
        raise RuntimeError("StopIteration in a worker") from error


def _exclusive_case(command: Command) -> str | None:
    if not isinstance(command, _EXCLUSIVE):
        return None
    return command.actor.case_id if isinstance(command, SignDocument | Refuse) else command.case_id
