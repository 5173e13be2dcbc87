"""The case's events on their recordings' clocks: a click goes there, and playing marks where we are."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from desktop.audit.timeline import Lane, Span
from desktop.model import replay, wording
from desktop.model.quality import BARS
from desktop.widgets import theme
from desktop.widgets.parts import Icon, column, label, row
from signing.wire.audit import EventRow
from signing.wire.base import Tone

TITLE_ROOM = 350
"""Of a row for time and title together, in the tab's fixed width."""
CHEVRON = 28
"""Of that, what the mark of a line that opens takes."""


class EventList(QListWidget):
    """``sought(recording_id, seconds)`` for an event that has a place in a recording.

    A recording's chain heads stand on one line with their number. A click on it, or Enter, opens and closes it.
    """

    sought = Signal(str, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("audit.events")
        self.setAccessibleName("事件")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._events: Sequence[EventRow] = ()
        self._parts: Sequence[replay.Part] = ()
        self._lines: tuple[replay.Line, ...] = ()
        self._opened: frozenset[str] = frozenset()
        self._recording_id = ""
        self._track = replay.Track((), ())
        self._marked: int | None = None
        self.itemClicked.connect(self._click)
        self.itemActivated.connect(self._go)

    def display(self, events: Sequence[EventRow], parts: Sequence[replay.Part]) -> None:
        """Every event with its time; ``follow_recording`` then says which recording plays."""
        self._events, self._parts = events, parts
        self._opened = frozenset()
        self._lines = replay.lines(events)
        self.follow_recording("")
        self.clear()
        for row_, line in enumerate(self._lines):
            self._insert(row_, line)

    def _insert(self, at: int, line: replay.Line) -> None:
        width = 96 if len(self._parts) > 1 else 50
        item = QListWidgetItem()
        self.insertItem(at, item)
        if isinstance(line, replay.Heads):
            self._fill_heads(item, line, width)
            return
        event = self._events[line]
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{event.title} {event.actor}")
        item.setToolTip(f"{event.title}\n第 {event.seq} 条 · {wording.day_and_time(event.at)} · {event.type}")
        item.setSizeHint(QSize(0, 56 + 20 * (self._title_lines(event.title, width) - 1)))
        self.setItemWidget(item, _line(event, replay.place(event, self._parts), width))

    def _fill_heads(self, item: QListWidgetItem, heads: replay.Heads, width: int) -> None:
        opened = heads.recording_id in self._opened
        title = heads.title(self._events, self._parts)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{title}，{'已展开' if opened else '已收起'}")
        item.setToolTip("通话中把录像的链值写进业务事件链，录像此后不能调换\n单击收起或展开每一次")
        item.setSizeHint(QSize(0, 56 + 20 * (self._title_lines(title, width + CHEVRON) - 1)))
        place = replay.place(self._events[heads.rows[0]], self._parts)
        self.setItemWidget(item, _heads_line(title, place, width, opened=opened))

    def _title_lines(self, title: str, before: int) -> int:
        """How many lines a title takes beside its time; no event is told in more than seven."""
        metrics = self.fontMetrics()
        room = QRect(0, 0, TITLE_ROOM - before, 1000)
        taken = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, title).height()
        return max(1, min(7, round(taken / metrics.lineSpacing())))

    def follow_recording(self, recording_id: str) -> None:
        """From now on ``follow`` marks events of this recording only."""
        self._recording_id = recording_id
        self._track = replay.track(self._events, recording_id, replay.folded(self._lines))
        self._marked = None

    def follow_in(self, recording_id: str, seconds: float) -> None:
        """As ``follow``, in whichever recording."""
        if recording_id != self._recording_id:
            self.follow_recording(recording_id)
        self.follow(seconds)

    def follow(self, seconds: float) -> None:
        """Marks the event that the recording has just passed."""
        index = self._track.row_at(seconds)
        if index is None or index == self._marked:
            return
        self._marked = index
        at = self._lines.index(index)
        self.setCurrentRow(at)
        self.scrollToItem(self.item(at), QListWidget.ScrollHint.EnsureVisible)

    def _click(self, item: QListWidgetItem) -> None:
        line = self._lines[self.row(item)]
        if isinstance(line, replay.Heads):
            self._turn(line)
        else:
            self._go(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        line = self._lines[self.currentRow()] if self.currentRow() >= 0 else None
        if isinstance(line, replay.Heads) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._turn(line)
            return
        super().keyPressEvent(event)

    def _turn(self, heads: replay.Heads) -> None:
        """Opens or closes the line of a recording's heads; what stands above it stays where it is."""
        self._opened ^= {heads.recording_id}
        before, self._lines = self._lines, replay.lines(self._events, self._opened)
        at = before.index(heads)
        self._fill_heads(self.item(at), heads, 96 if len(self._parts) > 1 else 50)
        for row_ in range(at + 1, at + 1 + len(heads.rows)):
            if heads.recording_id in self._opened:
                self._insert(row_, self._lines[row_])
            else:
                self.takeItem(at + 1)
        self.follow_recording(self._recording_id)

    def _go(self, item: QListWidgetItem) -> None:
        line = self._lines[self.row(item)]
        if isinstance(line, replay.Heads):
            return
        event = self._events[line]
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
        if event.type in (QUALITY, replay.HEAD):  # told as stretches; and one every ten seconds would hide the others
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
    return _row_of(event.title, f"{wording.time_of_day(event.at)} · {event.actor}", place, width)


def _heads_line(title: str, place: str, width: int, *, opened: bool) -> QWidget:
    line = _row_of(title, "单击收起" if opened else "单击展开每一次", place, width)
    layout = line.layout()
    assert layout is not None
    layout.addWidget(Icon("down" if opened else "right", "muted", 16))
    return line


def _row_of(title: str, second: str, place: str, width: int) -> QWidget:
    line = QWidget()
    layout = row(line, 10, (12, 4, 10, 5))
    time = label(place or "—", "" if place else "second")
    time.setFont(theme.figures(line.font(), 14))
    time.setFixedWidth(width)
    layout.addWidget(time)
    words = column(spacing=2)
    words.addWidget(label(title, wrap=True))
    words.addWidget(label(second, "second"))
    layout.addLayout(words, 1)
    return line
