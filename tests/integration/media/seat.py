"""An engine whose events a test can wait for."""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from media import ports
from media.engine import MediaEngine

Found = TypeVar("Found")


class Seat:
    """A running engine without devices, unless one is given. ``close`` it."""

    def __init__(self, options: ports.EngineOptions | None = None, engine: ports.Engine | None = None) -> None:
        self.events: list[ports.Event] = []
        self._changed = threading.Condition()
        self.engine: ports.Engine = engine or MediaEngine(options or ports.EngineOptions(use_devices=False))
        self.engine.start(self._on_event)

    def _on_event(self, event: ports.Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def post(self, command: ports.Command) -> None:
        self.engine.post(command)

    def wait(
        self, kind: type[Found], timeout: float = 15, since: int = 0, where: Callable[[Any], bool] = lambda event: True
    ) -> Found:
        """The first event of ``kind`` at or after number ``since``; AssertionError with what came instead."""
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                for event in self.events[since:]:
                    if isinstance(event, kind) and where(event):
                        return event
                if not self._changed.wait(end - time.monotonic()):
                    raise AssertionError(f"no {kind.__name__}; came: {[type(e).__name__ for e in self.events[since:]]}")

    def all(self, kind: type[Found]) -> list[Found]:
        return [event for event in self.events if isinstance(event, kind)]

    def open(self, call_id: str = "c1") -> ports.CallOpened:
        self.post(ports.OpenCall(call_id, "2026-00318", "上杭支行 · 07号席", "坐席 张××"))
        return self.wait(ports.CallOpened)

    def close(self) -> None:
        self.engine.stop()
