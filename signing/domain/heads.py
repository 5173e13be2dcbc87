"""Heads of a recording's chain on the case's chain: from then on the recording cannot be another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.domain.case import Segment

EVERY = timedelta(seconds=10)
"""Two heads of one recording are at least so far apart; an hour has 360 at most."""

LATE = timedelta(minutes=1)
"""A head that comes so long after its segment was recorded binds less than one that came with the call, and says so."""


@dataclass(frozen=True)
class Head:
    """``seconds``: file time at which the segment begins."""

    index: int
    chain: str
    seconds: float


def is_due(last: datetime | None, now: datetime, segment: Segment, every: timedelta = EVERY) -> bool:
    """Not for the file's header, which holds nothing yet. A clock that was set back, too, makes one due."""
    return segment.index > 0 and (last is None or abs(now - last) >= every)


def late_by(started_at: datetime, segment: Segment, now: datetime) -> timedelta | None:
    """How long ago a segment was recorded that comes now; None for one that comes with the call."""
    late = now - started_at - timedelta(seconds=segment.start_seconds)
    return late if late > LATE else None


def head_of(segment: Segment) -> Head:
    return Head(segment.index, segment.chain, segment.start_seconds)


def of_body(body: Mapping[str, object]) -> Head:
    """From an event ``recording.head``."""
    return Head(int(str(body["index"])), str(body["chain"]), float(str(body["seconds"])))


def head_faults(heads: Sequence[Head], segments: Sequence[Segment]) -> list[str]:
    """Heads that are not on the chain of ``segments``, in Chinese; empty where the recording is the one that ran."""
    faults = []
    for head in heads:
        if head.index >= len(segments):
            faults.append(f"通话中上链的第 {head.index + 1} 段不在录像里")
        elif segments[head.index].chain != head.chain:
            faults.append(f"第 {head.index + 1} 段与通话中上链的链值不符，录像被换过")
    return faults
