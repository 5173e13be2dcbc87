"""What of a spooled recording is there to be sent: read as it grows, dropped once the service holds it."""

import shutil
from collections.abc import Callable
from pathlib import Path

from media.core.chain import Link, from_lines
from media.fragments import segments_path
from media.recovery import Recording, recover, recover_sealed
from media.sealedstore import drop, read_told, waiting_links

FLOOR = 400_000_000
"""Bytes free on the disk below which nothing is kept for the check: twice what the agent is first warned at."""


class Source:
    """One recording. ``key`` None: a plain file of an older version. Everything here blocks for the disk.

    ``close`` makes whole what a crash left of one that lies encrypted. ``unread``: number of the first segment that the
    check has still to read; None where nothing checks it.
    """

    def __init__(
        self,
        path: Path,
        key: bytes | None,
        close: Callable[[Path, bytes], Recording] = recover_sealed,
        unread: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._path, self._key, self._close, self._unread = path, key, close, unread
        self._links: list[Link] = []
        self._place = 0
        self._kept = 1

    def links(self) -> list[Link]:
        """The segments that are whole on disk or in memory, or were; the same list, longer, at the next asking."""
        lines = segments_path(self._path)
        if lines.exists():
            with lines.open("rb") as file:
                file.seek(self._place)
                raw = file.read().rpartition(b"\n")
            self._take(from_lines(raw[0] + raw[1]))
            self._place += len(raw[0] + raw[1])
        self._take(waiting_links(self._path) if self._key is not None else [])
        return self._links

    def _take(self, found: list[Link]) -> None:
        """Those that are new: what lay in memory is listed again when the disk has taken it."""
        for item in found:
            if item.index >= len(self._links):
                self._links.append(item)

    def read(self, index: int) -> bytes:
        """The plain bytes of a segment. Raises ``FileNotFoundError``, ``BrokenRecording`` and OSError."""
        if self._key is not None:
            return read_told(self._path, self._key, self._links, index)
        item = self._links[index]
        with self._path.open("rb") as file:
            file.seek(item.offset)
            return file.read(item.size)

    def release(self, upto: int) -> None:
        """The service holds everything before ``upto``: gone is what lay encrypted, but for the first and the newest
        segment, from which a crash can be told the recording's beginning and end, and what the check has still to
        read, as long as the disk has room for that."""
        if self._key is None:
            return
        unread = self._unread()
        if unread is not None and unread < upto and not self._short():
            upto = unread
        for index in range(self._kept, min(upto, len(self._links) - 1)):
            drop(self._path, index)
            self._kept = index + 1

    def _short(self) -> bool:
        return shutil.disk_usage(self._path.parent).free < FLOOR or bool(waiting_links(self._path))

    def recovered(self) -> Recording:
        """Closes what a crash left; raises ``BrokenRecording`` and OSError."""
        found = recover(self._path) if self._key is None else self._close(self._path, self._key)
        self._links, self._place = [], 0
        self.links()
        return found
