"""The code with which a confirmed account's owner takes it: shown once, to whoever confirmed."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from desktop.widgets.parts import KeyButton, column, label, row
from signing.wire.accounts import AccountConfirmed

EXPLAINED = (
    "请当面或打电话把确认码告诉{name}本人，不要交给重设或添加账号的人。"
    "本人登录时输入确认码，并设置只有自己知道的新密码。"
)
ONCE = (
    "确认码只显示这一次，7 天内有效，最多可输错 5 次。"
    "过期或输错作废后，可在“待确认账号”里再次确认；遗失请管理员再次重设密码。"
)


class OwnerCodeDialog(QDialog):
    """Closed only by its button, so that a stray key does not lose the code."""

    def __init__(self, name: str, code: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("ownercode")
        self.setWindowTitle("确认码")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        layout = column(self, 12, (20, 20, 20, 20))
        layout.addWidget(label(f"已确认 {name} 的账号", "title"))
        layout.addWidget(label(EXPLAINED.format(name=name), wrap=True))
        self.code = label(f"{code[:3]} {code[3:]}", "big", name="ownercode.code")
        self.code.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.code.setAccessibleName(f"确认码 {' '.join(code)}")
        layout.addWidget(self.code)
        layout.addWidget(label(ONCE, "second", wrap=True))
        line = row()
        line.addStretch(1)
        self.close_button = KeyButton("已告诉本人，关闭", "Ctrl+Return", name="ownercode.close")
        self.close_button.set_primary(True)
        self.close_button.setShortcut("Ctrl+Return")
        self.close_button.setAutoDefault(False)
        self.close_button.clicked.connect(self.accept)
        line.addWidget(self.close_button)
        layout.addLayout(line)

    def reject(self) -> None:
        """Not by Escape."""


def code_shown(name: str, parent: QWidget) -> Callable[[AccountConfirmed], None]:
    """What to do with the service's answer to a confirmation: nothing where there is no code."""

    def show(answer: AccountConfirmed) -> None:
        if answer.code:
            OwnerCodeDialog(name, answer.code, parent).open()

    return show
