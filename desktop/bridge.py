"""The only door between Qt and asyncio: one loop in one thread, one closure queue, one signal.

Coroutines go in by ``call``; whatever they bring back is run on the GUI thread. The media engine's events come
through the same door by ``to_gui``. After ``close`` nothing is delivered and no closure is kept.
"""

import asyncio
import contextlib
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from desktop import mishaps

T = TypeVar("T")
LIMIT = 5000
log = logging.getLogger(__name__)


class Trouble(Exception):
    """A failure in words for the person at the screen. ``code`` is the service's, or one of ours below.

    ``unreachable``: no answer from the service; trying again may help. ``internal``: a defect of this program.
    """

    def __init__(self, message: str, hint: str = "", *, code: str = "internal") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code

    @property
    def text(self) -> str:
        return f"{self.message}。{self.hint}" if self.hint else self.message


class Work:
    """A running coroutine. ``cancel`` may be called from any thread; nothing is delivered afterwards."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.task: asyncio.Task[None] | None = None
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True
        self._loop.call_soon_threadsafe(self._cancel_task)

    def _cancel_task(self) -> None:
        if self.task is not None:
            self.task.cancel()


class Bridge(QObject):
    """Owns the loop's thread and every task on it; ``close`` cancels and awaits them all."""

    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: deque[Callable[[], None]] = deque()
        self._dropped = 0
        self._open = True
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken.connect(self._drain, Qt.ConnectionType.QueuedConnection)
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._run, name="desktop-io", daemon=True)
        self._thread.start()

    def call(
        self,
        coroutine: Coroutine[Any, Any, T],
        on_done: Callable[[T], None] | None = None,
        on_error: Callable[[Trouble], None] | None = None,
    ) -> Work:
        """Runs ``coroutine`` on the loop; one of the callbacks then runs on the GUI thread."""
        work = Work(self._loop)
        if not self._open:
            coroutine.close()
            return work
        self._loop.call_soon_threadsafe(self._begin, work, coroutine, on_done, on_error)
        return work

    def to_gui(self, closure: Callable[[], None]) -> None:
        """From any thread. A full queue drops the closure, and says so in the log."""
        if not self._open:
            return
        if len(self._queue) >= LIMIT:
            self._dropped += 1
            return
        self._queue.append(closure)
        if self._open:
            self._woken.emit()

    def flush(self) -> None:
        """On the GUI thread: runs what is queued now, without waiting for the event loop."""
        self._drain()

    def finish(self, coroutine: Coroutine[Any, Any, object], timeout: float = 3.0) -> None:
        """Waits for a last coroutine, such as closing a client, before ``close``."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        with contextlib.suppress(Exception):
            future.result(timeout)

    def close(self, timeout: float = 5.0) -> None:
        """Cancels and awaits every task, joins the thread and forgets what was queued."""
        if not self._open:
            return
        self._open = False
        self._queue.clear()
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join(timeout)
        if not self._thread.is_alive():
            self._loop.close()
        self._queue.clear()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _begin(
        self,
        work: Work,
        coroutine: Coroutine[Any, Any, T],
        on_done: Callable[[T], None] | None,
        on_error: Callable[[Trouble], None] | None,
    ) -> None:
        if work.cancelled:
            coroutine.close()
            return
        work.task = self._loop.create_task(self._carry(work, coroutine, on_done, on_error))
        self._tasks.add(work.task)
        work.task.add_done_callback(self._tasks.discard)

    async def _carry(
        self,
        work: Work,
        coroutine: Coroutine[Any, Any, T],
        on_done: Callable[[T], None] | None,
        on_error: Callable[[Trouble], None] | None,
    ) -> None:
        try:
            result = await coroutine
        except Trouble as trouble:
            self._hand_over(work, on_error, trouble)
        except Exception as error:
            self._hand_over(work, on_error, internal(error))
        else:
            self._hand_over(work, on_done, result)

    def _hand_over(self, work: Work, receiver: Callable[[T], None] | None, value: T) -> None:
        if receiver is not None:
            self.to_gui(lambda: None if work.cancelled else receiver(value))

    def _drain(self) -> None:
        while self._queue and self._open:
            closure = self._queue.popleft()
            try:
                closure()
            except Exception:  # told where all others are; what else has come is not held up by it
                sys.excepthook(*sys.exc_info())
        if self._dropped:
            log.error("%d events for the window were dropped: it did not keep up", self._dropped)
            self._dropped = 0

    def _end(self) -> None:
        ending = self._loop.create_task(self._cancel_all())
        ending.add_done_callback(lambda _: self._loop.stop())

    async def _cancel_all(self) -> None:
        tasks = [task for task in self._tasks if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
        await self._loop.shutdown_default_executor()


def internal(error: Exception) -> Trouble:
    """Never shows a raw exception to a person; the number is enough to find it in the log."""
    return Trouble("程序遇到意外情况", f"请再试一次；仍然不行，请把编号 {mishaps.record(error)} 告诉管理员")
