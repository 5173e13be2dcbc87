"""What became of the packets sent: transport-wide feedback read, and joined with what was sent. Seconds and bytes.

Format: draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1 (RTCP 205, FMT 15), after the two SSRCs.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from media.core.sequence import Unwrapper

TICK = 250e-6
REFERENCE = 0.064
KEPT = 10.0
"""Seconds after which a packet that no feedback spoke of is forgotten."""
MOST = 4000
_HEAD = struct.Struct("!HHI")
_SMALL, _LARGE = 1, 2


@dataclass(frozen=True)
class Told:
    """One feedback: ``reference`` in units of 64 ms, wrapping at 24 bits; per packet the seconds after it, or None."""

    reference: int
    packets: tuple[tuple[int, float | None], ...]


@dataclass(frozen=True)
class Result:
    """``arrived`` is on the receiver's clock; None: lost. ``size`` as given when it was sent."""

    sent: float
    arrived: float | None
    size: int


def parse(fci: bytes) -> Told:
    """Reads the feedback control information; raises ValueError for one that is not whole."""
    if len(fci) < _HEAD.size:
        raise ValueError("transport feedback is too short")
    base, count, word = _HEAD.unpack_from(fci)
    symbols, at = _symbols(fci, _HEAD.size, count)
    after = 0.0
    packets: list[tuple[int, float | None]] = []
    for place, symbol in enumerate(symbols):
        number = (base + place) & 0xFFFF
        if symbol not in (_SMALL, _LARGE):
            packets.append((number, None))
            continue
        width, form = (1, "!B") if symbol == _SMALL else (2, "!h")
        if at + width > len(fci):
            raise ValueError("transport feedback lacks a delta")
        after += struct.unpack_from(form, fci, at)[0] * TICK
        at += width
        packets.append((number, after))
    return Told(word >> 8, tuple(packets))


def _symbols(fci: bytes, at: int, count: int) -> tuple[list[int], int]:
    symbols: list[int] = []
    while len(symbols) < count:
        if at + 2 > len(fci):
            raise ValueError("transport feedback lacks a chunk")
        (chunk,) = struct.unpack_from("!H", fci, at)
        at += 2
        symbols.extend(_chunk(chunk, count - len(symbols)))
    return symbols[:count], at


def _chunk(chunk: int, most: int) -> Iterator[int]:
    if not chunk & 0x8000:
        yield from [chunk >> 13 & 3] * min(chunk & 0x1FFF, most)
    elif chunk & 0x4000:
        yield from (chunk >> shift & 3 for shift in range(12, -1, -2))
    else:
        yield from (chunk >> shift & 1 for shift in range(13, -1, -1))


class History:
    """What was sent, until a feedback tells its fate. A packet told as missing is lost when the next feedback is too.

    One feedback of patience is for packets that overtook each other.
    """

    def __init__(self) -> None:
        self._next = 1
        self._sent: dict[int, tuple[float, int]] = {}
        self._missing: dict[int, tuple[float, int]] = {}
        self._numbers = Unwrapper()
        self._references = Unwrapper(24)

    def sent(self, size: int, now: float) -> int:
        """Notes a packet and returns its transport-wide number for the wire, 16 bits."""
        number = self._next
        self._next += 1
        self._sent[number] = (now, size)
        while len(self._sent) > MOST or self._sent[next(iter(self._sent))][0] < now - KEPT:
            del self._sent[next(iter(self._sent))]
        self._numbers.unwrap(number & 0xFFFF)
        return number & 0xFFFF

    def told(self, told: Told) -> list[Result]:
        """The fates that a feedback makes known, in the order of sending; each packet once."""
        zero = self._references.unwrap(told.reference) * REFERENCE
        missing, self._missing = self._missing, {}
        results: list[Result] = []
        for wire, after in told.packets:
            number = self._numbers.near(wire)
            doubted, known = missing.pop(number, None), self._sent.pop(number, None)
            if after is not None and (known := known or doubted):
                results.append(Result(known[0], zero + after, known[1]))
            elif doubted:
                results.append(Result(doubted[0], None, doubted[1]))
            elif known:
                self._missing[number] = known
        results.extend(Result(sent, None, size) for sent, size in missing.values())
        return sorted(results, key=lambda result: result.sent)
