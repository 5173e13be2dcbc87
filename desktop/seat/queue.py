"""Who is waiting, why who comes first, what waits for its seal, and the day so far."""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QWidget

from desktop.model import actions, wording
from desktop.model.state import QUIET, State, Upload, UploadStage
from desktop.seat.find import FindDialog, Search
from desktop.seat.pending import PendingPanel
from desktop.widgets.parts import Icon, KeyButton, card, clear, column, label, row, rule, set_tone
from signing.wire.base import Tone
from signing.wire.queue import Appointment, QueueDoor
from signing.wire.staff import TicketRow

WIDTH, FOLDED_WIDTH = 216, 60
MARGINS, FOLDED_MARGINS = (12, 12, 8, 12), (8, 12, 0, 12)
OPEN_KEY = "Ctrl+N"


class QueuePanel(QWidget):
    """``display`` rebuilds the list when it changes; ``tick`` renews the waiting times every second."""

    def __init__(self, take: Callable[[str], None], search: Search, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue")
        self.setFixedWidth(WIDTH)
        self._folded = False
        self._title = label("排队", "title", wrap=True, name="queue.title")
        self._body = QWidget()
        self._list = column(self._body, 8)
        self._waits: list[tuple[TicketRow, QLabel]] = []
        self._rows: tuple[TicketRow, ...] | None = None
        self._booked: tuple[Appointment, ...] = ()
        self._door = label("", wrap=True, name="queue.door")
        set_tone(self._door, Tone.CAUTION)
        self._door.hide()
        self._day = label("", "second", wrap=True, name="queue.day")
        self._pending = PendingPanel(take)
        self._take, self._search = take, search
        self.look_up = KeyButton("查找业务", "F3", name="queue.find", quiet=True)
        self.look_up.clicked.connect(self._find)
        self.open_new = KeyButton("新建业务", OPEN_KEY, name="queue.open", quiet=True)
        self._uploads = column(spacing=4)
        self._shown_uploads: tuple[Upload, ...] = ()
        self._upper, self._lower = QWidget(), QWidget()
        self._arrange()

    def _arrange(self) -> None:
        upper = column(self._upper, 10)
        upper.addWidget(self._door)
        upper.addWidget(self._scroll(), 1)
        upper.addWidget(self._pending)
        lower = column(self._lower, 10)
        lower.addWidget(self.look_up)
        lower.addLayout(self._uploads)
        lower.addWidget(rule())
        lower.addWidget(self._day)
        layout = self._layout = column(self, 10, MARGINS)
        layout.addWidget(self._title)
        layout.addWidget(self._upper, 1)
        layout.addWidget(self.open_new)
        layout.addWidget(self._lower)
        layout.addStretch(0)

    def _scroll(self) -> QScrollArea:
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setWidget(self._body)
        self._area.setAccessibleName("排队名单")
        return self._area

    def fold(self, folded: bool) -> None:
        """To a strip that says how many wait: room for a call in a small window."""
        if folded == self._folded:
            return
        self._folded = folded
        self.setFixedWidth(FOLDED_WIDTH if folded else WIDTH)
        self._upper.setVisible(not folded)
        self._lower.setVisible(not folded)
        layout = self._layout
        layout.setStretch(layout.count() - 1, int(folded))
        layout.setContentsMargins(*(FOLDED_MARGINS if folded else MARGINS))
        self.open_new.setText("新建" if folded else "新建业务")
        self.open_new.set_key("" if folded else OPEN_KEY)
        self.open_new.setToolTip(f"新建业务（按键 {OPEN_KEY}）")
        self.open_new.setAccessibleName("新建业务")

    def _find(self) -> None:
        dialog = FindDialog(self._search, self._take, self.window())
        dialog.open()
        dialog.look()

    def display(self, state: State, now: datetime) -> None:
        self.look_up.setEnabled(actions.may_take(state))
        rows = tuple(state.view.queue) if state.view else ()
        booked = tuple(state.view.appointments) if state.view else ()
        if rows != self._rows or booked != self._booked:
            self._booked = booked
            self._rebuild(rows)
        if state.view:
            self._show_door(state.view.door)
        self.tick(now)
        if state.view:
            average = state.view.average_call_seconds
            mean = f"，平均通话 {wording.duration(average)}" if average is not None else ""
            self._day.setText(f"今日已办 {state.view.handled_today} 笔{mean}")
        self._pending.display(state)
        self._show_uploads(tuple(state.uploads.values()))

    def tick(self, now: datetime) -> None:
        for ticket, words in self._waits:
            waited = wording.duration(wording.seconds_between(ticket.waiting_since, now))
            words.setText(f"等候 {waited}")

    def _rebuild(self, rows: Sequence[TicketRow]) -> None:
        self._rows = tuple(rows)
        self._waits = []
        self._title.setText(f"排队 {len(rows)}" if rows else "排队")
        clear(self._list)
        for ticket in rows:
            self._list.addWidget(self._line(ticket))
        if not rows:
            self._list.addWidget(label("现在没有客户等候", "second", wrap=True))
        if self._booked:
            self._list.addWidget(label(f"预约 {len(self._booked)}", "head", name="queue.booked"))
        for one in self._booked:
            self._list.addWidget(booked_line(one))
        self._list.addStretch(1)

    def _show_door(self, door: QueueDoor) -> None:
        """A queue that stands still says so over its list."""
        words = door_words(door)
        self._door.setVisible(bool(words))
        self._door.setText(words)

    def _line(self, ticket: TicketRow) -> QWidget:
        box = card()
        layout = column(box, 3, (10, 8, 10, 8))
        head = row(spacing=6)
        head.addWidget(label(ticket.party_name_masked, "head"))
        head.addWidget(label(ticket.role_title, "second"))
        head.addStretch(1)
        layout.addLayout(head)
        layout.addWidget(label(ticket.product_title, "second", wrap=True))
        wait = label("", "second")
        wait.setFont(self.font())
        layout.addWidget(wait)
        self._waits.append((ticket, wait))
        if ticket.dialect:
            layout.addWidget(label(f"要{ticket.dialect}", "second"))
        if ticket.priority:
            first = label(ticket.priority, wrap=True)
            set_tone(first, Tone.NOTICE)
            layout.addWidget(first)
        return box

    def _show_uploads(self, uploads: tuple[Upload, ...]) -> None:
        shown = tuple(upload for upload in uploads if upload.stage not in QUIET)
        if shown == self._shown_uploads:
            return
        self._shown_uploads = shown
        clear(self._uploads)
        for upload in shown:
            self._uploads.addLayout(_upload_line(upload))


def door_words(door: QueueDoor) -> str:
    """Empty while everybody may come and rings."""
    if door.joins and door.offers:
        return ""
    return f"{'暂停振铃' if not door.offers else '不再接受排队'}：{door.message}"


def booked_line(one: Appointment) -> QWidget:
    """Who comes when."""
    box = card()
    layout = column(box, 3, (10, 8, 10, 8))
    layout.addWidget(label(one.party_label, "head", wrap=True))
    layout.addWidget(label(one.window, wrap=True))
    layout.addWidget(label(one.product_title, "second", wrap=True))
    return box


def upload_words(upload: Upload) -> tuple[str, Tone]:
    """What a person should know about a recording on its way."""
    match upload.stage:
        case UploadStage.SENDING:
            return f"上传录像 {wording.percent(upload.done, upload.total)}%", Tone.NOTICE
        case UploadStage.RETRYING:
            return f"录像上传中断，自动重试：{upload.message}", Tone.CAUTION
        case UploadStage.STUCK:
            return f"录像未上传，文件仍在本机：{upload.message}", Tone.STOP
        case UploadStage.DONE:
            return "录像已送达", Tone.GOOD
    return "录像等待上传", Tone.NOTICE


def _upload_line(upload: Upload) -> QHBoxLayout:
    line = row(spacing=6)
    text, tone = upload_words(upload)
    line.addWidget(Icon("save", tone.value, 16))
    words = label(text, "second", wrap=True, name="queue.upload")
    set_tone(words, tone)
    line.addWidget(words, 1)
    return line
