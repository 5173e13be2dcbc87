"""One page of a PDF as wide as there is room, with what is pointed at; a hand on it points or draws a rectangle.

The area that it is scrolled in can show it larger, at the width of its text.
"""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from desktop.widgets import theme

POINT_RADIUS = 14
BLANK = 46.0
"""Points at either side of a page that carry no text: margins of 20 mm, less the rule that stands beside a term."""


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

    @property
    def points(self) -> QSizeF:
        """Of this page, in points; nothing while there is none."""
        return self._document.pagePointSize(self._page - 1) if 1 <= self._page <= self.pages else QSizeF()

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


class PaperArea(QScrollArea):
    """Scrolls ``page``, which is as wide as the area; ``enlarge`` shows its text that wide, the margins out of sight.

    Enlarged it has a pixel a point at least, so that type of 12 points is 12 pixels high, whatever the room.
    """

    def __init__(self, page: PaperPage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page = page
        self.enlarged = False
        self.setAccessibleName("文书")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # the page is as high as it is wide: a bar that comes and goes would change its width again, without an end
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setWidget(page)

    def enlarge(self, on: bool) -> None:
        """What stood in the middle stays there."""
        bar, half = self.verticalScrollBar(), self.viewport().height() / 2
        middle = (bar.value() + half) / max(1, self.page.height())
        self.enlarged = on
        self.fit()
        bar.setValue(round(middle * self.page.height() - half))

    def fit(self) -> None:
        """Anew, for another width of the area or another page."""
        room = self.viewport().width()
        wide = self._wide(room)
        self.page.setMinimumWidth(wide)
        self.page.resize(max(room, wide), self.page.height())
        self.horizontalScrollBar().setValue((self.page.width() - room) // 2)

    def _wide(self, room: int) -> int:
        """Pixels of the enlarged page; 0 where it is as wide as the area."""
        points = self.page.points.width()
        if not self.enlarged or points <= 2 * BLANK:
            return 0
        return round(max(points, room * points / (points - 2 * BLANK)))

    def scroll_by(self, key: Qt.Key) -> bool:
        """One step of an arrow key; False for another key."""
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        steps = {Qt.Key.Key_Up: (down, -1), Qt.Key.Key_Down: (down, 1), Qt.Key.Key_Left: (across, -1)}
        bar, step = {**steps, Qt.Key.Key_Right: (across, 1)}.get(key, (down, 0))
        bar.setValue(bar.value() + step * bar.singleStep())
        return step != 0

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        self.fit()
        super().resizeEvent(event)
