"""How the lines of a live call are just now: whose is whose, and how often it is told."""

from datetime import UTC, datetime, timedelta

from signing.domain.line import SOONEST, CallLines, LineNow, is_due
from signing.domain.quality import Cause

NOW = datetime(2026, 11, 27, 2, 10, tzinfo=UTC)
LINES = CallLines("c1", NOW, (LineNow("p1", 4, Cause.FINE), LineNow("p2", 1, Cause.LOSSY)))


def test_each_party_has_a_line_or_none() -> None:
    assert LINES.of("p2") == LineNow("p2", 1, Cause.LOSSY)
    assert LINES.of("p3") is None


def test_what_comes_too_soon_is_passed_over() -> None:
    assert is_due(None, NOW)
    assert not is_due(LINES, NOW + SOONEST - timedelta(milliseconds=1))
    assert is_due(LINES, NOW + SOONEST)
