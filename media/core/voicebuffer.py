"""A bounded buffer between a source that delivers when it likes and a mixer that takes every 20 ms."""

from collections import deque
from threading import Lock

import numpy as np

from media.core.mixing import BLOCK, Samples, silence

PAUSE = 300
"""Peak below which a block is a pause between words."""


class VoiceBuffer:
    """Plays out once ``target`` samples have gathered; silence when empty.

    A source that stood still and then delivers all at once is late, not wrong: up to ``most`` is kept, and the delay is
    made up again by leaving out pauses. Only beyond ``most`` the oldest go, down to half of it.

    Thread-safe: one side pushes, the other takes. ``dropped``, ``skipped`` (pauses) and ``starved`` count samples,
    samples and takes.
    """

    def __init__(self, target: int = 3 * BLOCK, most: int = 60 * BLOCK) -> None:
        self._parts: deque[Samples] = deque()
        self._depth = 0
        self._target = target
        self._most = most
        self._playing = False
        self._lock = Lock()
        self.dropped = 0
        self.skipped = 0
        self.starved = 0

    @property
    def depth(self) -> int:
        """Samples waiting."""
        return self._depth

    @property
    def playing(self) -> bool:
        """Enough had gathered, and it has not run dry since."""
        return self._playing

    def keep(self, target: int) -> None:
        """Another ``target`` from now on."""
        self._target = target

    def push(self, samples: Samples) -> None:
        """Keeps a reference without copying; the caller must not change the array afterwards."""
        with self._lock:
            self._parts.append(samples)
            self._depth += len(samples)
            if self._depth > self._most:
                over = self._depth - max(self._target, self._most // 2)
                self._cut(over)
                self.dropped += over

    def take(self, count: int = BLOCK) -> Samples:
        """Exactly ``count`` samples; silence while too little has gathered."""
        with self._lock:
            if not self._playing and self._depth < max(self._target, count):
                return silence(count)
            self._playing = True
            if self._depth < count:
                self._playing = False
                self.starved += 1
                return self._pad(self._cut(self._depth), count)
            return self._past_pause(self._cut(count))

    def _past_pause(self, block: Samples) -> Samples:
        late = self._depth - self._target - len(block)
        if late < 2 * len(block) or int(np.abs(block.astype(np.int32)).max(initial=0)) > PAUSE:
            return block
        self.skipped += len(block)
        return self._cut(len(block))

    @staticmethod
    def _pad(samples: Samples, count: int) -> Samples:
        padded = silence(count)
        padded[: len(samples)] = samples
        return padded

    def _cut(self, count: int) -> Samples:
        parts: list[Samples] = []
        missing = count
        while missing:
            part = self._parts.popleft()
            if len(part) > missing:
                self._parts.appendleft(part[missing:])
                part = part[:missing]
            parts.append(part)
            missing -= len(part)
        self._depth -= count
        return np.concatenate(parts) if parts else silence(0)
