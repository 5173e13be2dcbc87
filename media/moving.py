"""Replacing and removing files that another process of ours may be reading: Windows refuses that meanwhile."""

import time
from collections.abc import Callable
from pathlib import Path

TRIES, PAUSE = 10, 0.03
"""A reader of ours is done with a file in some milliseconds."""


def replace(fresh: Path, target: Path) -> None:
    """``fresh`` becomes ``target``, at once for everybody; raises OSError."""
    _patiently(lambda: fresh.replace(target))


def remove(path: Path) -> None:
    """Nothing where it is gone already; raises OSError."""
    _patiently(lambda: path.unlink(missing_ok=True))


def _patiently(move: Callable[[], object]) -> None:
    for _ in range(TRIES):
        try:
            move()
        except PermissionError:
            time.sleep(PAUSE)
        else:
            return
    move()
