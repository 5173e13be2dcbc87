"""Mono sound at another rate, where the ratio may change a little with every block. Windowed sinc, 32 taps."""

from math import floor

import numpy as np
import numpy.typing as npt

from media.core.mixing import Samples

HALF = 16
TAPS = 2 * HALF
PHASES = 512
_BETA = 8.0

Floats = npt.NDArray[np.float32]


def kernel(cutoff: float) -> Floats:
    """Taps of shape (PHASES + 1, TAPS) for positions between two samples; ``cutoff`` 0…1 of half the input's rate."""
    offsets = np.arange(TAPS)[None, :] - (HALF - 1) - np.arange(PHASES + 1)[:, None] / PHASES
    window = np.i0(_BETA * np.sqrt(np.clip(1 - (offsets / HALF) ** 2, 0, 1))) / np.i0(_BETA)
    taps = np.sinc(cutoff * offsets) * window
    made: Floats = (taps / taps.sum(axis=1, keepdims=True)).astype(np.float32)
    return made


class Resampler:
    """Continuous over its blocks. ``step`` is the input's samples for one of the output. Not thread-safe."""

    def __init__(self, ratio: float) -> None:
        """``ratio`` = rate of the input / rate of the output, about; what the output cannot hold is filtered out."""
        self._taps = kernel(min(1.0, 0.95 / ratio) if ratio > 1.01 else 1.0)
        self._past: Samples = np.zeros(TAPS, dtype=np.int16)
        self._at = float(HALF - 1)

    def needed(self, count: int, step: float) -> int:
        """How many samples ``make`` wants for ``count``."""
        if not count:
            return 0
        return max(0, floor(self._at + (count - 1) * step) + HALF + 1 - len(self._past))

    def make(self, samples: Samples, count: int, step: float) -> Samples:
        """``count`` samples out of what ``needed`` asked for and what was left over."""
        held = np.concatenate([self._past, samples])
        places = self._at + step * np.arange(count)
        whole = np.floor(places).astype(np.intp)
        out = self._at_places(held, whole, places - whole)
        self._at += count * step
        used = max(0, floor(self._at) - HALF + 1)
        self._past = held[used:]
        self._at -= used
        return out

    def _at_places(self, held: Samples, whole: npt.NDArray[np.intp], part: npt.NDArray[np.float64]) -> Samples:
        fine = part * PHASES
        phase = fine.astype(np.intp)
        rest = (fine - phase).astype(np.float32)[:, None]
        taps = self._taps[phase] * (1 - rest) + self._taps[phase + 1] * rest
        around = np.lib.stride_tricks.sliding_window_view(held, TAPS)[whole - HALF + 1]
        sums = np.einsum("ij,ij->i", taps, around.astype(np.float32))
        made: Samples = np.clip(np.rint(sums), -32768, 32767).astype(np.int16)
        return made
