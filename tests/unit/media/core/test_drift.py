"""An hour of clocks that do not agree, on counts alone: what waits stays what it should be."""

import itertools
import random
from dataclasses import dataclass

import pytest

from media.core.drift import FAR_OFF, LARGEST, DriftControl

TARGET = 0.04
TAKE = 0.02


@dataclass
class Hour:
    least: float
    most: float
    speeds: list[float]
    drift: float


def simulate(seconds: float, ppm: float, push: float = 0.01, jitter: float = 0.0, seed: int = 1) -> Hour:
    """A device that delivers blocks of ``push`` seconds by a clock that is ``ppm`` off, each up to ``jitter`` late.

    The first minute, in which it settles, is not counted.
    """
    target = TAKE + push + 0.015  # as the streams of the devices have it
    chance, control = random.Random(seed), DriftControl(target)
    true = 1 + ppm * 1e-6
    # sound made, by the device's clock; sound used up, by ours
    pushed, used, next_push, arrives = target, 0.0, 0.0, 0.0
    hour = Hour(9.0, -9.0, [], 0.0)
    for number in range(int(seconds / TAKE)):
        now = number * TAKE
        while arrives <= now:
            last, pushed = arrives, pushed + push
            next_push += push / true
            arrives = max(arrives, next_push + chance.uniform(0, jitter))
        waiting = pushed - used + min(push, now - last)
        speed = control.note(waiting, TAKE)
        used += TAKE * speed
        if now > 60:
            hour.least, hour.most = min(hour.least, pushed - used), max(hour.most, pushed - used)
            hour.speeds.append(speed)
    hour.drift = control.drift
    return hour


@pytest.mark.parametrize("ppm", [-200, -100, 0, 100, 200])
@pytest.mark.parametrize(("push", "jitter"), [(0.01, 0.0), (0.01, 0.008), (0.02322, 0.005)])
def test_an_hour_neither_overflows_nor_runs_dry(ppm: float, push: float, jitter: float) -> None:
    hour = simulate(3600, ppm, push, jitter)
    assert hour.least > 0, "a gap"
    assert hour.most < 0.08
    assert hour.drift * 1e6 == pytest.approx(ppm, abs=40)
    cents = max(abs(speed - 1) for speed in hour.speeds) * 1731
    assert cents < 2, "an ear hears five"


def test_the_speed_wavers_less_than_an_ear_hears() -> None:
    hour = simulate(600, 100, 0.01, 0.008)
    changes = [abs(b - a) for a, b in itertools.pairwise(hour.speeds)]
    assert max(changes) < 2e-4


def test_a_source_that_stood_still_teaches_nothing_about_clocks() -> None:
    control = DriftControl(TARGET)
    for _ in range(500):
        control.note(TARGET + FAR_OFF + 0.3, TAKE)
    assert control.drift == 0.0
    assert control.note(TARGET + FAR_OFF + 0.3, TAKE) == pytest.approx(1 + LARGEST)


def test_the_speed_is_never_beyond_what_an_ear_takes() -> None:
    control = DriftControl(TARGET)
    for waiting in (5.0, 0.0, 0.0, 5.0, 2.0):
        for _ in range(300):
            assert abs(control.note(waiting, TAKE) - 1) <= LARGEST + 1e-9


def test_what_it_knows_of_the_clocks_outlasts_a_gap() -> None:
    control = DriftControl(TARGET)
    for _ in range(5000):
        control.note(TARGET + 0.01, TAKE)
    known = control.drift
    control.forget()
    assert control.drift == known > 0
