"""Bringing DTLS up quickly, also on a line that loses packets.

OpenSSL sends a lost flight again after a second, then after two, then after four, and aiortc leaves it at that. The
newest records are therefore sent again as they are every few tenths of a second: who has them already drops them as a
replay (RFC 6347, 4.1.2.6), who has not goes on.

As the client we do not wait for the server's last flight before media flows. When our own Finished has left, the keys
are agreed with one who has proved to hold their certificate, and only forward secret suites are on offer (False Start,
RFC 7918); whether the beginning of the handshake came through unaltered is known a round trip later, and a connection
for which that is not so, or not known in time, fails then. What travels in DTLS itself, the data channel, waits.
"""

import asyncio
import logging
from collections import deque
from contextlib import suppress

from aiortc.rtcdtlstransport import RTCDtlsTransport

from media.rtc import names
from media.rtc.tasks import end

log = logging.getLogger(__name__)

FIRST_SECONDS = 0.1
GROWTH = 1.5
LONGEST_SECONDS = 0.8
MOST = 2
"""Datagrams; a flight of ours is one or two."""
FLIGHT_SECONDS = 0.02
"""Datagrams of one flight leave within that."""
AFTERWARDS = 4
"""So many more times once our own side is through: the other may still be waiting for our last flight."""
MOST_HELD = 16
"""Messages of the data channel that wait for the end; SCTP sends again what is lost."""
PATIENCE_SECONDS = 15.0
"""For the end of a handshake over whose keys media flows already."""
DTLS_RECORD = range(20, 23)
"""First bytes of a record of the handshake (RFC 6347, 4.1); 23, what the channel sends, is sent again by SCTP."""


class Handshake:
    """Of one transport. It is to be made before the transport starts; ``close`` it."""

    def __init__(self, transport: RTCDtlsTransport) -> None:
        self._transport = transport
        self._newest: deque[bytes] = deque(maxlen=MOST)
        self._sent_at = 0.0
        self._since = 0
        """How often, since something new was sent."""
        self._keys = asyncio.Event()
        self._again: asyncio.Task[None] | None = None
        self._shaking: asyncio.Task[None] | None = None
        self._end: asyncio.Task[None] | None = None
        self._send = names.tap_sent(transport, self._sent)
        names.around_handshake(transport, self._begin)
        self._held: deque[bytes] = deque(maxlen=MOST_HELD)
        self._send_data = names.before_data(transport, self._hold)

    async def _begin(self, shake: names.Shakes) -> None:
        """Returns when there are keys for media, which may be before the end."""
        loop = asyncio.get_running_loop()
        self._again = loop.create_task(self._repeat())
        self._shaking = loop.create_task(shake())
        agreed = loop.create_task(self._agreed())
        try:
            await asyncio.wait({self._shaking, agreed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(agreed)
        if self._shaking.done():
            await self._shaking
        else:
            self._end = loop.create_task(self._see_through())

    async def _agreed(self) -> None:
        await self._keys.wait()

    async def _see_through(self) -> None:
        """However it ends but in a whole handshake, the connection does."""
        await asyncio.wait({self._shaking} if self._shaking else (), timeout=PATIENCE_SECONDS)
        if not self._transport.encrypted:
            log.warning("a handshake did not come to its end: %s", _why(self._shaking))
            names.fail(self._transport)
        with suppress(ConnectionError):
            while self._held and self._transport.encrypted:
                await self._send_data(self._held.popleft())

    def _hold(self, data: bytes) -> bool:
        """Keeps what is for the data channel until the end."""
        if self._end is None or self._transport.encrypted:
            return False
        self._held.append(data)
        return True

    def _sent(self, data: bytes) -> None:
        if not data or data[0] not in DTLS_RECORD:
            return
        now = asyncio.get_running_loop().time()
        if now - self._sent_at > FLIGHT_SECONDS:
            self._newest.clear()
        self._newest.append(data)
        self._sent_at, self._since = now, 0
        if names.has_keys(self._transport):
            self._keys.set()

    async def _repeat(self) -> None:
        left = AFTERWARDS
        with suppress(ConnectionError):
            while left and self._transport.state in ("connecting", "connected"):
                await asyncio.sleep(min(LONGEST_SECONDS, FIRST_SECONDS * GROWTH**self._since))
                self._since += 1
                left -= self._transport.encrypted
                for data in tuple(self._newest):
                    await self._send(data)
        names.untap_sent(self._transport, self._send)

    async def close(self) -> None:
        """Ends repeating, and a handshake that has not come to its end."""
        await end(self._again, self._end)
        while self._shaking is not None and not self._shaking.done():
            self._shaking.cancel()  # one cancel is lost where a datagram comes in the same turn
            await asyncio.wait({self._shaking}, timeout=0.05)


def _why(shaking: asyncio.Task[None] | None) -> str:
    """One that fails by itself has said so to the transport, and raises nothing."""
    if shaking is None or not shaking.done():
        return "no time left"
    return "cancelled" if shaking.cancelled() else repr(shaking.exception())
