"""Work on keys, one after the other for each of them, whoever stops waiting for it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any, TypeVar

from signing.domain.errors import Contended, Fenced, OutsideError
from signing.domain.lease import BEAT_SECONDS

T = TypeVar("T")
CONTENDED_SECONDS = 0.05


class Turns:
    """``close`` once; to be used on one event loop."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Task[Any]] = {}
        self.closing = False

    async def take(self, keys: Collection[str], work: Callable[[], Awaitable[T]]) -> T:
        """``work()`` after all that was begun before for any of ``keys``, and before all that comes later for one.

        It is finished even where whoever asked is cancelled, so that no older state comes after a newer one.
        """
        before = {self._last[key] for key in keys if key in self._last}
        task = asyncio.create_task(_after(before, work), name=f"turn of {len(keys)} keys")
        self._last.update(dict.fromkeys(keys, task))
        task.add_done_callback(lambda done: self._done(keys, done))
        return await asyncio.shield(task)

    async def answered(self, work: Callable[..., T], *arguments: object) -> T:
        """``work`` in a thread, repeated while the database is away and where somebody else came between.

        Raises ``Fenced`` at once: no repetition helps until this service has begun anew.
        """
        while True:
            try:
                return await asyncio.to_thread(work, *arguments)
            except (Contended, OutsideError) as error:
                if self.closing or isinstance(error, Fenced):
                    raise
                await asyncio.sleep(CONTENDED_SECONDS if isinstance(error, Contended) else BEAT_SECONDS)

    async def close(self) -> None:
        """Nothing is repeated any more; waits for what is under way."""
        self.closing = True
        await asyncio.gather(*self._last.values(), return_exceptions=True)

    def _done(self, keys: Collection[str], task: "asyncio.Task[Any]") -> None:
        for key in keys:
            if self._last.get(key) is task:
                del self._last[key]
        if not task.cancelled():
            task.exception()


async def _after(before: Collection["asyncio.Task[Any]"], work: Callable[[], Awaitable[T]]) -> T:
    if before:
        await asyncio.wait(before)
    return await work()
