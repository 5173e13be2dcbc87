"""Which stretches of a line go on record: closed when the word changes, and ever more rarely."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.model import qualitylog
from desktop.model.qualitylog import Log, Report, closed, noted
from media.core.quality import Cause, Judgement, Look, Way
from signing.domain.quality import MOST

NOW = datetime(2026, 11, 26, 2, 10, tzinfo=UTC)
WAY = Way(pictures=15.0, delay=0.12, rate=500_000.0)
FINE = Judgement(4.3, 4, Cause.FINE, Look(WAY, WAY))
LOSSY = Judgement(2.4, 1, Cause.LOSSY, Look(replace(WAY, loss=0.2, frozen=0.15, pictures=9.0), replace(WAY, loss=0.1)))
BROKEN = Judgement(1.0, 0, Cause.BROKEN, Look(Way(), Way(), silent=True))


def run(judged: list[Judgement], party: str = "p1", every: float = 2.0) -> tuple[Log, list[Report]]:
    log, told = Log(), list[Report]()
    for number, one in enumerate(judged):
        log, more = noted(log, party, one, 90.0, NOW + timedelta(seconds=every * number))
        told += more
    return log, told


def test_a_steady_line_is_told_after_a_minute_and_then_every_five() -> None:
    _, told = run([FINE] * 1000)
    lengths = [(one.message.until - one.message.since).total_seconds() for one in told]
    assert lengths[0] == 60
    assert set(lengths[1:]) == {300}
    assert all(one.message.bars == 4 and one.message.cause == "fine" for one in told)


def test_a_change_is_told_once_the_stretch_has_lasted_and_with_the_worst_of_it() -> None:
    _, told = run([FINE] * 20 + [LOSSY] * 20 + [FINE] * 40)
    first, second, *_ = [one.message for one in told]
    assert (first.cause, first.bars) == ("lossy", 1), "a stretch that ends with the change has seen it"
    assert first.until - first.since == timedelta(seconds=42)
    assert (second.cause, second.least) == ("lossy", 2.4)
    assert second.figures.loss_up == 0.2
    assert second.figures.frozen_up == 0.15
    assert second.figures.loss_down == 0.1
    assert second.figures.pictures_up == 9.0
    assert second.figures.round_trip_ms == 90.0
    assert 2.4 < second.mean < 4.3


def test_stretches_of_a_party_follow_one_another_without_a_gap() -> None:
    _, told = run([FINE, LOSSY, BROKEN] * 300)
    assert all(one.message.until == other.message.since for one, other in pairwise(told))


def test_two_seconds_of_a_break_are_two_seconds_on_record_and_not_the_minutes_around_them() -> None:
    """Long after the first twenty stretches, where any other stretch lasts for five minutes."""
    _, told = run([FINE] * 4000 + [BROKEN] + [FINE] * 400)
    (broken,) = [one.message for one in told if one.message.bars == 0]
    assert broken.until - broken.since == timedelta(seconds=2)
    assert (broken.broken_seconds, broken.mean, broken.cause) == (2.0, 1.0, "broken")
    assert all(one.message.least == 4.3 for one in told if one.message != broken)
    assert all(one.message.until == other.message.since for one, other in pairwise(told))


def test_a_break_is_over_on_record_with_the_first_look_in_which_something_came() -> None:
    """On the screen its word stands for some seconds more."""
    still = replace(FINE, bars=0, cause=Cause.BROKEN)
    log, told = run([FINE] * 10 + [BROKEN] * 3 + [still] * 4 + [FINE] * 4)
    told += closed(log)[1]
    assert [(one.message.bars, one.message.until - one.message.since) for one in told] == [
        (4, timedelta(seconds=20)), (0, timedelta(seconds=6)), (4, timedelta(seconds=16)),
    ]  # fmt: skip


def test_where_there_is_no_room_for_every_break_they_are_told_by_their_seconds() -> None:
    log, told = run([FINE, FINE, FINE, BROKEN] * 1000)
    told += closed(log)[1]
    exact, later = told[: qualitylog.EXACT], [one.message for one in told[qualitylog.EXACT :]]
    assert {(one.message.bars, one.message.broken_seconds) for one in exact} == {(4, 0.0), (0, 2.0)}
    assert len(later) > 5
    assert all((one.bars, one.least) == (4, 1.0) for one in later), "what was not broken was well"
    for one in later[:-1]:
        assert one.broken_seconds == pytest.approx((one.until - one.since).total_seconds() / 4, abs=4)


def test_a_long_break_is_one_also_where_breaks_are_told_by_their_seconds() -> None:
    _, told = run([FINE, BROKEN] * 60 + [BROKEN] * 1500)
    last = told[-1].message
    assert (last.bars, last.cause) == (0, "broken")
    assert last.broken_seconds == (last.until - last.since).total_seconds()


def test_time_in_which_nobody_measured_is_in_no_stretch() -> None:
    """A party who is held is not looked at."""
    log, told = run([FINE] * 20)
    back = NOW + timedelta(minutes=20)
    log, more = noted(log, "p1", LOSSY, 90.0, back)
    told += more
    (before,) = [one.message for one in told]
    assert before.until == NOW + timedelta(seconds=38)
    assert (before.bars, before.least) == (4, 4.3)
    log, _ = noted(log, "p1", LOSSY, 90.0, back + timedelta(seconds=2))
    (after,) = [one.message for one in closed(log)[1]]
    assert (after.since, after.bars) == (back - timedelta(seconds=2), 1)


def test_a_look_that_comes_late_leaves_no_gap() -> None:
    log, told = run([FINE] * 20, every=6.0)
    told += closed(log)[1]
    assert told[-1].message.until == NOW + timedelta(seconds=114)
    assert all(one.message.until == other.message.since for one, other in pairwise(told))


def test_a_break_that_the_end_of_the_call_or_a_gap_cuts_short_is_told_too() -> None:
    log, told = run([FINE] * 10 + [BROKEN])
    assert [one.message.bars for one in told + closed(log)[1]] == [4, 0]
    _, more = noted(log, "p1", FINE, 90.0, NOW + timedelta(seconds=60))
    assert [one.message.bars for one in more] == [0]


def test_a_clock_that_is_set_back_a_little_makes_no_stretches_overlap() -> None:
    """The service's clock is learnt anew with every view, each time a little different."""
    log, told = Log(), list[Report]()
    for number in range(600):
        judged = LOSSY if number // 7 % 2 else FINE
        wobble = 0.4 * (number % 3)
        log, more = noted(log, "p1", judged, None, NOW + timedelta(seconds=2 * number - wobble))
        told += more
    assert len(told) > 10
    assert all(one.message.until <= other.message.since for one, other in pairwise(told))


def test_a_line_on_which_nothing_came_has_no_figures_and_is_broken() -> None:
    log, _ = run([BROKEN] * 4)
    _, (last,) = closed(log)
    assert (last.message.bars, last.message.cause, last.message.least) == (0, "broken", 1.0)
    assert last.message.figures.delay_ms is None


def test_the_end_of_a_call_tells_what_is_left_of_each_party_and_nothing_of_a_moment() -> None:
    log, _ = run([FINE] * 5)
    log, _ = noted(log, "p2", LOSSY, None, NOW)
    log, told = closed(log, "p2")
    assert told == []
    log, told = closed(log)
    assert [one.party_id for one in told] == ["p1"]
    assert closed(log) == (log, [])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([FINE, LOSSY, BROKEN, replace(LOSSY, cause=Cause.UNSTEADY, bars=2)]), min_size=1))
def test_a_line_that_never_rests_for_an_hour_leaves_few_events(pattern: list[Judgement]) -> None:
    _, told = run([pattern[number % len(pattern)] for number in range(1800)])
    assert len(told) <= qualitylog.EXACT + 5
    assert all(one.message.until > one.message.since for one in told)


def test_eight_hours_are_within_what_the_service_keeps() -> None:
    for restless in ([FINE, LOSSY], [FINE, BROKEN], [FINE] * 400 + [BROKEN]):
        _, told = run((restless * 7200)[:14400])
        assert len(told) <= MOST
        assert told[-1].message.until > NOW + timedelta(hours=7.7)
