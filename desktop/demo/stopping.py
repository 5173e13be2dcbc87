"""Stopping a demonstration that runs by itself, wherever it is, so that nothing of it goes on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from desktop.signals import handled


class Stopping:
    """While ``handling``, the first signal that asks for an end raises SystemExit.

    At once, while nothing runs that would be left behind. Within ``noting`` it is only noted, and raised by ``check``:
    an exception in the middle of a slot of Qt's ends in Qt, and SystemExit there ends the process on the spot, with
    service, browsers and media process left to themselves. Those that come later are of no effect.
    """

    def __init__(self) -> None:
        self._asked = 0
        self._noting = False

    @contextmanager
    def handling(self) -> Iterator["Stopping"]:
        """While it lasts, signals are taken; on the main thread only."""
        with handled(self._take):
            yield self

    def _take(self, number: int, frame: FrameType | None) -> None:
        first, self._asked = not self._asked, self._asked or number
        if first and not self._noting:
            self.check()

    def check(self) -> None:
        """Raises SystemExit where an end was asked for."""
        if self._asked:
            sys.exit(128 + self._asked)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """What is started in it is ended in it, whatever comes."""
        self._noting = True
        try:
            yield
        finally:
            self._noting = False
        self.check()
