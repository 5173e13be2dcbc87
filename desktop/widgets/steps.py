"""The steps of a case: an icon, its number and its title each, two in a row; below them why the rest is locked."""

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtWidgets import QBoxLayout, QGridLayout, QWidget

from desktop.widgets.parts import Elided, Icon, clear, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.case import StepStatus, StepView

ICONS = {
    StepStatus.DONE: ("check", "good"),
    StepStatus.CURRENT: ("dot", "primary"),
    StepStatus.LOCKED: ("lock", "muted"),
}
WORDS = {StepStatus.DONE: "已完成", StepStatus.CURRENT: "进行中", StepStatus.LOCKED: "未开放"}
TONES = {StepStatus.DONE: Tone.GOOD, StepStatus.CURRENT: Tone.GOOD, StepStatus.LOCKED: None}
COLUMNS = 2


class _Steps(QWidget):
    """``display`` sets the whole from the views, where they are others than before."""

    def __init__(self, name: str, layout: QBoxLayout, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setLayout(layout)
        self._layout = layout
        self._shown: tuple[StepView, ...] | None = None

    def display(self, steps: Sequence[StepView]) -> None:
        if self._shown == tuple(steps):
            return
        self._shown = tuple(steps)
        clear(self._layout)
        self._fill(steps)

    def _fill(self, steps: Sequence[StepView]) -> None:
        """Overridden."""


class StepList(_Steps):
    """All of them, two in a row, and why the rest is locked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("case.steps", column(spacing=4), parent)

    def _fill(self, steps: Sequence[StepView]) -> None:
        self._layout.addWidget(_grid(steps))
        for words, tone in reasons(steps):
            made = label(words, "second", wrap=True)
            set_tone(made, tone)
            self._layout.addWidget(made)


class StepLine(_Steps):
    """The same in one line: an icon and its number each, and the title of the present one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("case.step_line", row(spacing=8), parent)

    def _fill(self, steps: Sequence[StepView]) -> None:
        for number, step in enumerate(steps, 1):
            self._layout.addWidget(_mark(number, step))
        self._layout.addStretch(1)


def _mark(number: int, step: StepView) -> QWidget:
    present = step.status is StepStatus.CURRENT
    mark = QWidget()
    mark.setAccessibleName(f"第 {number} 步 {step.title}，{WORDS[step.status]}")
    mark.setToolTip(f"{step.title}，{WORDS[step.status]}")
    line = row(mark, 2)
    line.addWidget(label(f"{number} {step.title}" if present else str(number), "head" if present else "second"))
    line.addWidget(Icon(*ICONS[step.status], 14))
    return mark


def _grid(steps: Sequence[StepView]) -> QWidget:
    """Downwards first, as one reads a list in two columns."""
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(2)
    rows = -(-len(steps) // COLUMNS)
    for at, step in enumerate(steps):
        grid.addWidget(_cell(at + 1, step), at % rows, at // rows)
    grid.setColumnStretch(COLUMNS - 1, 1)
    return box


def _cell(number: int, step: StepView) -> QWidget:
    cell = QWidget()
    cell.setAccessibleName(f"第 {number} 步 {step.title}，{WORDS[step.status]}。{step.reason}")
    cell.setToolTip(step.reason)
    line = row(cell, 4)
    line.addWidget(Icon(*ICONS[step.status], 14))
    line.addWidget(Elided(f"{number} {step.title}", "head" if step.status is StepStatus.CURRENT else ""))
    line.addStretch(1)
    word = label(WORDS[step.status], "second")
    set_tone(word, TONES[step.status])
    line.addWidget(word)
    return cell


def reasons(steps: Sequence[StepView]) -> list[tuple[str, Tone | None]]:
    """What is missing for the present step, and why the later ones are locked: each reason once, with its numbers."""
    told: list[tuple[str, Tone | None]] = []
    numbered = [(number, step) for number, step in enumerate(steps, 1) if step.reason]
    for (status, reason), group in groupby(numbered, key=lambda one: (one[1].status, one[1].reason)):
        numbers = [number for number, _ in group]
        which = f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else str(numbers[0])
        if status is StepStatus.CURRENT:
            told.append((f"第 {which} 步：{reason}", None))
        elif status is StepStatus.LOCKED:
            told.append((f"第 {which} 步未开放：{reason}", None))
    return told
