"""Polite ends: Ctrl+C, a kill, a terminal or session that is closed. None may leave processes behind."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

ENDING = tuple(
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if name in signal.Signals.__members__
)
"""Those of this system by which somebody asks a program to end."""
LOOK_MILLISECONDS = 200


@contextmanager
def handled(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """``handler`` takes all of them; afterwards they are as they were. On the main thread only."""
    before = {number: signal.getsignal(number) for number in ENDING}
    for number in ENDING:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, usual in before.items():
            signal.signal(number, usual)


@contextmanager
def ending(qt: QApplication) -> Iterator[None]:
    """Any of them ends Qt's loop, so that the window is closed as by its owner's hand."""
    waker = QTimer()
    waker.timeout.connect(lambda: None)  # lets the interpreter see the signal while Qt's loop runs
    waker.start(LOOK_MILLISECONDS)
    with handled(lambda *_: qt.quit()):
        try:
            yield
        finally:
            waker.stop()
