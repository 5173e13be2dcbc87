"""Heads of a recording's chain."""

from datetime import UTC, datetime, timedelta

import pytest

from signing.domain import events
from signing.domain.case import Segment
from signing.domain.events.titles import title_of
from signing.domain.heads import EVERY, LATE, Head, head_faults, head_of, is_due, late_by, of_body
from tests.unit.domain.factories import make_recording

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
CHAIN = tuple(Segment(n, n * 10, 10, n - 1.0 if n else 0.0, f"{n:02x}" * 32, f"{n + 100:02x}" * 32) for n in range(5))


@pytest.mark.parametrize(
    ("last", "index", "due"),
    [
        (None, 0, False),
        (None, 1, True),
        (NOW - EVERY, 1, True),
        (NOW - EVERY + timedelta(milliseconds=1), 4, False),
        (NOW - timedelta(hours=1), 0, False),
    ],
)
def test_a_head_is_due_every_ten_seconds_and_never_for_the_header(
    last: datetime | None, index: int, *, due: bool
) -> None:
    assert is_due(last, NOW, CHAIN[index]) is due


def test_a_recording_has_the_heads_that_were_chained() -> None:
    assert head_faults([head_of(CHAIN[1]), head_of(CHAIN[4])], CHAIN) == []
    assert head_faults([], CHAIN) == []


def test_another_recording_in_its_place_is_named_by_its_segment() -> None:
    (fault,) = head_faults([head_of(CHAIN[1]), Head(3, "ab" * 32, 2.0)], CHAIN)
    assert "第 4 段" in fault
    assert "被换过" in fault


def test_a_recording_that_is_shorter_than_what_was_chained_is_told() -> None:
    (fault,) = head_faults([head_of(CHAIN[4])], CHAIN[:4])
    assert "第 5 段" in fault


def test_a_head_is_the_same_after_its_event() -> None:
    happening = events.recording_head("rec_1", Head(63, "ab" * 32, 62.5))
    assert of_body(happening.body) == Head(63, "ab" * 32, 62.5)
    assert title_of(happening.type, happening.body) == "录像到 01:02，链值上链"


def test_a_head_that_comes_with_the_call_is_not_late_and_one_of_an_hour_ago_says_so() -> None:
    began, segment = NOW - timedelta(hours=1), CHAIN[4]
    with_it = began + timedelta(seconds=segment.start_seconds) + LATE
    assert late_by(began, segment, with_it) is None
    assert late_by(began, segment, NOW) == timedelta(hours=1, seconds=-3)
    happening = events.recording_head("rec_1", head_of(segment), late_by(began, segment, NOW))
    assert happening.body["late_seconds"] == 3597
    assert title_of(happening.type, happening.body) == "录像到 00:03，链值上链（补传，距录制 59 分 57 秒）"
    assert of_body(happening.body) == head_of(segment)


def test_a_recording_that_was_told_after_its_call_says_how_late() -> None:
    told = events.recording_started(make_recording(), {}, timedelta(seconds=377))
    assert title_of(told.type, told.body) == "开始录像（通话结束后补登，距录像开始 6 分 17 秒）"
    assert title_of(told.type, events.recording_started(make_recording(), {}).body) == "开始录像"
