"""The steps of a case: an icon and a word each, and for a locked one its reason in place."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from desktop.widgets.parts import Icon, clear, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.case import StepStatus, StepView

ICONS = {
    StepStatus.DONE: ("check", "good"),
    StepStatus.CURRENT: ("dot", "primary"),
    StepStatus.LOCKED: ("lock", "muted"),
}
WORDS = {StepStatus.DONE: "已完成", StepStatus.CURRENT: "进行中", StepStatus.LOCKED: "未开放"}


class StepList(QWidget):
    """``display`` sets the whole list from the views."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("case.steps")
        self._layout = column(self, 4)
        self._shown: tuple[StepView, ...] | None = None

    def display(self, steps: Sequence[StepView]) -> None:
        if self._shown == tuple(steps):
            return
        self._shown = tuple(steps)
        clear(self._layout)
        for number, step in enumerate(steps, 1):
            self._layout.addWidget(_line(number, step))


def _line(number: int, step: StepView) -> QWidget:
    line = QWidget()
    line.setAccessibleName(f"{step.title},{WORDS[step.status]}。{step.reason}")
    outer = column(line, 0)
    head = row(spacing=8)
    head.addWidget(Icon(*ICONS[step.status], 16))
    head.addWidget(label(f"{number} {step.title}", "head" if step.status is StepStatus.CURRENT else ""))
    head.addWidget(_word(step), 1)
    outer.addLayout(head)
    if step.reason and step.status is StepStatus.CURRENT:
        reason = label(step.reason, "second", wrap=True)
        reason.setContentsMargins(24, 0, 0, 2)
        outer.addWidget(reason)
    return line


def _word(step: StepView) -> QLabel:
    """At the right end: how it stands, or for a locked step why."""
    locked = step.status is StepStatus.LOCKED
    word = label(step.reason or WORDS[step.status] if locked else WORDS[step.status], "second", wrap=locked)
    word.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    if not locked:
        set_tone(word, Tone.GOOD)
    return word
