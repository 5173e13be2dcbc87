"""What came of one person since the last piece: put in order, onto the call's clock, and what lacks is named."""

from dataclasses import dataclass, field
from enum import StrEnum

from media.core.calltimes import CallTimes
from media.core.matroska import PICTURE, SOUND, Block

HOLE = 1.0
"""Seconds without a picture, or without any sound, from which something is missing."""
RATES = {PICTURE: 90_000, SOUND: 48_000}


class Lack(StrEnum):
    """Why nothing is there."""

    MUTED = "muted"
    HELD = "held"
    PICTURE = "picture"
    """No picture came."""
    SOUND = "sound"
    """No sound came, nor the little that a silent microphone sends."""
    DAMAGED = "damaged"
    """Pictures came that lean on others which never did."""
    BEHIND = "behind"
    """The machine could not keep up, and left the tracks out first."""


@dataclass(frozen=True)
class Gap:
    """Seconds of the file."""

    start: float
    end: float
    lack: Lack


@dataclass(frozen=True)
class Bit:
    """A whole picture or a packet of sound. ``timestamp`` is unwrapped, ``arrived`` monotonic, ``sender`` the same
    moment on the sender's clock in seconds. ``source`` tells connections and their streams apart; it only grows."""

    track: int
    source: int
    timestamp: int
    arrived: float
    sender: float | None
    key: bool
    damaged: bool
    data: bytes = field(repr=False)
    codec: str = ""
    """Of a picture."""

    @property
    def media(self) -> float:
        return self.timestamp / RATES[self.track]


@dataclass(frozen=True)
class Placed:
    """A bit at its moment: seconds on the monotonic clock."""

    bit: Bit
    at: float


class Pile:
    """Of one person, over all their connections. Bits are put in as they come, and taken piece by piece."""

    def __init__(self) -> None:
        self._bits: list[Bit] = []
        self._times: dict[int, CallTimes] = {}
        self._last: dict[int, float] = {}
        self._newest: dict[tuple[int, int], int] = {}

    def put(self, bit: Bit) -> None:
        self._times.setdefault(bit.source, CallTimes()).note(bit.track, bit.media, bit.arrived, bit.sender)
        self._bits.append(bit)

    @property
    def begun(self) -> float | None:
        """When the first of those that wait came."""
        return min((bit.arrived for bit in self._bits), default=None)

    def first_picture(self) -> Bit | None:
        """The first whole one that needs no other."""
        return next((bit for bit in self._bits if bit.track == PICTURE and bit.key), None)

    def take(self, until: float) -> list[Placed]:
        """What came before ``until``, by its moments; each track in the order of its timestamps, none twice."""
        taken = [bit for bit in self._bits if bit.arrived < until]
        self._bits = [bit for bit in self._bits if bit.arrived >= until]
        placed = [self._place(bit) for bit in sorted(taken, key=lambda bit: (bit.source, bit.track, bit.timestamp))]
        self._forget()
        return sorted((one for one in placed if one is not None), key=lambda one: one.at)

    def _forget(self) -> None:
        """Connections that are over."""
        needed = {bit.source for bit in self._bits} | {max(self._times, default=0)}
        self._times = {source: times for source, times in self._times.items() if source in needed}
        self._newest = {stream: newest for stream, newest in self._newest.items() if stream[0] in needed}

    def _place(self, bit: Bit) -> Placed | None:
        """None for what is there already, or comes too late to stand in its order."""
        stream = bit.source, bit.track
        newest = self._newest.get(stream)
        if newest is not None and bit.timestamp <= newest:
            return None
        self._newest[stream] = bit.timestamp
        at = self._times[bit.source].at(bit.track, bit.media)
        self._last[bit.track] = at = max(at, self._last.get(bit.track, at - 1) + 0.001)
        return Placed(bit, at)


class Holes:
    """Finds what lacks among what is placed; times in seconds of the file, each track's going up."""

    def __init__(self) -> None:
        self._seen = {PICTURE: 0.0, SOUND: 0.0}
        self._broken: float | None = None

    def shut(self, start: float, end: float, lack: Lack) -> list[Gap]:
        """Nothing was let in meanwhile."""
        found = [*self._mend(start), *self._until(PICTURE, start), *self._until(SOUND, start)]
        self._seen = dict.fromkeys(self._seen, max(end, start))
        return [*found, Gap(start, end, lack)]

    def see(self, track: int, at: float, damaged: bool) -> list[Gap]:
        """A bit that stands in the file."""
        found = self._until(track, at)
        if track == PICTURE and damaged and self._broken is None:
            self._broken = at
        elif track == PICTURE and not damaged:
            found += self._mend(at)
        return found

    def end(self, at: float) -> list[Gap]:
        return [*self._mend(at), *self._until(PICTURE, at), *self._until(SOUND, at)]

    def _mend(self, at: float) -> list[Gap]:
        since, self._broken = self._broken, None
        return [Gap(since, at, Lack.DAMAGED)] if since is not None and at > since else []

    def _until(self, track: int, at: float) -> list[Gap]:
        since, self._seen[track] = self._seen[track], max(self._seen[track], at)
        return [Gap(since, at, Lack.PICTURE if track == PICTURE else Lack.SOUND)] if at - since > HOLE else []


def blocks(placed: list[Placed], zero: float) -> list[Block]:
    """For the file that began at ``zero`` on the monotonic clock."""
    return [
        Block(one.bit.track, max(0, round((one.at - zero) * 1000)), one.bit.key or one.bit.track == SOUND, one.bit.data)
        for one in placed
    ]
