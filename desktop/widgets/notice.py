"""A banner for what lasts, a toast for what passes."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QWidget

from desktop.widgets import theme
from desktop.widgets.parts import TONE_ICONS, Icon, KeyButton, label, row, set_tone
from signing.wire.base import Tone

MOST_KEPT = 3


AGAIN_KEY = "F12"
"""Of whatever tries a lost connection again."""


class Banner(QWidget):
    """A strip over the full width, with at most one thing to do about it. Hidden while there is nothing to say.

    ``key`` does that one thing, anywhere in the banner's window.
    """

    def __init__(self, name: str, parent: QWidget | None = None, *, key: str = "") -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._tone = Tone.NOTICE
        self._icon = Icon("info", "notice", 18)
        self.words = label(wrap=True, name=f"{name}.text")
        self.button = KeyButton("重试", key, name=f"{name}.button")
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(self._press)
        layout = row(self, 12, (16, 8, 16, 8))
        layout.addWidget(self._icon)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.button)
        self.hide()

    def display(self, tone: Tone, text: str, action: str = "", act: Callable[[], None] | None = None) -> None:
        self._tone = tone
        self._icon.show_icon(TONE_ICONS[tone], tone.value)
        self.words.setText(text)
        set_tone(self.words, tone)
        self.button.setVisible(act is not None)
        self.button.setText(action)
        self.button.setAccessibleName(action)
        if act is not None:
            self._bind(act)
        self.setAccessibleName(text)
        self.show()
        self.update()

    def _press(self) -> None:
        if self.button.isVisible():
            self.button.click()

    def clear(self) -> None:
        self.words.setText("")
        self.hide()

    def _bind(self, act: Callable[[], None]) -> None:
        if self.button.receivers("2clicked()") > 0:
            self.button.clicked.disconnect()
        self.button.clicked.connect(lambda: act())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.ink_and_ground(self._tone)[1]))


class Kept(Banner):
    """What was said while nobody may have looked, one line under another, until somebody says that they have read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("kept", parent, key="F6")
        self._lines: list[str] = []

    def add(self, tone: Tone, text: str) -> None:
        """Of more than a few the newest stay."""
        self._lines = [*self._lines, text][-MOST_KEPT:]
        self.display(tone, "\n".join(self._lines), "知道了", self.clear)

    def clear(self) -> None:
        self._lines = []
        super().clear()


TOAST_TOP = 60
_CLEAR = "clearOfToasts"


def keep_clear(widget: QWidget) -> None:
    """No toast lies over ``widget``: what it says must be read at any moment."""
    widget.setProperty(_CLEAR, True)


class Toast(QWidget):
    """Floats near the head of its parent, away from every button and below what is to be kept clear of it; a refusal
    stays longer than a good word. A click takes it away.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self._tone = Tone.NOTICE
        self._icon = Icon("info", "notice", 18)
        self.words = label(wrap=True, name="toast.text")
        layout = row(self, 10, (16, 10, 16, 10))
        layout.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.words, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def display(self, tone: Tone, text: str) -> None:
        self._tone = tone
        self._icon.show_icon(TONE_ICONS[tone], tone.value)
        self.words.setText(text)
        self.setAccessibleName(text)
        self._place()
        self.show()
        self.raise_()
        self._timer.start(9000 if tone in (Tone.STOP, Tone.CAUTION) else 4000)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        advance = self.words.fontMetrics().horizontalAdvance(self.words.text()) + 72
        width = min(advance, 560, parent.width() - 48)
        height = max(48, self.heightForWidth(width))
        place = QRect((parent.width() - width) // 2, TOAST_TOP, width, height)
        for kept in sorted(_kept_clear(parent), key=QRect.top):
            if kept.intersects(place):
                place.moveTop(kept.bottom() + 5)
        self.setGeometry(place)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        ink, ground = theme.ink_and_ground(self._tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(ink), 1))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)


def _kept_clear(parent: QWidget) -> list[QRect]:
    """Where they are now, in ``parent``."""
    kept = [one for one in parent.findChildren(QWidget) if one.property(_CLEAR) and one.isVisible()]
    return [QRect(one.mapTo(parent, QPoint()), one.size()) for one in kept]
