"""A recording that lies in segments, read as one file; one segment is in memory at a time."""

import io
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from media.core.chain import Segment

S = TypeVar("S", bound=Segment)


class Parts(Generic[S]):
    """Seekable, read only. ``read`` gives the bytes of one segment; where they are too few, the file ends there."""

    def __init__(self, segments: Sequence[S], read: Callable[[S], bytes]) -> None:
        self._segments, self._read = segments, read
        self._starts = [item.offset for item in segments]
        self.size = segments[-1].offset + segments[-1].size if segments else 0
        self._place = 0
        self._number, self._data = -1, b""

    def segment(self, number: int) -> bytes:
        """The bytes of the segment ``number``; none where there is no such."""
        if number >= len(self._segments):
            return b""
        if number != self._number:
            self._number, self._data = number, self._read(self._segments[number])
        return self._data

    def read(self, count: int = -1) -> bytes:
        """As of a file, but never over the end of a segment."""
        left = self.size - self._place
        if left <= 0 or count == 0:
            return b""
        number = bisect_right(self._starts, self._place) - 1
        begin = self._place - self._starts[number]
        piece = self.segment(number)[begin : len(self._data) if count < 0 else begin + count]
        self._place += len(piece)
        return piece

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """→ the new place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def tell(self) -> int:
        """The place of the next byte."""
        return self._place
