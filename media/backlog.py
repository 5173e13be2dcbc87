"""What waits for one thread, which is not woken for every little thing: that costs more than most of what wakes it."""

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Backlog(Generic[T]):
    """In the order in which it came, unbounded: whoever puts something in sees to how much may wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._items: deque[T] = deque()
        self._roused = self._busy = False

    def put(self, item: T, *, rouse: bool) -> None:
        """``rouse``: it is to be seen to now, with all that came before; else together with what comes after it."""
        with self._changed:
            self._items.append(item)
            if rouse:
                self._rouse()

    def get(self) -> T:
        """The next one; waits until something is to be seen to. What was got before is then done."""
        with self._changed:
            self._busy = False
            self._roused = self._roused and bool(self._items)
            if not self._roused:
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._roused)
            self._busy = True
            return self._items.popleft()

    def join(self) -> None:
        """Blocks until everything that was put in so far, and what came meanwhile, is done."""
        with self._changed:
            self._rouse()
            self._changed.wait_for(lambda: not self._items and not self._busy)

    def done(self) -> None:
        """There will be no further ``get``."""
        with self._changed:
            self._busy = False
            self._changed.notify_all()

    def _rouse(self) -> None:
        if self._items and not self._roused:
            self._roused = True
            self._changed.notify_all()
