"""The board's large numbers: the four of the day against yesterday; who waits now; the service level."""

from datetime import datetime

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from desktop.board.rows import LONG_WAIT
from desktop.model import board as b
from desktop.model import figures as m
from desktop.model import wording
from desktop.widgets import theme
from desktop.widgets.parts import Elided, card, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.board import BoardView
from signing.wire.figures import DayFigures


class Figure(QWidget):
    """A title, a large number and a line below."""

    def __init__(self, title: str, name: str) -> None:
        super().__init__()
        self.title = Elided(title, "second")
        self.value = label(m.NOTHING, "big", name=f"board.figure.{name}")
        self.value.setFont(theme.figures(self.value.font(), 28))
        self.below = Elided("", "second")
        self.below.setObjectName(f"board.figure.{name}.below")
        layout = column(self, 0)
        line = row(spacing=8)
        line.addWidget(self.title, 1)
        line.addWidget(self.value)
        layout.addLayout(line)
        layout.addWidget(self.below)

    def display(self, told: m.Told, tone: Tone | None = None, below: Tone | None = None) -> None:
        self.title.setText(told.title)
        self.value.setText(told.value)
        self.below.setText(told.below)
        set_tone(self.value, tone)
        set_tone(self.below, below)
        for part in (self, self.value):
            part.setToolTip(told.sentence)
            part.setAccessibleName(told.sentence)


class Figures(QWidget):
    """``display`` the live view and, once they have come, the day's figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("board.figures")
        self._layout: QHBoxLayout = row(self, 8, (12, 8, 12, 2))
        titles = {"cases": "笔数", "served": "人次", "amount": "金额 万元", "talk": "平均通话时长"}
        self.day = [self._figure(title, name) for name, title in titles.items()]
        self.waiting = self._figure("等候的客户", "waiting")
        self.level = self._figure("服务水平", "level")

    def _figure(self, title: str, name: str) -> Figure:
        box = card()
        box.setFixedHeight(76)
        layout = column(box, 0, (12, 4, 12, 6))
        made = Figure(title, name)
        layout.addWidget(made)
        self._layout.addWidget(box, 1)
        return made

    def labels(self) -> list[QLabel]:
        return [one.value for one in (*self.day, self.waiting, self.level)]

    def display(self, view: BoardView, figures: DayFigures | None, now: datetime) -> None:
        longest = b.longest_wait(view, now)
        late = longest > LONG_WAIT
        below = f"最长等候 {wording.duration(longest)}" if view.waiting else "没有人等候"
        told = m.Told("等候的客户", str(len(view.waiting)), below, f"等候的客户 {len(view.waiting)}，{below}")
        self.waiting.display(told, Tone.STOP if late else None, Tone.STOP if late else None)
        if figures is None:
            return
        for figure, shown in zip(self.day, m.headline(figures), strict=True):
            figure.display(shown)
        self.level.display(m.level_told(figures), m.level_tone(figures.total.level, figures.usual))
