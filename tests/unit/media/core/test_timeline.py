"""File time and gaps."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from media.core.timeline import SECOND, GapLog, Timeline

START = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
LINE = Timeline(START, zero_ns=5 * SECOND)


def test_file_time_and_wall_clock_agree() -> None:
    assert LINE.seconds(6 * SECOND + SECOND // 2) == 1.5
    assert LINE.wall(1.5) == START + timedelta(seconds=1.5)
    assert LINE.file_time(START + timedelta(seconds=61)) == 61


@given(st.floats(0, 7200, allow_nan=False))
def test_wall_and_file_time_are_inverse(seconds: float) -> None:
    assert abs(LINE.file_time(LINE.wall(seconds)) - seconds) < 1e-5


def test_pictures_and_samples_are_numbered_from_zero() -> None:
    assert LINE.index(5 * SECOND, 15) == 0
    assert LINE.index(6 * SECOND - 1, 15) == 14
    assert LINE.index(6 * SECOND, 15) == 15
    assert LINE.index(5 * SECOND + SECOND // 50, 48_000) == 960
    assert LINE.index(5 * SECOND - 1, 15) == -1


def test_gaps_are_what_lay_between_absent_and_present() -> None:
    log = GapLog()
    for at, present in [(0.0, True), (1.0, False), (1.5, False), (3.0, True), (4.0, True), (5.0, False)]:
        log.observe(at, present)
    assert log.close(6.5) == ((1.0, 3.0), (5.0, 6.5))


def test_a_flicker_is_no_gap() -> None:
    log = GapLog(shortest=0.2)
    log.observe(1.0, False)
    log.observe(1.1, True)
    assert log.close(2.0) == ()


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_gaps_are_ordered_apart_and_sum_up(steps: list[bool]) -> None:
    log = GapLog(shortest=0.0)
    for number, present in enumerate(steps):
        log.observe(float(number), present)
    gaps = log.close(float(len(steps)))
    assert sum(end - start for start, end in gaps) == steps.count(False)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(gaps))
