"""查找业务: an open case of the branch that nobody talks about now, to be put on the desk."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QWidget
from shiboken6 import isValid

from desktop.model import wording
from desktop.widgets.closing import closing_row
from desktop.widgets.parts import column, label
from signing.wire.lifecycle import FoundCase

PAUSE_MS = 250
Search = Callable[[str, Callable[[Sequence[FoundCase]], None]], None]
"""(text, told what was found)."""


class FindDialog(QDialog):
    """``take(case_id)`` is called once, with the row that was chosen. Enter opens, Esc goes back."""

    def __init__(self, search: Search, take: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("find")
        self.setWindowTitle("查找业务")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(620, 480)
        self._search, self._take = search, take
        self.text = QLineEdit()
        self.text.setObjectName("find.text")
        self.text.setAccessibleName("业务编号、姓名或手机号后四位")
        self.text.setPlaceholderText("业务编号、姓名或手机号后四位")
        self.rows = QListWidget()
        self.rows.setObjectName("find.rows")
        self.rows.setProperty("plain", True)
        self.rows.setAccessibleName("找到的业务")
        self.none = label("没有找到。只能打开本网点还没有办结的业务。", "second", wrap=True, name="find.none")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.look)
        layout = column(self, 10, (20, 20, 20, 20))
        layout.addWidget(label("查找业务", "title"))
        layout.addWidget(label("打开后可以重发链接、变更、撤回或终止；用完请点“结束整理”。", "second", wrap=True))
        layout.addWidget(self.text)
        layout.addWidget(self.rows, 1)
        layout.addWidget(self.none)
        layout.addLayout(self._buttons())
        self.text.textChanged.connect(lambda _: self._pause.start())
        self.rows.itemActivated.connect(lambda _: self._open())
        self.rows.currentRowChanged.connect(lambda _: self._check())
        self.show_cases([])
        self.none.hide()
        self.text.setFocus()

    def _buttons(self) -> QHBoxLayout:
        line, self.ok = closing_row(self, "find", "打开", self._open)
        return line

    def look(self) -> None:
        self._search(self.text.text(), self.show_cases)

    def show_cases(self, found: Sequence[FoundCase]) -> None:
        """An answer may come after the dialog was closed."""
        if not isValid(self):
            return
        self.rows.clear()
        for one in found:
            until = f"  期限 {wording.day_and_time(one.expires_at)[:10]}" if one.expires_at else ""
            words = f"{one.case_no}  {'、'.join(one.parties)}\n{one.product_title}  {wording.PHASES[one.phase]}{until}"
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, one.case_id)
            self.rows.addItem(item)
        if found:
            self.rows.setCurrentRow(0)
        self.none.setVisible(not found)
        self._check()

    def _check(self) -> None:
        self.ok.setEnabled(self.rows.currentItem() is not None)

    def _open(self) -> None:
        item = self.rows.currentItem()
        if item is None:
            return
        case_id = item.data(Qt.ItemDataRole.UserRole)
        self.accept()
        self._take(case_id)
