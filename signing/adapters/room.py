"""The disks below the folders of a service."""

import shutil
from contextlib import suppress
from pathlib import Path


def free_bytes(*folders: Path) -> int | None:
    """Of the fullest of their disks, for whoever writes there; None where none can be told."""
    found = []
    for folder in folders:
        with suppress(OSError):
            found.append(shutil.disk_usage(folder).free)
    return min(found, default=None)
