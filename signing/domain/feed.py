"""Reading a numbered feed whose numbers may become visible late: a transaction that began earlier may commit later."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")
LATE_SECONDS = 30.0
"""No transaction lasts so long; the database ends it before."""


class Cursor:
    """Everything is given once. ``low``: whatever has this number or a lower one need not be read again."""

    def __init__(self, low: int) -> None:
        self.low = low
        self._seen: dict[int, float] = {}

    def fresh(self, found: Mapping[int, T], now: float) -> list[T]:
        """What was not given before, by number; ``found`` is all that is there above ``low``. ``now`` in seconds."""
        new = [number for number in sorted(found) if number > self.low and number not in self._seen]
        self._seen.update(dict.fromkeys(new, now))
        old = [number for number, seen in self._seen.items() if now - seen >= LATE_SECONDS]
        if old:
            self.low = max(old)
            self._seen = {number: seen for number, seen in self._seen.items() if number > self.low}
        return [found[number] for number in new]
