"""Segments on the seat's disk, encrypted: a file each, so that each can go once the service holds it.

``recording.000012.sealed`` is the segment's line (as in ``.segments.jsonl``), a newline, nonce, cipher text and tag.
The tag binds the line, the chain value before it, and the name of the folder, which begins with the call: nothing can
be swapped, reordered or brought over from another recording. ``.segments.jsonl`` lists what is whole on disk or was.
"""

import errno
import hashlib
import os
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from media.core.chain import ZERO, Link, from_lines, link, to_line
from media.errors import BrokenRecording
from media.fragments import segments_path, sync_folder, write_all
from media.sealing import KEY_BYTES, seal, unseal

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

MOST_HELD = 64_000_000
"""Bytes kept in memory while the disk is full: four minutes at the encoder's limit."""
FULL = (errno.ENOSPC, errno.EDQUOT)
STAGE = "recording"
"""The name of a call's recording in the spool."""


class SealedStore:
    """Appends segments, each fsynced with the folder that names it, then its line.

    Creating it raises FileExistsError where the recording exists, and ValueError for a key of another length.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("the key of a recording has 32 bytes")
        self.links: list[Link] = []
        self._path, self._key = path, key
        self._whole = hashlib.sha256()
        self._lines = segments_path(path).open("xb", buffering=0)
        _hold(self._lines.fileno())
        self._held: deque[tuple[Link, bytes]] = deque()
        self._held_bytes = 0
        sync_folder(path.parent)

    @property
    def size(self) -> int:
        """Bytes of the recording that are on disk or were."""
        return self.links[-1].offset + self.links[-1].size if self.links else 0

    @property
    def sha256(self) -> str:
        """Of all that was on disk so far, in hex."""
        return self._whole.hexdigest()

    @property
    def held(self) -> int:
        """Bytes that wait in memory because the disk is full."""
        return self._held_bytes

    def append(self, data: bytes, start_seconds: float) -> list[Link]:
        """Takes a segment; returns those that are on disk now and were not before.

        On a full disk they wait, ``MOST_HELD`` bytes at most; then, and for any other fault, raises OSError.
        """
        newest = self._held[-1][0] if self._held else self.links[-1] if self.links else None
        self._held.append((link(newest, data, start_seconds), data))
        self._held_bytes += len(data)
        return self.catch_up()

    def catch_up(self) -> list[Link]:
        """Writes what waits, as far as the disk takes it; as ``append``."""
        written: list[Link] = []
        while self._held:
            item, data = self._held[0]
            try:
                self._write(item, data)
            except OSError as error:
                if error.errno not in FULL or self._held_bytes > MOST_HELD:
                    raise
                break
            self._held.popleft()
            self._held_bytes -= len(data)
            written.append(item)
        return written

    def _write(self, item: Link, data: bytes) -> None:
        previous = self.links[-1].chain if self.links else ZERO
        target = sealed_path(self._path, item.index)
        line = to_line(item)
        try:
            with target.open("wb", buffering=0) as file:
                write_all(file.fileno(), line + seal(self._key, data, _place(self._path, line, previous)))
            sync_folder(target.parent)
            self._write_line(line)
        except OSError:
            target.unlink(missing_ok=True)
            raise
        self._whole.update(data)
        self.links.append(item)

    def _write_line(self, line: bytes) -> None:
        """Whole or not at all: half a line would spoil those after it."""
        descriptor = self._lines.fileno()
        before = os.fstat(descriptor).st_size
        try:
            write_all(descriptor, line)
        except OSError:
            os.ftruncate(descriptor, before)
            os.lseek(descriptor, before, os.SEEK_SET)
            raise

    def close(self) -> None:
        """What still waits in memory is lost."""
        self._lines.close()


def _hold(descriptor: int) -> None:
    """For as long as the file is open, and let go of when its process dies: ``is_running`` sees it."""
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_running(path: Path) -> bool | None:
    """Whether somebody on this machine records it now. None before it has begun, and where the system has no lock."""
    lines = segments_path(path)
    if fcntl is None or not lines.exists():
        return None
    with lines.open("rb") as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def sealed_path(path: Path, index: int) -> Path:
    """Where a segment of the recording ``path`` lies."""
    return path.with_suffix(f".{index:06d}.sealed")


def _place(path: Path, line: bytes, previous: str) -> bytes:
    """Streams in one folder under one key are told apart by their names; the stage is bound as it always was."""
    kind = [b"pingqian segment 1"] if path.stem == STAGE else [b"pingqian segment 2", path.stem.encode()]
    return b"\0".join((*kind, path.parent.name.encode(), previous.encode(), line))


def read_sealed(path: Path, key: bytes, index: int, previous: str) -> tuple[Link, bytes]:
    """A segment and its plain bytes; ``previous`` is the chain value before it.

    Raises ``FileNotFoundError``, and ``BrokenRecording`` where it is torn, altered or belongs elsewhere.
    """
    line, _, sealed = sealed_path(path, index).read_bytes().partition(b"\n")
    found = from_lines(line + b"\n")[0]
    data = unseal(key, sealed, _place(path, line + b"\n", previous))
    if found.index != index or hashlib.sha256(data).hexdigest() != found.sha256:
        raise BrokenRecording(f"本机录像第 {index + 1} 段与记录不符")
    return found, data


def read_told(path: Path, key: bytes, links: Sequence[Link], index: int) -> bytes:
    """The plain bytes of ``links[index]``; raises as ``read_sealed``, and where the file holds another segment."""
    found, data = read_sealed(path, key, index, links[index - 1].chain if index else ZERO)
    if found != links[index]:
        raise BrokenRecording(f"本机录像第 {index + 1} 段与清单不符")
    return data


def reader(path: Path, key: bytes) -> Callable[[Link], bytes | None]:
    """Reads segments back while the recording runs: None where one is no longer kept here, since it is delivered; none
    of its bytes where what is there does not open as this segment."""
    chains = {-1: ZERO}

    def read(item: Link) -> bytes | None:
        chains[item.index] = item.chain
        try:
            if item.index - 1 not in chains:
                chains.update((link.index, link.chain) for link in told_links(path))
            found, data = read_sealed(path, key, item.index, chains[item.index - 1])
        except FileNotFoundError:
            return None
        except BrokenRecording:
            return b""
        return data if found == item else b""

    return read


def told_links(path: Path) -> list[Link]:
    """What ``.segments.jsonl`` lists; a torn last line is left out. Raises ``BrokenRecording``."""
    lines = segments_path(path)
    return from_lines(lines.read_bytes()) if lines.exists() else []
