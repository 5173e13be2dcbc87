"""What the seat's own check of a running recording found: which kinds there are, in which words, how many are kept.

The seat decodes what it has written while the call goes on (``media.core.doubts``); what lasts is put on record here.
Times are aware UTC on the service's clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signing.domain.beijing import BEIJING

MOST = 120
"""Reports kept of one call."""


class Kind(StrEnum):
    """The same values as ``media.core.doubts.Kind``; a test keeps them equal."""

    BLACK = "black"
    FROZEN = "frozen"
    STUCK = "stuck"
    SILENT = "silent"
    APART = "apart"
    STALLED = "stalled"
    HOLE = "hole"
    ALTERED = "altered"
    UNREADABLE = "unreadable"
    BROKEN = "broken"


TITLES = {
    Kind.BLACK: "画面全黑",
    Kind.FROZEN: "画面静止不动",
    Kind.STUCK: "画面没有更新",
    Kind.SILENT: "有人说话而没有声音",
    Kind.APART: "声音与画面错开",
    Kind.STALLED: "没有写入新内容",
    Kind.HOLE: "缺了一截",
    Kind.ALTERED: "写好后被改动",
    Kind.UNREADABLE: "有一段读不出来",
    Kind.BROKEN: "有一段无法播放",
}


@dataclass(frozen=True)
class Doubt:
    """``until`` None: it goes on, or cannot become good again. ``of_agent``: it is about the agent's own tile."""

    kind: Kind
    since: datetime
    until: datetime | None = None
    of_agent: bool = False

    @property
    def in_words(self) -> str:
        """What was wrong and when, in Beijing time."""
        end = "起" if self.until is None else f" 至 {_clock(self.until)}"
        return f"{TITLES[self.kind]}，{_clock(self.since)}{end}"


def is_new(doubt: Doubt, party_id: str | None, kept: Sequence[tuple[Doubt, str | None]]) -> bool:
    """Whether a report is still to be kept: ``kept`` are those of this call, each with the party it is about."""
    return len(kept) < MOST and (doubt, party_id) not in kept


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%H:%M:%S}"
