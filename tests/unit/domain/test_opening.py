"""Opening hours, pause and emergency stop."""

from datetime import UTC, datetime, time

import pytest

from signing.domain.opening import OPEN, Hours, Pause, gate_of
from tests.unit.domain.factories import NOW, later

HOURS = Hours(time(8, 30), time(17, 30))


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


def test_a_pause_keeps_places_and_an_emergency_stop_takes_no_new_ones() -> None:
    pause = Pause(NOW, "午间暂停，请稍候", until=later(600))
    assert gate_of(later(599), HOURS, pause).message == "午间暂停，请稍候"
    assert (gate_of(NOW, HOURS, pause).joins, gate_of(NOW, HOURS, pause).offers) == (True, False)
    assert gate_of(later(600), HOURS, pause) == OPEN
    stop = Pause(NOW, "服务暂停", joins=False)
    assert (gate_of(later(99_999), None, stop).joins, gate_of(later(99_999), None, stop).offers) == (False, False)


def test_nothing_configured_is_open() -> None:
    assert gate_of(NOW) == OPEN
