"""Which way to a relay is open from here: the connection underneath takes a single one, and a net may let few pass."""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from aioice.turn import create_turn_endpoint
from aiortc.rtcicetransport import parse_stun_turn_uri

from media.ports import IceServer

log = logging.getLogger(__name__)

PATIENCE = 2.0
GRACE = 0.3
"""Seconds that a better way is waited for once a worse one is open."""
FRESH = 30.0
"""Seconds for which what was found is believed."""


class Relays:
    """The servers of one call. ``servers`` gives them with at most one way to a relay, one that is open."""

    def __init__(self, servers: Sequence[IceServer]) -> None:
        self._plain = tuple(server for server in servers if not _is_relay(server))
        self._ways = [replace(server, urls=(url,)) for server in servers if _is_relay(server) for url in server.urls]
        self._found: tuple[IceServer, ...] = ()
        self._looked = -FRESH
        self._looking: asyncio.Task[None] | None = None
        self._returning: set[asyncio.Task[None]] = set()

    def look(self) -> None:
        """Begins to look, unless it was done just now."""
        if self._ways and self._looking is None and time.monotonic() - self._looked > FRESH:
            self._looking = asyncio.get_running_loop().create_task(self._look())

    async def servers(self) -> tuple[IceServer, ...]:
        """Returns at once where it is known, after PATIENCE at the latest."""
        self.look()
        if self._looking is not None:
            await asyncio.wait([self._looking], timeout=PATIENCE)
        return (*self._plain, *self._found)

    async def _look(self) -> None:
        best = await self._best()
        self._found = () if best is None else (best,)
        self._looked = time.monotonic()
        self._looking = None
        if best is None:
            log.warning("no relay answers")

    async def close(self) -> None:
        """Ends looking."""
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
        await asyncio.gather(*self._returning)

    async def _best(self) -> IceServer | None:
        """The first of the ways that is open, or one that opened GRACE before; None where none does in PATIENCE."""
        tries = [asyncio.create_task(self._open(way)) for way in self._ways]
        end = time.monotonic() + PATIENCE
        try:
            while (left := end - time.monotonic()) > 0 and not all(one.done() for one in tries):
                first = next((one for one in tries if not one.done() or one.result()), None)
                if first is not None and first.done():
                    break
                done, _ = await asyncio.wait(
                    [one for one in tries if not one.done()], timeout=left, return_when=asyncio.FIRST_COMPLETED
                )
                if any(one.result() for one in done):
                    end = min(end, time.monotonic() + GRACE)
            return next((way for way, one in zip(self._ways, tries, strict=True) if one.done() and one.result()), None)
        finally:
            for one in tries:
                one.cancel()
            await asyncio.gather(*tries, return_exceptions=True)

    async def _open(self, way: IceServer) -> bool:
        """Whether the relay gives a place by this way; the place is given back."""
        try:
            parsed = parse_stun_turn_uri(way.urls[0])
            transport, place = await create_turn_endpoint(
                _Place,
                (parsed["host"], parsed["port"]),
                way.username,
                way.credential,
                ssl=parsed["scheme"] == "turns",
                transport=parsed["transport"],
            )
        except Exception as error:  # whatever stands in the way, it is not open; aioice has several kinds
            log.info("%s is not open: %s", way.urls[0], type(error).__name__)
            return False
        transport.close()
        returning = asyncio.get_running_loop().create_task(place.returned())
        self._returning.add(returning)
        returning.add_done_callback(self._returning.discard)
        return True


class _Place(asyncio.DatagramProtocol):
    """Tells when a place was given back."""

    def __init__(self) -> None:
        self._gone = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone.set()

    async def returned(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._gone.wait(), PATIENCE)


def _is_relay(server: IceServer) -> bool:
    return any(url.startswith(("turn:", "turns:")) for url in server.urls)
