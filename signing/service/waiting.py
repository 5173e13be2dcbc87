"""Threads of their own for what waits for something slow: an engine, a gateway, the store of the files."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from signing.domain.errors import OutsideError

WAITING_AT_ONCE = 8
TURN_SECONDS = 15.0
"""Less than a page or a window waits for an answer: a customer's page asks anew where none comes."""

_T = TypeVar("_T")


class Waiting:
    """``at_once`` pieces of work at a time; the others wait for their turn.

    ``crowded``: what is told to whoever waited ``TURN_SECONDS`` in vain, and what to do; None: they wait on.
    """

    def __init__(self, name: str, crowded: tuple[str, str] | None = None, at_once: int = WAITING_AT_ONCE) -> None:
        self._threads = ThreadPoolExecutor(at_once, name)
        self._free = asyncio.Semaphore(at_once)
        self._crowded = crowded

    async def run(self, work: Callable[..., _T], *arguments: object) -> _T:
        """``work(*arguments)``. Raises ``OutsideError`` where no turn comes; then nothing was begun."""
        await self._turn()
        loop = asyncio.get_running_loop()

        def over(done: Future[_T]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._free.release)

        # a thread goes on to its end where whoever waits for it is cancelled: until then it is not free
        try:
            future = self._threads.submit(work, *arguments)
        except RuntimeError:  # shut down: the next one is told too, and waits for nobody
            self._free.release()
            raise
        future.add_done_callback(over)
        return await asyncio.wrap_future(future)

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(None if self._crowded is None else TURN_SECONDS):
                await self._free.acquire()
        except TimeoutError as waited:
            assert self._crowded is not None
            raise OutsideError(*self._crowded, code="outside.crowded") from waited

    def shutdown(self) -> None:
        """Waits for what is under way."""
        self._threads.shutdown()
