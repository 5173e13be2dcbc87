"""The disk below a folder."""

import shutil
from pathlib import Path


def free_bytes(folder: Path) -> int | None:
    """For whoever writes there; None where it cannot be told."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
