"""How much a path loses by itself, and how much it carries: two causes of loss told apart by likelihood.

A path that loses the share ``p`` at any rate, and what exceeds the bandwidth ``B`` besides, loses at the rate ``r``
the share 1 - (1 - p) · min(1, B / r). Windows of (rate, sent, lost) say which ``p`` and ``B`` are likely. A radio that
loses one packet in five is not answered by sending less; a policer, which loses without a queue, is.

Units: seconds, bits a second, packets.
"""

import math
from dataclasses import dataclass

import numpy as np

WINDOW, PACKETS = 0.5, 10
"""A window closes when it is both so long and so full."""
MEMORY = 15.0
"""Seconds in which a window's weight falls to a third."""
KEPT = 60
LEAST_SPREAD = 2.0
"""Losses come in bursts: each counts for less than an independent one would, at the best for half."""
EVIDENCE = 4.0
"""Log-likelihood by which a bandwidth must explain the windows better than none."""
NOTABLE = 0.03
FEWEST = 3
SHARES = np.array([0.001, 0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5])
BANDWIDTHS = np.geomspace(30_000, 3_000_000, 80)


@dataclass(frozen=True)
class Window:
    """Packets sent in a stretch of time at ``rate``, of which ``lost`` were; both weighed by size."""

    end: float
    rate: float
    sent: float
    lost: float


@dataclass(frozen=True)
class Belief:
    """``bandwidth``: what the path carries where loss shows it, else None. ``unsure``: the windows cannot tell why."""

    share: float = 0.0
    bandwidth: float | None = None
    unsure: bool = False


class LossModel:
    """Fed with the fate of each packet in the order of sending; ``belief`` changes with each closed window."""

    def __init__(self) -> None:
        self.belief = Belief()
        self._windows: list[Window] = []
        self._known: dict[float, float] = {}
        self._start: float | None = None
        self._clear()

    def _clear(self) -> None:
        self._bytes = self._squares = self._lost = self._sent = 0

    def add(self, sent: float, size: int, lost: bool) -> bool:
        """One packet of ``size`` bytes; true where that closed a window."""
        self._start = sent if self._start is None else self._start
        length = sent - self._start
        closed = length >= WINDOW and self._sent >= PACKETS
        if closed:
            # a policer lets small packets pass where it drops large ones: bytes tell the truth, and what counts as
            # one observation is what so many packets of unlike size are worth
            count = self._bytes**2 / self._squares
            self.window(Window(sent, self._bytes * 8 / length, count, count * self._lost / self._bytes))
            self._start = sent
            self._clear()
        self._bytes += size
        self._squares += size**2
        self._lost += size if lost else 0
        self._sent += 1
        return closed

    def window(self, window: Window) -> None:
        """One window, where somebody else has counted."""
        self._windows = [*self._windows[1 - KEPT :], window]
        self.belief = believe(self._windows)
        self._known.clear()

    def share(self, seconds: float = 2.0) -> float:
        """Loss as it was, whatever the cause. Every packet of a voice asks for it: it is kept until the next window."""
        found = self._known.get(seconds)
        if found is None:
            found = self._known[seconds] = self._share(seconds)
        return found

    def _share(self, seconds: float) -> float:
        last = [each for each in self._windows if each.end > self._windows[-1].end - seconds]
        sent = sum(each.sent for each in last)
        return sum(each.lost for each in last) / sent if sent else 0.0


def believe(windows: list[Window]) -> Belief:
    """The likeliest explanation; of two that do equally, the one with more bandwidth."""
    now = windows[-1].end
    if len(windows) < FEWEST or not any(each.lost for each in windows):
        return Belief()
    weights = np.array([math.exp(-(now - each.end) / MEMORY) for each in windows])
    sent, lost = np.array([each.sent for each in windows]), np.array([each.lost for each in windows])
    rates = np.maximum(1.0, np.array([each.rate for each in windows]))
    bandwidths = np.append(BANDWIDTHS, math.inf)
    passed = (1 - SHARES)[:, None, None] * np.minimum(1.0, bandwidths[None, :, None] / rates)
    through = (weights * (sent - lost) * np.log(passed)).sum(2)
    dropped = (weights * lost * np.log(1 - passed)).sum(2)
    likelihood = through + dropped
    free, bound = likelihood[:, -1], likelihood[:, :-1]
    share, narrow = np.unravel_index(int(bound.argmax()), bound.shape)
    expected = 1 - passed[share, narrow]
    wide = float((weights * (lost - sent * expected) ** 2 / (sent * expected * (1 - expected) + 0.5)).sum())
    spread = max(LEAST_SPREAD, wide / float(weights.sum()))
    gain = float(bound.max() - free.max()) / spread
    if gain > EVIDENCE:
        return Belief(float(SHARES[share]), float(BANDWIDTHS[narrow]))
    heavy = float(lost.sum()) / max(1.0, float(sent.sum())) > NOTABLE
    pure = float(free.max() - likelihood[0, :].max()) / spread
    return Belief(float(SHARES[int(free.argmax())]), None, unsure=heavy and pure < EVIDENCE)
