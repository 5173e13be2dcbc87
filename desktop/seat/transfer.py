"""Hands the call to another seat: which one, and why."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QListWidget, QListWidgetItem, QPlainTextEdit, QWidget
from shiboken6 import isValid

from desktop.model import wording
from desktop.widgets.closing import closing_row
from desktop.widgets.parts import KeyButton, column, label
from signing.wire.staff import Colleague, Presence

REASONS = ("需要会说客家话的同事", "需要会说闽南话的同事", "换由客户经理继续", "我要下班，请接着办")
ANYONE = "最早空闲的席位（自动选择）"


class TransferDialog(QDialog):
    """``chosen(seat_id, reason)`` is called once; no seat_id: the longest idle one. Only free seats can be chosen."""

    def __init__(self, chosen: Callable[[str | None, str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("transfer")
        self.setWindowTitle("转接通话")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(520, 520)
        self._chosen = chosen
        self.seats = QListWidget()
        self.seats.setObjectName("transfer.seats")
        self.seats.setProperty("plain", True)
        self.seats.setAccessibleName("席位")
        self.text = QPlainTextEdit()
        self.text.setObjectName("transfer.reason")
        self.text.setAccessibleName("转接的原因")
        self.text.setPlaceholderText("原因会写入业务记录，并告诉接手的同事")
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(64)
        self._arrange()
        self.show_seats([])
        self.text.textChanged.connect(self._check)
        self.seats.currentRowChanged.connect(lambda _: self._check())
        self.seats.itemActivated.connect(lambda _: self.text.setFocus())
        self._check()
        self.seats.setFocus()

    def _arrange(self) -> None:
        layout = column(self, 10, (20, 20, 20, 20))
        layout.addWidget(label("转接通话", "title"))
        layout.addWidget(label("对方接听之前，客户仍在您这里；接听之后，已完成的步骤都带过去。", "second", wrap=True))
        layout.addWidget(self.seats, 1)
        layout.addLayout(self._common())
        layout.addWidget(self.text)
        layout.addLayout(self._buttons())

    def _common(self) -> QGridLayout:
        grid = QGridLayout()
        for number, reason in enumerate(REASONS, 1):
            choice = KeyButton(reason, f"Ctrl+{number}", name=f"transfer.common{number}", quiet=True)
            choice.setShortcut(f"Ctrl+{number}")
            choice.clicked.connect(lambda _=False, words=reason: self.text.setPlainText(words))
            grid.addWidget(choice, (number - 1) // 2, (number - 1) % 2, alignment=Qt.AlignmentFlag.AlignLeft)
        return grid

    def _buttons(self) -> QHBoxLayout:
        line, self.ok = closing_row(self, "transfer", "转接", self._ok)
        return line

    def show_seats(self, seats: Sequence[Colleague]) -> None:
        """The free ones first; the others are there to be seen, with what they do. May come after the end."""
        if not isValid(self):
            return
        self.seats.clear()
        self.seats.addItem(ANYONE)
        for seat in sorted(seats, key=lambda one: (one.presence is not Presence.AVAILABLE, one.branch, one.label)):
            who = " · ".join(part for part in (seat.branch, seat.label, seat.agent) if part)
            item = QListWidgetItem(f"{who}    {wording.PRESENCES[seat.presence]}")
            item.setData(Qt.ItemDataRole.UserRole, seat.seat_id)
            if seat.presence is not Presence.AVAILABLE:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.seats.addItem(item)
        self.seats.setCurrentRow(0)

    def _reason(self) -> str:
        return self.text.toPlainText().strip()[:500]

    def _check(self) -> None:
        self.ok.setEnabled(len(self._reason()) >= 2 and self.seats.currentItem() is not None)

    def _ok(self) -> None:
        item, reason = self.seats.currentItem(), self._reason()
        seat_id = item.data(Qt.ItemDataRole.UserRole)
        self.accept()
        self._chosen(seat_id, reason)
