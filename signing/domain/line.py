"""How the lines of a live call are just now, as its seat tells: for the supervisors' boards, and on no record.

What goes on record of a line is its stretches (``quality``).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.domain.quality import Cause

SOONEST = timedelta(seconds=2)
"""Between two tellings of one call; one that comes sooner is passed over."""
FORGOTTEN = timedelta(hours=1)
"""After so long what was told is of no use to anybody."""
MOST = 8
"""Parties of a call."""


@dataclass(frozen=True)
class LineNow:
    """``bars`` 0…4, 0: nothing comes; ``cause``: what is wrong most."""

    party_id: str
    bars: int
    cause: Cause


@dataclass(frozen=True)
class CallLines:
    """Those of one call who were heard of just before ``told_at``."""

    call_id: str
    told_at: datetime
    lines: tuple[LineNow, ...]

    def of(self, party_id: str) -> LineNow | None:
        return next((line for line in self.lines if line.party_id == party_id), None)


def is_due(before: CallLines | None, now: datetime) -> bool:
    return before is None or now - before.told_at >= SOONEST
