"""In what order and when packets leave: voice at once, then what is asked for again, then pictures at a steady pace.

A picture of twenty packets put onto the wire at once stands in the bottleneck's queue in front of the voice, or falls
out of it. Seconds and bytes.
"""

from collections import deque
from enum import IntEnum
from typing import Generic, TypeVar

Item = TypeVar("Item")

FACTOR = 1.4
"""Pace over rate: a picture is through before the next one comes."""
FIRST_FACTOR, FIRST = 3.0, 0.3
"""Pace over rate, for so many seconds from the first packet of the first picture: until then there is none."""
BURST = 0.025
"""Seconds of pace that may leave together: a busy loop is no more punctual."""
MOST_VOICE, MOST_AGAIN, MOST_PICTURES = 25, 200, 400


class Kind(IntEnum):
    """In order of precedence."""

    VOICE = 0
    AGAIN = 1
    PICTURE = 2


class SendQueue(Generic[Item]):
    """Bounded: ``put`` drops the oldest voice, and refuses the rest; ``dropped`` counts both."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._hurry: float | None = None
        self._debt = 0.0
        self._paid = now
        self._waiting: dict[Kind, deque[tuple[Item, int]]] = {kind: deque() for kind in Kind}
        self._lines = tuple(self._waiting.items())
        self.dropped = 0

    def set_rate(self, rate: float, now: float) -> None:
        """Bits a second of what is to be sent."""
        self._pay(now)
        self._rate = rate

    def put(self, kind: Kind, item: Item, size: int) -> bool:
        """Takes a packet; False where it is full."""
        line = self._waiting[kind]
        if len(line) >= (MOST_VOICE, MOST_AGAIN, MOST_PICTURES)[kind]:
            self.dropped += 1
            if kind is not Kind.VOICE:
                return False
            line.popleft()
        line.append((item, size))
        return True

    def take(self, now: float) -> Item | None:
        """The packet to send now, if there is one."""
        self._pay(now)
        for kind, line in self._lines:
            if line and (kind is Kind.VOICE or self._debt <= 0):
                item, size = line.popleft()
                self._debt += size * 8
                if kind is Kind.PICTURE and self._hurry is None:
                    self._hurry = now + FIRST
                return item
        return None

    @property
    def _pace(self) -> float:
        first = self._hurry is None or self._paid < self._hurry
        return self._rate * (FIRST_FACTOR if first else FACTOR)

    def wait(self, now: float) -> float | None:
        """Seconds until ``take`` gives something; None while nothing waits."""
        self._pay(now)
        if self._waiting[Kind.VOICE]:
            return 0.0
        if not any(self._waiting.values()):
            return None
        return max(0.0, self._debt / self._pace)

    def backlog(self) -> float:
        """Seconds that the waiting pictures and repetitions need."""
        bits = 8 * sum(size for kind in (Kind.AGAIN, Kind.PICTURE) for _, size in self._waiting[kind])
        return (bits + max(0.0, self._debt)) / self._pace

    def drop_pictures(self) -> int:
        """Empties what has not begun to matter; the next picture must be a key one. Returns how many packets."""
        count = len(self._waiting[Kind.PICTURE])
        self._waiting[Kind.PICTURE].clear()
        return count

    def _pay(self, now: float) -> None:
        self._debt = max(-BURST * self._pace, self._debt - max(0.0, now - self._paid) * self._pace)
        self._paid = now
