"""By how much a sound was written beside its moment: two rows of levels, one as known and one as recorded."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

STEP = 0.02
MOST = 25
"""Steps that are tried in both directions: half a second."""
LIVELY = 0.005
"""Spread of the levels, of full scale, below which there is nothing to hold on to: quiet, or a tone without end."""
ALIKE = 0.75
"""Correlation from which on two stretches are taken for the same sound."""

NEAR, CLEARLY, FITS = 3, 0.15, 0.6
"""Steps within which a peak is believed as it is; beyond, it must be so much higher than without any lag, and without
one the two must not fit."""
PAUSES = 0.12
"""The least share of words, and of pauses between them: a tone with a click in it says nothing."""

Levels = npt.NDArray[np.float64]


def lag_seconds(known: Sequence[float], recorded: Sequence[float]) -> float | None:
    """How much later the recorded levels come; negative: earlier. None where that cannot be told.

    Both hold one level each STEP from the same moment on, more than ``2 · MOST`` of them. Between steps the peak of
    the correlation is taken from a parabola.
    """
    mine, theirs = np.asarray(known, dtype=np.float64), np.asarray(recorded, dtype=np.float64)
    middle = mine[MOST:-MOST]
    if middle.std() < LIVELY or theirs.std() < LIVELY or not _speaks(middle):
        return None
    scores = np.array([_alike(middle, theirs[shift : shift + len(middle)]) for shift in range(2 * MOST + 1)])
    best = int(scores.argmax())
    if scores[best] < ALIKE or best in (0, 2 * MOST):
        return None
    if abs(best - MOST) > NEAR and (scores[best] - scores[MOST] < CLEARLY or scores[MOST] > FITS):
        return None  # syllables of one length, or a gap like another: it fits well enough where it is
    return (best - MOST + _between(*scores[best - 1 : best + 2])) * STEP


def _speaks(levels: Levels) -> bool:
    """Whether there is as much of both, words and pauses, as in speech."""
    quiet = float((levels < 0.5 * np.percentile(levels, 90)).mean())
    return PAUSES <= quiet <= 1 - PAUSES


def _alike(one: Levels, other: Levels) -> float:
    """Pearson's correlation; zero where the other does not vary."""
    spread = float(one.std() * other.std())
    return float(((one - one.mean()) * (other - other.mean())).mean() / spread) if spread > 0 else 0.0


def _between(before: float, at: float, after: float) -> float:
    """Where the top of the parabola through three scores lies, in steps from the middle one."""
    bend = before - 2 * at + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0
