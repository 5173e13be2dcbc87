"""Segments on the seat's disk, encrypted: a file each, so that each can go once the service holds it.

``recording.000012.sealed`` is the segment's line (as in ``.segments.jsonl``), a newline, nonce, cipher text and tag.
The tag binds the line, the chain value before it, and the name of the folder, which begins with the call: nothing can
be swapped, reordered or brought over from another recording. ``.segments.jsonl`` lists what is whole on disk or was;
what a full disk does not take lies in memory (``media.waiting``) and is listed there.
"""

import errno
import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from media.core.chain import ZERO, Link, from_lines, link, to_line
from media.errors import BrokenRecording
from media.fragments import segments_path, sync_folder, write_all, write_whole
from media.locks import insist, taken
from media.moving import remove
from media.sealing import KEY_BYTES, seal, unseal
from media.waiting import clear, list_of, make_room, waiting_path

MOST_HELD = 64_000_000
"""Undelivered bytes kept in memory while the disk is full: four minutes at the encoder's limit."""
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
        """Those that are on disk or in memory where others find them, or were."""
        self._path, self._key = path, key
        self._whole = hashlib.sha256()
        self._lines = segments_path(path).open("xb", buffering=0)
        insist(self._lines.fileno())  # let go of when the process dies: ``is_running`` sees it
        self._waits: deque[_Waits] = deque()
        self._memory = waiting_path(path)
        if self._memory is not None:
            clear(self._memory)
        sync_folder(path.parent)

    @property
    def size(self) -> int:
        """Bytes of the recording that are kept or were."""
        return self.links[-1].offset + self.links[-1].size if self.links else 0

    @property
    def sha256(self) -> str:
        """Of all that was taken so far, in hex."""
        return self._whole.hexdigest()

    @property
    def held(self) -> int:
        """Bytes that lie in memory because the disk is full."""
        return sum(self._held(one) for one in self._waits)

    @property
    def waiting(self) -> int:
        """Segments that the disk has not taken yet."""
        return len(self._waits)

    @property
    def unkept(self) -> bool:
        """Whether something waits in this process alone, where nobody else finds it."""
        return any(one.sealed is not None for one in self._waits)

    def _held(self, one: "_Waits") -> int:
        if one.sealed is not None:
            return len(one.sealed)
        if self._memory is not None:
            with suppress(FileNotFoundError):  # it is delivered meanwhile
                return sealed_path(self._memory, one.item.index).stat().st_size
        return 0

    def append(self, data: bytes, start_seconds: float) -> list[Link]:
        """Takes a segment; returns those that are kept now and were not before.

        On a full disk they are kept in memory, ``MOST_HELD`` bytes that nobody has delivered at most; then, and for any
        other fault, raises OSError.
        """
        newest = self._waits[-1].item if self._waits else self.links[-1] if self.links else None
        item = link(newest, data, start_seconds)
        line = to_line(item)
        self._whole.update(data)
        sealed = line + seal(self._key, data, _place(self._path, line, newest.chain if newest else ZERO))
        self._waits.append(_Waits(item, sealed))
        return self.catch_up()

    def catch_up(self) -> list[Link]:
        """Writes what waits, as far as the disk takes it, and keeps the rest in memory; as ``append``."""
        before = len(self.links)
        while self._waits:
            try:
                self._write(self._waits[0])
            except OSError as error:
                if error.errno not in FULL or self.held > MOST_HELD:
                    raise
                self._keep()
                break
            self._kept(self._waits.popleft())
        return self.links[before:]

    def _kept(self, one: "_Waits") -> None:
        """It is on disk."""
        if one.sealed is not None:
            self.links.append(one.item)
        elif self._memory is not None:
            sealed_path(self._memory, one.item.index).unlink(missing_ok=True)
        if self._memory is not None and not self._waits and list_of(self._memory).exists():
            clear(self._memory)

    def _keep(self) -> None:
        """What only this process has goes where the delivery finds it, as far as the memory takes it."""
        for one in self._waits:
            if one.sealed is not None:
                if not self._remember(one.item, one.sealed):
                    return
                one.sealed = None
                self.links.append(one.item)

    def _remember(self, item: Link, sealed: bytes) -> bool:
        if self._memory is None:
            return False
        target = sealed_path(self._memory, item.index)
        try:
            make_room(self._memory)
            target.write_bytes(sealed)
            with list_of(self._memory).open("ab", buffering=0) as lines:
                write_whole(lines.fileno(), to_line(item))
        except OSError:
            target.unlink(missing_ok=True)
            return False
        return True

    def _remembered(self, item: Link) -> bytes | None:
        if self._memory is not None:
            with suppress(FileNotFoundError):
                return sealed_path(self._memory, item.index).read_bytes()
        return None

    def _write(self, one: "_Waits") -> None:
        sealed = self._remembered(one.item) if one.sealed is None else one.sealed
        target = sealed_path(self._path, one.item.index)
        try:
            if sealed is not None:  # else it is delivered and gone
                with target.open("wb", buffering=0) as file:
                    write_all(file.fileno(), sealed)
                sync_folder(target.parent)
            write_whole(self._lines.fileno(), to_line(one.item))
        except OSError:
            target.unlink(missing_ok=True)
            raise

    def close(self) -> None:
        """What still waits in this process is lost."""
        self._lines.close()


@dataclass
class _Waits:
    """A segment that the disk has not taken. ``sealed``: its file's content; None: it lies in memory, or is delivered
    from there."""

    item: Link
    sealed: bytes | None


def is_running(path: Path) -> bool | None:
    """Whether somebody on this machine records it now. None before it has begun."""
    lines = segments_path(path)
    if not lines.exists():
        return None
    with lines.open("rb") as file:
        return taken(file.fileno())


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
    line, _, sealed = _content(path, index).partition(b"\n")
    found = from_lines(line + b"\n")[0]
    data = unseal(key, sealed, _place(path, line + b"\n", previous))
    if found.index != index or hashlib.sha256(data).hexdigest() != found.sha256:
        raise BrokenRecording(f"本机录像第 {index + 1} 段与记录不符")
    return found, data


def _content(path: Path, index: int) -> bytes:
    """From the disk, or from memory; it may go over from there while it is looked for."""
    place = waiting_path(path)
    for folder in (path, place, path):
        if folder is not None and sealed_path(folder, index).exists():
            with suppress(FileNotFoundError):
                return sealed_path(folder, index).read_bytes()
    raise FileNotFoundError(sealed_path(path, index))


def drop(path: Path, index: int) -> None:
    """A segment that is delivered goes, wherever it lies."""
    remove(sealed_path(path, index))
    place = waiting_path(path)
    if place is not None:
        sealed_path(place, index).unlink(missing_ok=True)


def waiting_links(path: Path) -> list[Link]:
    """What ``media.waiting`` lists of a recording: that which the disk does not take."""
    place = waiting_path(path)
    return from_lines(list_of(place).read_bytes()) if place is not None and list_of(place).exists() else []


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
    """What is listed on disk and in memory; a torn last line is left out. Raises ``BrokenRecording``."""
    lines = segments_path(path)
    links = from_lines(lines.read_bytes()) if lines.exists() else []
    for item in waiting_links(path):
        if item.index == len(links):
            links.append(item)
    return links
