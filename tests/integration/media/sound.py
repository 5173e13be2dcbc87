"""What pitches a sound holds."""

import numpy as np

from media.core.mixing import RATE, Samples


def strength(samples: Samples, pitch: float) -> float:
    """How much of the sound's energy lies within 15 Hz of ``pitch``, 0…1."""
    windowed = samples.astype(np.float64) * np.hanning(len(samples))
    spectrum = np.abs(np.fft.rfft(windowed)) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE)
    total = float(spectrum.sum())
    return float(spectrum[np.abs(frequencies - pitch) < 15].sum()) / total if total else 0.0


def silent(samples: Samples) -> bool:
    """Nothing that a person would hear."""
    return bool(np.abs(samples.astype(np.int32)).mean() < 20)
