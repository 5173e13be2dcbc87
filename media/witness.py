"""What the engine knew of each moment of a recording, kept for a while beside it: who was to be seen, who spoke."""

import threading
import zlib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from media.core.layout import Box
from media.core.looks import Showing, Thumb
from media.core.mixing import RATE
from media.core.timeline import Timeline
from media.ports import Picture, Plane

A_SECOND = 5
"""Moments of picture that are noted."""
KEPT = 20
"""Seconds: a check that is further behind than that has nothing to hold what it reads against."""
THUMB = (32, 18)
EDGE = 8
"""Pixels of a tile's picture at its border that are not looked at: the frame of who speaks is drawn there."""
ROWS = 4
"""Of so many rows of a picture one is looked at, whole: a quarter of the work, and no row is copied pixel by pixel."""
NOTHING: Thumb = np.zeros((THUMB[1], THUMB[0]), dtype=np.uint8)


@dataclass(frozen=True)
class Tile:
    """Who is where on the stage, and the picture of theirs that is shown, if one is."""

    party_id: str
    label: str
    box: Box
    showing: Showing
    picture: Picture | None = None


@dataclass(frozen=True)
class Seen:
    """A tile at a moment, without holding on to its picture."""

    party_id: str
    label: str
    box: Box
    showing: Showing
    mark: int
    thumb: Thumb


@dataclass(frozen=True)
class Moment:
    """All tiles at a moment of file time."""

    seconds: float
    tiles: tuple[Seen, ...]


@dataclass(frozen=True)
class Heard:
    """20 ms of sound from a position on: the level of the loudest voice and of the mix that was handed over."""

    position: int
    said: float
    mixed: float


class Witness:
    """Written by the two clocks of a call, read by the check. ``rate``: of the stage's pictures."""

    def __init__(self, timeline: Timeline, rate: int) -> None:
        self._timeline = timeline
        self._rate = rate
        self._every = max(1, rate // A_SECOND)
        self._lock = threading.Lock()
        self._moments: deque[Moment] = deque(maxlen=KEPT * A_SECOND)
        self._heard: deque[Heard] = deque(maxlen=KEPT * 50)

    def saw(self, tiles: Iterable[Tile], now_ns: int) -> None:
        """The stage at a moment; most moments are passed over."""
        number = self._timeline.index(now_ns, self._rate)
        if number < 0 or number % self._every:
            return
        moment = Moment(number / self._rate, tuple(_seen(tile) for tile in tiles))
        with self._lock:
            self._moments.append(moment)

    def heard(self, said: float, mixed: float, started_ns: int) -> None:
        """A step of sound that began at a moment."""
        heard = Heard(self._timeline.index(started_ns, RATE), said, mixed)
        with self._lock:
            self._heard.append(heard)

    def moments(self, start: float, end: float) -> Sequence[Moment]:
        """From ``start`` until before ``end``, in order."""
        with self._lock:
            return [moment for moment in self._moments if start <= moment.seconds < end]

    def sounds(self, first: int, behind: int) -> Sequence[Heard]:
        """The steps that begin from sample ``first`` on and before ``behind``, in order."""
        with self._lock:
            return [heard for heard in self._heard if first <= heard.position < behind]


def _seen(tile: Tile) -> Seen:
    picture = tile.picture if tile.showing is Showing.LIVE else None
    mark, small = (0, NOTHING) if picture is None else (_mark(picture), thumb(picture.y))
    return Seen(tile.party_id, tile.label, tile.box, tile.showing, mark, small)


def _mark(picture: Picture) -> int:
    return zlib.crc32(picture.y[::ROWS].tobytes())


def thumb(luma: Plane) -> Thumb:
    """Averaged down to THUMB, from every fourth row: what is left out lies between pixels that are as good."""
    return np.asarray(cv2.resize(luma[::ROWS], THUMB, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def inside(luma: Plane, box: Box) -> Plane:
    """The part of a stage picture's luma within a tile, without its border."""
    return luma[box.y + EDGE : box.y + box.height - EDGE, box.x + EDGE : box.x + box.width - EDGE]
