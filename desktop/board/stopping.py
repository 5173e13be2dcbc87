"""Pauses the queue, or stops it in an emergency: where, what the customers are told, why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.widgets.closing import closing_row
from desktop.widgets.parts import Choice, KeyButton, column, label
from signing.wire.board import BoardBranch

PAUSE_MESSAGES = ("客户经理暂时休息，请稍候，您的位置保留", "系统维护，请稍候，您的位置保留")
STOP_MESSAGES = ("服务临时停止，请留意短信通知，稍后再打开本页", "今天不能继续办理，请明天再打开本页")
MINUTES = ((None, "由我恢复"), (15, "15 分钟后自动恢复"), (30, "30 分钟后自动恢复"), (60, "1 小时后自动恢复"))
LONGEST = 200
WIDTH = 660
"""The question stands on one line: a second one would be taken from the fields."""


@dataclass(frozen=True)
class Stopping:
    """What was decided. ``branch_id`` None: the whole institution. ``minutes`` and ``end_calls`` by kind."""

    emergency: bool
    branch_id: str | None
    message: str
    reason: str
    minutes: int | None = None
    end_calls: bool = False


class StopDialog(QDialog):
    """``decided(Stopping)`` is called once. Esc goes back."""

    def __init__(
        self,
        emergency: bool,
        branches: Sequence[BoardBranch],
        decided: Callable[[Stopping], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("stopping")
        self._emergency, self._decided = emergency, decided
        self._title = "紧急停止" if emergency else "暂停排队"
        self.setWindowTitle(self._title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(WIDTH)
        self.where = Choice()
        self.where.setObjectName("stopping.where")
        self.where.setAccessibleName("范围")
        self.where.addItem("全机构", None)
        for branch in branches:
            self.where.addItem(branch.name, branch.branch_id)
        self.message = QPlainTextEdit()
        self.message.setObjectName("stopping.message")
        self.message.setAccessibleName("给客户看的话")
        self.message.setPlaceholderText("等候的客户会在手机上看到这句话")
        self.message.setTabChangesFocus(True)
        self.message.setFixedHeight(64)
        self.reason = QLineEdit()
        self.reason.setObjectName("stopping.reason")
        self.reason.setAccessibleName("原因")
        self.reason.setPlaceholderText("记入操作记录，客户看不到")
        self.until = Choice()
        self.until.setObjectName("stopping.until")
        self.until.setAccessibleName("何时恢复")
        for minutes, words in MINUTES:
            self.until.addItem(words, minutes)
        self.end_calls = QCheckBox("同时结束进行中的通话（不勾选：让通话办完）")
        self.end_calls.setObjectName("stopping.endcalls")
        self._arrange()
        self.message.textChanged.connect(self._check)
        self.reason.textChanged.connect(self._check)
        self._check()
        self.message.setFocus()

    def _arrange(self) -> None:
        layout = column(self, 16, (20, 20, 20, 20))
        head = column(spacing=6)
        head.addWidget(label(self._title, "title"))
        head.addWidget(label(self._question(), wrap=True))
        layout.addLayout(head)
        layout.addLayout(_group("范围", self.where))
        told = _group("给客户看的话", self.message)
        for number, words in enumerate(STOP_MESSAGES if self._emergency else PAUSE_MESSAGES, 1):
            choice = KeyButton(words, f"Ctrl+{number}", name=f"stopping.common{number}", quiet=True)
            choice.setShortcut(f"Ctrl+{number}")
            choice.clicked.connect(lambda _=False, chosen=words: self.message.setPlainText(chosen))
            told.addWidget(choice, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(told)
        layout.addLayout(_group("原因", self.reason))
        if self._emergency:
            layout.addWidget(self.end_calls)
        else:
            layout.addLayout(_group("何时恢复", self.until))
        layout.addLayout(self._buttons())

    def _question(self) -> str:
        if self._emergency:
            return "立即停止：正在振铃的停下，不再接受排队，等候的客户会看到下面的话，位置保留到恢复。"
        return "不再向席位振铃；客户保留位置，也可以继续排队。进行中的通话不受影响。"

    def _buttons(self) -> QHBoxLayout:
        line, self.ok = closing_row(self, "stopping", self._title, self._ok, danger=self._emergency)
        return line

    def _words(self) -> tuple[str, str]:
        return self.message.toPlainText().strip()[:LONGEST], self.reason.text().strip()[:LONGEST]

    def _check(self) -> None:
        message, reason = self._words()
        self.ok.setEnabled(len(message) >= 2 and len(reason) >= 2)
        self.ok.setToolTip("" if self.ok.isEnabled() else "请填写给客户看的话和原因")

    def _ok(self) -> None:
        message, reason = self._words()
        minutes = None if self._emergency else self.until.currentData()
        ends = self._emergency and self.end_calls.isChecked()
        self.accept()
        self._decided(Stopping(self._emergency, self.where.currentData(), message, reason, minutes, ends))


def _group(title: str, field: QWidget) -> QVBoxLayout:
    """A field close under its name, and away from the others."""
    group = column(spacing=6)
    group.addWidget(label(title, "second"))
    group.addWidget(field)
    return group
