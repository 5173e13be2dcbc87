"""A stored recording, read piece by piece: never whole in memory where it lies in segments."""

from collections.abc import Iterator
from dataclasses import dataclass

from signing.domain.case import Recording, Segment
from signing.service.ports import Blobs


@dataclass(frozen=True)
class Content:
    """The bytes of a recording that has come whole. Reading raises ``NotFound``, ``TamperError``, ``OutsideError``."""

    case_id: str
    recording: Recording
    blobs: Blobs

    @property
    def size(self) -> int:
        return sum(segment.size for segment in self.recording.segments)

    def segment(self, segment: Segment) -> bytes:
        """Exactly its bytes: what is stored under its digest, or its part of the one file."""
        if self.recording.in_segments:
            return self.blobs.get(self.case_id, segment.sha256)
        return self._file()[segment.offset : segment.offset + segment.size]

    def part(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from ``start`` up to ``stop``, in pieces."""
        if not self.recording.in_segments:
            yield self._file()[start:stop]
            return
        for segment in self.recording.segments:
            begin, end = max(start, segment.offset), min(stop, segment.offset + segment.size)
            if begin < end:
                yield self.segment(segment)[begin - segment.offset : end - segment.offset]

    def whole(self) -> bytes:
        return b"".join(self.part(0, self.size))

    def reader(self) -> "Reader":
        """For one who reads all segments: a file of its own is then opened once."""
        return Reader(self)

    def _file(self) -> bytes:
        assert self.recording.sha256 is not None
        return self.blobs.get(self.case_id, self.recording.sha256)


class Reader:
    """Segment by segment; keeps the one file of an older recording, and of others nothing."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._file: bytes | None = None

    def __call__(self, segment: Segment) -> bytes:
        if self._content.recording.in_segments:
            return self._content.segment(segment)
        if self._file is None:
            self._file = self._content.whole()
        return self._file[segment.offset : segment.offset + segment.size]
