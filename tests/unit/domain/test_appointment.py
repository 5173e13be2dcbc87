"""Appointments: which can be kept, and how long they stand."""

from datetime import UTC, datetime, time, timedelta

import pytest

from signing.domain.appointment import Appointment, cancel, check_window
from signing.domain.errors import ConflictError, InputError
from signing.domain.opening import Hours

MORNING = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
HOURS = Hours(time(8, 30), time(17, 30))
MADE = Appointment("a", "c", "p", "i", "b", MORNING, MORNING + timedelta(minutes=30), MORNING, "s")


def minutes(number: float) -> datetime:
    return MORNING + timedelta(minutes=number)


def test_the_window_is_told_in_beijing_time() -> None:
    assert MADE.window == "11月26日（周四）09:00—09:30"


@pytest.mark.parametrize(
    ("starts", "ends"),
    [(-30, -1), (-30, 0), (60, 60), (90, 60), (10, 10 + 241), (60 * 24 * 60 + 1, 60 * 24 * 60 + 30), (9 * 60, 10 * 60)],
)
def test_a_window_that_nobody_can_keep_is_refused(starts: float, ends: float) -> None:
    with pytest.raises(InputError):
        check_window(minutes(starts), minutes(ends), MORNING, HOURS)


@pytest.mark.parametrize(("starts", "ends"), [(-10, 20), (0, 240), (10, 40), (24 * 60, 24 * 60 + 30)])
def test_a_window_within_the_hours_is_kept(starts: float, ends: float) -> None:
    check_window(minutes(starts), minutes(ends), MORNING, HOURS)


def test_without_hours_any_time_will_do() -> None:
    check_window(minutes(12 * 60), minutes(12 * 60 + 30), MORNING, None)


def test_it_stands_until_its_end_or_until_it_is_cancelled_once() -> None:
    assert [MADE.stands(minutes(m)) for m in (-99, 29.9, 30)] == [True, True, False]
    gone = cancel(MADE, minutes(1))
    assert not gone.stands(minutes(2))
    with pytest.raises(ConflictError):
        cancel(gone, minutes(3))
