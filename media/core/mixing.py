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
    size = np.abs(total)
    loud = size > _KNEE
    limited: Samples = total.astype(np.int16)
    if loud.any():
        room = _TOP - _KNEE
        limited[loud] = np.sign(total[loud]) * (_KNEE + room * np.tanh((size[loud] - _KNEE) / room))
    return limited


def mixes(agent: Samples, parties: Mapping[str, Samples]) -> tuple[Samples, dict[str, Samples]]:
    """What all say, and what each party hears: the agent and all others, never themselves.

    All in one block: each step of numpy lets go of the interpreter, and to get it back is dearer than a sum.
    """
    if not parties:
        return agent, {}
    said = np.stack([agent, *parties.values()])
    total = np.empty(said.shape, dtype=np.int32)
    np.sum(said, axis=0, dtype=np.int32, out=total[0])
    np.subtract(total[0], said[1:], out=total[1:])
    everyone, *others = limit(total)
    return everyone, dict(zip(parties, others if len(parties) > 1 else [agent], strict=True))


def level(samples: Samples) -> float:
    """Root mean square, 0…1 of full scale."""
    if samples.size == 0:
        return 0.0
    wave = samples.astype(np.float64)
    # numpy's own loop: a product by BLAS wakes threads that go on turning for a while
    return math.sqrt(float(np.einsum("i,i", wave, wave)) / wave.size) / 32768.0


def to_mono(interleaved: Samples, channels: int) -> Samples:
    """Interleaved samples of ``channels`` into their mean."""
    if channels == 1:
        return interleaved
    mono: Samples = interleaved.reshape(-1, channels).mean(axis=1).astype(np.int16)
    return mono
