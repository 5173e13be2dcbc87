"""The case's events on their recordings' clocks: a click goes there, and playing marks where we are."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from desktop.audit.timeline import Lane, Span
from desktop.model import replay, wording
from desktop.model.quality import BARS
from desktop.widgets import theme
from desktop.widgets.parts import column, label, row
from signing.wire.audit import EventRow
from signing.wire.base import Tone

TITLE_ROOM = 350
"""Of a row for time and title together, in the tab's fixed width."""


class EventList(QListWidget):
    """``sought(recording_id, seconds)`` for an event that has a place in a recording."""

    sought = Signal(str, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("audit.events")
        self.setAccessibleName("事件")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._events: Sequence[EventRow] = ()
        self._track = replay.Track((), ())
        self._marked: int | None = None
        self.itemClicked.connect(self._go)
        self.itemActivated.connect(self._go)

    def display(self, events: Sequence[EventRow], parts: Sequence[replay.Part]) -> None:
        """Every event with its time; ``follow_recording`` then says which recording plays."""
        self._events = events
        self.follow_recording("")
        self.clear()
        width = 96 if len(parts) > 1 else 50
        for event in events:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{event.title} {event.actor}")
            item.setToolTip(f"{event.title}\n第 {event.seq} 条 · {wording.day_and_time(event.at)} · {event.type}")
            item.setSizeHint(QSize(0, 56 + 20 * (self._title_lines(event.title, width) - 1)))
            self.addItem(item)
            self.setItemWidget(item, _line(event, replay.place(event, parts), width))

    def _title_lines(self, title: str, before: int) -> int:
        """How many lines a title takes beside its time; no event is told in more than seven."""
        room = TITLE_ROOM - before
        return min(7, ceil(self.fontMetrics().horizontalAdvance(title) * 1.1 / room) or 1)

    def follow_recording(self, recording_id: str) -> None:
        """From now on ``follow`` marks events of this recording only."""
        self._track = replay.track(self._events, recording_id)
        self._marked = None

    def follow(self, seconds: float) -> None:
        """Marks the event that the recording has just passed."""
        index = self._track.row_at(seconds)
        if index is None or index == self._marked:
            return
        self._marked = index
        self.setCurrentRow(index)
        self.scrollToItem(self.item(index), QListWidget.ScrollHint.EnsureVisible)

    def _go(self, item: QListWidgetItem) -> None:
        event = self._events[self.row(item)]
        if event.recording_id is not None and event.offset_seconds is not None:
            self.sought.emit(event.recording_id, event.offset_seconds)


QUALITY = "call.quality"


def lanes(events: Sequence[EventRow], recording_id: str, began: datetime | None = None) -> list[Lane]:
    """One lane a family of events, in a fixed order; families without a title share the last.

    The network comes first, as stretches, where it is known when the recording ``began``.
    """
    line = [Lane("网络", spans=network(events, began))] if began is not None else []
    titles = {
        "identity": "身份",
        "disclosure": "告知",
        "document": "文书",
        "reading": "文书",
        "party": "客户",
    }
    found: dict[str, list[float]] = {"身份": [], "告知": [], "文书": [], "客户": [], "其他": []}
    for event in events:
        if event.type == QUALITY:
            continue
        if event.recording_id == recording_id and event.offset_seconds is not None:
            found[titles.get(replay.kind_of(event), "其他")].append(event.offset_seconds)
    return [*line, *(Lane(title, tuple(sorted(seconds))) for title, seconds in found.items())]


def network(events: Sequence[EventRow], began: datetime) -> tuple[Span, ...]:
    """How good the lines were, from the file's start on; of several parties' the worst is drawn last, over the others.

    By the time that was measured: a report may have come late, even after the recording's end.
    """
    found = []
    for event in events:
        body = event.body
        if event.type != QUALITY or not isinstance(body, dict):
            continue
        begin, end = ((datetime.fromisoformat(str(body[name])) - began).total_seconds() for name in ("since", "until"))
        bars = min(4, max(0, int(str(body["bars"]))))
        if end > 0:
            tone = Tone.CAUTION if body.get("broken_seconds") and BARS[bars][1] is Tone.GOOD else BARS[bars][1]
            found.append(Span(max(0.0, begin), end, bars, tone))
    return tuple(sorted(found, key=lambda span: (-span.bars, span.begin)))


def _line(event: EventRow, place: str, width: int) -> QWidget:
    line = QWidget()
    layout = row(line, 10, (12, 4, 10, 5))
    time = label(place or "—", "" if place else "second")
    time.setFont(theme.figures(line.font(), 14))
    time.setFixedWidth(width)
    layout.addWidget(time)
    words = column(spacing=2)
    words.addWidget(label(event.title, wrap=True))
    words.addWidget(label(f"{wording.time_of_day(event.at)} · {event.actor}", "second"))
    layout.addLayout(words, 1)
    return line
