"""One page of a PDF as wide as there is room, with what is pointed at; a hand on it points or draws a rectangle."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.widgets import theme

POINT_RADIUS = 14


class PaperPage(QWidget):
    """``show_paper`` and ``turn_to``; ``marked(x1, y1, x2, y2)`` in shares of the page while ``pointing`` is on.

    The height follows the width, so that it belongs into a scroll area.
    """

    marked = Signal(float, float, float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("paper.page")
        self._buffer = QBuffer(self)
        self._document = QPdfDocument(self)
        self._image: QImage | None = None
        self._page = 1
        self._down: QPointF | None = None
        self._mark: QRectF | None = None
        self.pointing = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def pages(self) -> int:
        return self._document.pageCount()

    @property
    def page(self) -> int:
        return self._page

    def show_paper(self, content: bytes) -> bool:
        """False where the bytes are no PDF. The page stays where it is."""
        self._document.close()
        self._buffer.close()
        self._buffer.setData(QByteArray(content))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._document.load(self._buffer)
        self._draw()
        return self.pages > 0

    def turn_to(self, page: int) -> None:
        """From 1."""
        if page != self._page:
            self._page = page
            self._draw()

    def show_mark(self, mark: QRectF | None) -> None:
        """In shares of the page; a rectangle without size is a point."""
        self._mark = mark
        self.update()

    def set_pointing(self, on: bool) -> None:
        self.pointing = on
        self.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    def _draw(self) -> None:
        if not 1 <= self._page <= self.pages or self.width() < 20:
            self._image = None
        else:
            points, ratio = self._document.pagePointSize(self._page - 1), self.devicePixelRatioF()
            height = round(self.width() * points.height() / points.width())
            image = self._document.render(self._page - 1, QSize(round(self.width() * ratio), round(height * ratio)))
            image.setDevicePixelRatio(ratio)
            self._image = image
            self.setFixedHeight(height)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        if event.size().width() != event.oldSize().width():
            self._draw()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.pointing and event.button() is Qt.MouseButton.LeftButton:
            self._down = event.position()
            self._tell(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._down is not None:
            self._tell(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._down is not None:
            self._tell(event.position())
            self._down = None

    def _tell(self, now: QPointF) -> None:
        assert self._down is not None
        width, height = max(1, self.width()), max(1, self.height())
        self.marked.emit(self._down.x() / width, self._down.y() / height, now.x() / width, now.y() / height)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("white"))
        if self._image is not None:
            painter.drawImage(0, 0, self._image)
        if self._mark is not None:
            self._paint_mark(painter, self._mark)

    def _paint_mark(self, painter: QPainter, mark: QRectF) -> None:
        """In the house's light green, for paper is white in either appearance."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(theme.LIGHT.primary)
        painter.setPen(QPen(colour, 2))
        colour.setAlphaF(0.18)
        painter.setBrush(colour)
        wide, high = self.width(), self.height()
        place = QRectF(mark.x() * wide, mark.y() * high, mark.width() * wide, mark.height() * high)
        if place.isEmpty():
            painter.drawEllipse(place.topLeft(), POINT_RADIUS, POINT_RADIUS)
        else:
            painter.drawRoundedRect(place, 4, 4)
