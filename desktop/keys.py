"""The keys of spooled recordings: kept under the call's spool key, which the service gives to the seat of the call."""

import asyncio
from collections.abc import Callable

from desktop.bridge import Trouble
from desktop.client import Client
from desktop.spool import Item, Spool
from media.errors import explain
from signing.wire.staff import SpoolKey

LONGEST_PAUSE = 10.0
REFUSED = ("not_permitted", "not_found", "version")


class Keys:
    """``warn`` is told, once a recording, that its key could not be kept yet. All methods are for the loop."""

    def __init__(self, client: Client, spool: Spool, warn: Callable[[str], None]) -> None:
        self._client = client
        self._spool = spool
        self._warn = warn
        self._held: dict[str, bytes | None] = {}
        """Spool keys of the calls that are open; in memory alone."""

    async def hold(self, call_id: str) -> None:
        """Until the spool key of a call that has begun is known, so that the key of no later part waits for the
        service; it is known until ``forget``."""
        self._held.setdefault(call_id, None)
        attempt = 0
        while call_id in self._held:
            try:
                await self._spool_key(call_id)
                return
            except Trouble as trouble:
                if trouble.code in REFUSED:
                    return
            attempt += 1
            await asyncio.sleep(_pause(attempt))

    async def forget(self, call_id: str) -> None:
        """The call is over: whatever of it is still to be brought asks the service again."""
        self._held.pop(call_id, None)

    async def keep(self, item: Item) -> None:
        """Until the key of a recording that has begun lies wrapped in the spool. The recording waits for nothing: it is
        encrypted from its first second, and only a power cut before this ends would leave what nobody can open."""
        attempt = 0
        while self._spool.is_there(item):
            try:
                self._spool.wrap(item, await self._spool_key(item.call_id))
                return
            except Trouble as trouble:
                self._tell(trouble.message, attempt)
                if trouble.code in REFUSED:
                    return
            except OSError as error:
                self._tell(explain(error), attempt)
            attempt += 1
            await asyncio.sleep(_pause(attempt))

    def _tell(self, why: str, attempt: int) -> None:
        if attempt == 0:
            self._warn(f"录像在加密录制，但密钥还没有存好（{why}）。此时若断电，已录的部分将打不开；正在自动重试")

    async def of(self, item: Item) -> bytes:
        """A recording's key; asks the service after a restart. Raises ``Trouble`` and ``BrokenRecording``."""
        key = self._spool.key(item)
        if key is None and item.wrapped is not None:
            key = self._spool.unwrap(item, await self._spool_key(item.call_id))
        return key if key is not None else self._spool.unwrap(item, b"")

    async def _spool_key(self, call_id: str) -> bytes:
        held = self._held.get(call_id)
        if held is not None:
            return held
        given = await self._client.post(f"/api/calls/{call_id}/spool-key", None, SpoolKey)
        key = bytes.fromhex(given.key)
        if call_id in self._held:
            self._held[call_id] = key
        return key


def _pause(attempt: int) -> float:
    """Seconds before the attempt of that number, from 1."""
    return min(LONGEST_PAUSE, 2.0 ** min(attempt, 6) / 4)
