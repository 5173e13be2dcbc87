"""Commands about a customer's own track. Its segments come as those of a recording do (``KeepSegment``)."""

from dataclasses import dataclass
from datetime import datetime

from signing.domain.case import Segment
from signing.service.commands import Command


@dataclass(frozen=True)
class StartTrack(Command):
    """→ ``track_id``; the same again for the same party and beginning. ``video_codec`` is empty for sound alone."""

    call_id: str
    party_id: str
    started_at: datetime
    video_codec: str


@dataclass(frozen=True)
class FinishTrack(Command):
    """The same promise again changes nothing. ``sha256`` None: after a crash of the seat."""

    track_id: str
    ended_at: datetime
    duration_seconds: float
    size: int
    sha256: str | None
    segments: tuple[Segment, ...]
    gaps: tuple[tuple[float, float, str], ...]
    given_up: str


@dataclass(frozen=True)
class AssembleTrack(Command):
    """→ ``Track``, verified or damaged."""

    track_id: str


@dataclass(frozen=True)
class GiveUpTrack(Command):
    """→ ``Track``, lost: the seat cannot deliver it any more."""

    track_id: str
    reason: str
