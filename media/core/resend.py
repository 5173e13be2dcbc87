"""What is sent again, and when a key picture is due. Seconds, bytes, bits a second."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

Packet = TypeVar("Packet")

KEPT = 600
UNDER_WAY = 0.6
"""Of a round trip within which the same packet is not sent again: what is known of the round trip is a mean."""
OLDEST = 1.5
"""A picture that is so late is not waited for any more."""
SHARE = 0.4
"""Of the rate: what a path that loses one packet in five asks for, some of it twice, and something over."""
SAVED = 0.5
"""Seconds of that share that may be saved up."""


@dataclass
class _Kept(Generic[Packet]):
    packet: Packet
    size: int
    first: float
    last: float


class Resending(Generic[Packet]):
    """Packets by sequence number, for as long as it is worth it."""

    def __init__(self, now: float) -> None:
        self._kept: OrderedDict[int, _Kept[Packet]] = OrderedDict()
        self._budget = 0.0
        self._filled = now
        self.refused = 0

    def sent(self, sequence: int, packet: Packet, size: int, now: float) -> None:
        """Notes a packet when it leaves for the first time."""
        self._kept[sequence] = _Kept(packet, size, now, now)
        self._kept.move_to_end(sequence)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def superseded(self) -> None:
        """A key picture begins: what came before it is not waited for."""
        self._kept.clear()

    def asked(self, sequence: int, round_trip: float, rate: float, now: float) -> Packet | None:
        """The packet to send again, unless it is under way already, too old, or beyond the budget."""
        self._fill(rate, now)
        kept = self._kept.get(sequence)
        if kept is None or now - kept.last < UNDER_WAY * round_trip:
            return None
        if now - kept.first > OLDEST or self._budget < kept.size * 8:
            self.refused += 1
            return None
        self._budget -= kept.size * 8
        kept.last = now
        return kept.packet

    def unasked(self, sequence: int, now: float) -> Packet | None:
        """The packet to send once more ahead of any request; the budget is for requests alone."""
        kept = self._kept.get(sequence)
        if kept is None:
            return None
        kept.last = now
        return kept.packet

    def _fill(self, rate: float, now: float) -> None:
        self._budget = min(rate * SHARE * SAVED, self._budget + rate * SHARE * max(0.0, now - self._filled))
        self._filled = now


APART = 0.5
COST = 2.0
"""A key picture may use the path for so much longer than it takes to send it, before there is another."""


class KeyGate:
    """Requests for a key picture, merged and kept apart. The first picture is one anyhow."""

    def __init__(self) -> None:
        self._asked = False
        self._not_before = 0.0

    def ask(self) -> None:
        """Somebody cannot go on without."""
        self._asked = True

    def due(self, now: float) -> bool:
        """Whether the next picture shall be a key one."""
        return self._asked and now >= self._not_before

    def made(self, size: int, rate: float, round_trip: float, now: float) -> None:
        """A key picture was encoded: requests that were made before it arrives mean an older one."""
        self._asked = False
        self._not_before = now + max(APART, COST * size * 8 / max(1.0, rate), 1.5 * round_trip)
