"""The channel beside picture and sound, over the same path (RFC 8831). The phone opens it; an older page does not."""

import logging
from collections.abc import Callable

from aiortc import RTCDataChannel, RTCPeerConnection

from media.core.messages import PING, Message, line, parse, pong

log = logging.getLogger(__name__)

LABEL = "pingqian"
MOST_WAITING = 16_384
"""Bytes; where so much waits, the path carries nothing and more is of no use."""


class Channel:
    """Of one connection. ``on_message(message)`` gets all but the heartbeat, which is answered here."""

    def __init__(self, connection: RTCPeerConnection, on_message: Callable[[Message], None]) -> None:
        self.heard = 0
        """Messages that came."""
        self._on_message = on_message
        self._channel: RTCDataChannel | None = None
        connection.on("datachannel", self._opened)

    def _opened(self, channel: RTCDataChannel) -> None:
        if channel.label != LABEL or self._channel is not None:
            return
        self._channel = channel
        channel.on("message", self._came)

    def _came(self, text: str | bytes) -> None:
        """An error must not leave this: aiortc would end the whole connection, picture and sound with it."""
        self.heard += 1
        try:
            self._read(text)
        except ValueError:
            log.warning("a message could not be acted on: %d characters", len(text))

    def _read(self, text: str | bytes) -> None:
        message = parse(text)
        if message is None:
            log.debug("not a message: %d characters", len(text))
        elif message["kind"] == PING:
            if (answer := pong(message)) is not None:
                self.send(answer)
        else:
            self._on_message(message)

    def send(self, message: Message) -> bool:
        """False where there is no channel, or nothing leaves by it; raises ``ValueError`` for no message."""
        text = line(message)
        channel = self._channel
        if channel is None or channel.readyState != "open" or channel.bufferedAmount > MOST_WAITING:
            return False
        channel.send(text)
        return True
