"""Opening hours with holidays, pause and emergency stop."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from signing.domain.opening import OPEN, Hours, Pause, Stop, gate_of, moment, strictest
from tests.unit.domain.factories import NOW, later

HOURS = Hours(time(8, 30), time(17, 30))
TUESDAY_EVENING = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
FRIDAY_EVENING = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "joins"),
    [
        (datetime(2026, 11, 24, 0, 29, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 24, 0, 30, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 9, 29, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 9, 30, tzinfo=UTC), False),
        (datetime(2026, 11, 22, 4, 0, tzinfo=UTC), False),
    ],
)
def test_hours_are_beijing_time_on_working_days(moment: datetime, joins: bool) -> None:
    gate = gate_of(moment, HOURS)
    assert (gate.joins, gate.offers) == (joins, True)
    assert ("08:30 至 17:30" in gate.message) is not joins


def test_a_holiday_is_closed_and_a_moved_working_day_is_open() -> None:
    national_day, saturday = datetime(2026, 10, 1, 2, tzinfo=UTC), datetime(2026, 10, 10, 2, tzinfo=UTC)
    assert HOURS.include(national_day)
    assert not HOURS.include(saturday)
    moved = replace(HOURS, holidays=frozenset({date(2026, 10, 1)}), extra_days=frozenset({date(2026, 10, 10)}))
    assert not moved.include(national_day)
    assert moved.include(saturday)
    # The moved day wins where a day is given as both, so that a list of a whole holiday may be put in first.
    both = replace(moved, holidays=frozenset({date(2026, 10, 10)}))
    assert both.include(saturday)


@pytest.mark.parametrize(
    ("now", "hours", "back"),
    [
        (TUESDAY_EVENING, HOURS, "11月25日（周三）08:30"),
        (FRIDAY_EVENING, HOURS, "11月30日（周一）08:30"),
        (datetime(2026, 11, 24, 0, 29, tzinfo=UTC), HOURS, "11月24日（周二）08:30"),
        (FRIDAY_EVENING, replace(HOURS, extra_days=frozenset({date(2026, 11, 28)})), "11月28日（周六）08:30"),
        (FRIDAY_EVENING, replace(HOURS, holidays=frozenset({date(2026, 11, 30)})), "12月1日（周二）08:30"),
    ],
)
def test_who_comes_too_late_is_told_when_to_come_back(now: datetime, hours: Hours, back: str) -> None:
    gate = gate_of(now, hours)
    assert (gate.joins, gate.offers) == (False, True), "who waits already is still served"
    assert f"请在 {back} 以后再打开本页" in gate.message
    assert gate.back_at is not None
    assert moment(gate.back_at) == back
    assert hours.include(gate.back_at)


def test_hours_that_never_come_promise_nothing() -> None:
    gate = gate_of(TUESDAY_EVENING, replace(HOURS, days=frozenset()))
    assert (gate.joins, gate.back_at) == (False, None)
    assert "再打开" not in gate.message


def test_a_pause_keeps_places_and_an_emergency_stop_takes_no_new_ones() -> None:
    pause = Pause(NOW, "午间暂停，请稍候", until=later(600))
    assert gate_of(later(599), HOURS, pause).message == "午间暂停，请稍候"
    assert gate_of(NOW, HOURS, pause).back_at == later(600)
    assert (gate_of(NOW, HOURS, pause).joins, gate_of(NOW, HOURS, pause).offers) == (True, False)
    assert gate_of(later(600), HOURS, pause) == OPEN
    stop = Pause(NOW, "服务暂停", joins=False)
    assert (gate_of(later(99_999), None, stop).joins, gate_of(later(99_999), None, stop).offers) == (False, False)


def test_a_pause_does_not_open_a_door_that_is_closed() -> None:
    pause = Pause(NOW, "午间暂停，请稍候")
    gate = gate_of(TUESDAY_EVENING, HOURS, pause)
    assert (gate.joins, gate.offers, gate.emergency) == (False, False, False)
    assert (gate.message, gate.back_at) == (
        gate_of(TUESDAY_EVENING, HOURS).message,
        HOURS.next_opening(TUESDAY_EVENING),
    )
    assert gate.waiting == "午间暂停，请稍候", "who waits already keeps the place, and is told so"
    never = gate_of(TUESDAY_EVENING, replace(HOURS, days=frozenset()), pause)
    assert (never.joins, never.offers) == (False, False)
    stop = gate_of(TUESDAY_EVENING, HOURS, replace(pause, joins=False))
    assert (stop.joins, stop.message, stop.emergency) == (False, "午间暂停，请稍候", True)
    assert not gate_of(NOW, HOURS, pause).emergency


def stop_of(emergency: bool, **change: object) -> Stop:
    made = Stop("s", "inst", "branch", emergency, "请稍候", "午休", NOW, "staff")
    return replace(made, **change)  # type: ignore[arg-type]


def test_a_stop_is_of_one_branch_or_of_all_of_its_institution() -> None:
    own = stop_of(False)
    assert own.holds_for("inst", "branch")
    assert not own.holds_for("inst", "other")
    whole = replace(own, branch_id=None)
    assert whole.holds_for("inst", "other")
    assert not whole.holds_for("stranger", "branch")


def test_the_strictest_stop_counts() -> None:
    pause, emergency = stop_of(False, until=later(600)), stop_of(True)
    assert strictest([], NOW) is None
    assert strictest([pause, emergency], NOW) == emergency.as_pause()
    assert strictest([pause, stop_of(False, message="到下午")], NOW) == stop_of(False, message="到下午").as_pause()
    assert strictest([replace(emergency, ended_at=later(10)), pause], later(60)) == pause.as_pause()
    assert strictest([pause], later(600)) is None, "it ends by itself"
    assert not replace(emergency, ended_at=later(10)).lasts(later(5))


def test_nothing_configured_is_open() -> None:
    assert gate_of(NOW) == OPEN
