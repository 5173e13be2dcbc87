"""Figures of a run: by hour of the day, over all, and how right the told waits were."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from signing.simulation.run import Result, Served
from signing.simulation.scenario import DAY

TARGET_SECONDS = 20.0
"""Service level 80/20: four in five answered within twenty seconds."""
_HOURS = 24


@dataclass(frozen=True)
class Figures:
    """Times in seconds; ``arrivals`` over all days; ``occupancy`` and ``within_target`` from 0 to 1."""

    arrivals: int
    mean_wait: float
    p90_wait: float
    longest_wait: float
    within_target: float
    occupancy: float


@dataclass(frozen=True)
class EstimateError:
    """Of the waits told on joining, in seconds. ``bias`` above 0: people were told too long a wait.

    ``queued`` are those who did wait longer than ``TARGET_SECONDS``; where nobody queues every estimator is right.
    """

    told: int
    median_absolute: float
    bias: float
    queued: int
    queued_median_absolute: float
    queued_bias: float
    queued_mean_wait: float


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank; 0 for nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def overall(result: Result) -> Figures:
    """Occupancy is of the opening hours."""
    hours = by_hour(result)
    opening = [figures for hour, figures in hours.items() if _is_open(result, hour)]
    return _figures(result.served, fmean(figures.occupancy for figures in opening))


def by_hour(result: Result) -> dict[int, Figures]:
    """Beijing hour → figures of those who joined in it; only hours with arrivals or work."""
    joined: dict[int, list[Served]] = {}
    for story in result.served:
        joined.setdefault(_hour(story.at), []).append(story)
    busy = busy_seconds(result.busy)
    capacity = result.scenario.seats * 3600 * result.scenario.days
    hours = sorted({*joined, *(hour for hour, seconds in enumerate(busy) if seconds)})
    return {hour: _figures(joined.get(hour, []), busy[hour] / capacity) for hour in hours}


def estimate_error(result: Result) -> EstimateError:
    """A ring is answered some seconds after the wait that was told has ended; that belongs to the error."""
    told = [(s.estimate, s.wait) for s in result.served if s.estimate is not None and s.wait is not None]
    queued = [(estimate, wait) for estimate, wait in told if wait > TARGET_SECONDS]
    return EstimateError(
        len(told), *_error(told), len(queued), *_error(queued), fmean(w for _, w in queued) if queued else 0.0
    )


def busy_seconds(busy: Iterable[tuple[float, float]]) -> list[float]:
    """Seconds of seats' work in each hour of the day, over all days."""
    seconds = [0.0] * _HOURS
    for start, end in busy:
        while start < end:
            edge = min(end, (math.floor(start / 3600) + 1) * 3600.0)
            seconds[_hour(start)] += edge - start
            start = edge
    return seconds


def _error(told: Sequence[tuple[float, float]]) -> tuple[float, float]:
    if not told:
        return 0.0, 0.0
    return median(abs(e - w) for e, w in told), fmean(e - w for e, w in told)


def _figures(stories: Sequence[Served], occupancy: float) -> Figures:
    waits = [story.wait for story in stories if story.wait is not None]
    if not waits:
        return Figures(len(stories), 0.0, 0.0, 0.0, 1.0, occupancy)
    within = sum(wait <= TARGET_SECONDS for wait in waits) / len(waits)
    return Figures(len(stories), fmean(waits), percentile(waits, 0.9), max(waits), within, occupancy)


def _hour(seconds: float) -> int:
    return int(seconds % DAY // 3600)


def _is_open(result: Result, hour: int) -> bool:
    first = result.scenario.opens_at
    return first <= hour < first + len(result.scenario.curve)
