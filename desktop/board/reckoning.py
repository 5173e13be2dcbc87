"""Asks the service for the day's figures: now and then, and soon after the board has changed."""

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.bridge import Bridge, Trouble
from desktop.client import Client
from signing.wire.figures import DayFigures

EVERY_SECONDS = 15.0
SOON_SECONDS = 3.0
"""After a change, and no oftener than that."""
PATH = "/api/board/figures"


class Reckoning(QObject):
    """``came(DayFigures)``: today's. One question at a time."""

    came = Signal(object)

    def __init__(self, bridge: Bridge, client: Client, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._client = bridge, client
        self._asking = self._running = False
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._ask)

    def start(self) -> None:
        self._running = True
        self._ask()

    def stop(self) -> None:
        self._running = False
        self._again.stop()

    def hurry(self) -> None:
        """Something has changed."""
        if self._running and not self._asking and self._again.remainingTime() > SOON_SECONDS * 1000:
            self._again.start(round(SOON_SECONDS * 1000))

    def _ask(self) -> None:
        if not self._running or self._asking:
            return
        self._asking = True
        self._bridge.call(self._client.get(PATH, DayFigures), self._came, self._failed)

    def _came(self, figures: DayFigures) -> None:
        self._done()
        if self._running:
            self.came.emit(figures)

    def _failed(self, _: Trouble) -> None:
        """The banner says that the service is away; the old figures stay."""
        self._done()

    def _done(self) -> None:
        self._asking = False
        if self._running:
            self._again.start(round(EVERY_SECONDS * 1000))

    def export(
        self, first: date, last: date, target: Path, then: Callable[[None], None], failed: Callable[[Trouble], None]
    ) -> None:
        """Written beside the target first: a broken download never stands under its name."""
        part = target.with_suffix(".part")
        path = f"{PATH}.xlsx?first={first.isoformat()}&last={last.isoformat()}"

        async def fetch() -> None:
            await self._client.download(path, part, lambda *_: None)
            await asyncio.to_thread(part.replace, target)

        self._bridge.call(fetch(), then, failed)

    def of(
        self, first: date, last: date, then: Callable[[DayFigures], None], failed: Callable[[Trouble], None]
    ) -> None:
        """Those of other days, once."""
        asking = self._client.get(PATH, DayFigures, first=first.isoformat(), last=last.isoformat())
        self._bridge.call(asking, then, failed)
