"""Asks for a reason before something that will be asked about later."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QWidget

from desktop.widgets.closing import closing_row
from desktop.widgets.parts import KeyButton, column, label


class ReasonDialog(QDialog):
    """``accepted_with(reason)`` is called once, with a reason of 2 to 500 characters. Esc goes back."""

    def __init__(
        self,
        title: str,
        question: str,
        common: Sequence[str],
        button: str,
        accepted_with: Callable[[str], None],
        parent: QWidget,
        *,
        danger: bool = True,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("reason")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(460)
        self._accepted_with = accepted_with
        layout = column(self, 12, (20, 20, 20, 20))
        layout.addWidget(label(title, "title"))
        layout.addWidget(label(question, wrap=True))
        self.text = QPlainTextEdit()
        self.text.setObjectName("reason.text")
        self.text.setAccessibleName("原因")
        self.text.setPlaceholderText("原因会写入记录")
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(84)
        self.text.textChanged.connect(self._check)
        for number, reason in enumerate(common, 1):
            choice = KeyButton(reason, f"Ctrl+{number}", name=f"reason.common{number}", quiet=True)
            choice.setShortcut(f"Ctrl+{number}")
            choice.clicked.connect(lambda _=False, words=reason: self.text.setPlainText(words))
            layout.addWidget(choice, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.text)
        layout.addLayout(self._buttons(button, danger))
        self._check()
        self.adjustSize()  # to two thirds of a small screen at most, however many lines the question has
        self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))
        self.text.setFocus()

    def _buttons(self, button: str, danger: bool) -> QHBoxLayout:
        line, self.ok = closing_row(self, "reason", button, self._ok, danger=danger)
        return line

    def _reason(self) -> str:
        return self.text.toPlainText().strip()[:500]

    def _check(self) -> None:
        self.ok.setEnabled(len(self._reason()) >= 2)

    def _ok(self) -> None:
        reason = self._reason()
        self.accept()
        self._accepted_with(reason)
