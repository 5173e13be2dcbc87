"""Making sound shorter or longer by whole pitch periods, so that it keeps its pitch. Mono, int16."""

import numpy as np
import numpy.typing as npt

from media.core.mixing import RATE, Samples

SHORTEST, LONGEST = RATE // 400, RATE // 100
"""Lags searched: pitches from 400 down to 100 Hz; a higher one is met at a multiple of its period."""
ALIKE = 0.6
PAUSE = 300
"""Peak below which sound is a pause between words."""


def is_pause(samples: Samples) -> bool:
    """Nothing that would be missed."""
    return int(np.abs(samples.astype(np.int32)).max(initial=0)) < PAUSE


def period(samples: Samples) -> tuple[int, float]:
    """(lag in samples, likeness -1…1) at which the beginning resembles what follows most; (0, 0.0) if too short."""
    if len(samples) < 2 * LONGEST:
        return 0, 0.0
    wave = samples.astype(np.float64)
    width = len(wave) - LONGEST
    head = wave[:width]
    scores = np.correlate(wave[SHORTEST:], head, mode="valid")
    squares = np.concatenate([[0.0], np.cumsum(wave * wave)])
    energy = squares[SHORTEST + width : SHORTEST + width + len(scores)] - squares[SHORTEST : SHORTEST + len(scores)]
    scores = scores / np.sqrt(energy * squares[width] + 1e-9)
    best = int(np.argmax(scores))
    return SHORTEST + best, float(scores[best])


def _faded(before: Samples, after: Samples) -> Samples:
    weight: npt.NDArray[np.float64] = np.arange(len(before)) / len(before)
    mixed: Samples = np.rint(before * (1 - weight) + after * weight).astype(np.int16)
    return mixed


def shorter(samples: Samples, at_any_price: bool = False) -> Samples:
    """One period less, or the same where none is found; ``at_any_price`` cuts where the sound does not repeat too."""
    lag, likeness = period(samples)
    if not lag or (likeness < ALIKE and not at_any_price):
        return samples
    return np.concatenate([_faded(samples[:lag], samples[lag : 2 * lag]), samples[2 * lag :]])


def longer(samples: Samples) -> Samples:
    """One period more, or the same where none is found."""
    lag, likeness = period(samples)
    if not lag or likeness < ALIKE:
        return samples
    return np.concatenate([samples[:lag], _faded(samples[lag : 2 * lag], samples[:lag]), samples[lag:]])


def faded_repeat(last: Samples, count: int, times: int) -> Samples:
    """A stand-in for lost sound: the last period of what was heard, over and over, quieter each of ``times``."""
    lag, _ = period(last[::-1])
    tail = last[-lag:] if lag else last[-count:]
    if not len(tail) or times > 5:
        return np.zeros(count, dtype=np.int16)
    loudness = np.linspace(0.8 ** (times - 1), 0.8**times, count)
    repeated: Samples = (np.resize(tail, count) * loudness).astype(np.int16)
    return repeated
