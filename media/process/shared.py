"""A latest-picture slot in shared memory: the writer never waits, a reader never sees half of a picture.

Three buffers, written in turn. Each has a number that is odd while it is written (a seqlock, as in Linux's
``seqlock.h``); a reader copies and looks at the number again. The header, in 64-bit words::

    0            number of the newest picture; it stands in buffer number % 3
    8 (1 + b)    of buffer b: twice its picture's number (less one while it is written), width and height of luma,
                 width and height of chroma, captured_ns

Buffers begin at byte 4096. A width of 0 means that there is no picture now.
"""

import logging
import threading
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from media.ports import Picture
from media.process.memory import Bytes, Segment, create
from media.slots import LatestPicture

log = logging.getLogger(__name__)

BUFFERS = 3
HEADER = 4096
TRIES = 16
LARGEST = 8192
"""Pixels along an edge: more is no picture but a fault."""
Words = npt.NDArray[np.uint64]


def room(picture: Picture) -> int:
    """Bytes of a picture."""
    return int(picture.y.nbytes + picture.u.nbytes + picture.v.nbytes)


def segment_for(size: int) -> Segment:
    """For pictures of up to ``size`` bytes; raises OSError."""
    return create(HEADER + BUFFERS * size)


def fence() -> None:
    """Memory written before is seen before memory written after: Python has no barrier but a lock's."""
    with _FENCE:
        pass
    with _FENCE:
        pass


_FENCE = threading.Lock()


class Writer:
    """Of one segment; not for two threads at once."""

    def __init__(self, data: Bytes) -> None:
        self._data = data
        self._words = data[:HEADER].view(np.uint64)
        self.capacity = (data.size - HEADER) // BUFFERS
        self._number = 0

    def put(self, picture: Picture | None) -> None:
        """The picture must fit."""
        self._number += 1
        buffer = self._number % BUFFERS
        base = 8 * (1 + buffer)
        self._words[base] = 2 * self._number - 1
        fence()
        self._words[base + 1 : base + 6] = _shape(picture)
        if picture is not None:
            self._copy(picture, HEADER + buffer * self.capacity)
        fence()
        self._words[base] = 2 * self._number
        self._words[0] = self._number

    def _copy(self, picture: Picture, at: int) -> None:
        for plane in (picture.y, picture.u, picture.v):
            self._data[at : at + plane.size].reshape(plane.shape)[:] = plane
            at += plane.size


def _shape(picture: Picture | None) -> tuple[int, int, int, int, int]:
    if picture is None:
        return 0, 0, 0, 0, 0
    return picture.width, picture.height, int(picture.u.shape[1]), int(picture.u.shape[0]), picture.captured_ns


class Reader:
    """Of one segment; not for two threads at once. ``torn``: how often a copy had to be thrown away."""

    def __init__(self, data: Bytes) -> None:
        self._data = data
        self._words = data[:HEADER].view(np.uint64)
        self._capacity = (data.size - HEADER) // BUFFERS
        self._number = 0
        self._picture: Picture | None = None
        self.torn = 0

    def latest(self) -> Picture | None:
        """The same object until there is a newer picture."""
        for _ in range(TRIES):
            number = int(self._words[0])
            if number == self._number:
                break
            fence()
            if self._read(number):
                break
            self.torn += 1
        return self._picture

    def _read(self, number: int) -> bool:
        """Whether picture ``number`` was still whole after it had been copied."""
        buffer = number % BUFFERS
        base = 8 * (1 + buffer)
        if int(self._words[base]) != 2 * number:
            return False
        fence()
        found = self._copied([int(word) for word in self._words[base + 1 : base + 6]], HEADER + buffer * self._capacity)
        fence()
        if int(self._words[base]) != 2 * number:
            return False
        self._number, self._picture = number, found
        return True

    def _copied(self, shape: list[int], at: int) -> Picture | None:
        """The one copy on the way to the screen. A shape that cannot be is one that is being written."""
        width, height, chroma_width, chroma_height, captured_ns = shape
        size, chroma = width * height, chroma_width * chroma_height
        if not 0 < width <= LARGEST or height > LARGEST or size + 2 * chroma > self._capacity:
            return None
        planes = self._data[at : at + size + 2 * chroma].copy()
        planes.flags.writeable = False
        y = planes[:size].reshape(height, width)
        u = planes[size : size + chroma].reshape(chroma_height, chroma_width)
        v = planes[size + chroma :].reshape(chroma_height, chroma_width)
        return Picture(y, u, v, captured_ns)


class SharedPicture(LatestPicture):
    """A slot of the engine that a window may look at. ``offer`` is told of each new piece of memory to read from.

    Nothing is shared until somebody ``watch``es.
    """

    def __init__(self, offer: Callable[[Segment], None]) -> None:
        super().__init__()
        self._offer = offer
        self._lock = threading.Lock()
        self._segment: Segment | None = None
        self._writer: Writer | None = None
        self._watched = False

    def put(self, picture: Picture | None) -> None:
        super().put(picture)
        if self._watched:
            with self._lock:
                self._share(picture)

    def watch(self) -> None:
        """From now on in shared memory too; a window that asks anew gets the same memory anew."""
        with self._lock:
            self._watched = True
            if self._segment is not None:
                self._offer(self._segment)
            self._share(self.latest())

    def rest(self) -> None:
        """Nobody looks."""
        with self._lock:
            self._watched = False

    def _share(self, picture: Picture | None) -> None:
        """Where there is no memory the window goes without; stage and recording do not."""
        try:
            if picture is not None and (self._writer is None or self._writer.capacity < room(picture)):
                self._grow(room(picture))
        except OSError:
            log.exception("no shared memory for a picture")
            self._watched = False
        else:
            if self._writer is not None:
                self._writer.put(picture)

    def _grow(self, size: int) -> None:
        """Memory that a reader still looks at stays until it lets go."""
        before, self._segment = self._segment, segment_for(size)
        self._writer = Writer(self._segment.data)
        self._offer(self._segment)
        if before is not None:
            before.forget()


class SharedSlot:
    """The window's end: ``attach`` and ``detach`` on the channel's thread, ``latest`` on the window's."""

    def __init__(self) -> None:
        self._reader: Reader | None = None

    def attach(self, data: Bytes) -> None:
        self._reader = Reader(data)

    def detach(self) -> None:
        """The engine is gone: an old picture is never shown as if it were new."""
        self._reader = None

    def latest(self) -> Picture | None:
        reader = self._reader
        return reader.latest() if reader is not None else None
