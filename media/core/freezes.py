"""How long pictures stood still, as W3C webrtc-stats counts freezes: a gap of more than three times the usual one, and
of at least 150 ms more than it. Seconds."""

from collections import deque

USUAL = 30
"""Gaps that make up the usual one."""
LONGER, AT_LEAST = 3.0, 0.15
FASTEST = 1 / 15
"""Pictures that come in bursts have no usual gap below that of the camera."""


def longest(usual: float, second: float = 1.0) -> float:
    """The longest gap that is no freeze yet where ``usual`` is the usual one; ``second``: one, in the caller's unit."""
    return max(LONGER * usual, usual + AT_LEAST * second)


class Freezes:
    """``shown`` at each picture; ``share`` looks. A gap that goes on counts as far as it has come."""

    def __init__(self) -> None:
        self._gaps: deque[float] = deque(maxlen=USUAL)
        self._last: float | None = None
        self._counted = 0.0
        self._looked: float | None = None
        self._frozen = 0.0

    def shown(self, now: float) -> None:
        """A picture is on the screen."""
        if self._last is None:
            self._last = self._counted = now
            self._looked = now if self._looked is None else self._looked
            return
        self._count(now)
        self._gaps.append(now - self._last)
        self._last = self._counted = now

    def share(self, now: float) -> float:
        """Of the time since the last look, 0…1; 0 before the first picture."""
        if self._last is None or self._looked is None:
            return 0.0
        self._count(now)
        span, self._looked = now - self._looked, now
        frozen, self._frozen = self._frozen, 0.0
        return min(1.0, frozen / span) if span > 0 else 0.0

    def _count(self, now: float) -> None:
        """A gap is a freeze as a whole, but what an earlier look has counted of it is not counted again."""
        assert self._last is not None
        if now - self._last > self._least():
            self._frozen += now - self._counted
            self._counted = now

    def _least(self) -> float:
        usual = max(FASTEST, sum(self._gaps) / len(self._gaps)) if self._gaps else FASTEST
        return longest(usual)
