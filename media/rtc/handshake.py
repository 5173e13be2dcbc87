"""Bringing DTLS up on a line that loses packets.

OpenSSL sends a lost flight again after a second, then after two, then after four, and aiortc leaves it at that. The
newest records are therefore sent again as they are every few tenths of a second: who has them already drops them as a
replay (RFC 6347, 4.1.2.6), who has not goes on.
"""

import asyncio
from collections import deque
from contextlib import suppress

from aiortc.rtcdtlstransport import RTCDtlsTransport

from media.rtc import names
from media.rtc.tasks import end

FIRST_SECONDS = 0.1
GROWTH = 1.5
LONGEST_SECONDS = 0.8
MOST = 2
"""Datagrams; a flight of ours is one or two."""
AFTERWARDS = 4
"""So many more times once our own side is through: the other may still be waiting for our last flight."""
DTLS_RECORD = range(20, 23)
"""First bytes of a record of the handshake (RFC 6347, 4.1); 23, what the channel sends, is sent again by SCTP."""


class Handshake:
    """Of one transport. It is to be made before the transport starts; ``close`` it."""

    def __init__(self, transport: RTCDtlsTransport) -> None:
        self._transport = transport
        self._newest: deque[bytes] = deque(maxlen=MOST)
        self._since = 0
        """How often, since something new was sent."""
        self._again: asyncio.Task[None] | None = None
        self._send = names.tap_sent(transport, self._sent)
        names.before_handshake(transport, self._begin)

    def _begin(self) -> None:
        self._again = asyncio.get_running_loop().create_task(self._repeat())

    def _sent(self, data: bytes) -> None:
        if data and data[0] in DTLS_RECORD:
            self._newest.append(data)
            self._since = 0

    async def _repeat(self) -> None:
        left = AFTERWARDS
        with suppress(ConnectionError):
            while left and self._transport.state in ("connecting", "connected"):
                await asyncio.sleep(min(LONGEST_SECONDS, FIRST_SECONDS * GROWTH**self._since))
                self._since += 1
                left -= self._transport.encrypted
                for data in reversed(tuple(self._newest)):
                    await self._send(data)
        names.untap_sent(self._transport, self._send)

    async def close(self) -> None:
        """Ends repeating."""
        await end(self._again)
