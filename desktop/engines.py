"""The media engines of one window: processes of their own, or threads where a test wants them here."""

from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

from PySide6.QtCore import QTimer

from media.ports import Engine
from media.process.client import TAKEN, ProcessEngine

if TYPE_CHECKING:
    from desktop.app import Options

BEAT_MILLISECONDS = 500
LINGER_OF_AN_EAR = 0.0
"""A supervisor who listens is gone with the window; a call is not."""


class Engines:
    """``folder``: where the processes of this user and this data folder are found. ``close`` it.

    Its timer is the window's sign of life: a window whose thread is stuck may be replaced by another one.
    """

    def __init__(self, options: "Options", folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._beating: WeakSet[ProcessEngine] = WeakSet()
        self._timer = QTimer()
        self._timer.setInterval(BEAT_MILLISECONDS)
        self._timer.timeout.connect(self._beat)

    def seat(self) -> Engine:
        """For a seat's calls."""
        return self._make("seat")

    def ear(self) -> Engine:
        """For a supervisor who listens."""
        return self._make("ear")

    def taken(self) -> str:
        """What is to be said where another window has the seat's calls; empty where none has."""
        engine = self.seat()
        return TAKEN if isinstance(engine, ProcessEngine) and engine.taken() else ""

    def pids(self) -> list[int]:
        """Of the processes beside this one."""
        return [engine.pid for engine in self._beating if engine.pid is not None]

    def close(self) -> None:
        self._timer.stop()

    def _make(self, name: str) -> Engine:
        if self._options.engine is not None:
            return self._options.engine()
        if not self._options.media_process:
            from media.engine import MediaEngine

            return MediaEngine(self._options.media)
        engine = ProcessEngine(self._options.media, self._folder, name, **_linger(name))
        self._beating.add(engine)
        self._timer.start()
        return engine

    def _beat(self) -> None:
        for engine in self._beating:
            engine.beat()


def _linger(name: str) -> dict[str, float]:
    return {"linger": LINGER_OF_AN_EAR} if name == "ear" else {}
