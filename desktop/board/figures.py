"""The board's four large figures."""

from datetime import datetime

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from desktop.board.rows import LONG_WAIT
from desktop.model import board as b
from desktop.model import wording
from desktop.widgets import theme
from desktop.widgets.parts import card, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.board import BoardView


class Figures(QWidget):
    """Waiting, longest wait, live calls, free seats."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("board.figures")
        self._layout: QHBoxLayout = row(self, 12, (12, 10, 12, 2))
        self._waiting = self._figure("等候的客户", "board.figure.waiting")
        self._longest = self._figure("最长等候", "board.figure.longest")
        self._calls = self._figure("进行中的通话", "board.figure.calls")
        self._free = self._figure("空闲席位", "board.figure.free")

    def _figure(self, title: str, name: str) -> QLabel:
        box = card()
        box.setFixedHeight(64)
        layout = column(box, 0, (16, 4, 16, 4))
        value = label("–", "big", name=name)
        value.setFont(theme.figures(value.font(), 28))
        line = row(spacing=12)
        line.addWidget(label(title, "second"))
        line.addStretch(1)
        line.addWidget(value)
        layout.addLayout(line)
        self._layout.addWidget(box, 1)
        return value

    def display(self, view: BoardView, now: datetime) -> None:
        longest = b.longest_wait(view, now)
        self._waiting.setText(str(len(view.waiting)))
        self._longest.setText(wording.duration(longest) if view.waiting else "–")
        set_tone(self._longest, Tone.STOP if longest > LONG_WAIT else None)
        self._calls.setText(str(len(view.calls)))
        self._free.setText(f"{b.free_seats(view)}/{len(view.seats)}")
