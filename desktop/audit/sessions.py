"""Search and the list of sessions."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from desktop.model import wording
from desktop.widgets.parts import Badge, column, label, row
from signing.wire.audit import SessionList, SessionRow
from signing.wire.base import Tone
from signing.wire.case import Phase

TONES = {
    **dict.fromkeys((Phase.SIGNED, Phase.SEALED, Phase.CLOSED), Tone.GOOD),
    **dict.fromkeys(wording.ENDINGS, Tone.STOP),
    Phase.STOPPED: Tone.CAUTION,
}


class SessionsPanel(QWidget):
    """``searched(text)`` a moment after typing; ``chosen(case_id)``."""

    searched = Signal(str)
    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(304)
        self.search = QLineEdit()
        self.search.setObjectName("audit.search")
        self.search.setAccessibleName("搜索业务")
        self.search.setPlaceholderText("搜索业务编号、产品或坐席（Ctrl+F）")
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
        more = f"，显示前 {len(sessions.rows)} 笔" if sessions.total > len(sessions.rows) else ""
        self._count.setText(f"共 {sessions.total} 笔{more}" if sessions.rows else "没有符合条件的业务")

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
    layout.addWidget(label(f"{'、'.join(session.parties)} · {wording.money(session.amount)}"))
    length = f" · {wording.duration(session.call_seconds)}" if session.call_seconds is not None else ""
    at = wording.day_and_time(session.opened_at)[5:16]
    layout.addWidget(label(f"{at} · {session.agent}{length}", "second"))
    return line
