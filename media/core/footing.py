"""How surely one connection stands: who stumbles often shares no pictures with those who do not. Seconds."""

from collections import deque

WITHIN, MANY = 10.0, 3
"""So many key pictures asked for in so many seconds: each of them would have been one for all who share."""
CALM, LONGEST = 20.0, 120.0
"""Who stumbled is by themselves for so long, twice as long each time, up to the second."""
CAREFUL = 4.0
"""A rate counts for sharing once it has lasted so long; a lower one counts at once."""


class Footing:
    """Of one connection. Times are monotonic and never go back."""

    def __init__(self) -> None:
        self._stumbles: deque[float] = deque()
        self._until = -1e9
        self._calm = CALM
        self._rates: deque[tuple[float, float]] = deque()

    def stumbled(self, now: float) -> None:
        """A key picture had to be made for this connection."""
        self._stumbles.append(now)
        while self._stumbles[0] < now - WITHIN:
            self._stumbles.popleft()
        if len(self._stumbles) >= MANY:
            self.fell(now)

    def fell(self, now: float) -> None:
        """It could not keep up with what others share."""
        if now >= self._until:
            self._calm = min(LONGEST, 2 * self._calm) if now - self._until < self._calm else CALM
        self._until = now + self._calm
        self._stumbles.clear()

    def steady(self, now: float) -> bool:
        """Whether it may share with others who stand surely."""
        return now >= self._until

    def rate(self, settled: float, now: float) -> float:
        """The least of the settled rates of the last CAREFUL seconds, with this one."""
        while self._rates and self._rates[-1][1] >= settled:
            self._rates.pop()
        self._rates.append((now, settled))
        while len(self._rates) > 1 and self._rates[0][0] < now - CAREFUL:
            self._rates.popleft()
        return self._rates[0][1]
