"""What a person would notice of a call, reckoned from what was shown and heard. Times are milliseconds of one clock."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from media.core.freezes import USUAL, longest
from media.core.soundcode import Listened

PAUSE_MS = 150.0
REFRESH_HZ = 60


@dataclass(frozen=True)
class Shown:
    """A picture as a receiver showed it: when, its number, and how old it was."""

    at_ms: float
    number: int
    age_ms: float


@dataclass(frozen=True)
class PictureFigures:
    """``first_ms``: from the call's start to the first picture, None where there was none."""

    per_second: float
    freezes: int
    frozen_share: float
    longest_ms: float
    delay_ms: float | None
    delay_p95_ms: float | None
    first_ms: float | None


@dataclass(frozen=True)
class SoundFigures:
    missing_share: float
    delay_ms: float | None
    delay_p95_ms: float | None


def pictures(shown: Sequence[Shown], start_ms: float, window: tuple[float, float]) -> PictureFigures:
    """Figures of the pictures shown within ``window``; one shown again is no picture.

    A freeze is a gap longer than three times the mean of the last USUAL gaps and longer than that mean plus 150 ms
    (``freezeCount`` in the WebRTC statistics). The end of the window ends a gap too: a stream that has stopped for good
    is frozen. Before the first picture everything is frozen.
    """
    fresh = _fresh(shown)
    begin, end = window
    inside = [item for item in fresh if begin <= item.at_ms < end]
    frozen = _freezes([item.at_ms for item in fresh if item.at_ms < end], begin, end)
    ages = [item.age_ms for item in inside]
    return PictureFigures(
        per_second=len(inside) / max(0.001, end - begin) * 1000,
        freezes=len(frozen),
        frozen_share=sum(frozen) / (end - begin),
        longest_ms=max(frozen, default=0.0),
        delay_ms=_share(ages, 50),
        delay_p95_ms=_share(ages, 95),
        first_ms=fresh[0].at_ms - start_ms if fresh else None,
    )


def stalled(made: Sequence[float], window: tuple[float, float]) -> float:
    """The share of ``window`` in which what should go on, as it did at ``made``, stood still for more than PAUSE_MS."""
    begin, end = window
    marks = [begin, *(at for at in made if begin <= at < end), end]
    gaps = [after - before for before, after in pairwise(marks)]
    return sum(gap for gap in gaps if gap > PAUSE_MS) / (end - begin)


def spent(busy: Sequence[tuple[float, float]], window: tuple[float, float]) -> float:
    """The share of ``window`` that went into something. ``busy``: a moment in milliseconds, and the seconds by then."""
    within = [(at, seconds) for at, seconds in busy if window[0] <= at <= window[1]]
    if len(within) < 2 or within[-1][0] <= within[0][0]:
        return 0.0
    return 1000 * (within[-1][1] - within[0][1]) / (within[-1][0] - within[0][0])


def back_after(shown: Sequence[Shown], moment_ms: float) -> float | None:
    """Milliseconds from ``moment_ms`` to the first picture that was also sent after it; None where none came."""
    for item in _fresh(shown):
        if item.at_ms - item.age_ms >= moment_ms:
            return item.at_ms - moment_ms
    return None


def _fresh(shown: Sequence[Shown]) -> list[Shown]:
    """In order of time, each sent picture once, when it was first seen; of several in one refresh the last.

    A page is told of what its screen showed, the seat of all that was decoded: after a loss, many at once.
    """
    refreshes = {int(item.at_ms * REFRESH_HZ / 1000): item for item in _first_seen(shown)}
    return list(refreshes.values())


def _first_seen(shown: Sequence[Shown]) -> list[Shown]:
    seen: set[tuple[int, int]] = set()
    fresh = []
    for item in sorted(shown, key=lambda item: item.at_ms):
        # a number comes again after four minutes at the earliest
        name = item.number, round((item.at_ms - item.age_ms) / 1000)
        if name not in seen:
            seen |= {name, (name[0], name[1] - 1), (name[0], name[1] + 1)}
            fresh.append(item)
    return fresh


def _freezes(times: Sequence[float], begin: float, end: float) -> list[float]:
    """Milliseconds of each freeze, cut to the window."""
    if not times:
        return [end - begin]
    frozen = [times[0] - begin] if times[0] > begin else []
    recent: deque[float] = deque(maxlen=USUAL)
    for before, after in zip(times, [*times[1:], end], strict=True):
        gap = after - before
        # of the first gaps there is no mean yet: they are held to a second of fifteen pictures
        mean = sum(recent) / len(recent) if recent else 1000 / 15
        if gap > longest(mean, second=1000) and after > begin:
            frozen.append(after - max(before, begin))
        recent.append(gap)
    return frozen


def sound(listened: Listened) -> SoundFigures:
    """Of the symbols sent within the window."""
    heard = [delay for delay in listened.delays if delay is not None]
    missing = 1 - sum(listened.shares) / len(listened.shares) if listened.shares else 1.0
    return SoundFigures(missing, _share(heard, 50), _share(heard, 95))


def _share(values: Sequence[float], share: int) -> float | None:
    return float(np.percentile(values, share)) if values else None
