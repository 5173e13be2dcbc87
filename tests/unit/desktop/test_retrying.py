"""When it is tried again, and when it is told."""

import pytest

from desktop.retrying import LONGEST_PAUSE, STALLED, Outage


def hour(outage: Outage, until: float = 3600.0) -> tuple[list[float], list[float]]:
    """An hour in which every attempt fails at once: the pauses, and the moments at which somebody is told."""
    now, pauses, told = 0.0, list[float](), list[float]()
    while now < until:
        pauses.append(outage.failed(now))
        told += [now] if outage.tell(now) else []
        now += pauses[-1]
    return pauses, told


def test_in_an_hour_it_is_tried_some_hundred_times_and_told_once() -> None:
    pauses, told = hour(Outage())
    assert pauses[:8] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert max(pauses) == LONGEST_PAUSE
    assert 100 < len(pauses) < 150
    assert len(told) == 1
    assert STALLED < told[0] < STALLED + 2 * LONGEST_PAUSE


def test_a_day_makes_no_pause_longer_and_no_number_too_large() -> None:
    pauses, told = hour(Outage(), 86_400.0)
    assert (max(pauses), len(told)) == (LONGEST_PAUSE, 1)


def test_what_works_again_begins_anew() -> None:
    outage = Outage()
    hour(outage)
    outage.over()
    assert not outage.tell(9999.0)
    pauses, told = hour(outage)
    assert pauses[0] == 0.5
    assert len(told) == 1


@pytest.mark.parametrize("lasted", [0.0, STALLED])
def test_what_does_not_last_is_not_told(lasted: float) -> None:
    outage = Outage()
    outage.failed(5.0)
    assert not outage.tell(5.0 + lasted)


def test_what_will_not_pass_by_itself_is_told_at_once_and_once() -> None:
    outage = Outage()
    outage.failed(5.0)
    assert outage.tell(5.0, lasts=True)
    assert not outage.tell(6.0, lasts=True)
