"""Transport-wide feedback: when each packet arrived, for the sender's own congestion control.

Format: draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1 (RTCP 205, FMT 15).
"""

import struct
from collections.abc import Collection

from media.core.sequence import Unwrapper

TICK = 250e-6
"""Seconds of one unit of a receive delta."""
REFERENCE = 256
"""Ticks of one unit of the reference time (64 ms)."""
MOST = 600
"""Packets in one feedback; more go into the next."""
KEPT = 2000
RTPFB, FORMAT = 205, 15
LOST, SMALL, LARGE = 0, 1, 2


class TransportFeedback:
    """Notes arrivals by transport-wide sequence number and builds feedback packets. All times are seconds."""

    def __init__(self) -> None:
        self._sequence = Unwrapper()
        self._arrivals: dict[int, int] = {}
        self._base: int | None = None
        self._top = -1
        self._count = 0

    def arrived(self, sequence: int, now: float) -> int:
        """Notes a packet; one that was reported lost is reported anew. Returns the unwrapped number."""
        unwrapped = self._sequence.unwrap(sequence)
        if unwrapped not in self._arrivals:
            self._arrivals[unwrapped] = round(now / TICK)
            self._base = unwrapped if self._base is None else min(self._base, unwrapped)
            self._top = max(self._top, unwrapped)
        while len(self._arrivals) > KEPT:
            del self._arrivals[next(iter(self._arrivals))]
        return unwrapped

    def lost(self) -> list[int]:
        """What the next feedback would report lost, ascending."""
        base = self._base
        return [] if base is None else [seq for seq in range(base, self._top) if seq not in self._arrivals]

    def build(self, sender: int, media: int, passed_over: Collection[int] = ()) -> list[bytes]:
        """RTCP packets for all that came since. Of ``passed_over`` lost packets nothing is said, neither that they came
        (the sender would not send them again) nor that they did not.
        """
        packets = []
        while (base := self._base) is not None:
            first = next((seq for seq in range(base, self._top + 1) if seq in self._arrivals), None)
            if first is None:
                break
            base = max(base, first - MOST // 2)  # nothing for so long is an outage, and a feedback needs an arrival
            while base in passed_over:
                base += 1
            run = self._run(base, min(self._top, base + MOST - 1), passed_over)
            if any(at is not None for at in run):
                packets.append(self._pack(base, run, sender, media))
            self._base = base + len(run)
        return packets

    def _run(self, base: int, last: int, passed_over: Collection[int]) -> list[int | None]:
        """Arrival ticks from ``base`` on, None for a lost packet; ends where a delta would not fit."""
        run: list[int | None] = []
        before: int | None = None
        for sequence in range(base, last + 1):
            at = self._arrivals.get(sequence)
            if sequence in passed_over:
                break
            if at is not None and before is not None and not -32768 <= at - before <= 32767:
                break
            run.append(at)
            before = at if at is not None else before
        return run

    def _pack(self, base: int, run: list[int | None], sender: int, media: int) -> bytes:
        reference = next(at for at in run if at is not None) // REFERENCE
        before = reference * REFERENCE
        symbols, deltas = [], b""
        for at in run:
            delta = None if at is None else at - before
            before = before if at is None else at
            symbols.append(_symbol(delta))
            deltas += b"" if delta is None else struct.pack("!B" if 0 <= delta <= 255 else "!h", delta)
        head = struct.pack("!HHI", base & 0xFFFF, len(run), (reference & 0xFFFFFF) << 8 | self._count & 0xFF)
        self._count += 1
        return _rtcp(struct.pack("!LL", sender, media) + head + _chunks(symbols) + deltas)


def _symbol(delta: int | None) -> int:
    if delta is None:
        return LOST
    return SMALL if 0 <= delta <= 255 else LARGE


def _chunks(symbols: list[int]) -> bytes:
    """Run-length chunks where they are shorter, else vectors of seven 2-bit symbols."""
    out, at = b"", 0
    while at < len(symbols):
        run = 1
        while at + run < len(symbols) and symbols[at + run] == symbols[at] and run < 0x1FFF:
            run += 1
        if run >= 7 or at + run == len(symbols):
            out += struct.pack("!H", symbols[at] << 13 | run)
            at += run
            continue
        seven = (symbols[at : at + 7] + [LOST] * 7)[:7]
        out += struct.pack("!H", 0xC000 | sum(symbol << (12 - 2 * place) for place, symbol in enumerate(seven)))
        at += 7
    return out


def _rtcp(body: bytes) -> bytes:
    padding = -len(body) % 4
    body += (b"\0" * (padding - 1) + bytes([padding])) if padding else b""
    return struct.pack("!BBH", 0x80 | (0x20 if padding else 0) | FORMAT, RTPFB, len(body) // 4) + body
