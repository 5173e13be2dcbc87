"""Presses the window's own buttons and reads its own widgets, as a person's hands and eyes would."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from desktop.demo.service import DemoError

W = TypeVar("W", bound=QWidget)
AGAIN = 30.0
"""Seconds after which a person tries once more; a command is given up after twenty."""


def wait(milliseconds: int) -> None:
    """Lets the window live for a while. ``QTest.qWait`` would hold the interpreter's lock and starve the engine."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def settle() -> None:
    """Lets what was just changed be shown and laid out, as it would be before the screen is painted.

    A widget that is added to a shown one is shown by a queued call, and laid out by a request; where each asks for
    another, the next round has it.
    """
    for _ in range(10):
        QApplication.sendPostedEvents(None, QEvent.Type.MetaCall.value)
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)


class Hands:
    """``patience`` is how long, in seconds, a button may take to appear before the demonstration gives up.

    ``watch`` is called between looks and may raise, so that a customer who failed is not waited for; so is ``stop``, at
    any time, where the demonstration is to end.
    """

    def __init__(self, shots: Path, patience: float = 60.0, watch: Callable[[], None] = lambda: None) -> None:
        self.shots = shots
        self.patience = patience
        self.watch = watch
        self.stop: Callable[[], None] = lambda: None
        self._count = 0

    def stop_watching(self) -> None:
        self.watch = lambda: None

    def find(self, name: str, kind: type[W] = QWidget) -> W | None:  # type: ignore[assignment]
        """The visible widget of this object name in any window."""
        for top in QApplication.topLevelWidgets():
            if not top.isVisible():
                continue
            if top.objectName() == name and isinstance(top, kind):
                return top
            for child in top.findChildren(kind, name):
                if child.isVisible():
                    return child
        return None

    def until(self, ready: Callable[[], bool], what: str, seconds: float | None = None) -> None:
        deadline = time.monotonic() + (seconds or self.patience)
        while not ready():
            self.stop()
            self.watch()
            if time.monotonic() > deadline:
                self.shot("stuck")
                raise DemoError(f"等不到“{what}”（已等 {seconds or self.patience:.0f} 秒）")
            wait(20)

    def await_enabled(self, name: str, seconds: float | None = None) -> QWidget:
        def ready() -> bool:
            widget = self.find(name)
            return widget is not None and widget.isEnabled()

        self.until(ready, name, seconds)
        widget = self.find(name)
        assert widget is not None
        return widget

    def press(self, name: str, seconds: float | None = None) -> None:
        button = self.await_enabled(name, seconds)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())

    def press_if_there(self, name: str) -> bool:
        button = self.find(name, QAbstractButton)
        if button is None or not button.isEnabled():
            return False
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())
        return True

    def press_until(self, name: str, ready: Callable[[], bool], what: str) -> None:
        """Again where nothing came of it in time and the button can still be pressed: on a busy machine a command may
        not reach the service, which the window says, and a person then presses once more.
        """
        self.press(name)
        pressed = time.monotonic()

        def done() -> bool:
            nonlocal pressed
            if ready():
                return True
            if time.monotonic() - pressed > AGAIN and self.press_if_there(name):
                pressed = time.monotonic()
            return False

        self.until(done, what)

    def type_into(self, name: str, text: str) -> None:
        field = self.await_enabled(name)
        field.setFocus()
        QTest.keySequence(field, "Ctrl+A")
        QTest.keyClicks(field, text)

    def text(self, name: str) -> str:
        """What the widget says; a badge that draws itself says it as its accessible name."""
        widget = self.find(name)
        if isinstance(widget, QLabel | QAbstractButton):
            return widget.text()
        return widget.accessibleName() if widget is not None else ""

    def shot(self, name: str) -> None:
        """A picture of every open window, the way the person sees it."""
        self.stop()
        wait(60)
        settle()
        self._count += 1
        for index, top in enumerate(w for w in QApplication.topLevelWidgets() if w.isVisible() and w.width() > 60):
            suffix = f"-{index}" if index else ""
            top.grab().save(str(self.shots / f"window-{self._count:02d}-{name}{suffix}.png"))
