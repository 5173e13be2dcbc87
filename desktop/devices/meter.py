"""How loud the microphone is: a bar in decibels and its word, never colour alone."""

import time
from math import log10

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.widgets import theme
from desktop.widgets.parts import label, row, set_tone
from signing.wire.base import Tone

LOWEST, QUIET, SOFT, LOUD = -60.0, -48.0, -36.0, -6.0
"""dB under full scale: the scale's end, nothing to hear, too soft, too loud."""
HELD = 2.0
"""Seconds for which the loudest moment decides the word."""


def decibels(level: float) -> float:
    """Of full scale, not under the scale's end."""
    return max(LOWEST, 20 * log10(level)) if level > 0 else LOWEST


def verdict(loudest: float) -> tuple[str, Tone]:
    """Word and tone of the loudest moment in dB."""
    if loudest < QUIET:
        return "没有声音，请对着麦克风说话", Tone.CAUTION
    if loudest < SOFT:
        return "声音偏小，请靠近一些", Tone.CAUTION
    if loudest > LOUD:
        return "声音太响，请离远一些", Tone.CAUTION
    return "声音正常", Tone.GOOD


class LevelBar(QWidget):
    """The bar alone."""

    CELLS = 30

    def __init__(self) -> None:
        super().__init__()
        self._lit = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(240, 14)

    def display(self, loudness: float) -> None:
        lit = round(self.CELLS * (loudness - LOWEST) / -LOWEST)
        if lit != self._lit:
            self._lit = lit
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        now = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        width = self.width() / self.CELLS
        for cell in range(self.CELLS):
            loudness = LOWEST - LOWEST * cell / self.CELLS
            on = now.caution if loudness > LOUD or loudness < SOFT else now.primary
            painter.setBrush(QColor(on if cell < self._lit else now.line))
            painter.drawRoundedRect(QRectF(cell * width, 1, width - 2, self.height() - 2), 2, 2)


class LevelMeter(QWidget):
    """Bar and word. A screen reader is told the word, which changes seldom, and not the bar, which never rests."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._bar = LevelBar()
        self.word = label("", "second", name=f"{name}.word")
        self._peaks: list[tuple[float, float]] = []
        layout = row(self, 10)
        layout.addWidget(self._bar, 1)
        layout.addWidget(self.word)
        self.word.setMinimumWidth(190)
        self.rest("")

    def display(self, level: float) -> None:
        """``level`` 0…1 of full scale."""
        now, loudness = time.monotonic(), decibels(level)
        self._bar.display(loudness)
        self._peaks = [(at, peak) for at, peak in self._peaks if now - at < HELD] + [(now, loudness)]
        self._say(*verdict(max(peak for _, peak in self._peaks)))

    def rest(self, words: str) -> None:
        """Nothing is measured, and why."""
        self._peaks = []
        self._bar.display(LOWEST)
        self._say(words, None)

    def _say(self, words: str, tone: Tone | None) -> None:
        if words != self.word.text():
            self.word.setText(words)
            self.setAccessibleName(f"麦克风音量：{words}")
            set_tone(self.word, tone)
