"""What is to be sent, by a thread of its own: whoever has something to say never waits for who reads it."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from media.process import memory, words
from media.process.channel import Channel

LIMIT = 20_000
"""Messages that wait for an end that does not read: more than an hour's, without its pictures."""


@dataclass(frozen=True)
class _Parcel:
    message: Mapping[str, Any]
    segment: memory.Segment | None = None


class Outbox:
    """``close`` it. Messages are sent in their order; one too many ends it, as does an end that is gone."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._waiting: deque[_Parcel] = deque()
        self._changed = threading.Condition()
        self._open = True
        self._busy = False
        self._thread = threading.Thread(target=self._run, name="media-outbox", daemon=True)
        self._thread.start()

    @property
    def open(self) -> bool:
        """False once nothing more will be sent."""
        return self._open

    def put(self, message: Mapping[str, Any], segment: memory.Segment | None = None) -> None:
        """A segment is sent with a handle of its own."""
        with self._changed:
            if not self._open:
                return
            if len(self._waiting) >= LIMIT:
                self._open = False
            else:
                self._waiting.append(_Parcel(message, segment.again() if segment is not None else None))
            self._changed.notify_all()

    def flush(self, seconds: float) -> bool:
        """Waits until everything is sent; False where it is not."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._open or not (self._waiting or self._busy), seconds)

    def close(self) -> None:
        """What waits is not sent any more. The channel has to be closed before where its other end may not read."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
        self._thread.join(5)

    def _run(self) -> None:
        while (parcel := self._next()) is not None:
            try:
                self._send(parcel)
            except (OSError, ValueError):
                self._open = False
        with self._changed:
            self._open = False
            left, self._waiting = self._waiting, deque()
            self._changed.notify_all()
        for parcel in left:
            if parcel.segment is not None:
                parcel.segment.forget()

    def _next(self) -> _Parcel | None:
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or not self._open)
            if not self._open:
                return None
            self._busy = True
            return self._waiting.popleft()

    def _send(self, parcel: _Parcel) -> None:
        data = words.pack(parcel.message)
        if parcel.segment is None:
            self._channel.send(data)
            return
        try:
            memory.offer(self._channel, data, parcel.segment)
        finally:
            parcel.segment.forget()
