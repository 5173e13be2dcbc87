"""PgUp and PgDn: they turn the papers while these are open, and page whatever else has the focus otherwise."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractScrollArea, QAbstractSpinBox, QApplication, QComboBox, QWidget

from desktop.widgets.parts import KeyButton


class TurningKeys(QObject):
    """The keys of ``buttons`` on ``pane``, in the window of ``parent``."""

    def __init__(self, pane: QWidget, buttons: Sequence[KeyButton], parent: QWidget) -> None:
        super().__init__(parent)
        self._pane = pane
        self._shortcuts = [self._made(button, parent) for button in buttons]
        pane.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._settle)
        self._settle()

    def _made(self, button: KeyButton, parent: QWidget) -> QShortcut:
        shortcut = QShortcut(QKeySequence(button.key), parent)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(button.click)
        return shortcut

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self._settle()
        return False

    def _settle(self) -> None:
        """A key that is not taken goes to the widget with the focus."""
        turns = self._pane.isVisible() and not self._elsewhere(QApplication.focusWidget())
        for shortcut in self._shortcuts:
            shortcut.setEnabled(turns)

    def _elsewhere(self, focus: QWidget | None) -> bool:
        """Whether the focus is in something else that can be paged."""
        if focus is not None and self._pane.isAncestorOf(focus):
            return False
        while focus is not None:
            if isinstance(focus, QAbstractScrollArea | QAbstractSpinBox | QComboBox):
                return True
            focus = focus.parentWidget()
        return False
