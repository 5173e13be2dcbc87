"""A recording and the case's events on one clock. Pure; times in seconds from the file's start."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from signing.wire.audit import EventRow


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
