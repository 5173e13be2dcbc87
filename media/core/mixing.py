"""Mixing of voices: mono, 48 kHz, int16. Sums are made in int32 and limited softly: nothing wraps or clips hard."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

RATE = 48_000
BLOCK = 960
"""Samples of one 20 ms step."""

Samples = npt.NDArray[np.int16]

_KNEE = 24_000
_TOP = 32_767


def silence(samples: int = BLOCK) -> Samples:
    """Zeros of shape (samples,)."""
    return np.zeros(samples, dtype=np.int16)


def mix(voices: Sequence[Samples]) -> Samples:
    """The sum of voices of one shape; loud sums are pressed under full scale instead of wrapped."""
    if not voices:
        return silence()
    if len(voices) == 1:
        return voices[0]
    total: npt.NDArray[np.int32] = np.sum(np.stack(voices), axis=0, dtype=np.int32)
    return limit(total)


def limit(total: npt.NDArray[np.int32]) -> Samples:
    """int32 samples into int16: untouched up to the knee, pressed smoothly towards full scale above it."""
    (loud,) = np.nonzero((total > _KNEE) | (total < -_KNEE))
    limited: Samples = total.astype(np.int16)
    if loud.size:
        room, over = _TOP - _KNEE, total[loud]
        pressed = _KNEE + room * np.tanh((np.abs(over) - _KNEE) / room)
        limited[loud] = np.sign(over) * pressed
    return limited


def mix_minus(agent: Samples, parties: Mapping[str, Samples]) -> dict[str, Samples]:
    """What each party hears: the agent and all others, never themselves."""
    if len(parties) < 2:
        return dict.fromkeys(parties, agent)
    everyone: npt.NDArray[np.int32] = np.sum(np.stack([agent, *parties.values()]), axis=0, dtype=np.int32)
    return {listener: limit(everyone - voice) for listener, voice in parties.items()}


def level(samples: Samples) -> float:
    """Root mean square, 0…1 of full scale."""
    if samples.size == 0:
        return 0.0
    wave = samples.astype(np.float64)
    return math.sqrt(float(wave.dot(wave)) / wave.size) / 32768.0


def to_mono(interleaved: Samples, channels: int) -> Samples:
    """Interleaved samples of ``channels`` into their mean."""
    if channels == 1:
        return interleaved
    mono: Samples = interleaved.reshape(-1, channels).mean(axis=1).astype(np.int16)
    return mono
