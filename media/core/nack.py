"""Which packets to ask for again, and when (RFC 4585 section 6.2.1). Sequence numbers are unwrapped, times seconds.

A hole is asked for after the time that reordering on this line needs, and then twice a round trip: a sender answers a
request for the same packet once a round trip at most, so that the second costs nothing unless the first was lost.
"""

from dataclasses import dataclass

FIRST_ROUND_TRIP = 0.15
SOONEST = 0.02
"""Seconds between two requests for one packet at least."""
LIKELY = 1.3
TRIES = 40
AGE = 2.0
"""Seconds after which a packet is of no use any more."""
MOST = 400
"""Holes kept; a longer one is an outage, after which only a new picture helps."""
MOST_REORDERING = 0.04
FORGET = 0.98


@dataclass
class _Hole:
    since: float
    asked: int = 0
    first: float = 0.0
    last: float = 0.0


class NackList:
    """``round_trip`` is measured from requests answered at the first try. ``given_up`` counts packets."""

    def __init__(self) -> None:
        self._holes: dict[int, _Hole] = {}
        self._newest: int | None = None
        self._measured: float | None = None
        self._reordering = 0.0
        self.given_up = 0

    @property
    def missing(self) -> int:
        """How many packets are waited for."""
        return len(self._holes)

    @property
    def round_trip(self) -> float:
        """Seconds from a request to its answer."""
        return FIRST_ROUND_TRIP if self._measured is None else self._measured

    def arrived(self, sequence: int, now: float, repaired: bool = False) -> None:
        """Notes a packet; ``repaired`` says that it was sent again on request."""
        hole = self._holes.pop(sequence, None)
        if hole is not None:
            self._learn(hole, now, repaired)
        if self._newest is None:
            self._newest = sequence
        elif sequence > self._newest:
            self._open(range(self._newest + 1, sequence), now)
            self._newest = sequence

    def _learn(self, hole: _Hole, now: float, repaired: bool) -> None:
        if not repaired:
            self._reordering = max(self._reordering * FORGET, min(MOST_REORDERING, now - hole.since))
        elif hole.asked:
            took = now - hole.first
            known = took if self._measured is None else self._measured
            # an answer that took much longer is most likely one to a later request
            weight = 0.2 if took < LIKELY * known else 0.02
            self._measured = known + weight * (took - known)

    def _open(self, holes: range, now: float) -> None:
        if len(holes) > MOST:
            self.given_up += len(self._holes) + len(holes)
            self._holes.clear()
            return
        for sequence in holes:
            self._holes[sequence] = _Hole(now)
        while len(self._holes) > MOST:
            self._holes.pop(next(iter(self._holes)))
            self.given_up += 1

    def due(self, now: float) -> list[int]:
        """What to ask for now, ascending; marks it as asked and gives up what is too old."""
        self._reordering *= 0.999
        for sequence in [seq for seq, hole in self._holes.items() if hole.asked >= TRIES or now - hole.since > AGE]:
            del self._holes[sequence]
            self.given_up += 1
        pause = max(SOONEST, self.round_trip / 2)
        wanted = [seq for seq, hole in self._holes.items() if self._due(hole, now, pause)]
        for sequence in wanted:
            hole = self._holes[sequence]
            hole.first = hole.first if hole.asked else now
            hole.asked, hole.last = hole.asked + 1, now
        return sorted(wanted)

    def _due(self, hole: _Hole, now: float, pause: float) -> bool:
        return now - hole.last >= pause if hole.asked else now - hole.since >= self._reordering

    def forget(self, before: int) -> None:
        """Nothing before this packet is needed any more."""
        for sequence in [seq for seq in self._holes if seq < before]:
            del self._holes[sequence]
