"""The strip that asks for the password over a running call: nothing below it stops or moves out of sight."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.bridge import Trouble
from desktop.seat.login import CODE_LENGTH, code_field, field
from desktop.widgets.parts import Icon, KeyButton, column, label, row, set_tone
from signing.wire.base import Tone

ASKED = "登录已到时限。通话和录像照常进行，请输入密码后继续操作"
AT_THE_DOOR = ("totp_enrol", "owner_code", "account_resting")
"""Refusals of which nothing can be settled over a call."""
BY_ANOTHER = "。请让主管接手这通电话，然后关闭窗口重新登录"


class AgainBar(QWidget):
    """``submitted(password, code)``. Hidden until ``ask``; ``done`` hides it and forgets what was typed."""

    submitted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("again")
        self.words = label(ASKED, wrap=True, name="again.text")
        self.password = field("again.password", "密码", "密码")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.code = code_field("again.code")
        self.submit = KeyButton("继续", "Return", name="again.submit")
        self.submit.set_primary(True)
        for entry, width in ((self.password, 200), (self.code, 150)):
            entry.setFixedWidth(width)
            entry.returnPressed.connect(self._submit)
        self.submit.clicked.connect(self._submit)
        line = row(spacing=12)
        line.addWidget(Icon("warn", "caution", 18))
        line.addWidget(self.words, 1)
        for widget in (self.password, self.code, self.submit):
            line.addWidget(widget)
        column(self, 0, (16, 8, 16, 8)).addLayout(line)
        self.hide()

    def ask(self) -> None:
        """Shows itself; where it does already, what was typed stays."""
        if self.isHidden():
            self.code.hide()
            self._say(Tone.CAUTION, ASKED)
            self.show()
            self.password.setFocus()

    def done(self) -> None:
        self.password.clear()
        self.code.clear()
        self._busy(False)
        self.hide()

    def failed(self, trouble: Trouble) -> None:
        self._busy(False)
        wanted = trouble.code in ("totp_required", "totp_wrong")
        words = trouble.text + (BY_ANOTHER if trouble.code in AT_THE_DOOR else "")
        self._say(Tone.NOTICE if trouble.code == "totp_required" else Tone.STOP, words)
        self.code.setVisible(wanted or not self.code.isHidden())
        last = self.code if wanted else self.password
        last.selectAll()
        last.setFocus()

    def _submit(self) -> None:
        if not self.submit.isEnabled():
            return
        if not self.password.text():
            self._say(Tone.CAUTION, "请输入密码")
            self.password.setFocus()
        elif not self.code.isHidden() and len(self.code.text()) != CODE_LENGTH:
            self._say(Tone.CAUTION, f"请输入验证器上的 {CODE_LENGTH} 位动态口令")
            self.code.setFocus()
        else:
            self._busy(True)
            self.submitted.emit(self.password.text(), self.code.text())

    def _busy(self, busy: bool) -> None:
        self.submit.setEnabled(not busy)
        self.submit.setText("正在登录…" if busy else "继续")

    def _say(self, tone: Tone, text: str) -> None:
        self.words.setText(text)
        set_tone(self.words, tone)
