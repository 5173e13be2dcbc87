"""Card and face pictures of the present case, fetched once and forgotten with the case."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QSizePolicy, QWidget

from desktop.bridge import Bridge, Trouble
from desktop.client import Client
from desktop.widgets import theme
from desktop.widgets.parts import KeyButton, clear, column, keeps_enter, label, row

AGAIN_MS = 5000
ENLARGING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
"""What opens the picture that has the focus."""


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
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._once_more)

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
            image = QImage.fromData(content)
            if image.isNull():
                failed(Trouble("图片打不开", code="version"))
            elif case_id == self._case_id:
                self._images[sha256] = image
                self._failed.pop(sha256, None)
                self.loaded.emit()

        def failed(trouble: Trouble) -> None:
            if case_id == self._case_id:
                self._failed[sha256] = f"{trouble.message}，稍后自动重取"
                self.loaded.emit()
                self._again.start()

        self._bridge.call(self._client.get_bytes(f"/api/cases/{case_id}/images/{sha256}"), done, failed)

    def _once_more(self) -> None:
        for sha256 in [one for one in self._failed if self._images.get(one) is None]:
            self._fetch(self._case_id, sha256)

    def stop(self) -> None:
        """Nothing is asked for again."""
        self._again.stop()


class Frame(QWidget):
    """A picture with its caption. ``clicked`` where there is a picture to look at more closely."""

    clicked = Signal()

    def __init__(self, caption: str, name: str, width: int, height: int) -> None:
        super().__init__()
        self._caption = caption
        self.picture = _Picture(name, caption)
        self.picture.setFixedSize(width, height)
        self.picture.clicked.connect(self.clicked)
        self._words = label(caption, "second")
        layout = column(self, 4)
        layout.addWidget(self.picture)
        layout.addWidget(self._words)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def display(self, image: QImage | None, empty: str, caption: str = "") -> None:
        self.picture.display(image, empty)
        self._words.setText(caption or self._caption)

    @property
    def content(self) -> tuple[str, QImage] | None:
        """(caption, picture), or None while there is no picture."""
        image = self.picture.image
        return None if image is None else (self._words.text(), image)


class _Picture(QWidget):
    clicked = Signal()

    def __init__(self, name: str, accessible: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self._image: QImage | None = None
        self._empty = ""

    @property
    def image(self) -> QImage | None:
        """None while there is nothing that can be shown."""
        return None if self._image is None or self._image.isNull() else self._image

    def display(self, image: QImage | None, empty: str) -> None:
        self._image, self._empty = image, empty
        shown = self.image is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if shown else Qt.CursorShape.ArrowCursor)
        self.setToolTip("点击放大" if shown else "")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if shown else Qt.FocusPolicy.NoFocus)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Enter belongs to the picture that has the focus, before any shortcut of the window."""
        return keeps_enter(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() not in ENLARGING or self.image is None:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        now = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(now.primary), 3) if self.hasFocus() else QColor(now.line))
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

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.image is not None and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()


class Comparison(QDialog):
    """Pictures side by side, as large as the screen allows; ``display`` again when one has come.

    Esc, or a click, closes it.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setObjectName("images.large")
        self.setWindowTitle("放大查看")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = column(self, 12, (16, 16, 16, 16))
        self._pair = row(spacing=16)
        layout.addLayout(self._pair)
        close = KeyButton("关闭", "Escape", name="images.close")
        close.clicked.connect(self.close)
        layout.addWidget(close, alignment=Qt.AlignmentFlag.AlignRight)

    def display(self, pictures: Sequence[tuple[str, QImage]]) -> None:
        """At least one."""
        clear(self._pair)
        room = self._over.window().size()
        most = QSize(max(240, (room.width() - 120) // len(pictures)), max(240, room.height() - 180))
        height = min(image.size().scaled(most, Qt.AspectRatioMode.KeepAspectRatio).height() for _, image in pictures)
        for caption, image in pictures:
            frame = Frame(caption, "", image.width() * height // image.height(), height)
            frame.display(image, "")
            frame.picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            frame.clicked.connect(self.close)
            self._pair.addWidget(frame)
        self.adjustSize()
