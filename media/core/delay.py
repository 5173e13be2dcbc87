"""How late packets come, and how long to wait for them. Seconds everywhere."""

from collections import deque

STEP = 0.01
STEPS = 200
LARGE = 1e100
"""Of a weight; what follows is counted from one again."""


class Earliest:
    """The least of what was seen within a window of time: the line's delay without its jitter."""

    def __init__(self, window: float = 10.0) -> None:
        self._window = window
        self._seen: deque[tuple[float, float]] = deque()

    def add(self, value: float, now: float) -> float:
        """Takes a value and returns the least one of the window."""
        while self._seen and self._seen[-1][1] >= value:
            self._seen.pop()
        self._seen.append((now, value))
        while self._seen[0][0] < now - self._window:
            self._seen.popleft()
        return self._seen[0][1]

    @property
    def value(self) -> float | None:
        """The least one, or None before the first."""
        return self._seen[0][1] if self._seen else None


class Lateness:
    """A histogram of how much later than the earliest packets come, which forgets; ``quantile`` reads it."""

    def __init__(self, forget: float = 0.995) -> None:
        self._forget = forget
        self._shares = [0.0] * STEPS
        self._weight = 0.0
        self._unit = 1.0
        """What the newest packet counts: instead of all that came before counting for less, it counts for more."""

    def add(self, late: float, packets: float = 1.0) -> None:
        """One packet's lateness; it counts for as many ``packets`` of forgetting as it is longer than others."""
        self._unit /= self._forget**packets
        self._shares[min(STEPS - 1, max(0, int(late / STEP)))] += self._unit
        self._weight += self._unit
        if self._unit > LARGE:
            self._shares = [share / self._unit for share in self._shares]
            self._weight, self._unit = self._weight / self._unit, 1.0

    def quantile(self, share: float) -> float:
        """The lateness that ``share`` of packets stay under (upper edge of its step); 0 before the first."""
        reached = 0.0
        for place, part in enumerate(self._shares):
            reached += part
            if reached >= share * self._weight and self._weight:
                return (place + 1) * STEP
        return STEPS * STEP if self._weight else 0.0
