"""Where a media process is found: a folder of this user alone, with the address, the key and a lock in it.

``<name>.json`` tells address, key and process of whoever runs; ``<name>.lock`` is held by it for as long as it lives,
however it ends, so that there is never a second one; ``<name>.log`` is its log.
"""

import contextlib
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from media.locks import Held, insist, taken
from media.moving import remove, replace

LONGEST_ADDRESS = 100
"""Of a UNIX socket's 108 bytes."""
LONGEST_LOG = 2_000_000


class Running(OSError):
    """Raised where another process holds the place."""


@dataclass(frozen=True)
class Info:
    """``key`` in hex. ``folder``: one of its own that goes with the process, where the socket's address needs it."""

    address: str
    key: str
    pid: int
    folder: str = ""


@dataclass(frozen=True)
class Place:
    folder: Path
    name: str

    @property
    def _info(self) -> Path:
        return self.folder / f"{self.name}.json"

    @property
    def _lock(self) -> Path:
        return self.folder / f"{self.name}.lock"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def prepare(self) -> None:
        """For this user alone; raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        if self.log.exists() and self.log.stat().st_size > LONGEST_LOG:
            with contextlib.suppress(OSError):  # Windows, while what ran last still ends: it goes on in the old one
                self.log.replace(self.log.with_suffix(".log.old"))

    def turn_log(self) -> None:
        """By the process whose output the log is: once it is long, what follows goes to a new one.

        Where the old one cannot be put away (Windows, while it is open) it goes on.
        """
        try:
            if self.log.stat().st_size <= LONGEST_LOG:
                return
            self.log.replace(self.log.with_suffix(".log.old"))
            with self.log.open("ab") as fresh:
                for stream in (sys.stdout, sys.stderr):
                    stream.flush()
                    os.dup2(fresh.fileno(), stream.fileno())
        except OSError:
            return

    def read(self) -> Info | None:
        """What whoever ran last has told; None where nothing that can be read is there."""
        try:
            return Info(**json.loads(self._info.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    @contextmanager
    def hold(self) -> Iterator[Info]:
        """While the process runs; clears what one that crashed has left. Raises ``Running``, OSError."""
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _insist(descriptor)
            self._clear()
            info = self._new()
            try:
                yield info
            finally:
                self._clear(info)
        finally:
            os.close(descriptor)

    def held(self) -> bool:
        """Whether a process holds the place."""
        if not self._lock.exists():
            return False
        descriptor = os.open(self._lock, os.O_RDWR)
        try:
            return taken(descriptor)
        finally:
            os.close(descriptor)

    def tell(self, info: Info) -> None:
        """Once it listens; raises OSError."""
        fresh = self._info.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(info), file)
        replace(fresh, self._info)

    def _new(self) -> Info:
        key, pid = secrets.token_hex(32), os.getpid()
        if sys.platform == "win32":
            return Info(rf"\\.\pipe\pingqian-{secrets.token_hex(16)}", key, pid)
        address = self.folder / f"{self.name}.sock"
        if len(os.fsencode(address)) <= LONGEST_ADDRESS:
            return Info(str(address), key, pid)
        own = tempfile.mkdtemp(prefix="pingqian-")  # 0700
        return Info(f"{own}/{self.name}.sock", key, pid, own)

    def _clear(self, info: Info | None = None) -> None:
        info = info or self.read()
        remove(self._info)
        if info is None or sys.platform == "win32":
            return
        with contextlib.suppress(OSError):
            Path(info.address).unlink(missing_ok=True)
        if info.folder and Path(info.folder).name.startswith("pingqian-"):
            shutil.rmtree(info.folder, ignore_errors=True)


def _insist(descriptor: int) -> None:
    """Whoever only asks whether the place is held has it for a moment."""
    try:
        insist(descriptor)
    except Held as error:
        raise Running("held") from error
