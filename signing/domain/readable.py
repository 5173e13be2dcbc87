"""Long files that are read a piece at a time: whatever has a length and gives the bytes of a slice."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, Protocol

CHUNK = 1 << 20
"""Bytes that are looked at together."""


class Readable(Protocol):
    """``bytes`` is one. Slices are of step 1 and may reach over the end, as with ``bytes``."""

    def __len__(self) -> int: ...

    def __getitem__(self, wanted: "slice[Any, Any, Any]", /) -> bytes | memoryview: ...


def chunks_of(data: Readable, start: int = 0, stop: int | None = None) -> Iterator[bytes | memoryview]:
    """The bytes from ``start`` up to ``stop``, of which only a chunk is in memory."""
    end = len(data) if stop is None else min(stop, len(data))
    for place in range(start, end, CHUNK):
        yield data[place : min(place + CHUNK, end)]


def whole_of(data: Readable) -> bytes:
    """All of it in memory: for what is known to be short."""
    return bytes(data[0 : len(data)])


class View:
    """A stretch of something long, from ``start`` up to ``stop`` or its end. Nothing is read before it is asked for."""

    def __init__(self, data: Readable, start: int, stop: int) -> None:
        self._data = data
        self._start, self._stop, _ = slice(start, stop).indices(len(data))

    def __len__(self) -> int:
        return max(0, self._stop - self._start)

    def __getitem__(self, wanted: "slice[Any, Any, Any]", /) -> bytes | memoryview:
        start, stop, _ = wanted.indices(len(self))
        return self._data[self._start + start : self._start + max(start, stop)]


class Joined:
    """``parts`` one after another, as one file."""

    def __init__(self, parts: Sequence[Readable]) -> None:
        self.parts = [part for part in parts if len(part)]
        self._starts = [0, *accumulate(map(len, self.parts))]

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, wanted: "slice[Any, Any, Any]", /) -> bytes | memoryview:
        start, stop, _ = wanted.indices(len(self))
        first = bisect_right(self._starts, start) - 1
        pieces = []
        for begin, part in zip(self._starts[first:], self.parts[first:], strict=False):
            if begin >= stop:
                break
            pieces.append(part[max(0, start - begin) : stop - begin])
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
