"""The recording as a line, with a lane of marks for each kind of event; a click goes there."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop.widgets import theme
from signing.wire.base import Tone

LANE = 16
LEFT = 44
STEP_SECONDS = 5.0


@dataclass(frozen=True)
class Span:
    """A stretch of the line with so many signal bars, 0…4: told by its height, and by the colour of ``tone``."""

    begin: float
    end: float
    bars: int
    tone: Tone


@dataclass(frozen=True)
class Lane:
    """Marks, or stretches, in seconds from the file's start."""

    title: str
    seconds: tuple[float, ...] = ()
    spans: tuple[Span, ...] = ()


class Timeline(QWidget):
    """``sought(seconds)``. Arrow keys go five seconds."""

    sought = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("audit.timeline")
        self.setAccessibleName("录像时间轴，左右键前后五秒")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lanes: tuple[Lane, ...] = ()
        self._gaps: tuple[tuple[float, float], ...] = ()
        self._now = 0.0
        self._total = 0.0
        self._resize()

    def display_lanes(self, lanes: Sequence[Lane]) -> None:
        self._lanes = tuple(lane for lane in lanes if lane.seconds or lane.spans)
        self._resize()
        self.update()

    def display_time(self, now: float, total: float) -> None:
        self._now, self._total = now, total
        self.update()

    def _resize(self) -> None:
        self.setFixedHeight(18 + LANE * max(1, len(self._lanes)))

    def _x(self, seconds: float) -> float:
        return LEFT + (self.width() - LEFT - 8) * (seconds / self._total if self._total else 0.0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        now = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_bar(painter, now)
        font = self.font()
        font.setPixelSize(12)
        painter.setFont(font)
        for number, lane in enumerate(self._lanes):
            self._paint_lane(painter, now, 14 + number * LANE, lane)
        painter.setPen(QPen(QColor(now.ink), 2))
        x = self._x(self._now)
        painter.drawLine(QPointF(x, 2), QPointF(x, self.height() - 2))
        if self.hasFocus():
            painter.setPen(QPen(QColor(now.notice), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_bar(self, painter: QPainter, now: theme.Tokens) -> None:
        bar = QRectF(LEFT, 4, self.width() - LEFT - 8, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(now.line))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setBrush(QColor(now.primary))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), self._x(self._now) - LEFT, 6), 3, 3)

    def _paint_lane(self, painter: QPainter, now: theme.Tokens, top: float, lane: Lane) -> None:
        painter.setPen(QColor(now.muted))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(4, top, LEFT - 8, LANE), flags, lane.title)
        middle = top + LANE / 2
        painter.setPen(QPen(QColor(now.line), 1))
        painter.drawLine(QPointF(LEFT, middle), QPointF(self.width() - 8, middle))
        painter.setPen(Qt.PenStyle.NoPen)
        for span in lane.spans:
            if span.begin < self._total:
                self._paint_span(painter, top, span)
        painter.setBrush(QColor(now.notice))
        for seconds in lane.seconds:
            painter.drawEllipse(QPointF(self._x(seconds), middle), 4, 4)

    def _paint_span(self, painter: QPainter, top: float, span: Span) -> None:
        height = 3 + 2 * span.bars
        painter.setBrush(QColor(theme.ink_and_ground(span.tone)[0]))
        left, right = self._x(span.begin), self._x(min(span.end, self._total))
        painter.drawRect(QRectF(left, top + LANE - 2 - height, max(2.0, right - left - 1), height))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._total and self.width() > LEFT + 8:
            share = (event.position().x() - LEFT) / (self.width() - LEFT - 8)
            self.sought.emit(self._total * min(1.0, max(0.0, share)))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        steps = {int(Qt.Key.Key_Left): -STEP_SECONDS, int(Qt.Key.Key_Right): STEP_SECONDS}
        step = steps.get(event.key())
        if step is None:
            super().keyPressEvent(event)
            return
        self.sought.emit(min(self._total, max(0.0, self._now + step)))
