"""Mixing of voices: mono, 48 kHz, int16. Sums are made in int32 and limited softly: nothing wraps or clips hard."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

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
    limited: Samples = total.astype(np.int16)
    if total.size == 0 or (total.max() <= _KNEE and total.min() >= -_KNEE):
        return limited
    size = np.abs(total)
    loud = size > _KNEE
    room = _TOP - _KNEE
    limited[loud] = np.sign(total[loud]) * (_KNEE + room * np.tanh((size[loud] - _KNEE) / room))
    return limited


class Mixed(NamedTuple):
    """``everyone``: what all say; ``agent``: what the agent hears; ``each``: what each party hears."""

    everyone: Samples
    agent: Samples
    each: dict[str, Samples]


def mixes(agent: Samples, parties: Mapping[str, Samples], audible: Collection[str] | None = None) -> Mixed:
    """Everybody hears all others, never themselves; of the others' only what is ``audible``, None: all.

    Those who are not hear the same, in one array. ``everyone`` and what the agent hears leave nobody out. All in one
    block: each step of numpy lets go of the interpreter, and to get it back is dearer than a sum.
    """
    if not parties:
        return Mixed(agent, silence(len(agent)), {})
    if len(parties) == 1:
        ((party_id, voice),) = parties.items()
        return Mixed(limit(np.add(agent, voice, dtype=np.int32)), voice, {party_id: agent})
    said = np.concatenate([agent, *parties.values()]).reshape(1 + len(parties), -1)
    speakers = [party_id for party_id in parties if audible is None or party_id in audible]
    rows = [row for row, party_id in enumerate(parties, 1) if party_id in speakers]
    total = np.empty((3 + len(rows), said.shape[1]), dtype=np.int32)
    np.sum(said, axis=0, dtype=np.int32, out=total[0])
    np.subtract(total[0], said[0], out=total[1])
    np.sum(said[[0, *rows]], axis=0, dtype=np.int32, out=total[2])
    np.subtract(total[2], said[rows], out=total[3:])
    everyone, ours, shared, *others = limit(total)
    if len(speakers) < 2:  # a voice by itself is untouched
        shared, others = shared if speakers else agent, [agent] * len(speakers)
    return Mixed(everyone, ours, {**dict.fromkeys(parties, shared), **dict(zip(speakers, others, strict=True))})


def level(samples: Samples) -> float:
    """Root mean square, 0…1 of full scale."""
    return levels([samples])[0]


def levels(voices: Sequence[Samples]) -> list[float]:
    """Root mean square, 0…1 of full scale, of each of some voices of one length."""
    if not voices or voices[0].size == 0:
        return [0.0] * len(voices)
    wave = np.concatenate(voices).reshape(len(voices), -1).astype(np.float64)
    # numpy's own loop: a product by BLAS wakes threads that go on turning for a while
    return [math.sqrt(square / wave.shape[1]) / 32768.0 for square in np.einsum("ij,ij->i", wave, wave).tolist()]


def to_mono(interleaved: Samples, channels: int) -> Samples:
    """Interleaved samples of ``channels`` into their mean."""
    if channels == 1:
        return interleaved
    mono: Samples = interleaved.reshape(-1, channels).mean(axis=1).astype(np.int16)
    return mono
