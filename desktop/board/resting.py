"""待确认账号: what was done to accounts of supervisors and auditors, to be confirmed or refused by another of them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QWidget

from desktop.board.lists import RowList
from desktop.board.ownercode import code_shown
from desktop.board.rows import Row
from desktop.model import wording
from desktop.seat.reason import ReasonDialog
from desktop.widgets.parts import KeyButton, column, label, row
from signing.wire.accounts import AccountConfirmed, RestingAccount
from signing.wire.base import Tone
from signing.wire.staff import StaffRole

EXPLAINED = (
    "主管和审计的账号新添加或被重设后，须由另一位主管或审计就列出的每一项向本人核实再确认，在此之前不能登录。"
    "确认后，系统给出确认码，由您交给本人设置新密码。不予确认则停用账号。两者都记入操作记录。"
)
REASONS = ("本人没有申请重设", "不认识这个账号", "没有接到通知")
ROLES = {
    StaffRole.AGENT: "坐席",
    StaffRole.SUPERVISOR: "主管",
    StaffRole.AUDITOR: "审计",
    StaffRole.ADMINISTRATOR: "管理员",
}
Confirm = Callable[[str, datetime, Callable[[AccountConfirmed], None]], None]
Refuse = Callable[[str, datetime, str], None]


def banner_words(resting: Sequence[RestingAccount]) -> str:
    """Empty where nothing waits."""
    if not resting:
        return ""
    named = "、".join(f"{one.name}（{causes(one)}）" for one in resting[:3])
    return f"{len(resting)} 个账号待确认：{named}{'等' if len(resting) > 3 else ''}"


def causes(one: RestingAccount) -> str:
    """All of them, each once, and that it was refused before."""
    titles = list(dict.fromkeys(change.title for change in one.changes))
    return "、".join(titles + (["曾不予确认"] if one.refusal else []))


def history(one: RestingAccount) -> str:
    """A line for each change, by whom and when, and for a refusal."""
    lines = [f"{change.title} · {change.by} · {wording.day_and_time(change.at)}" for change in one.changes]
    if refusal := one.refusal:
        lines.append(f"曾不予确认 · {refusal.by} · {wording.day_and_time(refusal.at)}：{refusal.reason}")
    return "\n".join(lines)


def resting_row(one: RestingAccount) -> Row:
    who = f"{one.name} {ROLES[one.role]} · {one.branch}（用户名 {one.username}）"
    return Row(one.staff_id, who, history(one), Tone.STOP if one.refusal else Tone.CAUTION, "warn")


class RestingDialog(QDialog):
    """``display`` whenever the list may have changed. Confirming and refusing are about the chosen line."""

    def __init__(self, confirm: Confirm, refuse: Refuse, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("resting")
        self.setWindowTitle("待确认账号")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(560, 420)
        self._confirm, self._refuse, self._over = confirm, refuse, parent
        self._resting: dict[str, RestingAccount] = {}
        self._chosen = ""
        self.list = RowList("待确认账号", "resting.list", "没有待确认的账号")
        self.confirm = KeyButton("确认", "Ctrl+Return", name="resting.confirm")
        self.refuse = KeyButton("不予确认…", "Ctrl+D", name="resting.refuse", danger=True)
        self.confirm.set_primary(True)
        self.confirm.setShortcut("Ctrl+Return")
        self.refuse.setShortcut("Ctrl+D")
        layout = column(self, 12, (20, 20, 20, 20))
        layout.addWidget(self.list, 1)
        layout.addWidget(label(EXPLAINED, "second", wrap=True))
        layout.addLayout(self._buttons())
        self.list.chosen.connect(self._choose)
        self.confirm.clicked.connect(self._confirmed)
        self.refuse.clicked.connect(self._ask_why)

    def _buttons(self) -> QHBoxLayout:
        line = row()
        line.addWidget(self.refuse)
        line.addStretch(1)
        back = KeyButton("返回", "Escape", name="resting.cancel")
        back.clicked.connect(self.reject)
        line.addWidget(back)
        line.addWidget(self.confirm)
        return line

    def display(self, resting: Sequence[RestingAccount], *, busy: bool = False) -> None:
        self._resting = {one.staff_id: one for one in resting}
        if self._chosen not in self._resting:
            self._chosen = resting[0].staff_id if len(resting) == 1 else ""
        self.list.display([resting_row(one) for one in resting], self._chosen)
        for button in (self.confirm, self.refuse):
            button.setEnabled(bool(self._chosen) and not busy)

    def _choose(self, staff_id: str) -> None:
        self._chosen = staff_id
        for button in (self.confirm, self.refuse):
            button.setEnabled(True)

    def _confirmed(self) -> None:
        one = self._resting[self._chosen]
        self._confirm(one.staff_id, one.since, code_shown(one.name, self._over))

    def _ask_why(self) -> None:
        one = self._resting[self._chosen]
        question = f"{one.name}（{ROLES[one.role]}）的账号将被停用，登录全部结束。请写明原因，会记入操作记录。"

        def refuse(reason: str) -> None:
            self._refuse(one.staff_id, one.since, reason)

        ReasonDialog("不予确认", question, REASONS, "不予确认并停用", refuse, self).open()
