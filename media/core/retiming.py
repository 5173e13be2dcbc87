"""Sound from one clock to another: a buffer that is kept at its depth by a resampler."""

import numpy as np

from media.core.drift import DriftControl
from media.core.mixing import Samples, silence
from media.core.resampling import Resampler
from media.core.stretching import LONGEST as LONGEST_PERIOD
from media.core.stretching import shorter
from media.core.voicebuffer import VoiceBuffer

LONGEST = 1.2
"""Seconds that are kept of a source that stood still and then delivers all at once."""
FURTHER, FURTHEST = 1.4, 0.25
"""How much more is kept ready each time it ran dry, and the most, in seconds: some devices deliver in gusts."""

LATE, VERY_LATE = 0.06, 0.3
"""Seconds over what should wait, from which on sound is shortened where its pitch allows, and where it does not."""
LONG = 3 * LONGEST_PERIOD
"""Samples that are shortened by a period at a time."""


class Retimer:
    """One side pushes at its rate and pace, the other takes at its own; thread-safe. Rates in Hz, moments in seconds.

    ``ahead``: what waits on average when something is taken; it has to cover one take and the jitter of both sides.
    """

    def __init__(self, rate_in: int, rate_out: int, ahead: float = 0.04) -> None:
        self._in, self._out = rate_in, rate_out
        self._buffer = VoiceBuffer(round(ahead * rate_in), round(LONGEST * rate_in))
        self._control = DriftControl(ahead)
        self._resampler = Resampler(rate_in / rate_out)
        self._pushed: tuple[float, float] | None = None
        self._taken: float | None = None
        self._gaps = 0
        self._ready = silence(0)

    @property
    def drift(self) -> float:
        """How much faster than nominal the source's clock is than the taker's, as far as known; 1e-6 is a ppm."""
        return self._control.drift

    @property
    def starved(self) -> int:
        """How often it ran dry; each time a little more is kept ready from then on."""
        return self._buffer.starved

    @property
    def dropped(self) -> int:
        """Samples of the source that found no room."""
        return self._buffer.dropped

    def waiting(self, now: float) -> float:
        """Seconds of sound: in the buffer, and on the way since the last push, so that blocks make no steps."""
        coming = 0.0
        if self._pushed is not None:
            at, length = self._pushed
            coming = min(max(0.0, now - at), length)
        return self._buffer.depth / self._in + coming

    def push(self, samples: Samples, now: float) -> None:
        """Keeps a reference; the caller must not change the array afterwards."""
        self._buffer.push(samples)
        self._pushed = now, len(samples) / self._in

    def take(self, count: int, now: float) -> Samples:
        """Exactly ``count`` samples at the other rate; silence while too little has gathered.

        What is late by more than the clocks explain is made up for by leaving out periods of the voice's pitch.
        """
        speed = self._speed(now)
        while len(self._ready) < count:
            late = self.waiting(now) - self._control.target - LATE
            if late > 0 and self._buffer.playing:
                more = shorter(self._made(max(count, LONG), speed), at_any_price=late > VERY_LATE)
            else:
                more = self._made(count - len(self._ready), speed)
            self._ready = np.concatenate([self._ready, more])
        taken, self._ready = self._ready[:count], self._ready[count:]
        return taken

    def _made(self, count: int, speed: float) -> Samples:
        step = self._in / self._out * speed
        return self._resampler.make(self._buffer.take(self._resampler.needed(count, step)), count, step)

    def _speed(self, now: float) -> float:
        elapsed, self._taken = now - (now if self._taken is None else self._taken), now
        if self._buffer.starved != self._gaps:
            self._keep_more()
        if self._buffer.playing:
            return self._control.note(self.waiting(now), elapsed)
        self._control.forget()
        return 1.0 + self._control.drift

    def _keep_more(self) -> None:
        self._gaps = self._buffer.starved
        self._control.target = min(FURTHEST, self._control.target * FURTHER)
        self._buffer.keep(round(self._control.target * self._in))


def spread(mono: Samples, channels: int) -> Samples:
    """The same in every channel, interleaved."""
    return mono if channels == 1 else np.repeat(mono, channels)
