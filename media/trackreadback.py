"""A finished track taken apart from end to end, without decoding it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

from media.core.chain import Segment
from media.core.matroska import CLUSTER, PICTURE, blocks_of, elements, started_at
from media.errors import BrokenRecording
from media.parts import Parts, S
from media.recovery import Gaps, Recording, recover_sealed
from media.trackfile import gaps_noted


@dataclass(frozen=True)
class TrackReading:
    """``findings``: what is wrong with the file itself, in Chinese."""

    seconds: float
    pictures: int
    sounds: int
    findings: tuple[str, ...]


def read_track(parts: Parts[S], segments: Sequence[Segment]) -> TrackReading:
    """Piece by piece: each but the first is one cluster and nothing besides."""
    pictures = sounds = 0
    last = 0
    findings: list[str] = []
    for number in range(len(segments)):
        data = parts.segment(number)
        try:
            if number == 0:
                started_at(data)
                continue
            if [element.identity for element in elements(data)] != [CLUSTER]:
                raise BrokenRecording("no cluster")
            for block in blocks_of(data):
                last = max(last, block.milli)
                pictures += block.track == PICTURE
                sounds += block.track != PICTURE
        except (BrokenRecording, IndexError, ValueError):
            findings.append(f"第 {number + 1} 段读不出来")
    if not pictures + sounds:
        findings.append("里面没有画面，也没有声音")
    return TrackReading(last / 1000, pictures, sounds, tuple(findings))


def recover_track(path: Path, key: bytes) -> Recording:
    """Closes what a crash left, as ``recover_sealed`` does with a recording. Raises ``BrokenRecording`` and OSError."""
    return recover_sealed(path, key, _length, _gaps)


def _length(ends: BytesIO) -> tuple[datetime, float]:
    """From the first and the newest piece."""
    data = ends.getvalue()
    return started_at(data), max((block.milli for block in blocks_of(data)), default=0) / 1000


def _gaps(path: Path, seconds: float) -> Gaps:
    return tuple((gap.start, gap.end) for gap in gaps_noted(path))
