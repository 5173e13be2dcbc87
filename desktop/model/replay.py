"""A recording and the case's events on one clock. Pure; times in seconds from the file's start."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from desktop.model import wording
from signing.wire.audit import AuditCase, EventRow
from signing.wire.case import RecordingState, RecordingView

PLAYABLE = (RecordingState.VERIFIED, RecordingState.UPLOADED, RecordingState.DAMAGED)


@dataclass(frozen=True)
class Part:
    """One of a case's recordings: ``number`` from 1 in the order they began, ``held`` where the service has it."""

    recording: RecordingView
    number: int

    @property
    def held(self) -> bool:
        return self.recording.state in PLAYABLE

    @property
    def title(self) -> str:
        """``第 1 段 11:18 · 04:16``: when it began, and how long it is."""
        length = self.recording.duration_seconds
        began = wording.time_of_day(self.recording.started_at)[:5]
        return f"第 {self.number} 段 {began}" + (f" · {wording.duration(length)}" if length is not None else "")


def parts(case: AuditCase) -> tuple[Part, ...]:
    """Every recording of the case; an interrupted call leaves several."""
    ordered = sorted(case.case.recordings, key=lambda recording: recording.started_at)
    return tuple(Part(recording, number) for number, recording in enumerate(ordered, 1))


def first_choice(of: Sequence[Part]) -> Part | None:
    """The longest that the service holds."""
    return max((part for part in of if part.held), key=lambda part: part.recording.duration_seconds or 0, default=None)


def place(event: EventRow, of: Sequence[Part]) -> str:
    """The event's time in its own recording, behind the part's number where there are several; empty without one."""
    if event.offset_seconds is None or event.recording_id is None:
        return ""
    time = wording.duration(event.offset_seconds)
    number = next((part.number for part in of if part.recording.recording_id == event.recording_id), None)
    return f"{number} 段 {time}" if number is not None and len(of) > 1 else time


@dataclass(frozen=True)
class Track:
    """The events of one recording that have a place in it, by that place; ``rows`` are indexes of the full list."""

    offsets: tuple[float, ...]
    rows: tuple[int, ...]

    def row_at(self, seconds: float) -> int | None:
        """The full list's index of the last event at or before ``seconds``; None before the first."""
        place = bisect_right(self.offsets, seconds + 0.001)
        return self.rows[place - 1] if place else None


def track(events: Sequence[EventRow], recording_id: str) -> Track:
    """Events without an offset, or of another recording, have no place on the track."""
    placed = [
        (event.offset_seconds, index)
        for index, event in enumerate(events)
        if event.recording_id == recording_id and event.offset_seconds is not None
    ]
    placed.sort()
    return Track(tuple(seconds for seconds, _ in placed), tuple(index for _, index in placed))


def kind_of(event: EventRow) -> str:
    """The event's family: the part of its dotted type before the first dot."""
    return event.type.partition(".")[0]
