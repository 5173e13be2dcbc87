"""The call's clock, and what is noticed of the machine's."""

from datetime import UTC, datetime, timedelta

import pytest

from media.core.timeline import SECOND
from media.core.wallclock import CallClock, lasting

BEGAN = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def machine(seconds: float, moved: timedelta = timedelta(0)) -> datetime:
    """The machine's clock so long after the beginning, three seconds behind the service's."""
    return BEGAN + timedelta(seconds=seconds - 3) + moved


def made() -> CallClock:
    return CallClock(BEGAN, 7 * SECOND, 3.0)


def at(seconds: float) -> int:
    return round((7 + seconds) * SECOND)


def test_it_goes_by_the_monotonic_clock_alone() -> None:
    assert made().now(at(90)) == BEGAN + timedelta(seconds=90)


def test_a_clock_that_goes_as_it_should_is_nothing_to_tell() -> None:
    clock = made()
    assert [clock.look(machine(second), at(second)) for second in range(100)] == [None] * 100


@pytest.mark.parametrize(("moved", "words"), [(HOUR, "电脑时钟被拨快 1 小时"), (-HOUR, "电脑时钟被拨慢 1 小时")])
def test_a_jump_is_told_once_and_the_way_back_again(moved: timedelta, words: str) -> None:
    clock = made()
    assert clock.look(machine(1), at(1)) is None
    jump = clock.look(machine(2, moved), at(2))
    assert jump is not None
    assert (jump.seconds, jump.at, jump.words) == (moved.total_seconds(), BEGAN + timedelta(seconds=2), words)
    assert clock.look(machine(3, moved), at(3)) is None
    back = clock.look(machine(4), at(4))
    assert back is not None
    assert back.seconds == -moved.total_seconds()
    assert clock.now(at(4)) == BEGAN + timedelta(seconds=4)


def test_a_clock_that_is_set_right_little_by_little_is_nothing_to_tell() -> None:
    clock = made()
    slow = [clock.look(machine(second, timedelta(seconds=second * 0.5)), at(second)) for second in range(60)]
    assert slow == [None] * 60


def test_it_moves_on_by_what_the_machine_slept_which_is_no_clock_that_was_set() -> None:
    clock = CallClock(BEGAN, 7 * SECOND, 3.0, asleep_seconds=500.0)
    assert [clock.slept(500.0 + little) for little in (0.0, 0.4, 0.9)] == [0.0] * 3
    assert clock.slept(620.0) == 120.0
    clock.move_on(120.0)
    assert clock.slept(620.0) == 0.0
    assert clock.now(at(5)) == BEGAN + timedelta(seconds=125)
    assert clock.look(machine(5, timedelta(seconds=120)), at(5)) is None
    assert clock.slept(625.0) == 5.0, "and again"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(2, "2 秒"), (61, "1 分钟 1 秒"), (3600, "1 小时"), (5400, "1 小时 30 分钟"), (0.2, "0 秒")],
)
def test_a_stretch_of_time_in_words(seconds: float, words: str) -> None:
    assert lasting(seconds) == words
