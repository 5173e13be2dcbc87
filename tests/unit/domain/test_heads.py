"""Heads of a recording's chain."""

from datetime import UTC, datetime, timedelta

import pytest

from signing.domain import events
from signing.domain.case import Segment
from signing.domain.events.titles import title_of
from signing.domain.heads import EVERY, Head, head_faults, head_of, is_due, of_body

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
