"""A lock on an open file, which its process loses however it ends: flock, on Windows a byte far behind the file's end.

Windows keeps others from reading what is locked, so that the byte must be one that nobody reads.
"""

import os
import time
from contextlib import suppress
from typing import Protocol

FAR = (1 << 31) - 16
"""Where the byte lies: Windows' C library counts in 31 bits."""
TRIES, PAUSE = 10, 0.03


class Held(OSError):
    """Raised where somebody else has it."""


class System(Protocol):
    """``take`` raises OSError where another one has the lock; ``free`` lets go of it before the file is closed."""

    def take(self, descriptor: int) -> None: ...

    def free(self, descriptor: int) -> None: ...


class Flock:
    """POSIX: whole files."""

    def __init__(self) -> None:
        import fcntl

        self._fcntl = fcntl

    def take(self, descriptor: int) -> None:
        self._fcntl.flock(descriptor, self._fcntl.LOCK_EX | self._fcntl.LOCK_NB)

    def free(self, descriptor: int) -> None:
        self._fcntl.flock(descriptor, self._fcntl.LOCK_UN)


class Locking:
    """Windows: ``msvcrt.locking``. A lock that closing lets go of may stay for a moment; ``free`` does it at once."""

    LOCK, UNLOCK = 2, 0
    """LK_NBLCK and LK_UNLCK."""

    def __init__(self) -> None:
        import msvcrt

        self._locking = msvcrt.locking  # type: ignore[attr-defined,unused-ignore]

    def take(self, descriptor: int) -> None:
        self._at_far(descriptor, self.LOCK)

    def free(self, descriptor: int) -> None:
        self._at_far(descriptor, self.UNLOCK)

    def _at_far(self, descriptor: int, how: int) -> None:
        """What is written next goes where it would have gone."""
        before = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, FAR, os.SEEK_SET)
        try:
            self._locking(descriptor, how, 1)
        finally:
            os.lseek(descriptor, before, os.SEEK_SET)


def system() -> System:
    """This one's."""
    return Flock() if os.name == "posix" else Locking()


def take(descriptor: int, of: System | None = None) -> None:
    """Until ``free``, or the file is closed, or the process ends; raises ``Held``."""
    try:
        (of or system()).take(descriptor)
    except OSError as error:
        raise Held("held") from error


def insist(descriptor: int, of: System | None = None) -> None:
    """As ``take``, patiently: whoever only asks has it for a moment."""
    for _ in range(TRIES):
        with suppress(Held):
            return take(descriptor, of)
        time.sleep(PAUSE)
    return take(descriptor, of)


def taken(descriptor: int, of: System | None = None) -> bool:
    """Whether somebody has it."""
    try:
        take(descriptor, of)
    except Held:
        return True
    (of or system()).free(descriptor)
    return False
