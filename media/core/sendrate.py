"""How much to send: from what became of the packets, one rate for all that goes over one path.

Three opinions, the least of which holds. Delay: while no queue grows the rate rises, by a share far from what the path
was last seen to carry and by a packet at a time near it; when one grows it falls below what arrives
(draft-ietf-rmcat-gcc-02, section 5.5). Loss: a bandwidth that ``media.core.inherent`` infers; where it cannot tell
loss by itself from loss by too much, the rate dips for a moment and asks the path. Silence: without any news the rate
is halved again and again, so that a path which comes back is not met with a flood.

Units: seconds, bits a second, bytes; sizes include all headers.
"""

from collections import deque
from collections.abc import Sequence

from media.core.arrivals import Result
from media.core.ceiling import Ceiling
from media.core.inherent import LossModel, Window
from media.core.trend import STANDING, DelayTrend, Usage

START, LOWEST, HIGHEST = 120_000.0, 30_000.0, 800_000.0
SPAN = 0.6
"""Over so much the rate of arrival is measured."""
CUT = 0.85
DRAINED, DEEPEST = 0.1, 0.5
"""While more than so many seconds stand in the queue less is sent, by as much as half, until it has emptied."""
RISE, SWIFT = 1.08, 2.6
"""Growth a second: far from the known capacity, and before anything is known."""
HEADROOM, SPARE = 1.5, 20_000.0
"""The rate rises no further than so far above what arrives: what was not tried is not known."""
ENOUGH = 90_000.0
"""This much is always tried: voice alone would never show that there is room for pictures again."""
PACKET = 1200 * 8
NEAR = 0.1
PATIENCE = 1.5
"""So long a queue may take to empty that does not grow any more, before there is another cut."""
SLIGHT = 0.06
"""Seconds of queue up to which a cut is measured by what was meant to be sent, not by what arrives."""
DEEPEST_CUT = 0.5
"""No single cut goes below this part: the first arrivals of a call say little."""
EMPTIED = 0.05
"""Seconds of queue from which on the path is taken for empty again: what it carried while it was full is known then."""
PAUSE = 0.25
"""A cut is the last one until something tells of packets sent so much after it."""
DIP, DIPS_APART, DIPPED = 1.5, 12.0, 0.6
STRIKING = 0.1
"""Loss in the beginning that is asked about at once, before the rate has risen far beyond the path."""
LONGER = 0.5
"""Seconds of round trip above the least, twice in a row, that are a queue and not a busy computer at the other end."""
SILENT, SILENT_REPORTS = 2.0, 5.0
"""Seconds without news that are an outage: reports are far apart, and feedback may stand in a queue on its way."""
AGAIN = 0.5
"""After an outage a call begins with so much of what it had."""


class ArrivalRate:
    """Bits a second that arrive, by the receiver's clock."""

    def __init__(self) -> None:
        self._came: deque[tuple[float, int]] = deque()
        self._bits = 0

    def add(self, arrived: float, size: int) -> None:
        """One packet."""
        self._came.append((arrived, size))
        self._bits += size * 8
        while self._came[0][0] < arrived - SPAN:
            self._bits -= self._came.popleft()[1] * 8

    @property
    def value(self) -> float | None:
        """None where too little came to say."""
        span = self._came[-1][0] - self._came[0][0] if self._came else 0.0
        if len(self._came) < 5 or span < SPAN / 3:
            return None
        return (self._bits - self._came[0][1] * 8) / span if span < 0.9 * SPAN else self._bits / SPAN


class SendRate:
    """``target`` is what to send now. Fed by one of ``results`` and ``report``; ``tick`` now and then."""

    def __init__(self, now: float, start: float = START, highest: float = HIGHEST) -> None:
        self.trend, self.losses, self.arrival = DelayTrend(), LossModel(), ArrivalRate()
        self.round_trip = 0.1
        self._highest = highest
        self._by_delay = start
        self._starting = True
        self._capacity: float | None = None
        self._carried = 0.0
        self._cut_at = self._dip_at = self._seen = -1e9
        self._silenced = self._grown = now
        self._least_trip: float | None = None
        self._longer = 0
        self._told = False
        self._before: float | None = None
        self._ceiling = Ceiling()
        self._awake = -1e9

    @property
    def settled(self) -> float:
        """Bits a second that the path is thought to carry, whatever is held back for a moment."""
        return min(self._highest, max(LOWEST, min(self._by_delay, self._by_loss)))

    @property
    def _by_loss(self) -> float:
        """Below the bandwidth at which loss begins, and from there slowly up again as long as none is seen."""
        ceiling = self._ceiling.rate(self._grown)
        return self._highest if ceiling is None else ceiling

    @property
    def target(self) -> float:
        """Bits a second to send now."""
        rate = self.settled
        if self._dipping:
            rate *= DIPPED
        rate *= max(DEEPEST, 1 - max(0.0, self.trend.queue - DRAINED))
        return min(self._highest, max(LOWEST, rate))

    @property
    def _dipping(self) -> bool:
        return self._grown - self._dip_at < DIP

    def results(self, results: Sequence[Result], now: float) -> None:
        """What a transport-wide feedback made known."""
        self._told = True
        came = next((result for result in results if result.arrived is not None), None)
        if came is not None:
            self._wake(came.sent)
        for result in results:
            if result.arrived is None and result.sent < self._awake:
                continue
            self.losses.add(result.sent, result.size, result.arrived is None)
            if result.arrived is not None:
                self.arrival.add(result.arrived, result.size)
                self.trend.add(result.sent, result.arrived)
        if results:
            self._seen = max(self._seen, results[-1].sent)
            self._silenced = now
            self._decide(self.trend.usage, self.arrival.value, now)

    def _wake(self, sent: float) -> None:
        """After an outage: what it swallowed says nothing of what the path carries, which is found anew, and soon."""
        if self._before is not None:
            self._awake = sent
            self._by_delay = max(self._by_delay, min(START, AGAIN * self._before))
            self.losses, self._ceiling, self._starting, self._before = LossModel(), Ceiling(), True, None

    def report(self, lost: float, packets: int, rate: float, round_trip: float | None, now: float) -> None:
        """A receiver report where there is no such feedback: share lost of ``packets`` sent at ``rate``."""
        self._wake(now)
        self.losses.window(Window(now, rate, packets, lost * packets))
        usage = Usage.NORMAL
        if round_trip is not None:
            self._least_trip = min(round_trip, (self._least_trip or round_trip) * 1.002)
            self._longer = self._longer + 1 if round_trip - self._least_trip > LONGER else 0
            usage = Usage.OVER if self._longer > 1 else Usage.NORMAL
        self._silenced, self._seen = now, now - (round_trip or 0.0)
        self._decide(usage, rate * (1 - lost), now)

    def tick(self, now: float) -> None:
        """To be called a few times a second, for what does not happen."""
        patience = SILENT if self._told else SILENT_REPORTS
        if now - self._silenced > patience + self.round_trip:
            self._before = self._before or self.settled
            self._by_delay = max(LOWEST, self._by_delay / 2)
            self._silenced = now
            self._starting = False

    def _decide(self, usage: Usage, arrival: float | None, now: float) -> None:
        elapsed, self._grown = min(1.0, now - self._grown), now
        self._learn(arrival)
        if usage is Usage.OVER:
            self._cut(arrival, now)
        elif usage is Usage.NORMAL and arrival is not None:
            self._grow(arrival, elapsed)
        belief = self.losses.belief
        self._ceiling.see(belief, self.losses.share(1.5), now)
        if self._ceiling.rate(now) is not None:
            self._starting = False
            self._by_delay = min(self._by_delay, 1.1 * self._by_loss)
        if self._puzzled and not self._ceiling.stands(now) and now - self._dip_at > DIPS_APART:
            self._dip_at = now

    @property
    def _puzzled(self) -> bool:
        """Whether loss came of which it cannot be said whether less of it would come if less were sent."""
        belief = self.losses.belief
        early = belief.bandwidth is None and self.losses.share(1.0) > STRIKING + belief.share
        return early if self._starting else belief.unsure

    def _learn(self, arrival: float | None) -> None:
        """While a queue stands, what arrives is what the path carries."""
        if self.trend.queue > STANDING and arrival is not None:
            self._carried = max(self._carried, arrival)
        elif self.trend.queue < EMPTIED and self._carried:
            if self._by_delay < CUT * self._carried:
                self._by_delay, self._capacity = min(self._highest, CUT * self._carried), self._carried
            self._carried = 0.0

    def _cut(self, arrival: float | None, now: float) -> None:
        if self._seen < self._cut_at + (PAUSE if self.trend.grows else PATIENCE):
            return
        self._cut_at, self._starting = now, False
        if arrival is None:
            self._by_delay *= CUT
            return
        kept = 1 - min(0.5, self.losses.share())
        known = arrival / kept if self.losses.belief.bandwidth is None else arrival
        self._capacity = known if self._capacity is None else 0.7 * self._capacity + 0.3 * known
        if self.trend.queue < SLIGHT:  # little is sent for want of pictures as often as for want of a path
            known = max(known, self._by_delay)
        self._by_delay = max(LOWEST, min(self._by_delay, max(DEEPEST_CUT * self._by_delay, CUT * known)))

    def _grow(self, arrival: float, elapsed: float) -> None:
        kept = 1 - min(0.5, self.losses.share())
        most = max(ENOUGH, HEADROOM * arrival / kept + SPARE)
        if self._capacity is not None and arrival / kept > 1.3 * self._capacity:
            self._capacity = None
        if self._starting:
            grown = self._by_delay * SWIFT**elapsed
        elif self._capacity is not None and abs(self._by_delay / self._capacity - 1) < NEAR:
            grown = self._by_delay + PACKET * elapsed / (0.1 + self.round_trip) * 0.5
        else:
            grown = self._by_delay * RISE**elapsed
        if not self._dipping:
            self._by_delay = min(self._highest, max(self._by_delay, min(grown, most)))
