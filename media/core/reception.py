"""What a receiver report says of one stream (RFC 3550 sections 6.4.1, A.3 and A.8)."""

from dataclasses import dataclass

from media.core.sequence import Unwrapper


@dataclass(frozen=True)
class Report:
    """``fraction`` of packets lost since the report before, 0…255/256; ``jitter`` in units of the stream's clock."""

    fraction: int
    lost: int
    highest: int
    jitter: int


class Reception:
    """Counts one SSRC. ``expected`` and ``received`` are totals, duplicates among the received."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._sequence = Unwrapper()
        self._first: int | None = None
        self._highest = 0
        self.received = 0
        self._jitter = 0.0
        self._transit: float | None = None
        self._before = (0, 0)

    @property
    def expected(self) -> int:
        """Packets that the sender sent as far as we know."""
        return 0 if self._first is None else self._highest - self._first + 1

    def add(self, sequence: int, timestamp: int, now: float) -> None:
        """One packet: its 16-bit sequence number, 32-bit timestamp and time of arrival in seconds."""
        unwrapped = self._sequence.unwrap(sequence)
        self.received += 1
        if self._first is None:
            self._first = self._highest = unwrapped
        self._first = min(self._first, unwrapped)
        if unwrapped >= self._highest:
            self._highest = unwrapped
            self._hear(timestamp, now)

    def _hear(self, timestamp: int, now: float) -> None:
        transit = now * self._rate - timestamp
        if self._transit is not None:
            difference = abs(transit - self._transit)
            if difference < 10 * self._rate:  # a wrap or a jump of the sender's clock is no jitter
                self._jitter += (difference - self._jitter) / 16
        self._transit = transit

    def report(self, forgiven: float = 0.0) -> Report:
        """For a report now; ``forgiven`` is a share of losses, 0…1, that ``fraction`` leaves out."""
        expected, received = self.expected - self._before[0], self.received - self._before[1]
        self._before = (self.expected, self.received)
        lost = max(0.0, expected - received - forgiven * expected)
        fraction = min(255, int(256 * lost / expected)) if expected > 0 else 0
        total = max(-(1 << 23), min((1 << 23) - 1, self.expected - self.received))
        return Report(fraction, total, self._highest & 0xFFFFFFFF, int(self._jitter) & 0xFFFFFFFF)
