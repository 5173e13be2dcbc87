"""A voice that comes in over a connection: the connection's loop puts packets in, the sound's clock takes steps out."""

import time
from collections import deque
from threading import Lock

import numpy as np

from media.core.mixing import BLOCK, Samples, level
from media.core.playout import VoicePlayout
from media.opus import opus_decoder

LEVELS = 100


class Hearing:
    """Thread-safe. ``take`` never waits; it gives silence where nothing came."""

    def __init__(self) -> None:
        self._playout = VoicePlayout(opus_decoder())
        self._lock = Lock()
        self._taken: deque[Samples] = deque(maxlen=LEVELS)
        self._lately: deque[Samples] = deque(maxlen=LEVELS)
        self._heard: tuple[int, float] | None = None

    def begin(self) -> None:
        """Another source speaks from now on: what is known of the one before does not hold for it."""
        with self._lock:
            self._playout = VoicePlayout(opus_decoder())

    def put(self, timestamp: int, payload: bytes, now: float) -> None:
        """An Opus packet; ``timestamp`` unwrapped, 1/48000 s; ``now`` monotonic seconds."""
        with self._lock:
            self._playout.insert(timestamp, payload, now)

    def take(self, count: int = BLOCK) -> Samples:
        """The next ``count`` samples."""
        with self._lock:
            now = time.monotonic()
            samples = self._playout.take(count, now)
            position = self._playout.position
            self._heard = None if position is None else (position - count, now)
        self._taken.append(samples)
        self._lately.append(samples)
        return samples

    def loudness(self) -> float:
        """Root mean square of what was taken since the last call, 0…1."""
        taken, self._taken = self._taken, deque(maxlen=LEVELS)
        return _level(taken)

    def murmur(self) -> float:
        """The same since the last call of this, for whoever looks more often."""
        lately, self._lately = self._lately, deque(maxlen=LEVELS)
        return _level(lately)

    @property
    def heard(self) -> tuple[int, float] | None:
        """(timestamp, monotonic seconds) of the last step taken; None while nobody speaks."""
        return self._heard

    @property
    def behind(self) -> float | None:
        """Seconds between the earliest that the voice could be heard and when it is; None while nobody speaks."""
        with self._lock:
            return self._playout.delay(time.monotonic())

    @property
    def counts(self) -> dict[str, int]:
        """Samples played, concealed, left out and put in, and packets that came too late."""
        names = ("played", "concealed", "recovered", "left_out", "put_in", "too_late")
        return {name: getattr(self._playout, name) for name in names}


def _level(taken: deque[Samples]) -> float:
    return level(np.concatenate(taken)) if taken else 0.0
