"""Changing one's own password."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QLineEdit, QWidget

from desktop.bridge import Trouble
from desktop.seat.login import field
from desktop.widgets.notice import Banner
from desktop.widgets.parts import KeyButton, column, label, row
from signing.wire.base import Tone


class PasswordDialog(QDialog):
    """``send(old, new)`` is called with what passes here; then ``failed`` or ``accept`` ends it."""

    def __init__(self, send: Callable[[str, str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("password")
        self.setWindowTitle("修改密码")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(440)
        self._send = send
        self.banner = Banner("password.banner")
        self.old, self.new, self.again = (
            field(f"password.{name}", words, "")
            for name, words in (("old", "原密码"), ("new", "新密码"), ("again", "再输一次"))
        )
        form = QFormLayout()
        form.setVerticalSpacing(12)
        for entry in (self.old, self.new, self.again):
            entry.setEchoMode(QLineEdit.EchoMode.Password)
            entry.returnPressed.connect(self._submit)
            form.addRow(entry.accessibleName(), entry)
        layout = column(self, 12, (20, 20, 20, 20))
        layout.addWidget(label("修改密码", "title"))
        layout.addWidget(label("至少 10 个字符，不能含有工号。改后其他电脑上的登录会退出。", "second", wrap=True))
        layout.addWidget(self.banner)
        layout.addLayout(form)
        cancel = KeyButton("返回", "Escape", name="password.cancel")
        cancel.clicked.connect(self.reject)
        self.ok = KeyButton("修改", "Return", name="password.ok")
        self.ok.set_primary(True)
        self.ok.clicked.connect(self._submit)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.ok)
        layout.addLayout(buttons)
        self.old.setFocus()

    def _submit(self) -> None:
        if not self.ok.isEnabled():
            return
        if not self.old.text() or not self.new.text():
            self.banner.display(Tone.CAUTION, "请填写原密码和新密码")
        elif self.new.text() != self.again.text():
            self.banner.display(Tone.CAUTION, "两次输入的新密码不一样，请重新输入")
        else:
            self.ok.setEnabled(False)
            self._send(self.old.text(), self.new.text())

    def failed(self, trouble: Trouble) -> None:
        """What was typed stays."""
        self.ok.setEnabled(True)
        self.banner.display(Tone.STOP, trouble.text)
        self.old.selectAll()
        self.old.setFocus()
