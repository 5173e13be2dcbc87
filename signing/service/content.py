"""Long files of the store, read piece by piece: recordings, which lie in segments, and packages that hold them."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from signing.domain.case import Package, Recording, Segment
from signing.domain.ledger import canonical, parse_canonical
from signing.domain.readable import Joined, Readable, chunks_of
from signing.service.ports import Blobs

PIECE = 4 << 20
"""Bytes of a package's own files (all but its recordings) that are stored as one blob at most."""
AT_HAND = 2
"""Pieces that are kept while one reads; of the size of a fragment of a second, or of ``PIECE``."""


@dataclass(frozen=True)
class Piece:
    """A stored blob that is part of a long file."""

    sha256: str
    size: int


class Stored:
    """Blobs one after another, as one file (``Readable``), for one reader at a time.

    Reading raises ``NotFound``, ``TamperError``, ``OutsideError``; what a blob holds is checked by its digest.
    """

    def __init__(self, case_id: str, pieces: Sequence[Piece], blobs: Blobs) -> None:
        self.pieces = pieces
        self._case_id, self._blobs = case_id, blobs
        self._held: OrderedDict[int, bytes] = OrderedDict()
        self._joined = Joined([_Blob(piece.size, self._reading(number)) for number, piece in enumerate(pieces)])

    def __len__(self) -> int:
        return len(self._joined)

    def __getitem__(self, wanted: "slice[Any, Any, Any]", /) -> bytes | memoryview:
        return self._joined[wanted]

    def part(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from ``start`` up to ``stop``, in pieces."""
        return (bytes(chunk) for chunk in chunks_of(self, start, stop))

    def _reading(self, number: int) -> Callable[[], bytes]:
        return lambda: self._blob(number)

    def _blob(self, number: int) -> bytes:
        if number not in self._held:
            self._held[number] = self._blobs.get(self._case_id, self.pieces[number].sha256)
            if len(self._held) > AT_HAND:
                self._held.popitem(last=False)
        return self._held[number]


@dataclass(frozen=True)
class _Blob:
    size: int
    read: Callable[[], bytes]

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, wanted: "slice[Any, Any, Any]", /) -> bytes:
        return self.read()[wanted]


@dataclass(frozen=True)
class Content:
    """The bytes of a recording that has come whole; of one of an older version, which is a single blob, all at once."""

    case_id: str
    recording: Recording
    blobs: Blobs

    @cached_property
    def file(self) -> Stored:
        if self.recording.in_segments:
            pieces = [Piece(segment.sha256, segment.size) for segment in self.recording.segments]
        else:
            assert self.recording.sha256 is not None
            pieces = [Piece(self.recording.sha256, self.size)]
        return Stored(self.case_id, pieces, self.blobs)

    @property
    def size(self) -> int:
        return sum(segment.size for segment in self.recording.segments)

    def part(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from ``start`` up to ``stop``, in pieces."""
        return self.file.part(start, stop)

    def segment(self, segment: Segment) -> bytes:
        """Exactly its bytes."""
        if self.recording.in_segments:
            return self.blobs.get(self.case_id, segment.sha256)
        return bytes(self.file[segment.offset : segment.offset + segment.size])


def package_file(case_id: str, package: Package, blobs: Blobs) -> Stored:
    """What was closed; of an older version a single blob, all at once."""
    if not package.pieces_sha256:
        return Stored(case_id, [Piece(package.sha256, package.size)], blobs)
    listed = parse_canonical(blobs.get(case_id, package.pieces_sha256))
    assert isinstance(listed, list), "as it was kept"
    return Stored(case_id, [Piece(str(sha256), int(size)) for sha256, size in listed], blobs)


def keep_file(case_id: str, file: Joined, blobs: Blobs) -> str:
    """Stores a long file: what is stored already is only named. → the digest of its list of pieces."""
    pieces: list[Piece] = []
    own: list[Readable] = []
    for part in file.parts:
        if isinstance(part, Stored):
            pieces += [*_put(case_id, own, blobs), *part.pieces]
            own = []
        else:
            own.append(part)
    pieces += _put(case_id, own, blobs)
    return blobs.put(case_id, canonical([[piece.sha256, piece.size] for piece in pieces]))


def _put(case_id: str, parts: Sequence[Readable], blobs: Blobs) -> Iterator[Piece]:
    joined = Joined(parts)
    for start in range(0, len(joined), PIECE):
        data = bytes(joined[start : start + PIECE])
        yield Piece(blobs.put(case_id, data), len(data))
