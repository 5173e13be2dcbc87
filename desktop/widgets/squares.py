"""A QR code painted from the squares the service sends: always dark on light, so that every camera reads it."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

SIDE = 196


class Squares(QWidget):
    """``display(rows)``: a row a text of 0 (light) and 1 (dark), border included."""

    def __init__(self, name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setFixedSize(QSize(SIDE, SIDE))
        self._rows: Sequence[str] = ()

    def display(self, rows: Sequence[str]) -> None:
        self._rows = rows
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#FFFFFF"))
        side = SIDE // max(1, len(self._rows))  # whole pixels, or the edges blur
        left = (SIDE - side * len(self._rows)) / 2
        for y, row in enumerate(self._rows):
            for x, dark in enumerate(row):
                if dark == "1":
                    painter.fillRect(QRectF(left + x * side, left + y * side, side, side), QColor("#000000"))
