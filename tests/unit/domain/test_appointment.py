"""Appointments: which can be kept, and how long they stand."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from signing.domain.appointment import Appointment, OpenDay, cancel, check_window, open_days
from signing.domain.errors import ConflictError, InputError
from signing.domain.opening import Hours, moment

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


def spoken(day: OpenDay) -> str:
    return f"{moment(day.opens_at)}—{moment(day.closes_at)}"


def test_the_days_one_can_choose_are_those_on_which_the_branch_works() -> None:
    """Thursday morning: today still, not the weekend, not the holiday, but the Sunday that is worked instead."""
    hours = replace(HOURS, holidays=frozenset({date(2026, 11, 27)}), extra_days=frozenset({date(2026, 11, 29)}))
    first = open_days(MORNING, hours)[:3]
    assert [spoken(day) for day in first] == [
        "11月26日（周四）08:30—11月26日（周四）17:30",
        "11月29日（周日）08:30—11月29日（周日）17:30",
        "11月30日（周一）08:30—11月30日（周一）17:30",
    ]


def test_a_day_whose_closing_time_is_over_cannot_be_chosen() -> None:
    evening = MORNING + timedelta(hours=9)
    assert moment(open_days(evening, HOURS)[0].opens_at) == "11月27日（周五）08:30"


@pytest.mark.parametrize("hours", [HOURS, None])
def test_every_opening_that_is_offered_can_be_appointed(hours: Hours | None) -> None:
    days = open_days(MORNING, hours)
    assert len(days) > 40
    for day in days[1:]:
        check_window(day.opens_at, day.opens_at + timedelta(minutes=30), MORNING, hours)
        check_window(day.closes_at - timedelta(minutes=30), day.closes_at, MORNING, hours)


def test_a_branch_that_never_works_offers_no_day() -> None:
    assert open_days(MORNING, Hours(time(8, 30), time(17, 30), frozenset())) == []
