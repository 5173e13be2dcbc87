"""The connections of one person, one after the other: the one in use goes on until the next one carries something."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from media.peer import Peer
from media.rtc.tasks import end

LOOK_SECONDS = 0.05
PATIENCE = 30.0
"""Seconds after which a connection that carries nothing is given up."""


class Succession:
    """``peer`` is in use, None at first. ``close`` it.

    There are never more than two: an offer that follows a second one ends that.
    """

    def __init__(self) -> None:
        self.peer: Peer | None = None
        self._heir: Peer | None = None
        self._took: Callable[[], None] = lambda: None
        self._waiting: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def peers(self) -> tuple[Peer, ...]:
        """All that are to be fed with what goes out."""
        return tuple(peer for peer in (self.peer, self._heir) if peer is not None)

    def follow(self, peer: Peer, took: Callable[[], None]) -> bool:
        """Puts ``peer`` in use where none stands, else behind; returns whether it is in use.

        ``took`` is called if it takes the other's place later.
        """
        self.drop(self._heir)
        if self.peer is None or not self.peer.stands:
            self._replace(peer)
            return True
        self._heir, self._took = peer, took
        self._waiting = self._own(self._wait(peer))
        return False

    def _replace(self, peer: Peer) -> None:
        before, self.peer = self.peer, peer
        if before is not None:
            self._end(before)

    async def _wait(self, peer: Peer) -> None:
        """Sees ``peer`` to its place, or to its end."""
        for _ in range(int(PATIENCE / LOOK_SECONDS)):
            await asyncio.sleep(LOOK_SECONDS)
            if peer.over:
                break
            if peer.comes or (peer.stands and self.peer is not None and self.peer.over):
                self.take(peer)
                return
        self._discard(peer)

    def take(self, peer: Peer) -> None:
        """Puts the next one in use, if ``peer`` is that, and ends the one before."""
        if peer is not self._heir:
            return
        self._heir = None
        self._replace(peer)
        self._took()

    def inherit(self) -> bool:
        """The one in use is over: puts the next one in its place if that stands, and returns whether it did."""
        heir = self._heir
        if heir is None or not heir.stands:
            return False
        self.take(heir)
        return True

    def drop(self, peer: Peer | None) -> None:
        """Gives the next one up, if ``peer`` is that."""
        if peer is None or peer is not self._heir:
            return
        if self._waiting is not None:
            self._waiting.cancel()
        self._discard(peer)

    def _discard(self, peer: Peer) -> None:
        if peer is self._heir:
            self._heir = None
            self._end(peer)

    def _end(self, peer: Peer) -> None:
        self._own(peer.close())

    def _own(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Ends them all."""
        await end(self._waiting)
        for peer in self.peers:
            self._end(peer)
        self.peer = self._heir = None
        await asyncio.gather(*self._tasks)
