"""A known sound: a row of tones by which a listener finds what was lost and how late the rest is.

Each symbol is 17 ms of one of sixteen tones between 500 and 3,500 Hz; any three in a row tell which symbols they are. A
lost packet, a concealed one or silence does not bring the tone that is due, and that is what counts as missing. Where
concealment happens to go on with the right tone it counts as heard; since symbols are shorter than packets of 20 ms,
packets cut them at every place in turn, and such luck is the same whoever sends.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from media.core.mixing import RATE, Samples

TONES = tuple(500 + 200 * index for index in range(16))
PERIOD = 3000
"""Symbols after which the row begins anew: 51 seconds."""
SYMBOL = 816
"""Samples of a symbol at RATE."""
SYMBOL_MS = 1000 * SYMBOL / RATE
LISTEN_RATE = 16_000
HOP_MS = 2.5
_LOUD = 9000
_EDGE = 96
_HOP = int(LISTEN_RATE * HOP_MS / 1000)
_WINDOW = LISTEN_RATE * 10 // 1000
_WHOLE = 6
"""Hops at which a symbol that nothing happened to is heard at least."""
_SILENT = 150.0
_LEAST = 0.3
"""Of a tone's usual loudness, which depends on the codec: a window mostly in silence is no tone."""
_TOLERANCE_MS = 15.0
_ALIKE_MS = 60.0
_AROUND_MS = 1000.0
LONGEST_DELAY_MS = 8000.0

Heard = npt.NDArray[np.float64]


@cache
def row() -> tuple[int, ...]:
    """PERIOD tone indexes, neighbours different, no three in a row twice (also over the end)."""
    chosen: list[int] = []
    seen: set[tuple[int, ...]] = set()
    state = 12345
    while len(chosen) < PERIOD:
        for _ in range(400):
            state = (state * 1103515245 + 12345) % (1 << 31)
            tone = (state >> 16) % len(TONES)
            triple = (*chosen[-2:], tone)
            if (not chosen or chosen[-1] != tone) and triple not in seen:
                break
        else:
            raise AssertionError("the row cannot go on")
        seen.add(triple)
        chosen.append(tone)
    return tuple(chosen)


@cache
def symbol(number: int) -> Samples:
    """SYMBOL samples, 48 kHz mono, with faded edges so that it does not click."""
    at = np.arange(SYMBOL) / RATE
    fade = np.minimum(1.0, np.minimum(np.arange(SYMBOL), np.arange(SYMBOL)[::-1]) / _EDGE)
    tone = TONES[row()[number % PERIOD]]
    return (_LOUD * fade * np.sin(2 * np.pi * tone * at)).astype(np.int16)


def said(start: int, count: int) -> Samples:
    """``count`` samples of the row from sample ``start`` on."""
    first, last = start // SYMBOL, (start + count - 1) // SYMBOL
    whole = np.concatenate([symbol(number % PERIOD) for number in range(first, last + 1)])
    return whole[start - first * SYMBOL :][:count]


@dataclass(frozen=True)
class Sent:
    """When a symbol's first sample was made, in milliseconds of the lab's clock."""

    number: int
    at_ms: float


@dataclass(frozen=True)
class Listened:
    """For each symbol sent: the share of it that was heard, 0…1, and how late in milliseconds, None for nothing."""

    shares: tuple[float, ...]
    delays: tuple[float | None, ...]


def thin(samples: Samples) -> Samples:
    """48 kHz to LISTEN_RATE; a length divisible by three is expected."""
    thinned: Samples = samples[: len(samples) // 3 * 3].reshape(-1, 3).mean(axis=1).astype(np.int16)
    return thinned


def tones(samples: Samples) -> npt.NDArray[np.int8]:
    """The tone of every HOP_MS, −1 for none, around the window that begins there. ``samples`` of LISTEN_RATE."""
    count = max(0, (len(samples) - _WINDOW) // _HOP + 1)
    if count == 0:
        return np.zeros(0, dtype=np.int8)
    windows = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), _WINDOW)[::_HOP][:count]
    at = np.arange(_WINDOW) / LISTEN_RATE
    probes = np.exp(-2j * np.pi * np.outer(at, TONES)) * np.hanning(_WINDOW)[:, None]
    strength = np.abs(windows @ probes) * 4 / _WINDOW
    best: npt.NDArray[np.int8] = strength.argmax(axis=1).astype(np.int8)
    loud = strength.max(axis=1)
    best[loud < _SILENT] = -1
    for index in range(len(TONES)):
        own = best == index
        if own.any():
            best[own & (loud < _LEAST * np.median(loud[own]))] = -1
    return best


def listen(sent: Sequence[Sent], samples: Samples, times: npt.NDArray[np.float64]) -> Listened:
    """What was heard of ``sent``. ``times``: the clock's milliseconds at every hop of ``samples``."""
    found = tones(samples)
    middles = times[: len(found)] + 1000 * _WINDOW / LISTEN_RATE / 2
    anchors = _anchors(sent, found, middles)
    moments = np.array([at for at, _ in anchors])
    shares, delays = [], []
    for item in sent:
        index = int(np.searchsorted(moments, item.at_ms))
        near = [anchors[at][1] for at in (index, index - 1) if 0 <= at < len(anchors)]
        share, delay = max((_heard(item, delay, found, middles) for delay in near), default=(0.0, 0.0))
        shares.append(share)
        delays.append(delay if share >= 0.5 else None)
    return Listened(tuple(shares), tuple(delays))


def _anchors(sent: Sequence[Sent], found: npt.NDArray[np.int8], middles: Heard) -> list[tuple[float, float]]:
    """(time sent, delay) of the symbols in the middle of each three that were heard whole."""
    where: defaultdict[tuple[int, ...], list[Sent]] = defaultdict(list)
    for first, middle, last in zip(sent, sent[1:], sent[2:], strict=False):
        where[tuple(row()[item.number % PERIOD] for item in (first, middle, last))].append(middle)
    runs = _runs(found)
    anchors = []
    for one, two, three in zip(runs, runs[1:], runs[2:], strict=False):
        for item in where.get((one[0], two[0], three[0]), ()):
            heard = (middles[two[1]] + middles[two[2]]) / 2 - SYMBOL_MS / 2
            if 0 <= heard - item.at_ms <= LONGEST_DELAY_MS:
                anchors.append((item.at_ms, float(heard - item.at_ms)))
    return _supported(sorted(anchors))


def _supported(anchors: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Without those whose delay no two others of about that time share: some made-up sound fits somewhere by chance."""
    at, delay = np.array([a for a, _ in anchors]), np.array([d for _, d in anchors])
    kept = []
    for anchor in anchors:
        low, high = np.searchsorted(at, [anchor[0] - _AROUND_MS, anchor[0] + _AROUND_MS])
        # itself is among those counted
        if np.count_nonzero(np.abs(delay[low:high] - anchor[1]) <= _ALIKE_MS) > 2:
            kept.append(anchor)
    return kept


def _runs(found: npt.NDArray[np.int8]) -> list[tuple[int, int, int]]:
    """(tone, first hop, last hop) of tones that lasted for at least three hops."""
    runs: list[tuple[int, int, int]] = []
    edges = [0, *(np.flatnonzero(np.diff(found)) + 1), len(found)]
    for start, end in pairwise(edges):
        if end - start >= 3 and found[start] >= 0:
            runs.append((int(found[start]), int(start), int(end - 1)))
    return runs


def _heard(item: Sent, delay: float, found: npt.NDArray[np.int8], middles: Heard) -> tuple[float, float]:
    """(share, delay) of the symbol's tone about when it is due."""
    due = item.at_ms + delay + SYMBOL_MS / 2
    low, high = np.searchsorted(middles, [due - _TOLERANCE_MS, due + _TOLERANCE_MS])
    matching = np.flatnonzero(found[low:high] == row()[item.number % PERIOD])
    if len(matching) == 0:
        return 0.0, 0.0
    late = float(middles[low + matching].mean() - SYMBOL_MS / 2 - item.at_ms)
    return min(1.0, len(matching) / _WHOLE), late
