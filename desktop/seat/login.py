"""The log-in card: who, with which password, at which service. Says so when nobody answers there.

The authenticator's code is asked for only where the service wants one, and its QR code is shown only to whoever has
to set one up. Where somebody else has set the password, the owner's code and a password of their own come first.
"""

from unicodedata import normalize
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QFormLayout, QLineEdit, QScrollArea, QWidget

from desktop.bridge import Trouble
from desktop.widgets.notice import AGAIN_KEY, Banner
from desktop.widgets.parts import Icon, KeyButton, card, column, label, row
from desktop.widgets.squares import Squares
from signing.wire.accounts import TotpEnrolment
from signing.wire.base import Tone

FIELD_HEIGHT = 36
CODE_LENGTH = 6
NAME_LENGTH = 64
INVALID = "input"
TURNED_AWAY = ("not_logged_in", "account_resting")
"""Refusals after which code and new password are of no use any more. All others leave what was typed."""


class LoginPage(QWidget):
    """``submitted(username, password, code)``; ``failed`` and ``busy`` set the display.

    ``retried`` asks the service again; ``enrolment_wanted(username, password)``: ``show_enrolment`` is to follow;
    ``taking(username, password, code, new)``: ``taken`` or ``failed`` is.
    """

    submitted = Signal(str, str, str)
    retried = Signal()
    enrolment_wanted = Signal(str, str)
    taking = Signal(str, str, str, str)

    def __init__(self, server: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("login")
        self.user = field("login.user", "工号", "例如 zhang")
        self.user.setMaxLength(NAME_LENGTH)
        self.password = field("login.password", "密码", "")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.code = code_field("login.code")
        self.owner_code = code_field("login.owner_code", "确认码")
        self.new, self.again = (
            field(f"login.{name}", words, "") for name, words in (("new", "新密码"), ("again", "再输一次"))
        )
        self.squares = Squares("login.squares", "动态口令的二维码")
        self.secret = label("", "second", wrap=True, name="login.secret")
        self.secret.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.submit = KeyButton("登录", "Return", name="login.submit")
        self.submit.set_primary(True)
        self.devices = KeyButton("音视频设备", "F9", name="login.devices", quiet=True)
        self.banner = Banner("login.banner", key=AGAIN_KEY)
        self._server = server
        column(self, 0).addWidget(self._scroll())
        outer = column(self._area.widget(), 0, (24, 12, 24, 12))
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
        for entry in (self.code, self.owner_code, self.new, self.again):
            entry.returnPressed.connect(self._submit)
        for entry in (self.new, self.again):
            entry.setEchoMode(QLineEdit.EchoMode.Password)
            entry.setPlaceholderText("至少 10 个字符，不含工号")
        self._show_code(False)
        self._show_taking(False)

    def _scroll(self) -> QScrollArea:
        """With a code to scan and an authenticator's field the card is higher than a small window."""
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setAccessibleName("登录")
        self._area.setWidget(QWidget())
        return self._area

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
        for entry in (self.code, self.owner_code, self.new, self.again):
            form.addRow(entry.accessibleName(), entry)
        self._form = form
        layout.addWidget(self.squares, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.secret)
        layout.addLayout(form)
        layout.addWidget(self.submit)
        where = urlsplit(self._server).netloc or self._server
        foot = row()
        foot.addWidget(label(f"服务：{where}", "second", name="login.server"), 1)
        foot.addWidget(self.devices)
        layout.addLayout(foot)
        return box

    def _submit(self) -> None:
        if not self.submit.isEnabled():
            return
        if not self.user.text().strip() or not self.password.text():
            self.banner.display(Tone.CAUTION, "请填写工号和密码")
            return
        if self._takes:
            self._take()
            return
        if self._wants_code and len(self.code.text().strip()) != CODE_LENGTH:
            self.banner.display(Tone.CAUTION, f"请输入验证器上的 {CODE_LENGTH} 位动态口令")
            return
        code = self.code.text().strip() if self._wants_code else ""
        self.submitted.emit(self.user.text().strip(), self.password.text(), code)

    def _take(self) -> None:
        if len(self.owner_code.text()) != CODE_LENGTH:
            self.banner.display(Tone.CAUTION, f"请输入确认的同事交给您的 {CODE_LENGTH} 位确认码")
        elif not self.new.text() or self.new.text() != self.again.text():
            self.banner.display(
                Tone.CAUTION, "两次输入的新密码不一样，请重新输入" if self.new.text() else "请填写新密码"
            )
        else:
            who = self.user.text().strip()
            self.taking.emit(who, self.password.text(), self.owner_code.text(), self.new.text())

    def taken(self) -> None:
        """Goes on with the new password, as if it had been typed."""
        self.password.setText(self.new.text())
        self._show_taking(False)
        self.busy(False)
        self._submit()

    def _show_taking(self, wanted: bool) -> None:
        self._takes = wanted
        for entry in (self.owner_code, self.new, self.again):
            self._form.setRowVisible(entry, wanted)
            if not wanted:
                entry.clear()

    def _ask_owner(self, trouble: Trouble) -> None:
        """A refused password or code leaves the rest as it was typed."""
        self._show_code(False)
        self._show_taking(True)
        self.banner.display(Tone.NOTICE if trouble.code == "owner_code" else Tone.STOP, trouble.text)
        first = self.new if trouble.code == INVALID else self.owner_code
        first.selectAll()
        first.setFocus()

    def _show_code(self, wanted: bool) -> None:
        self._wants_code = wanted
        self._form.setRowVisible(self.code, wanted)
        if not wanted:
            self.code.clear()
            self.squares.hide()
            self.secret.hide()

    def show_enrolment(self, enrolment: TotpEnrolment) -> None:
        """The QR code, the same as text, and the field for the first code."""
        self.busy(False)
        self._show_code(True)
        self.squares.display(enrolment.squares)
        self.squares.show()
        self.secret.setText(f"不能扫码时，可手工输入密钥：{enrolment.secret}")
        self.secret.show()
        self.banner.display(Tone.NOTICE, "首次登录：请用手机上的验证器扫码，再输入显示的 6 位动态口令")
        self.code.setFocus()
        QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.submit))

    def busy(self, busy: bool) -> None:
        self.submit.setEnabled(not busy)
        self.submit.setText("正在登录…" if busy else "登录")
        if busy:
            self.banner.clear()

    def failed(self, trouble: Trouble) -> None:
        """Nobody who asked for nothing loses the focus by it."""
        asked = not self.submit.isEnabled()
        self.busy(False)
        if trouble.code == "unreachable":
            self.banner.display(Tone.STOP, trouble.text, "重试", self.retried.emit)
            if asked:
                self._last_field().setFocus()
            return
        if trouble.code == "totp_enrol":
            self.enrolment_wanted.emit(self.user.text().strip(), self.password.text())
            return
        if trouble.code in ("totp_required", "totp_wrong"):
            self._show_code(True)
            self.banner.display(Tone.NOTICE if trouble.code == "totp_required" else Tone.STOP, trouble.text)
            self.code.selectAll()
            self.code.setFocus()
            return
        if trouble.code in ("owner_code", "owner_code_wrong") or (self._takes and trouble.code == INVALID):
            self._ask_owner(trouble)
            return
        if trouble.code in TURNED_AWAY:
            self._show_code(False)
            self._show_taking(False)
        self.banner.display(Tone.STOP, trouble.text)
        last = self._last_field()
        last.selectAll()
        last.setFocus()

    def _last_field(self) -> QLineEdit:
        """What Enter sends."""
        if self._takes:
            return self.owner_code
        return self.code if self._wants_code else self.password

    def reachable(self) -> None:
        self.busy(False)
        self.banner.clear()

    def start_again(self, why: str = "") -> None:
        """Back at the door: the password is forgotten."""
        self.password.clear()
        self._show_code(False)
        self._show_taking(False)
        self.busy(False)
        if why:
            self.banner.display(Tone.NOTICE, why)
        (self.password if self.user.text() else self.user).setFocus()


def field(name: str, accessible: str, hint: str) -> QLineEdit:
    made = QLineEdit()
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    made.setPlaceholderText(hint)
    made.setMaxLength(256)
    made.setMinimumHeight(FIELD_HEIGHT)
    return made


def code_field(name: str, accessible: str = "动态口令") -> QLineEdit:
    made = field(name, accessible, "6 位数字")
    made.setMaxLength(CODE_LENGTH)
    made.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
    made.setValidator(_Digits(made))
    return made


class _Digits(QValidator):
    """Digits only; full-width ones, as a Chinese keyboard writes them, become plain."""

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        plain = normalize("NFKC", text)
        fits = plain.isascii() and (plain.isdigit() or not plain)
        return QValidator.State.Acceptable if fits else QValidator.State.Invalid, plain, position
