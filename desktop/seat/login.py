"""The log-in card: who, with which password, at which service. Says so when nobody answers there."""

from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from desktop.bridge import Trouble
from desktop.widgets.notice import Banner
from desktop.widgets.parts import Icon, KeyButton, card, column, label, row
from signing.wire.base import Tone

FIELD_HEIGHT = 36


class LoginPage(QWidget):
    """``submitted(username, password)``; ``failed`` and ``busy`` set the display. ``retry`` asks the service again."""

    submitted = Signal(str, str)
    retried = Signal()

    def __init__(self, server: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("login")
        self.user = _field("login.user", "工号", "例如 zhang")
        self.password = _field("login.password", "密码", "")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.submit = KeyButton("登录", "Return", name="login.submit")
        self.submit.set_primary(True)
        self.banner = Banner("login.banner")
        self._server = server
        outer = column(self, 0, (24, 24, 24, 24))
        outer.addStretch(2)
        middle = row()
        middle.addStretch(1)
        middle.addWidget(self._card())
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(3)
        self.submit.clicked.connect(self._submit)
        self.user.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self._submit)

    def _card(self) -> QWidget:
        box = card()
        box.setFixedWidth(420)
        layout = column(box, 14, (32, 28, 32, 28))
        head = row(spacing=10)
        head.addWidget(Icon("seal", "primary", 30))
        head.addWidget(label("屏签", "big"), 1)
        layout.addLayout(head)
        layout.addWidget(label("远程视频面签 · 坐席与审计工作台", "second"))
        layout.addWidget(self.banner)
        form = QFormLayout()
        form.setVerticalSpacing(12)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        form.addRow("工号", self.user)
        form.addRow("密码", self.password)
        layout.addLayout(form)
        layout.addWidget(self.submit)
        where = urlsplit(self._server).netloc or self._server
        layout.addWidget(label(f"服务：{where}", "second", name="login.server"))
        return box

    def _submit(self) -> None:
        if not self.submit.isEnabled():
            return
        if not self.user.text().strip() or not self.password.text():
            self.banner.display(Tone.CAUTION, "请填写工号和密码")
            return
        self.submitted.emit(self.user.text().strip(), self.password.text())

    def busy(self, busy: bool) -> None:
        self.submit.setEnabled(not busy)
        self.submit.setText("正在登录…" if busy else "登录")
        if busy:
            self.banner.clear()

    def failed(self, trouble: Trouble) -> None:
        self.busy(False)
        if trouble.code == "unreachable":
            self.banner.display(Tone.STOP, trouble.text, "重试", self.retried.emit)
            return
        self.banner.display(Tone.STOP, trouble.text)
        self.password.selectAll()
        self.password.setFocus()

    def reachable(self) -> None:
        self.busy(False)
        self.banner.clear()

    def start_again(self, why: str = "") -> None:
        """Back at the door: the password is forgotten."""
        self.password.clear()
        self.busy(False)
        if why:
            self.banner.display(Tone.NOTICE, why)
        (self.password if self.user.text() else self.user).setFocus()


def _field(name: str, accessible: str, hint: str) -> QLineEdit:
    made = QLineEdit()
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    made.setPlaceholderText(hint)
    made.setMaxLength(256)
    made.setMinimumHeight(FIELD_HEIGHT)
    return made
