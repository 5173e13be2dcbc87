"""Whether a queue grows on the way: the trend of one-way delay over groups of packets. Seconds everywhere.

The way of draft-ietf-rmcat-gcc-02 section 5: a line is fitted through the smoothed, summed delay variation, and its
slope is held against a threshold that follows the noise of the path. Beside it stands the queue itself, for one that
has stopped growing is no less a queue.
"""

from collections import deque
from collections.abc import Sequence
from enum import Enum

GROUP = 0.005
"""Packets sent within so much belong together, and are compared by the last arrival among them."""
WINDOW = 20
SMOOTHING = 0.9
GAIN = 4.0
MOST_COUNTED = 60
THRESHOLD, LEAST, MOST = 0.0125, 0.006, 0.6
RISE, FALL = 8.7, 39.0
"""How fast the threshold follows, per second, out of itself and back."""
JUMP = 0.015
"""A spike so far beyond the threshold does not move it."""
LASTING = 0.01
STANDING = 0.2
"""Seconds of queue that are too much even where it does not grow."""
MEMORY = 20.0
"""Seconds for which the least delay seen counts as that of the empty path."""
SILENCE = 3.0


class Usage(Enum):
    """What the path is thought to be."""

    NORMAL = "normal"
    OVER = "over"
    UNDER = "under"


class DelayTrend:
    """Fed with arrivals in the order of sending."""

    def __init__(self) -> None:
        self.queue = 0.0
        """Seconds that packets stand on the way, smoothed."""
        self._group: tuple[float, float] | None = None
        self._last: tuple[float, float] | None = None
        self._first = 0.0
        self._least: deque[tuple[float, float]] = deque()
        self._clear()

    def _clear(self) -> None:
        self._points: deque[tuple[float, float]] = deque(maxlen=WINDOW)
        self._summed = self._smoothed = 0.0
        self._count = 0
        self._threshold = THRESHOLD
        self._over, self._trend = 0.0, 0.0
        self._slope = Usage.NORMAL
        self._zero: float | None = None

    @property
    def usage(self) -> Usage:
        """What slope and queue say together."""
        standing = self.queue > STANDING and self._slope is Usage.NORMAL
        return Usage.OVER if standing else self._slope

    @property
    def grows(self) -> bool:
        """Whether the queue is seen to grow, and does not only stand."""
        return self._slope is Usage.OVER

    def add(self, sent: float, arrived: float) -> None:
        """One packet that arrived; the two clocks need not agree."""
        self._note_queue(sent, arrived)
        if self._group is None or self._last is None:
            self._first, self._group, self._last = sent, (sent, arrived), self._last or (sent, arrived)
        elif sent - self._first <= GROUP:
            self._group = (sent, max(arrived, self._group[1]))
        else:
            self._compare(*self._group)
            self._first, self._group = sent, (sent, arrived)

    def _note_queue(self, sent: float, arrived: float) -> None:
        delay = arrived - sent
        while self._least and self._least[-1][1] >= delay:
            self._least.pop()
        self._least.append((sent, delay))
        while self._least[0][0] < sent - MEMORY:
            self._least.popleft()
        self.queue += (delay - self._least[0][1] - self.queue) * 0.1

    def _compare(self, sent: float, arrived: float) -> None:
        assert self._last is not None
        gap, spread = sent - self._last[0], arrived - self._last[1]
        self._last = (sent, arrived)
        if gap > SILENCE or abs(spread) > SILENCE:
            self._clear()
            return
        self._count += 1
        self._summed += spread - gap
        self._smoothed = SMOOTHING * self._smoothed + (1 - SMOOTHING) * self._summed
        self._zero = arrived if self._zero is None else self._zero
        self._points.append((arrived - self._zero, self._smoothed))
        if len(self._points) == WINDOW:
            self._judge(slope(self._points), max(0.0, min(gap, 0.1)))

    def _judge(self, trend: float, elapsed: float) -> None:
        modified = min(self._count, MOST_COUNTED) * trend * GAIN / 1000
        if modified > self._threshold:
            self._over += elapsed
            if self._over > LASTING and trend >= self._trend:
                self._slope = Usage.OVER
        else:
            self._over = 0.0
            self._slope = Usage.UNDER if modified < -self._threshold else Usage.NORMAL
        self._trend = trend
        self._follow(abs(modified), elapsed)

    def _follow(self, modified: float, elapsed: float) -> None:
        if modified > self._threshold + JUMP:
            return
        speed = RISE if modified > self._threshold else FALL
        self._threshold += speed * (modified - self._threshold) * elapsed
        self._threshold = min(MOST, max(LEAST, self._threshold))


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the least-squares line through (x, y); 0 where all x are alike. For some ten times a second and connection."""
    mean_x = sum([x for x, _ in points]) / len(points)
    mean_y = sum([y for _, y in points]) / len(points)
    away = [(x - mean_x, y - mean_y) for x, y in points]
    spread = sum([x * x for x, _ in away])
    return sum([x * y for x, y in away]) / spread if spread else 0.0
