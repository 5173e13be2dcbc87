"""Windows' time in fine steps; elsewhere nothing is touched."""

import time
from types import SimpleNamespace

from media import finetime


class _Winmm:
    def __init__(self) -> None:
        self.periods: list[int] = []

    def timeBeginPeriod(self, milliseconds: int) -> None:  # noqa: N802 - Windows' name
        self.periods.append(milliseconds)


def coarse() -> SimpleNamespace:
    """Steps of 15.6 ms, and a counter beside them."""
    return SimpleNamespace(
        monotonic=lambda: 0.0156,
        monotonic_ns=lambda: 15_600_000,
        perf_counter=lambda: 0.0123,
        perf_counter_ns=lambda: 1,
    )


def test_on_windows_time_goes_in_fine_steps_and_waits_do() -> None:
    clock, winmm = coarse(), _Winmm()
    finetime.begin(True, clock, winmm)
    assert (clock.monotonic(), clock.monotonic_ns()) == (0.0123, 1)
    assert winmm.periods == [1]


def test_elsewhere_nothing_changes() -> None:
    clock, winmm = coarse(), _Winmm()
    finetime.begin(False, clock, winmm)
    assert clock.monotonic() == 0.0156
    assert winmm.periods == []
    assert time.monotonic is not time.perf_counter
