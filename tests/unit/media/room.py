"""A synthetic room: two people's speech-like sound, a loudspeaker that the microphone hears, and a fan."""

import numpy as np
import numpy.typing as npt

from media.core.mixing import BLOCK, RATE, Samples
from media.processing import Cleaner

Wave = npt.NDArray[np.float64]


def speech(seconds: float, pitch: float, seed: int, size: float = 6000.0) -> Wave:
    """Syllables of a gliding voice with formants, and pauses between words; the same for the same seed."""
    chance, count = np.random.default_rng(seed), round(seconds * RATE)
    out, at = np.zeros(count), 0
    while at < count:
        length = round(chance.uniform(0.12, 0.3) * RATE)
        place = np.arange(length) / RATE
        glide = pitch * (1 + chance.uniform(-0.15, 0.15) * place / place[-1])
        phase = 2 * np.pi * np.cumsum(glide) / RATE
        formants = chance.uniform((300, 900, 2200), (800, 2000, 3200))
        syllable = np.zeros(length)
        for number in range(1, round(4500 / pitch)):
            weight = sum(1 / (1 + ((number * pitch - centre) / 120) ** 2) for centre in formants)
            syllable += (weight + 0.02) / number**0.5 * np.sin(number * phase)
        syllable *= np.abs(np.sin(np.pi * place / place[-1])) ** 0.5
        end = min(count, at + length)
        out[at:end] = syllable[: end - at]
        pause = chance.uniform(0.02, 0.08) if chance.random() < 0.8 else chance.uniform(0.2, 0.5)
        at = end + round(pause * RATE)
    loud: Wave = out / np.sqrt(np.mean(out**2)) * size / 3
    return loud


def in_room(wave: Wave, delay_ms: float, gain: float, seed: int = 5) -> Wave:
    """As the microphone hears the loudspeaker: later, softer, coloured, with a fading tail of 150 ms."""
    chance, length = np.random.default_rng(seed), round(0.15 * RATE)
    tail = chance.normal(size=length) * np.exp(-np.arange(length) / (0.03 * RATE)) * 0.08
    tail[0] = 1.0
    start = round(delay_ms * RATE / 1000)
    heard = np.convolve(wave, tail)[: len(wave)] * gain
    return np.concatenate([np.zeros(start), heard])[: len(wave)]


def fan(seconds: float, size: float, seed: int = 9) -> Wave:
    """Steady low noise."""
    chance = np.random.default_rng(seed)
    rough = chance.normal(size=round(seconds * RATE) + 64)
    smooth = np.convolve(rough, np.hanning(24) / 12, mode="valid")[: round(seconds * RATE)]
    return smooth / np.std(smooth) * size


def samples(wave: Wave) -> Samples:
    made: Samples = np.clip(np.rint(wave), -32768, 32767).astype(np.int16)
    return made


def cleaned(cleaner: Cleaner, near: Wave, far: Wave) -> Wave:
    """Block by block, as the loop of the devices does it."""
    heard, played = samples(near), samples(far)
    steps = range(0, len(heard) // BLOCK * BLOCK, BLOCK)
    parts = [cleaner.clean(heard[at : at + BLOCK], played[at : at + BLOCK]) for at in steps]
    return np.concatenate(parts).astype(np.float64)


def decibels(before: Wave, after: Wave) -> float:
    """By how much less power there is after than before."""
    return float(10 * np.log10((np.mean(before**2) + 1e-9) / (np.mean(after**2) + 1e-9)))


def likeness(one: Wave, other: Wave, most_ms: int = 40) -> float:
    """Correlation of the loudness over time (steps of 10 ms), at the best shift: whether the same words are heard."""
    size = RATE // 100
    count = min(len(one), len(other)) // size
    a, b = (np.sqrt(np.mean(wave[: count * size].reshape(count, size) ** 2, axis=1)) for wave in (one, other))
    shifts = range(most_ms // 10 + 1)
    return max(float(np.corrcoef(a[: count - shift], b[shift:])[0, 1]) for shift in shifts)
