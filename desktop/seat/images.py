"""Card and face pictures of the present case, fetched once and forgotten with the case."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QSizePolicy, QWidget

from desktop.bridge import Bridge, Trouble
from desktop.client import Client
from desktop.widgets import theme
from desktop.widgets.parts import column, label


class ImageStore(QObject):
    """``loaded`` after each picture that arrives. Asking for a picture is itself recorded by the service."""

    loaded = Signal()

    def __init__(self, bridge: Bridge, client: Client, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._client = client
        self._case_id = ""
        self._images: dict[str, QImage | None] = {}
        self._failed: dict[str, str] = {}

    def of(self, case_id: str, sha256: str) -> QImage | None:
        """The picture, or None while it is on its way."""
        if case_id != self._case_id:
            self._case_id = case_id
            self._images.clear()
            self._failed.clear()
        if sha256 not in self._images:
            self._images[sha256] = None
            self._fetch(case_id, sha256)
        return self._images[sha256]

    def trouble(self, sha256: str) -> str:
        return self._failed.get(sha256, "")

    def _fetch(self, case_id: str, sha256: str) -> None:
        def done(content: bytes) -> None:
            if case_id == self._case_id:
                self._images[sha256] = QImage.fromData(content)
                self.loaded.emit()

        def failed(trouble: Trouble) -> None:
            if case_id == self._case_id:
                self._failed[sha256] = trouble.message
                self.loaded.emit()

        self._bridge.call(self._client.get_bytes(f"/api/cases/{case_id}/images/{sha256}"), done, failed)


class Frame(QWidget):
    """A picture with its caption; a click shows it large."""

    def __init__(self, caption: str, name: str, width: int, height: int) -> None:
        super().__init__()
        self._caption = caption
        self.picture = _Picture(name, caption)
        self.picture.setFixedSize(width, height)
        self._words = label(caption, "second")
        layout = column(self, 4)
        layout.addWidget(self.picture)
        layout.addWidget(self._words)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def display(self, image: QImage | None, empty: str, caption: str = "") -> None:
        self.picture.display(image, empty)
        self._words.setText(caption or self._caption)


class _Picture(QWidget):
    def __init__(self, name: str, accessible: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self._image: QImage | None = None
        self._empty = ""

    def display(self, image: QImage | None, empty: str) -> None:
        self._image, self._empty = image, empty
        shown = image is not None and not image.isNull()
        self.setCursor(Qt.CursorShape.PointingHandCursor if shown else Qt.CursorShape.ArrowCursor)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        now = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(now.line))
        painter.setBrush(QColor(now.paper))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 6, 6)
        if self._image is None or self._image.isNull():
            painter.setPen(QColor(now.muted))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(10, 6, -10, -6), flags, self._empty)
            return
        inner = self.rect().adjusted(3, 3, -3, -3)
        size = self._image.size().scaled(inner.size(), Qt.AspectRatioMode.KeepAspectRatio)
        ratio = self.devicePixelRatioF()
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        small = self._image.scaled(size * ratio, keep, smooth)
        place = inner
        place.setSize(size)
        place.moveCenter(self.rect().center())
        painter.drawImage(place, small)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._image is not None and not self._image.isNull():
            _Large(self._image, self.accessibleName(), self.window()).open()


class _Large(QDialog):
    def __init__(self, image: QImage, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picture = _Picture("", title)
        size = image.size()
        if size.width() > 1000 or size.height() > 640:
            size = size.scaled(1000, 640, Qt.AspectRatioMode.KeepAspectRatio)
        picture.setFixedSize(size.width() + 6, size.height() + 6)
        picture.display(image, "")
        picture.setEnabled(False)
        column(self, 0, (12, 12, 12, 12)).addWidget(picture)
