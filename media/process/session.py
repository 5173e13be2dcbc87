"""One window at the media process."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from media import ports
from media.process import words
from media.process.channel import Channel
from media.process.memory import Segment
from media.process.outbox import Outbox

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
FROZEN_SECONDS = 4.0
"""A window that says nothing for so long may be replaced by another one; until then it is waited for."""


class Session:
    """``close`` it. ``base``: number of the last event before it came."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._outbox = Outbox(channel)
        self._heard_at = time.monotonic()
        self._stuck = 0.0
        self.base = 0
        self.heard_all = False

    @property
    def alive(self) -> bool:
        """Whether the window itself, and not only its connection, has shown itself lately."""
        return self._outbox.open and time.monotonic() - self._heard_at + self._stuck < FROZEN_SECONDS

    def put(self, message: Mapping[str, Any], segment: Segment | None = None) -> None:
        """At once, from any thread."""
        self._outbox.put(message, segment)

    def tell(self, number: int, event: ports.Event) -> None:
        """An event; 0 where nobody needs to know that it was heard."""
        self.put({"kind": "event", "n": number, "event": words.write(event)})

    def flush(self, seconds: float) -> bool:
        return self._outbox.flush(seconds)

    def converse(self, take: Callable[[Mapping[str, Any]], None]) -> None:
        """Until the window goes, or says something that no window says."""
        try:
            while self._outbox.open:
                data = self._channel.receive(LOOK_SECONDS)
                if data is not None:
                    self._hear(words.unpack(data), take)
        except (OSError, EOFError):
            return
        except (words.Garbled, KeyError, TypeError, ValueError):
            log.exception("a window that is not understood")

    def _hear(self, message: Mapping[str, Any], take: Callable[[Mapping[str, Any]], None]) -> None:
        self._heard_at = time.monotonic()
        if message["kind"] == "beat":
            self._stuck = float(message["stuck"])
        take(message)

    def close(self) -> None:
        self._channel.close()
        self._outbox.close()
