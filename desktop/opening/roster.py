"""查名册、老客户: a household of the village roster, or somebody whose whole identity number is typed."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from desktop.bridge import Trouble
from desktop.opening.desk import OpeningDesk
from desktop.opening.local import problem, tidied
from desktop.widgets.closing import closing_row
from desktop.widgets.parts import column, label, set_tone
from signing.wire.base import Tone
from signing.wire.opening import FieldKind, FormField, HouseholdsFound, KnownPerson, KnowPerson

PAUSE_MS = 300
_NUMBER = FormField(key="id_number", title="身份证号", kind=FieldKind.ID_NUMBER)


class RosterDialog(QDialog):
    """``fill(KnownPerson)`` is called once, with whom was chosen. Every search is on record."""

    def __init__(self, desk: OpeningDesk, fill: Callable[[KnownPerson], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("roster")
        self.setWindowTitle("查名册、老客户")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(560, 420)
        self._desk, self._fill = desk, fill
        self._closed = False
        self._asked = 0
        self.finished.connect(self._close)
        self.text = QLineEdit()
        self.text.setObjectName("roster.text")
        self.text.setAccessibleName("姓名或完整的身份证号")
        self.text.setPlaceholderText("姓名至少两个字，或完整的身份证号")
        self.text.setMaxLength(60)
        self.rows = QListWidget()
        self.rows.setObjectName("roster.rows")
        self.rows.setAccessibleName("找到的人")
        self.rows.setProperty("plain", True)
        self.words = label("", wrap=True, name="roster.words")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._look)
        layout = column(self, 10, (20, 20, 20, 20))
        layout.addWidget(label("查名册、老客户", "title"))
        told = "名册按姓名或身份证号查；在本机构办过业务的人，只能按完整的身份证号查。查询会写入记录。"
        layout.addWidget(label(told, "second", wrap=True))
        layout.addWidget(self.text)
        layout.addWidget(self.rows, 1)
        layout.addWidget(self.words)
        line, self.ok = closing_row(self, "roster", "填入", self._ok)
        layout.addLayout(line)
        self.text.textChanged.connect(lambda _: self._typed())
        self.text.returnPressed.connect(self._look)
        self.rows.itemActivated.connect(lambda _: self._ok())
        self.rows.currentRowChanged.connect(lambda _: self.ok.setEnabled(self.rows.currentRow() >= 0))
        self.ok.setEnabled(False)
        self.text.setFocus()

    def _close(self) -> None:
        self._closed = True

    def _typed(self) -> None:
        """Nobody found by other words can be chosen any more."""
        self._asked += 1
        self.rows.clear()
        self._say(None, "")
        self._pause.start()

    def _look(self) -> None:
        self._pause.stop()
        if len(self.text.text().strip()) < 2 or self.rows.count():
            return
        self._asked += 1
        asked = self._asked
        self._desk.search(self.text.text(), lambda found: self._show(found, asked), self._refused)

    def _show(self, found: HouseholdsFound, asked: int) -> None:
        """Answers to other words come too late."""
        if self._closed or asked != self._asked:
            return
        self.rows.clear()
        for one in found.rows:
            until = "授信已过期" if one.expired else f"授信 {one.line} 元"
            self._add(f"{one.name_masked}　{one.id_number_masked}\n{one.village}　{until}", KnowPerson(ref=one.ref))
        number = tidied(FieldKind.ID_NUMBER, self.text.text())
        if len(number) == 18 and not problem(_NUMBER, number) and not found.rows:
            self._add(f"按身份证号查以往业务\n{number[:4]}{'*' * 10}{number[-4:]}", KnowPerson(id_number=number))
        if self.rows.count():
            self.rows.setCurrentRow(0)
        none = "" if self.rows.count() else "名册里没有找到"
        self._say(None, "还有别的，请写完整的姓名" if found.more else none)

    def _add(self, words: str, wanted: KnowPerson) -> None:
        item = QListWidgetItem(words)
        item.setData(Qt.ItemDataRole.UserRole, wanted)
        self.rows.addItem(item)

    def _ok(self) -> None:
        item = self.rows.currentItem()
        if item is None:
            return
        self.ok.setEnabled(False)
        self._desk.know(item.data(Qt.ItemDataRole.UserRole), self._known, self._refused)

    def _known(self, person: KnownPerson) -> None:
        if not self._closed:
            self.accept()
            self._fill(person)

    def _refused(self, trouble: Trouble) -> None:
        if not self._closed:
            self.ok.setEnabled(self.rows.currentRow() >= 0)
            self._say(Tone.STOP, trouble.text)

    def _say(self, tone: Tone | None, words: str) -> None:
        self.words.setText(words)
        set_tone(self.words, tone)
