"""Which servers answer from here, and by which way.

The connection underneath takes a single STUN server and a single way to a relay, a net may let few pass, and an answer
to a phone waits for all of them: who is silent is left out.
"""

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from aioice import stun
from aioice.turn import create_turn_endpoint
from aiortc.rtcicetransport import parse_stun_turn_uri

from media.ports import IceServer

log = logging.getLogger(__name__)

PATIENCE = 2.0
STUN_PATIENCE = 1.0
"""A question and its answer; a way to a relay by TLS takes five of these."""
GRACE = 0.3
"""Seconds that a better way is waited for once a worse one is open."""
FRESH = 30.0
"""Seconds for which what was found is believed; one bad look takes nothing away, and is made again."""


class Relays:
    """The servers of one call. ``servers`` gives at most one for STUN and one way to a relay: such as answer."""

    def __init__(self, servers: Sequence[IceServer]) -> None:
        ways = [replace(server, urls=(url,)) for server in servers for url in server.urls]
        self._relays = [way for way in ways if _is_relay(way)]
        self._stun = [way for way in ways if not _is_relay(way)]
        self._mirror: IceServer | None = None
        self._relay: IceServer | None = None
        self._looked = -FRESH
        self._looking: asyncio.Task[None] | None = None
        self._returning: set[asyncio.Task[None]] = set()

    def look(self) -> None:
        """Begins to look, unless it was done just now."""
        if (self._relays or self._stun) and self._looking is None and time.monotonic() - self._looked > FRESH:
            self._looking = asyncio.get_running_loop().create_task(self._look())

    async def servers(self) -> tuple[IceServer, ...]:
        """Returns at once where it is known, after PATIENCE at the latest."""
        self.look()
        if self._looking is not None:
            await asyncio.wait([self._looking], timeout=PATIENCE)
        return tuple(one for one in (self._mirror, self._relay) if one is not None)

    async def _look(self) -> None:
        await asyncio.gather(self._look_for_stun(), self._look_for_relay())
        if all(found or not asked for asked, found in ((self._stun, self._mirror), (self._relays, self._relay))):
            self._looked = time.monotonic()
        self._looking = None
        for kind, asked, found in (("STUN server", self._stun, self._mirror), ("relay", self._relays, self._relay)):
            if asked and found is None:
                log.warning("no %s answers", kind)

    async def _look_for_stun(self) -> None:
        self._mirror = await _best(self._stun, _reflects, STUN_PATIENCE) or self._mirror

    async def _look_for_relay(self) -> None:
        self._relay = await _best(self._relays, self._open, PATIENCE) or self._relay

    async def close(self) -> None:
        """Ends looking."""
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
        await asyncio.gather(*self._returning)

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


async def _best(
    ways: Sequence[IceServer], opens: Callable[[IceServer], Awaitable[bool]], patience: float
) -> IceServer | None:
    """The first of the ways that is open, or one that opened GRACE before; None where none does in time."""
    tries = [asyncio.ensure_future(opens(way)) for way in ways]
    end = time.monotonic() + patience
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
        return next((way for way, one in zip(ways, tries, strict=True) if one.done() and one.result()), None)
    finally:
        for one in tries:
            one.cancel()
        await asyncio.gather(*tries, return_exceptions=True)


async def _reflects(server: IceServer) -> bool:
    """Whether a STUN server answers."""
    try:
        parsed = parse_stun_turn_uri(server.urls[0])
        address = (parsed["host"], parsed["port"])
        transport, question = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Question(address), remote_addr=address, family=socket.AF_INET
        )
    except Exception as error:  # whatever stands in the way, nobody can be asked; by IPv4 as aioice will ask
        log.info("%s cannot be asked: %s", server.urls[0], type(error).__name__)
        return False
    try:
        await question.asked.run()
    except stun.TransactionError as error:
        log.info("%s does not answer: %s", server.urls[0], type(error).__name__)
        return False
    finally:
        transport.close()
    return True


class _Question(asyncio.DatagramProtocol):
    """A binding request (RFC 8489) to one server; ``asked`` repeats it until it is answered."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        self.asked = stun.Transaction(self._request, address, self)

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def send_stun(self, message: stun.Message, addr: tuple[str, int]) -> None:
        self._transport.sendto(bytes(message))

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        with suppress(ValueError):
            message = stun.parse_message(data)
            if message.transaction_id == self._request.transaction_id:
                self.asked.response_received(message, addr)


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
