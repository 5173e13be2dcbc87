"""Messages for the record that may come late: kept while the service cannot be reached, and sent in their order."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from desktop.bridge import Trouble
from desktop.client import Client
from signing.wire.base import Message

log = logging.getLogger(__name__)

MOST = 500
"""Kept at once: hours of several parties' lines. What is beyond loses the oldest."""
LONGEST_PAUSE = 30.0
PASSING = (
    "unreachable", "http.500", "http.502", "http.503", "http.504", "contended", "fenced", "outside", "too_many",
    "not_logged_in",
)  # fmt: skip
"""Refusals that pass; any other is for good, and a person would have no use for it."""


class Reports:
    """On the bridge's loop. ``put`` from there; ``run`` until it is cancelled, and ``finish`` before that."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._waiting: deque[tuple[str, Message]] = deque(maxlen=MOST)
        self._there = asyncio.Event()
        self._none_left = asyncio.Event()
        self._hurry = asyncio.Event()

    async def put(self, path: str, message: Message) -> None:
        """Returns at once; the message is sent when it can be."""
        self._waiting.append((path, message))
        self._none_left.clear()
        self._there.set()

    async def finish(self, last: Sequence[tuple[str, Message]], seconds: float) -> int:
        """Takes the ``last`` messages too, and waits for so long until all are sent; how many are not, and lost."""
        for path, message in last:
            await self.put(path, message)
        self._hurry.set()
        if self._waiting:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._none_left.wait(), seconds)
        if self._waiting:
            log.warning("%d reports could not be sent before closing and are lost", len(self._waiting))
        return len(self._waiting)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def run(self) -> None:
        tries = 0
        while True:
            while not self._waiting:
                self._none_left.set()
                self._there.clear()
                await self._there.wait()
            path, message = self._waiting[0]
            if await self._sent(path, message):
                tries = 0
                if self._waiting and self._waiting[0] == (path, message):
                    self._waiting.popleft()
            else:
                tries += 1
                tries = 0 if await self._hurried(min(LONGEST_PAUSE, 2.0 ** min(tries, 10) / 2)) else tries

    async def _hurried(self, seconds: float) -> bool:
        """A pause, and whether it was cut short."""
        try:
            await asyncio.wait_for(self._hurry.wait(), seconds)
        except TimeoutError:
            return False
        self._hurry.clear()
        return True

    async def _sent(self, path: str, message: Message) -> bool:
        """Whether it is done with."""
        try:
            await self._client.send(path, message)
        except Trouble as trouble:
            if trouble.code in PASSING:
                return False
            log.warning("a report was not taken: %s", trouble.code)
        return True
