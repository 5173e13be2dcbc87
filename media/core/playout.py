"""When to play what of a voice that comes over a lossy line with jitter: pulled in steps by whoever plays it.

The wait for late packets follows what the line did in the last seconds. Too long a wait is shortened by leaving out
pauses and single periods of pitch, too short a one is lengthened in the same way; what is lost is taken from the packet
behind it or concealed. What merely stood still is late, not lost: nothing of it is thrown away.
"""

from collections import deque
from typing import Protocol

import numpy as np

from media.core.delay import Earliest, Lateness
from media.core.mixing import BLOCK, RATE, Samples, silence
from media.core.stretching import is_pause, longer, shorter

SHARE = 0.97
"""Of packets that shall come in time."""
FORGET = 0.99
"""Of what was seen, for each 20 ms of voice: what a line did two seconds ago counts for a third."""
LEAST, MOST = 0.02, 0.8
"""Seconds of waiting."""
ROOM = 0.03
"""Seconds of delay over the target that are no matter; half of it below."""
HURRY = 0.12
"""Seconds over the target from which every second block is shortened."""
STEADY = 5
PACKETS = 150
"""Packets kept: three seconds."""
SILENT_AFTER = RATE
"""Samples concealed in a row after which the voice counts as gone."""
AT_FIRST = 0.05


class Decoder(Protocol):
    """Of one stream; what it conceals follows from what it decoded before."""

    def decode(self, payload: bytes) -> Samples: ...

    def conceal(self, count: int) -> Samples: ...

    def recover(self, following: bytes, count: int) -> Samples | None:
        """The ``count`` samples before ``following`` from what that packet carries of them; None if it carries none."""
        ...


class VoicePlayout:
    """One voice. ``timestamp`` is unwrapped and in 1/48000 s, ``now`` in seconds.

    ``played``, ``concealed``, ``recovered``, ``left_out`` and ``put_in`` count samples, ``too_late`` packets.
    """

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._packets: dict[int, bytes] = {}
        self._earliest = Earliest()
        self._lateness = Lateness(FORGET)
        for _ in range(STEADY):
            self._lateness.add(AT_FIRST)
        self._next: int | None = None
        self._step = BLOCK
        self._ready = silence(0)
        self._owed = 0
        self._delays: deque[float] = deque(maxlen=STEADY)
        self._holes: deque[int] = deque(maxlen=PACKETS)
        self.played = self.concealed = self.recovered = self.left_out = self.put_in = self.too_late = 0

    @property
    def target(self) -> float:
        """Seconds that a packet waits which came as early as any."""
        return min(MOST, max(LEAST, self._lateness.quantile(SHARE)))

    def insert(self, timestamp: int, payload: bytes, now: float) -> None:
        """Takes a packet in whatever order; a second copy is passed over."""
        if timestamp in self._packets:
            return
        transit = now - timestamp / RATE
        late = transit - self._earliest.add(transit, now)
        if self._next is not None and timestamp < self._next:
            self._miss(timestamp, late)
            return
        self._lateness.add(late, self._step / BLOCK)
        self._packets[timestamp] = payload
        while len(self._packets) > PACKETS:
            del self._packets[min(self._packets)]

    def _miss(self, timestamp: int, late: float) -> None:
        if timestamp in self._holes:
            self._holes.remove(timestamp)
            self._lateness.add(late, self._step / BLOCK)
            self.too_late += 1

    def delay(self, now: float) -> float | None:
        """Seconds that what is played now lies behind the earliest that could have been."""
        position, earliest = self.position, self._earliest.value
        return None if position is None or earliest is None else now - earliest - position / RATE

    @property
    def position(self) -> int | None:
        """The timestamp of what is taken next; None while nobody speaks."""
        return None if self._next is None else self._next - len(self._ready)

    def take(self, count: int, now: float) -> Samples:
        """The next ``count`` samples; silence while nobody speaks."""
        while len(self._ready) < count:
            more = self._more(count - len(self._ready), now)
            self._ready = np.concatenate([self._ready, more]) if len(self._ready) else more
        out, self._ready = self._ready[:count], self._ready[count:]
        return out

    def _more(self, missing: int, now: float) -> Samples:
        if self._next is None and not self._start(now):
            return silence(missing)
        assert self._next is not None
        if self._packets and self._next not in self._packets:
            self._close_gap()
        payload = self._packets.pop(self._next, None)
        if payload is not None:
            return self._play(payload, now)
        return self._bridge()

    def _start(self, now: float) -> bool:
        first = min(self._packets, default=None)
        if first is None or self._earliest.value is None:
            return False
        if now - self._earliest.value - first / RATE < self.target and len(self._packets) < PACKETS:
            return False
        self._next, self._owed = first, 0
        self._delays.clear()
        return True

    def _close_gap(self) -> None:
        """What was concealed while nothing came counts for what is missing now."""
        assert self._next is not None
        first = min(self._packets)
        gap = first - self._next
        if gap <= self._owed or gap > 2 * RATE:
            self._next = first
        else:
            self._next += self._owed
        self._owed = 0

    def _play(self, payload: bytes, now: float) -> Samples:
        assert self._next is not None
        self._delays.append(self.delay(now) or 0.0)
        samples = self._decoder.decode(payload)
        self._step = len(samples) or self._step
        self._next += self._step
        self._owed = 0
        self.played += len(samples)
        return self._adjusted(samples)

    def _bridge(self) -> Samples:
        """Conceals: for good where later packets are there, else until they come."""
        assert self._next is not None
        if not self._packets:
            self._owed += self._step
            if self._owed > SILENT_AFTER:
                self._next = None
            return self._conceal(self._step)
        first = min(self._packets)
        count = min(self._step, first - self._next)
        self._holes.append(self._next)
        self._next += count
        if self._next == first and (copy := self._decoder.recover(self._packets[first], count)) is not None:
            self.recovered += count
            return copy
        return self._conceal(count)

    def _conceal(self, count: int) -> Samples:
        self.concealed += count
        return self._decoder.conceal(count)

    def _adjusted(self, samples: Samples) -> Samples:
        if len(self._delays) < 2:
            return samples
        target, least = self.target, min(self._delays)
        if least > target + (HURRY if len(self._delays) < STEADY else ROOM):
            return self._shortened(samples, least - target)
        if len(self._delays) == STEADY and max(self._delays) < target - ROOM / 2:
            return self._lengthened(samples)
        return samples

    def _shortened(self, samples: Samples, excess: float) -> Samples:
        pause = excess * RATE > len(samples) and is_pause(samples)
        left = samples[:0] if pause else shorter(samples, at_any_price=excess > 2 * HURRY)
        if len(left) < len(samples):
            self._delays.clear()
            self.left_out += len(samples) - len(left)
        return left

    def _lengthened(self, samples: Samples) -> Samples:
        more = np.concatenate([samples, samples]) if is_pause(samples) else longer(samples)
        if len(more) > len(samples):
            self._delays.clear()
            self.put_in += len(more) - len(samples)
        return more
