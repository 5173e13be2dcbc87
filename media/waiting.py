"""Segments that the disk does not take: sealed files in a folder that lies in the machine's memory.

They are encrypted as on disk, byte for byte, so that whoever delivers finds and drops them in the same way, and a
killed process leaves them. A power cut does not, and neither does a start of the machine. ``<name>.waiting.jsonl``
lists them in their order. Where the system has no such folder (Windows) nothing lies here.
"""

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path


def memory() -> Path | None:
    """A folder of this user's in memory; None where the system has none."""
    if os.name != "posix":
        return None
    for base in (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm"):  # noqa: S108 - a folder of our own is made in it
        if base and os.access(base, os.W_OK | os.X_OK):
            return Path(base) / f"pingqian-{os.getuid()}"
    return None


def waiting_path(path: Path) -> Path | None:
    """What stands in memory for the recording ``path``."""
    folder = waiting_folder(path.parent)
    return None if folder is None else folder / path.name


def waiting_folder(folder: Path) -> Path | None:
    """What stands in memory for a recording's ``folder``."""
    base = memory()
    return None if base is None else base / hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:32]


def forget(folder: Path) -> None:
    """Nothing of the recording in ``folder`` is needed any more."""
    place = waiting_folder(folder)
    if place is not None:
        shutil.rmtree(place, ignore_errors=True)


def list_of(place: Path) -> Path:
    """Where the lines of what waits at ``place`` stand."""
    return place.with_suffix(".waiting.jsonl")


def make_room(place: Path) -> None:
    """The folder for it, for nobody but this user; raises OSError, also where somebody else made it."""
    for folder in (place.parent.parent, place.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            raise PermissionError(f"{folder} is not ours")


def clear(place: Path) -> None:
    """Nothing of the recording at ``place`` waits any more; a folder in which nothing is left goes too."""
    for file in place.parent.glob(f"{place.stem}.*"):
        file.unlink(missing_ok=True)
    with suppress(OSError):
        place.parent.rmdir()
