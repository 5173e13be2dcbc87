"""A recording and the case's events on one clock. Pure; times in seconds from the file's start."""

from bisect import bisect_right
from collections.abc import Container, Sequence
from dataclasses import dataclass

from desktop.model import wording
from signing.wire.audit import AuditCase, EventRow, KeptMedia, MediaKind
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


_ENDINGS = {
    MediaKind.MATROSKA: "mkv",
    MediaKind.WEBM: "webm",
    MediaKind.MP4: "mp4",
    MediaKind.WEBM_SOUND: "webm",
    MediaKind.MP4_SOUND: "mp4",
    MediaKind.JPEG: "jpg",
}
_BROUGHT = {MediaKind.JPEG: "手机补传照片", MediaKind.WEBM_SOUND: "手机补传声音", MediaKind.MP4_SOUND: "手机补传声音"}


def ending(kind: MediaKind) -> str:
    """Of a file's name, by its type."""
    return _ENDINGS[kind]


def media_title(media: KeptMedia) -> str:
    """``借款人王*国的原始画面 11:18:05 · 04:16``, or what the phone brought; behind it what is missing."""
    what = f" {_BROUGHT.get(media.kind, '手机补传')}" if media.by_phone else "的原始画面"
    if media.lost:
        return f"{media.party}{what}（不能播放：{media.lost}）"
    length = f" · {wording.duration(media.seconds)}" if media.seconds else ""
    said = f"（{media.said}）" if media.said else ""
    return f"{media.party}{what} {wording.time_of_day(media.started_at)[:8]}{length}{said}"


def moment_in(media: KeptMedia, part: Part, seconds: float) -> float | None:
    """Where in a party's own track that moment of a recording is; None outside it.

    Both keep the service's clock; what a phone brought keeps its own.
    """
    if media.by_phone or media.lost:
        return None
    there = (part.recording.started_at - media.started_at).total_seconds() + seconds
    return there if 0 <= there <= media.seconds else None


def moment_of(media: KeptMedia, seconds: float, of: Sequence[Part]) -> tuple[Part, float] | None:
    """Which recording was running at that moment of a party's own track, and where in it."""
    for part in () if media.by_phone else of:
        there = (media.started_at - part.recording.started_at).total_seconds() + seconds
        if part.held and 0 <= there <= (part.recording.duration_seconds or 0.0):
            return part, there
    return None


def beside(events: Sequence[EventRow], media: KeptMedia, of: Sequence[Part]) -> list[EventRow]:
    """The events with a place in a party's own track, at that place."""
    parts = {part.recording.recording_id: part for part in of}
    found = []
    for event in events:
        part = parts.get(event.recording_id or "")
        if part is None or event.offset_seconds is None:
            continue
        if (there := moment_in(media, part, event.offset_seconds)) is not None:
            found.append(event.model_copy(update={"recording_id": media.media_id, "offset_seconds": there}))
    return found


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


def track(events: Sequence[EventRow], recording_id: str, hidden: Container[int] = ()) -> Track:
    """Events without an offset, of another recording, or with an index in ``hidden`` have no place on the track."""
    placed = [
        (event.offset_seconds, index)
        for index, event in enumerate(events)
        if event.recording_id == recording_id and event.offset_seconds is not None and index not in hidden
    ]
    placed.sort()
    return Track(tuple(seconds for seconds, _ in placed), tuple(index for _, index in placed))


def kind_of(event: EventRow) -> str:
    """The event's family: the part of its dotted type before the first dot."""
    return event.type.partition(".")[0]


HEAD = "recording.head"
"""One every ten seconds of every recording: 360 an hour, each right, and together in the way of everything else."""


@dataclass(frozen=True)
class Heads:
    """The chain heads of one recording, as one line: ``rows`` are indexes of the full list."""

    recording_id: str
    rows: tuple[int, ...]

    def title(self, events: Sequence[EventRow], of: Sequence[Part]) -> str:
        """``录像链值上链 36 次，00:10 至 06:02``: on the recording's clock where the events have a place on it."""
        ends = (events[self.rows[0]], events[self.rows[-1]])
        first, last = (place(event, of) or wording.time_of_day(event.at) for event in ends)
        return f"录像链值上链 {len(self.rows)} 次，{first} 至 {last}"


Line = int | Heads
"""One line of the list: an event by its index, or what stands for many."""


def lines(events: Sequence[EventRow], opened: Container[str] = ()) -> tuple[Line, ...]:
    """Every event in its order, but for the heads of a recording: one line stands for them where the first would be.

    Below the line of a recording in ``opened`` they stand one by one. A single head stands for itself.
    """
    heads: dict[str, list[int]] = {}
    for index, event in enumerate(events):
        if event.type == HEAD:
            heads.setdefault(_recording_of(event), []).append(index)
    found: list[Line] = []
    for index, event in enumerate(events):
        rows = heads.get(_recording_of(event), []) if event.type == HEAD else []
        if len(rows) < 2:
            found.append(index)
        elif index == rows[0]:
            found.append(Heads(_recording_of(event), tuple(rows)))
            found += rows if _recording_of(event) in opened else []
    return tuple(found)


def _recording_of(event: EventRow) -> str:
    """By what was recorded: an event's place may have been reckoned in another of the case's recordings."""
    body = event.body
    return str(body.get("recording_id", "")) if isinstance(body, dict) else ""


def folded(of: Sequence[Line]) -> frozenset[int]:
    """The indexes of events that have no line of their own."""
    shown = {line for line in of if isinstance(line, int)}
    return frozenset(row for line in of if isinstance(line, Heads) for row in line.rows if row not in shown)
