"""The day as three small curves over one time, and two groups more of them. Drawn by us.

The mark moves with the mouse and with ← → Home End; what stands there is told below and to the screen reader. ↑ ↓ and a
click turn to another group.
"""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.board.panels import Panel, groups
from desktop.model import figures as m
from desktop.widgets import theme
from signing.wire.figures import DayFigures

HINT = "左右键看每一段，上下键看另外几组数字"
TITLE, FOOT, AXIS, GAP, EDGE = 20.0, 42.0, 46.0, 4.0, 6.0
"""Heights of a panel's title and of the foot; width of the scale; the space between panels and at the sides."""


class DayCurve(QWidget):
    """``display`` the figures; shows nothing but a sentence while nobody has come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("board.curve")
        self.setAccessibleName("当日曲线")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._figures: DayFigures | None = None
        self._points: list[m.Point] = []
        self.mark = -1
        self.group = 0

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(320, 190)

    def display(self, figures: DayFigures) -> None:
        if figures == self._figures:
            return
        self._figures, self._points = figures, m.points(figures)
        self.mark = min(self.mark, len(self._points) - 1)
        self.setAccessibleDescription(m.curve_sentence(figures))
        self.update()

    def told(self) -> str:
        """The sentence at the foot."""
        if self._figures is None:
            return "正在读取…"
        if not self._points:
            return "这一天还没有来客"
        return self._points[self.mark].sentences[self.group] if self.mark >= 0 else HINT

    # --- the mark -------------------------------------------------------------------------------------------------

    def turn(self, by: int) -> None:
        """To the next group of three, or the one before."""
        self.group = (self.group + by) % m.GROUPS
        if self._figures is not None:
            self.setAccessibleDescription(self.told() if self.mark >= 0 else m.curve_sentence(self._figures))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._points:
            self.turn(1 if event.key() == Qt.Key.Key_Down else -1)
            return
        last = len(self._points) - 1
        steps = {
            Qt.Key.Key_Left: max(0, self.mark - 1),
            Qt.Key.Key_Right: min(last, self.mark + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if event.key() not in steps or last < 0:
            super().keyPressEvent(event)
            return
        self._set_mark(steps[Qt.Key(event.key())])
        self.setAccessibleDescription(self.told())
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mousePressEvent(event)
        if self._points:
            self.turn(1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._points:
            inside = (event.position().x() - AXIS) / self._wide()
            self._set_mark(min(len(self._points) - 1, max(0, int(inside * len(self._points)))))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        if not self.hasFocus():
            self._set_mark(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self._set_mark(-1)
        if self._figures is not None:
            self.setAccessibleDescription(m.curve_sentence(self._figures))
        self.update()

    def _set_mark(self, mark: int) -> None:
        if mark != self.mark:
            self.mark = mark
            self.update()

    # --- drawing --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now = theme.tokens()
        font = self.font()
        font.setPixelSize(12)
        painter.setFont(theme.figures(font, 12))
        if self._figures is not None and self._points:
            self._draw(painter, now)
        self._tell(painter, now)
        if self.hasFocus():
            painter.setPen(QPen(QColor(now.notice), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _tell(self, painter: QPainter, now: theme.Tokens) -> None:
        """At the foot; in the middle where there is nothing else."""
        painter.setPen(QColor(now.ink if self.mark >= 0 else now.muted))
        whole = QRectF(self.rect())
        place, across = (
            (whole.adjusted(EDGE, self.height() - 22, -EDGE, -3), _LEFT) if self._points else (whole, _CENTRE)
        )
        words = painter.fontMetrics().elidedText(self.told(), Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, across, words)

    def _draw(self, painter: QPainter, now: theme.Tokens) -> None:
        assert self._figures is not None
        made = groups(self._points, self._figures)[self.group]
        height = (self.height() - 2 - FOOT - GAP * (len(made) - 1)) / len(made)
        for number, panel in enumerate(made):
            top = 2 + number * (height + GAP)
            painter.setPen(QColor(now.ink))
            painter.drawText(QRectF(AXIS, top, self.width() - AXIS, TITLE), _LEFT, panel.title)
            box = QRectF(AXIS, top + TITLE, self._wide(), height - TITLE)
            self._scale(painter, now, box, panel)
            (self._bars if panel.bars else self._line)(painter, now, box, panel)
        self._times(painter, now)
        if self.mark >= 0:
            x = self._middle(self.mark)
            painter.setPen(QPen(QColor(now.ink), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, TITLE), QPointF(x, self.height() - FOOT))

    def _wide(self) -> float:
        return max(1.0, self.width() - AXIS - EDGE)

    def _step(self) -> float:
        return self._wide() / len(self._points)

    def _middle(self, number: int) -> float:
        return AXIS + self._step() * (number + 0.5)

    def _scale(self, painter: QPainter, now: theme.Tokens, box: QRectF, panel: Panel) -> None:
        painter.setPen(QPen(QColor(now.line), 1))
        for y in (box.top(), box.bottom()):
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        painter.setPen(QColor(now.muted))
        painter.drawText(QRectF(0, box.top() - 8, AXIS - 6, 16), _RIGHT, panel.top_words)
        if box.height() > 22:
            painter.drawText(QRectF(0, box.bottom() - 8, AXIS - 6, 16), _RIGHT, "0")
        if panel.goal is not None:
            y = box.bottom() - box.height() * panel.goal / panel.top
            painter.setPen(QPen(QColor(now.control_line), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))

    def _bars(self, painter: QPainter, now: theme.Tokens, box: QRectF, panel: Panel) -> None:
        """Who left stands on top, hatched: not by colour alone."""
        wide = max(2.0, min(24.0, self._step() * 0.7))
        painter.setPen(Qt.PenStyle.NoPen)
        for number, point in enumerate(self._points):
            x, unit = self._middle(number) - wide / 2, box.height() / panel.top
            whole, lost = panel.value(point.measures) or 0.0, panel.lost(point.measures)
            stayed = (whole - lost) * unit
            painter.fillRect(QRectF(x, box.bottom() - stayed, wide, stayed), QColor(getattr(now, panel.colour)))
            gone = QRectF(x, box.bottom() - stayed - lost * unit, wide, lost * unit)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if lost:
                painter.fillRect(gone, QColor(now.stop_ground))
                painter.setPen(QPen(QColor(now.stop), 1))
                painter.drawRect(gone.adjusted(0.5, 0.5, -0.5, -0.5))
                painter.setPen(Qt.PenStyle.NoPen)

    def _line(self, painter: QPainter, now: theme.Tokens, box: QRectF, panel: Panel) -> None:
        """Broken where there is nothing to take a mean of; a lone point is a dot."""
        colour = QColor(getattr(now, panel.colour))
        runs: list[list[QPointF]] = [[]]
        for number, point in enumerate(self._points):
            value = panel.value(point.measures)
            if value is None:
                runs.append([])
                continue
            runs[-1].append(QPointF(self._middle(number), box.bottom() - box.height() * value / panel.top))
        painter.setBrush(colour)
        for run in filter(None, runs):
            painter.setPen(QPen(colour, 2))
            painter.drawPolyline(QPolygonF(run))
            painter.setPen(Qt.PenStyle.NoPen)
            for dot in run:
                painter.drawEllipse(dot, 2.6, 2.6)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _times(self, painter: QPainter, now: theme.Tokens) -> None:
        """As many as there is room for."""
        painter.setPen(QColor(now.muted))
        every = max(1, -(-len(self._points) * 48 // int(self._wide())))
        for number in range(0, len(self._points), every):
            x = self._middle(number)
            painter.drawText(QRectF(x - 24, self.height() - FOOT + 2, 48, 16), _CENTRE, self._points[number].when)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
