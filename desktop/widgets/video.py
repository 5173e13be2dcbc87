"""Draws the newest picture of a slot as soon as it is there, only while it is to be seen.

Looking for one costs next to nothing and drawing does, so it is looked for four times as often as one comes: with a
clock of the pictures' own rate a picture would wait for up to its whole length.

A YUV picture is scaled plane by plane to the size on the screen first and converted after: a quarter of the cost
of converting at full size.
"""

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QImage, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.widgets import icons, theme
from media.ports import Picture, PictureSlot

GROUND = "#0B100E"
LOOK_MILLISECONDS = 16


def fitted(width: int, height: int, box: QSize) -> tuple[int, int]:
    """The largest even size of the same shape inside ``box``."""
    scale = min(box.width() / width, box.height() / height)
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)


def to_image(picture: Picture, width: int, height: int) -> QImage:
    """An RGB image of ``width × height`` (both even) from a picture's planes."""
    planes = (picture.y, picture.u, picture.v)
    if (width, height) != (picture.width, picture.height):
        shrink = cv2.INTER_LINEAR
        sizes = ((width, height), (width // 2, height // 2), (width // 2, height // 2))
        planes = tuple(_resized(plane, size, shrink) for plane, size in zip(planes, sizes, strict=True))  # type: ignore[assignment]
    packed = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(height * 3 // 2, width)
    rgb = cv2.cvtColor(packed, cv2.COLOR_YUV2RGB_I420)
    return QImage(rgb.data, width, height, width * 3, QImage.Format.Format_RGB888).copy()


def _resized(plane: npt.NDArray[np.uint8], size: tuple[int, int], how: int) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.resize(plane, size, interpolation=how), dtype=np.uint8)


class VideoView(QWidget):
    """Shows a slot (``watch``) or single images (``show_image``); ``words`` stand where there is no picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ""
        self.empty_icon = "camera"
        self._slot: PictureSlot | None = None
        self._seen: Picture | None = None
        self._image: QImage | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.poll)
        self.setMinimumSize(160, 90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def watch(self, slot: PictureSlot | None) -> None:
        """None forgets the last picture too."""
        self._slot = slot
        self._seen = self._image = None
        self._run()
        self.update()

    def show_image(self, image: QImage | None) -> None:
        self._image = image
        self.update()

    def poll(self) -> None:
        picture = self._slot.latest() if self._slot else None
        if picture is None or picture is self._seen:
            return
        self._seen = picture
        self._render()
        self.update()

    def _render(self) -> None:
        if self._seen is None:
            return
        ratio = self.devicePixelRatioF()
        box = QSize(round(self.width() * ratio), round(self.height() * ratio))
        image = to_image(self._seen, *fitted(self._seen.width, self._seen.height, box))
        image.setDevicePixelRatio(ratio)
        self._image = image

    def _run(self) -> None:
        if self._slot is not None and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        self._run()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        if self._image is None or self._image.isNull():
            self._paint_empty(painter)
            return
        painter.fillRect(self.rect(), QColor(GROUND))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self._place(self._image), self._image)

    def _paint_empty(self, painter: QPainter) -> None:
        now = theme.tokens()
        painter.fillRect(self.rect(), QColor(now.line))
        middle = self.rect().center()
        icons.paint(painter, self.empty_icon, now.muted, QRectF(middle.x() - 24, middle.y() - 56, 48, 48))
        painter.setPen(QColor(now.muted))
        painter.drawText(self.rect().adjusted(24, self.height() // 2 + 4, -24, -12), _TOP, self.words)

    def _place(self, image: QImage) -> QRectF:
        own = image.deviceIndependentSize()
        scale = min(self.width() / own.width(), self.height() / own.height())
        if 0.98 < scale < 1.02:
            scale = 1.0
        width, height = own.width() * scale, own.height() * scale
        corner = QPointF(round((self.width() - width) / 2), round((self.height() - height) / 2))
        return QRectF(corner.x(), corner.y(), width, height)


_TOP = int(Qt.AlignmentFlag.AlignHCenter) | int(Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
