"""A sender's core over an emulated way there, with reports that come back. No clock."""

import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from media.core.arrivals import REFERENCE, History, Told
from media.core.link import OneWay, Shape
from media.core.sendqueue import Kind, SendQueue
from media.core.sendrate import SendRate

STEP = 0.005
VOICE, HEADERS = 128, 58


def path(seed: int = 1, **shape: Any) -> OneWay:
    """40 to 60 ms away, with a queue of a second before whatever bottleneck ``shape`` has; see ``media.core.link``."""
    return OneWay(Shape(**{"delay_ms": 40, "jitter_ms": 20, "queue_ms": 1000, **shape}), seed)


@dataclass
class Run:
    """What a run showed, a value every 5 ms."""

    times: list[float] = field(default_factory=list)
    targets: list[float] = field(default_factory=list)
    queues: list[float] = field(default_factory=list)
    delivered: int = 0
    lost: int = 0

    def mean(self, since: float, until: float = 1e9) -> float:
        """Of the target."""
        chosen = [rate for at, rate in zip(self.times, self.targets, strict=True) if since <= at < until]
        return sum(chosen) / len(chosen)

    def queue(self, share: float, since: float, until: float = 1e9) -> float:
        """A quantile of the seconds that packets stood in the bottleneck."""
        chosen = sorted(wait for at, wait in zip(self.times, self.queues, strict=True) if since <= at < until)
        return chosen[int(share * (len(chosen) - 1))]


class Sender:
    """Voice and pictures as the encoder would make them, paced, numbered, reported on and answered."""

    def __init__(self, way: OneWay, back: float = 0.04, every: float = 0.1, seed: int = 2) -> None:
        self.trace = Run()
        self._way, self._waited = way, 0.0
        self.rate = SendRate(0.0)
        self._back, self._every = back, every
        self._history = History()
        self._queue: SendQueue[int] = SendQueue(self.rate.target, 0.0)
        self._came: dict[int, float] = {}
        self._reports: deque[tuple[float, Told]] = deque()
        self._top = self._told = self._steps = 0
        self._random = random.Random(seed)
        self.most = 1e9

    def run(self, seconds: float) -> Run:
        """Goes on for so long."""
        for _ in range(int(seconds / STEP)):
            self._step(self._steps * STEP)
            self._steps += 1
        return self.trace

    def _step(self, now: float) -> None:
        self._produce(now)
        while (size := self._queue.take(now)) is not None:
            self._send(size, now)
        if self._steps % round(self._every / STEP) == 0:
            self._tell(now)
        while self._reports and self._reports[0][0] <= now:
            self.rate.results(self._history.told(self._reports.popleft()[1]), now)
        if self._steps % 20 == 0:
            self.rate.tick(now)
        self._queue.set_rate(self.rate.target, now)
        self.trace.times.append(now)
        self.trace.targets.append(self.rate.target)
        self.trace.queues.append(self._waited)

    def _produce(self, now: float) -> None:
        if self._steps % 4 == 0:
            self._queue.put(Kind.VOICE, VOICE, VOICE)
        if self._steps % 13 == 0 and self._queue.backlog() < 0.15:
            video = min(self.most, self.rate.target) - VOICE * 8 * 50
            left = int(max(200.0, video * 0.065 / 8 * self._random.uniform(0.7, 1.3)))
            while left > 0:
                size = min(1200, left) + HEADERS
                self._queue.put(Kind.PICTURE, size, size)
                left -= 1200

    def _send(self, size: int, now: float) -> None:
        number = self._history.sent(size, now)
        self._top += 1
        fate = self._way.take(size, now)
        arrives, self._waited = fate.leaves, fate.waited
        if arrives is None:
            self.trace.lost += 1
        else:
            self.trace.delivered += 1
            self._came[number] = arrives

    def _tell(self, now: float) -> None:
        known = {number: at for number, at in self._came.items() if at <= now}
        ahead = [(number - self._told) & 0xFFFF for number in known if 0 < ((number - self._told) & 0xFFFF) < 0x8000]
        if not ahead:
            return
        reference = int(min(known.values()) / REFERENCE)
        wires = [(self._told + step) & 0xFFFF for step in range(1, max(ahead) + 1)]
        packets = tuple((wire, known[wire] - reference * REFERENCE if wire in known else None) for wire in wires)
        self._told = wires[-1]
        self._came = {number: at for number, at in self._came.items() if number not in known}
        self._reports.append((now + self._back, Told(reference, packets)))
