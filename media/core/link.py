"""One direction of an emulated network: sizes and times of packets in, what becomes of each out.

A packet meets, in this order: a policer (token bucket), a bottleneck of some rate with a finite drop-tail queue, the
air (black-outs, burst loss, random loss: a packet lost there has used up the bottleneck's time), and the way
(propagation delay and jitter). The same seed and the same packets have the same fate, always: each impairment draws
from a chance of its own, once for every packet that reaches it.

Times are seconds from the link's zero, sizes bytes as given, rates kbit/s of 1,000 bits.
"""

import math
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Lost(Enum):
    """Where a packet ended."""

    POLICED = "policed"
    QUEUE_FULL = "queue_full"
    BLACKED_OUT = "blacked_out"
    BURST = "burst"
    CHANCE = "chance"


@dataclass(frozen=True)
class Fate:
    """``leaves``: when the packet comes out, None where it is lost. ``waited``: seconds in the bottleneck's queue."""

    leaves: float | None
    waited: float
    lost: Lost | None = None


@dataclass(frozen=True)
class Burst:
    """Gilbert and Elliott's two states, changed by packet: good loses nothing, bad loses the share ``loss``."""

    enter: float
    """Chance that a packet finds the state turned from good to bad."""
    leave: float
    """Chance that a packet finds it turned back."""
    loss: float = 1.0

    @property
    def mean(self) -> float:
        """The share lost in the long run."""
        return self.loss * self.enter / (self.enter + self.leave)


@dataclass(frozen=True)
class Policer:
    """A token bucket: what exceeds ``kbps`` beyond ``bucket`` bytes is dropped at once, nothing is queued."""

    kbps: float
    bucket: int


@dataclass(frozen=True)
class Step:
    """From ``at`` seconds on the rate is ``kbps``."""

    at: float
    kbps: float


@dataclass(frozen=True)
class Trace:
    """A rate that changes with time, repeated after ``lasts`` seconds. ``steps`` begin at 0 and rise."""

    steps: tuple[Step, ...]
    lasts: float


@dataclass(frozen=True)
class Shape:
    """What one direction does to packets. The default is a cable: nothing.

    ``rate``: None is unlimited. ``queue_ms`` and ``queue_bytes`` bound the bottleneck's queue, each None for no bound;
    without a rate there is no queue. ``jitter_ms``: each packet is held from 0 to so much longer, and never overtakes
    another. ``reorder``: the share of packets that come ``reorder_ms`` late and let others pass.
    """

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss: float = 0.0
    burst: Burst | None = None
    rate: float | Trace | None = None
    queue_ms: float | None = None
    queue_bytes: int | None = None
    policer: Policer | None = None
    reorder: float = 0.0
    reorder_ms: float = 20.0
    blackouts: tuple[tuple[float, float], ...] = ()


class OneWay:
    """A direction in use. Packets are to be handed over in the order of their times."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self._shape = shape
        self._chances = {name: random.Random(f"{seed} {name}") for name in ("burst", "loss", "jitter", "reorder")}  # noqa: S311 - repeatable on purpose
        self._bad = False
        self._tokens = float(shape.policer.bucket) if shape.policer else 0.0
        self._refilled = 0.0
        self._free = 0.0
        self._inside: deque[tuple[float, int]] = deque()
        self._last_out = 0.0

    def take(self, size: int, at: float) -> Fate:
        """The fate of a packet of ``size`` bytes that comes at ``at``."""
        if not self._passes_policer(size, at):
            return Fate(None, 0.0, Lost.POLICED)
        begins = max(at, self._free)
        waited = begins - at
        if self._shape.rate is not None:
            if not self._has_room(size, at, waited):
                return Fate(None, waited, Lost.QUEUE_FULL)
            self._free = finished(self._shape.rate, begins, size * 8)
            self._inside.append((self._free, size))
            begins = self._free
        lost = self._on_air(at, begins)
        return Fate(None, waited, lost) if lost else Fate(self._out(begins), waited)

    def _passes_policer(self, size: int, at: float) -> bool:
        policer = self._shape.policer
        if policer is None:
            return True
        earned = (at - self._refilled) * policer.kbps * 125
        self._tokens, self._refilled = min(policer.bucket, self._tokens + earned), at
        if self._tokens < size:
            return False
        self._tokens -= size
        return True

    def _has_room(self, size: int, at: float, waited: float) -> bool:
        while self._inside and self._inside[0][0] <= at:
            self._inside.popleft()
        shape = self._shape
        if shape.queue_ms is not None and waited * 1000 > shape.queue_ms:
            return False
        # what is being sent stands in no queue
        standing = sum(inside for _, inside in list(self._inside)[1:]) if shape.queue_bytes is not None else 0
        return shape.queue_bytes is None or not self._inside or standing + size <= shape.queue_bytes

    def _on_air(self, came: float, sent: float) -> Lost | None:
        dark = any(start <= moment < end for start, end in self._shape.blackouts for moment in (came, sent))
        burst, chance = self._burst_takes(), self._chances["loss"].random() < self._shape.loss
        if dark:
            return Lost.BLACKED_OUT
        return Lost.BURST if burst else Lost.CHANCE if chance else None

    def _burst_takes(self) -> bool:
        burst = self._shape.burst
        if burst is None:
            return False
        turn, loss = self._chances["burst"].random(), self._chances["burst"].random()
        self._bad = turn >= burst.leave if self._bad else turn < burst.enter
        return self._bad and loss < burst.loss

    def _out(self, sent: float) -> float:
        shape = self._shape
        out = sent + (shape.delay_ms + self._chances["jitter"].random() * shape.jitter_ms) / 1000
        out = max(out, self._last_out)
        if self._chances["reorder"].random() < shape.reorder:
            return out + shape.reorder_ms / 1000
        self._last_out = out
        return out


def finished(rate: float | Trace, begins: float, bits: float) -> float:
    """When ``bits`` that begin to be sent at ``begins`` have been sent."""
    if not isinstance(rate, Trace):
        return begins + bits / (rate * 1000)
    now = begins
    while True:
        kbps, until = rate_at(rate, now)
        if kbps > 0 and now + bits / (kbps * 1000) <= until:
            return now + bits / (kbps * 1000)
        bits -= kbps * 1000 * (until - now)
        now = until


def rate_at(trace: Trace, moment: float) -> tuple[float, float]:
    """(kbit/s at a moment, until when)."""
    turn = math.floor(moment / trace.lasts)
    within = moment - turn * trace.lasts
    kbps, until = trace.steps[0].kbps, trace.lasts
    for step, after in zip(trace.steps, [*(s.at for s in trace.steps[1:]), trace.lasts], strict=True):
        if step.at <= within:
            kbps, until = step.kbps, after
    # rounding must never leave the end of a step at or before the moment it is asked for
    return kbps, max(turn * trace.lasts + until, math.nextafter(moment, math.inf))


def parse_trace(lines: Sequence[str]) -> Trace:
    """Lines of ``seconds kbit/s``, ``#`` for remarks; the last line gives the end and its rate is not used.

    Raises ValueError with the number of the line.
    """
    rows: list[Step] = []
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].replace(",", " ").split()
        if not words:
            continue
        if len(words) != 2 or not all(_is_number(word) for word in words):
            raise ValueError(f"第 {number} 行应当是“秒 kbit/s”两个不小于零的数")
        if rows and float(words[0]) <= rows[-1].at:
            raise ValueError(f"第 {number} 行的时间没有比上一行晚")
        rows.append(Step(float(words[0]), float(words[1])))
    if len(rows) < 2 or rows[0].at != 0:
        raise ValueError("至少要有两行，第一行的时间为 0，最后一行是结束的时间")
    if not any(row.kbps > 0 for row in rows[:-1]):
        raise ValueError("速率不能全部为零")
    return Trace(tuple(rows[:-1]), rows[-1].at)


def _is_number(word: str) -> bool:
    try:
        value = float(word)
    except ValueError:
        return False
    return math.isfinite(value) and value >= 0
