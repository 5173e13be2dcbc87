"""The same request while the first one is under way: both wait for one piece of work."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Together:
    """A client that gave up waiting sends again; the service must not begin anew what it is still busy with."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[Any]] = {}

    async def once(self, key: Hashable, work: Callable[[], Awaitable[T]]) -> T:
        """What ``work`` returns or raises. It goes on to its end where whoever waits for it is cancelled."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(work())
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._over(key, done))
        result: T = await asyncio.shield(task)
        return result

    def _over(self, key: Hashable, done: asyncio.Task[Any]) -> None:
        del self._under_way[key]
        if not done.cancelled():
            done.exception()  # or asyncio complains where nobody waits any more
