"""The task that renews what is due of the closed packages' time-stamps."""

import asyncio
import logging

from signing.service.bus import Bus
from signing.service.commands import SYSTEM
from signing.service.handlers.archiving import Renewed
from signing.service.seal_commands import RenewArchives

_LOG = logging.getLogger(__name__)
LOOK_SECONDS = 60.0
ON_SECONDS = 0.2
"""Between two runs of those that came on: packages by the thousand leave the service time for its calls."""
BEGIN_SECONDS = 20.0
"""After a start there is more urgent work."""


class ArchiveWorker:
    """``start`` and ``close`` belong to one running event loop. What is due is in the database, so that a restart, or
    another service, goes on where this one stopped."""

    def __init__(self, bus: Bus, begin: float = BEGIN_SECONDS) -> None:
        self._bus, self._begin = bus, begin
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._work(), name="archives")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        await asyncio.sleep(self._begin)
        while True:
            left = False
            try:
                renewed: Renewed = await self._bus.execute(RenewArchives(SYSTEM))
                left = renewed.left and bool(renewed.done or renewed.seen)
            except Exception as error:
                # A year is left, and the database or the store may be away for a while.
                _LOG.error("archives were not looked at: %s", getattr(error, "code", type(error).__name__))
            await asyncio.sleep(ON_SECONDS if left else LOOK_SECONDS)
