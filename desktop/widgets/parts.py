"""Labels, cards, buttons with their key printed on them, badges: the small parts."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.widgets import icons, theme
from signing.wire.base import Tone

TONE_ICONS = {Tone.GOOD: "check", Tone.NOTICE: "info", Tone.CAUTION: "warn", Tone.STOP: "cross"}
KEY_WORDS = {"Return": "⏎", "Ctrl+Return": "Ctrl ⏎", "Escape": "Esc", "Space": "空格", "PgDown": "PgDn"}


def label(text: str = "", role: str = "", *, wrap: bool = False, name: str = "") -> QLabel:
    """``role`` is one of the style sheet's: title, head, second, big, line."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    if name:
        made.setObjectName(name)
    return made


def set_tone(widget: QWidget, tone: Tone | None) -> None:
    """Recolours a label; None returns it to plain ink."""
    wanted = tone.value if tone else ""
    if widget.property("tone") == wanted:
        return
    widget.setProperty("tone", wanted)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def card(*, bar: bool = False) -> QFrame:
    made = QFrame()
    made.setProperty("bar" if bar else "card", True)
    return made


def rule() -> QFrame:
    made = QFrame()
    made.setProperty("rule", True)
    return made


def column(
    parent: QWidget | None = None, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QVBoxLayout:
    made = QVBoxLayout(parent) if parent is not None else QVBoxLayout()
    made.setSpacing(spacing)
    made.setContentsMargins(*margins)
    return made


def row(
    parent: QWidget | None = None, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QHBoxLayout:
    made = QHBoxLayout(parent) if parent is not None else QHBoxLayout()
    made.setSpacing(spacing)
    made.setContentsMargins(*margins)
    return made


def clear(layout: QLayout) -> None:
    """Removes and deletes every widget of a layout; spacers go too."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        inner = item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


class Icon(QWidget):
    """One icon in a colour of the tokens, following the appearance. ``colour`` is a token's name."""

    def __init__(self, name: str, colour: str = "muted", size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._colour = name, colour
        self.setFixedSize(size, size)

    def show_icon(self, name: str, colour: str) -> None:
        self._name, self._colour = name, colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        icons.paint(painter, self._name, getattr(theme.tokens(), self._colour), QRectF(self.rect()))


class Elided(QLabel):
    """A label of one line that gives way: what it has no room for ends in an ellipsis, and stands in its tool tip."""

    def __init__(self, text: str, role: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if role:
            self.setProperty("role", role)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.fontMetrics().horizontalAdvance("…"), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._tell()

    def _tell(self) -> str:
        """→ the words that fit; the tool tip has them whole, also while the label is scrolled out of sight."""
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if words != self.text() else "")
        return words

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        words = self._tell()
        self.style().drawItemText(
            QPainter(self),
            self.rect(),
            self.alignment(),
            self.palette(),
            self.isEnabled(),
            words,
            self.foregroundRole(),
        )


class Badge(QWidget):
    """A word with its icon on the ground of a tone: never colour alone.

    ``least``: pixels below which a longer word is cut, where there is little room.
    """

    def __init__(
        self,
        text: str = "",
        tone: Tone = Tone.NOTICE,
        *,
        icon: str = "",
        least: int = 48,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text, self._tone, self._icon, self._least = text, tone, icon, least
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def display(self, text: str, tone: Tone, icon: str = "") -> None:
        """Sets word, tone and icon at once."""
        self._text, self._tone, self._icon = text, tone, icon
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    @property
    def text(self) -> str:
        return self._text

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 36, 24)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(min(self._least, self.sizeHint().width()), 24)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        ink, ground = theme.ink_and_ground(self._tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        icons.paint(painter, self._icon or TONE_ICONS[self._tone], ink, QRectF(8, (self.height() - 14) / 2, 14, 14))
        painter.setPen(QColor(ink))
        place = QRectF(27, 0, self.width() - 33, self.height())
        text = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, int(place.width()) + 1)
        if self.toolTip() in ("", self._whole):  # no tool tip of its own
            self._whole = self._text if text != self._text else ""
            self.setToolTip(self._whole)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class KeyButton(QPushButton):
    """A button that prints its key on itself, and can be the primary one.

    ``key`` is a QKeySequence text such as ``S`` or ``Return``; the workspace binds it, the button only shows it.
    Focus comes by Tab only, so that a click never takes Enter from the next action; with focus, Enter presses it.
    """

    def __init__(
        self, text: str, key: str = "", *, icon: str = "", name: str = "", danger: bool = False, quiet: bool = False
    ) -> None:
        super().__init__(text)
        self._key = key
        self._icon = icon
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("danger", danger)
        self.setProperty("quiet", quiet)
        self.setAccessibleName(text)
        self._speak()
        self._tint()

    @property
    def key(self) -> str:
        return self._key

    def set_key(self, key: str) -> None:
        if key != self._key:
            self._key = key
            self._speak()
            self._polish()
            self.updateGeometry()

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Another word for the same key, for eyes and for ears; a name of its own that was given stays."""
        if text == self.text():
            return
        if self.accessibleName() in ("", self.text()):
            self.setAccessibleName(text)
        kept = self.shortcut()
        super().setText(text)  # which takes the shortcut away
        if not kept.isEmpty():
            self.setShortcut(kept)
        self._speak()

    def set_primary(self, primary: bool) -> None:
        if bool(self.property("primary")) == primary:
            return
        self.setProperty("primary", primary)
        self._polish()
        self._tint()

    def set_tight(self, tight: bool) -> None:
        """Less room around its words, in a small window."""
        if bool(self.property("tight")) != tight:
            self.setProperty("tight", tight)
            self._polish()
            self.updateGeometry()

    def _polish(self) -> None:
        self.style().unpolish(self)
        self.style().polish(self)

    def set_icon(self, name: str) -> None:
        self._icon = name
        self._tint()

    def sizeHint(self) -> QSize:  # noqa: N802
        hint = super().sizeHint()
        return QSize(hint.width(), max(hint.height(), 36))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        """Enter belongs to the button that has the focus, before any shortcut of the window."""
        return keeps_enter(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if not _is_enter(event):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.click()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        palette = (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange)
        if event.type() is QEvent.Type.EnabledChange or event.type() in palette:
            self._tint()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self._key:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(self._foreground())
        colour.setAlphaF(0.85)
        width = self._cap_width()
        cap = QRectF(self.width() - width - 9.5, (self.height() - 20) / 2, width, 20)
        painter.setPen(QPen(colour, 1))
        painter.drawRoundedRect(cap, 4, 4)
        font = self.font()
        font.setPixelSize(12)
        painter.setFont(font)
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._word())

    def _word(self) -> str:
        return KEY_WORDS.get(self._key, self._key)

    def _cap_width(self) -> int:
        return theme.cap_width(len(self._word())) if self._key else 0

    def _foreground(self) -> str:
        now = theme.tokens()
        if not self.isEnabled():
            return now.muted
        if self.property("primary"):
            return now.on_primary
        if self.property("danger"):
            return now.stop
        return now.notice if self.property("quiet") else now.ink

    def _tint(self) -> None:
        if not self._icon:
            self.setIcon(QIcon())
        else:
            self.setIcon(icons.icon(self._icon, self._foreground(), theme.tokens().muted))

    def _speak(self) -> None:
        self.setProperty("cap", str(len(self._word())) if self._key else "")
        if self._key:
            keys = QKeySequence(self._key).toString(QKeySequence.SequenceFormat.NativeText)
            self.setToolTip(f"{self.text()}（按键 {self._word()}）")
            self.setAccessibleDescription(f"按键 {keys or self._key}")


def keeps_enter(event: QEvent) -> bool:
    """For the ``event`` of what Enter presses while it has the focus: before any shortcut of the window."""
    if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_enter(event):
        event.accept()
        return True
    return False


def _is_enter(event: QKeyEvent) -> bool:
    """Return or Enter, with no other key held."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and held == Qt.KeyboardModifier.NoModifier


class Choice(QComboBox):
    """A combo box with our own arrow."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        icons.paint(painter, "down", theme.tokens().muted, QRectF(self.width() - 26, self.height() / 2 - 8, 16, 16))
