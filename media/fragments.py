"""Segments of a recording on disk, each with its link; and a stream of them cut where they begin."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from media.core.boxes import box_at, fragment_span, video_track
from media.core.chain import Link, link, to_line


class SegmentStore:
    """In the clear, for measurements and tests: appends segments to the recording and their lines to
    ``.segments.jsonl``, each fsynced, the bytes first.

    Creating it raises FileExistsError where either file exists: a recording is never written over.
    """

    def __init__(self, path: Path) -> None:
        self.links: list[Link] = []
        self._whole = hashlib.sha256()
        self._content = path.open("xb", buffering=0)
        self._lines = segments_path(path).open("xb", buffering=0)
        sync_folder(path.parent)

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.links[-1].offset + self.links[-1].size if self.links else 0

    @property
    def sha256(self) -> str:
        """Of the whole file so far, in hex."""
        return self._whole.hexdigest()

    @property
    def waiting(self) -> int:
        """Nothing waits here: a full disk is an error at once."""
        return 0

    @property
    def unkept(self) -> bool:
        """Nothing waits here."""
        return False

    def catch_up(self) -> list[Link]:
        """Nothing waits here."""
        return []

    def append(self, data: bytes, start_seconds: float) -> list[Link]:
        """Returns the segment once it and its line are on disk; raises OSError."""
        item = link(self.links[-1] if self.links else None, data, start_seconds)
        write_all(self._content.fileno(), data)
        write_all(self._lines.fileno(), to_line(item))
        self._whole.update(data)
        self.links.append(item)
        return [item]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes both files."""
        self._content.close()
        self._lines.close()


class FragmentSink:
    """Cuts a stream into its segments again. ``store`` is called with each whole one and its start in seconds.

    A fragment of sound alone starts where the picture before it ends.
    """

    def __init__(self, store: Callable[[bytes, float], object]) -> None:
        self._store = store
        self._pending = bytearray()
        self._scanned = 0
        self._track: tuple[int, int] | None = None
        self._start = self._end = 0.0

    def write(self, data: bytes) -> int:
        """Takes further bytes; raises what ``store`` raises."""
        self._pending += data
        while (box := box_at(self._pending, self._scanned, len(self._pending))) is not None:
            self._scanned = box.end
            if box.kind == "moov":
                self._track = video_track(self._pending, box)
                self._cut()
            elif box.kind == "moof" and self._track:
                span = fragment_span(self._pending, box, *self._track)
                self._start, self._end = span or (self._end, self._end)
            elif box.kind == "mdat":
                self._cut()
        return len(data)

    def _cut(self) -> None:
        segment = bytes(self._pending[: self._scanned])
        del self._pending[: self._scanned]
        self._scanned = 0
        self._store(segment, self._start)


def segments_path(path: Path) -> Path:
    """Where the lines of a recording's segments lie."""
    return path.with_suffix(".segments.jsonl")


def write_all(descriptor: int, data: bytes) -> None:
    """On disk when it returns; raises OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.fsync(descriptor)


def write_whole(descriptor: int, lines: bytes) -> None:
    """As ``write_all``, whole or not at all: half a line would spoil those after it."""
    before = os.fstat(descriptor).st_size
    try:
        write_all(descriptor, lines)
    except OSError:
        os.ftruncate(descriptor, before)
        os.lseek(descriptor, before, os.SEEK_SET)
        raise


def sync_folder(folder: Path) -> None:
    """Makes the names in it durable."""
    if os.name != "posix":  # Windows cannot open a folder, and does not need to
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
