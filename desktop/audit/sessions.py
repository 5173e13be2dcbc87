"""Search and the list of sessions."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QWidget

from desktop.model import wording
from desktop.widgets.parts import Badge, Elided, column, label, row
from signing.wire.audit import SessionList, SessionRow
from signing.wire.base import Tone
from signing.wire.case import Phase

TONES = {
    **dict.fromkeys((Phase.SIGNED, Phase.SEALED, Phase.CLOSED), Tone.GOOD),
    **dict.fromkeys(wording.ENDINGS, Tone.STOP),
    Phase.STOPPED: Tone.CAUTION,
}
HOW_TO_SEARCH = (
    "证件号、手机号、姓名要输入完整；业务编号可以只输入开头；也可输入坐席姓名、产品名称，"
    "或日期（2026-11-24、2026-11、2026-11-01至2026-11-24）。几项之间用空格分开，须同时符合。"
)


class SessionsPanel(QWidget):
    """``searched(text)`` a moment after typing; ``chosen(case_id)``; ``ended(after)`` at the end of what is shown.

    The list grows page by page; below it stands how many there are, and where the service has stopped counting.
    """

    searched = Signal(str)
    chosen = Signal(str)
    ended = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(304)
        self.search = QLineEdit()
        self.search.setObjectName("audit.search")
        self.search.setAccessibleName("搜索业务")
        self.search.setPlaceholderText("姓名、证件号、手机、编号、日期")
        self.search.setToolTip(f"{HOW_TO_SEARCH}\n快捷键 Ctrl+F。")
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setObjectName("audit.list")
        self.list.setAccessibleName("业务列表")
        self._count = label("", "second", name="audit.count")
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(300)
        self._wait.timeout.connect(lambda: self.searched.emit(self.search.text().strip()))
        self.search.textChanged.connect(lambda _: self._wait.start())
        self.list.currentItemChanged.connect(self._choose)
        self.list.verticalScrollBar().valueChanged.connect(lambda _: self._look_for_end())
        self._after = ""
        self._total = ""
        layout = column(self, 8, (12, 12, 4, 12))
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._count)

    def display(self, sessions: SessionList) -> None:
        """Keeps the chosen case where it is still in the list."""
        before = self.list.currentItem()
        case_id = before.data(Qt.ItemDataRole.UserRole) if before else ""
        self.list.blockSignals(True)
        self.list.clear()
        for session in sessions.rows:
            self._add(session, chosen=session.case_id == case_id)
        self.list.blockSignals(False)
        self._total = f"{'超过' if sessions.total_is_least else '共'} {sessions.total} 笔"
        self._shown(sessions.after)

    def extend(self, sessions: SessionList) -> None:
        """The next page below what is there."""
        for session in sessions.rows:
            self._add(session, chosen=False)
        self._shown(sessions.after)

    def _shown(self, after: str) -> None:
        self._after = after
        more = f"，已显示 {self.list.count()} 笔，下滑继续" if after else ""
        self._count.setText(f"{self._total}{more}" if self.list.count() else "没有符合条件的业务")

    def fail(self, after: str = "") -> None:
        """There was no answer, which is not an empty one. ``after``: to the page that follows it."""
        self._after = after
        if after:
            self._count.setText(f"{self._total}，后面的没有取到，下滑再试")
        else:
            self._count.setText("没有取到，上面是以前的结果" if self.list.count() else "没有取到，请稍后再搜")

    def _look_for_end(self) -> None:
        bar = self.list.verticalScrollBar()
        if self._after and bar.value() >= bar.maximum() - bar.pageStep():
            after, self._after = self._after, ""
            self.ended.emit(after)

    def stop(self) -> None:
        self._wait.stop()

    def _add(self, session: SessionRow, *, chosen: bool) -> None:
        item = QListWidgetItem()
        item.setData(Qt.ItemDataRole.UserRole, session.case_id)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{session.case_no} {'、'.join(session.parties)}")
        item.setSizeHint(QSize(0, 92))
        self.list.addItem(item)
        self.list.setItemWidget(item, _line(session))
        if chosen:
            self.list.setCurrentItem(item)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))


def _line(session: SessionRow) -> QWidget:
    line = QWidget()
    layout = column(line, 4, (12, 8, 12, 8))
    head = row(spacing=8)
    head.addWidget(label(session.case_no, "head"))
    head.addStretch(1)
    head.addWidget(Badge(wording.PHASES[session.phase], TONES.get(session.phase, Tone.NOTICE)))
    layout.addLayout(head)
    who = "、".join(session.parties)
    layout.addLayout(_sides(Elided(who), label(wording.money(session.amount))))
    length = f" · {wording.duration(session.call_seconds)}" if session.call_seconds is not None else ""
    at = wording.day_and_time(session.opened_at)[5:16]
    layout.addWidget(label(f"{at} · {session.agent}{length}" if session.agent else f"{at}{length}", "second"))
    return line


def _sides(left: QWidget, right: QWidget) -> QHBoxLayout:
    """What has no room gives way on the left."""
    line = row(spacing=8)
    line.addWidget(left, 1)
    line.addWidget(right)
    return line
