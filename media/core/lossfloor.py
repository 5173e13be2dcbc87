"""How much of a line's loss has nothing to do with how much is sent over it.

A line that loses one packet in five at any rate is answered wrongly by sending less. Loss counts as the line's own only
where it came while much less got through than the line has shown to carry a moment before, and while no queue stood.
What a full queue or a policer drops is never counted: there as much gets through as can.

``floor`` has some room over that share: libwebrtc does not raise its rate any more as soon as the mean of the reported
losses is above what it takes for inherent, and single seconds lose more than the mean.
"""

from collections import deque
from dataclasses import dataclass

REMEMBERED = 10
"""Seconds for which the line's best rate counts."""
UNSATURATED = 0.9
CALM = 0.06
"""Seconds of standing delay above which a queue is at work."""
MOST = 0.35
VALID = 60
"""Seconds after which the line must show its own loss anew."""
ROOM, LEAST_ROOM = 0.3, 0.03
"""Over the line's own share: a part of it, and at least so much."""
RECENT, NOTHING = 8, 0.005
BESIDES, LATELY = 0.1, 3
"""Loss of the last seconds so far above the floor has another cause."""
ENOUGH = 40
"""Packets without which a share says nothing."""


@dataclass(frozen=True)
class Second:
    """What came in one second. ``delay``: the least one-way delay in it above the line's least, in seconds."""

    expected: int
    received: int
    bytes: int
    delay: float

    @property
    def sent(self) -> float:
        """Bytes that were sent for what came."""
        return self.bytes * self.expected / self.received if self.received else 0.0


def share(seconds: list[Second]) -> float:
    """Loss over all of them, 0…1."""
    expected = sum(second.expected for second in seconds)
    return max(0.0, 1 - sum(second.received for second in seconds) / expected) if expected else 0.0


class LossFloor:
    """Fed once a second; ``floor`` is the share of packets that the line loses by itself."""

    def __init__(self) -> None:
        self._seconds: deque[Second] = deque(maxlen=REMEMBERED)
        self._own = 0.0
        self._age = 0
        self.floor = 0.0

    def add(self, second: Second) -> float:
        """Takes one second and returns the new ``floor``."""
        self._seconds.append(second)
        self._age += 1
        best = max(each.bytes for each in self._seconds)
        idle = [each for each in self._seconds if 0 < each.sent < UNSATURATED * best and each.delay < CALM]
        if sum(each.expected for each in idle) >= ENOUGH:
            self._own, self._age = share(idle), 0
        elif self._age > VALID:
            self._own = 0.0
        known = min(self._own, share(self._last(RECENT)))
        floor = min(MOST, known + max(LEAST_ROOM, ROOM * known)) if known > NOTHING else 0.0
        calm = second.delay < CALM and share(self._last(LATELY)) < floor + BESIDES
        self.floor = floor if calm else 0.0
        return self.floor

    def _last(self, count: int) -> list[Second]:
        return list(self._seconds)[-count:]


class Pardon:
    """Spreads a floor over single losses: of all packets sent, at most the floor's share is left out of a report."""

    def __init__(self) -> None:
        self._budget = 0.0

    def choose(self, expected: int, lost: list[int], floor: float) -> list[int]:
        """Which of ``lost`` not to report, of ``expected`` packets sent since the last call."""
        self._budget = min(self._budget + expected * floor, 20.0) if floor else 0.0
        count = min(len(lost), int(self._budget))
        self._budget -= count
        return lost[:count]
