"""Locks that their process loses however it ends: here, and as Windows' C library has them."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from media.locks import FAR, Flock, Held, Locking, System, insist, take, taken


class _Windows(Locking):
    """``msvcrt.locking`` as documented: a byte from where the file stands, refused to another handle of it."""

    def __init__(self) -> None:
        self._owner: dict[tuple[int, int, int], int] = {}
        self._locking = self.locking

    def locking(self, descriptor: int, how: int, count: int) -> None:
        file = os.fstat(descriptor)
        place = file.st_dev, file.st_ino, os.lseek(descriptor, 0, os.SEEK_CUR)
        assert count == 1
        if how == self.UNLOCK:
            assert self._owner.pop(place) == descriptor
        elif place in self._owner:
            raise PermissionError(errno.EACCES, "locked")
        else:
            self._owner[place] = descriptor


@contextmanager
def two(path: Path) -> Iterator[tuple[int, int]]:
    """Two handles of one file, the first one to write."""
    path.touch()
    one, other = os.open(path, os.O_RDWR), os.open(path, os.O_RDONLY)
    try:
        yield one, other
    finally:
        os.close(one)
        os.close(other)


@pytest.mark.parametrize("system", [Flock(), _Windows()], ids=["posix", "windows"])
def test_one_has_it_and_asking_takes_it_from_nobody(system: System, tmp_path: Path) -> None:
    with two(tmp_path / "lock") as (one, other):
        assert not taken(other, system)
        take(one, system)
        assert taken(other, system)
        with pytest.raises(Held):
            take(other, system)
        system.free(one)
        assert not taken(other, system)
        assert not taken(one, system), "whoever asked has let go of it"


def test_on_windows_nothing_that_is_written_or_read_is_locked(tmp_path: Path) -> None:
    with two(tmp_path / "lines") as (one, _):
        os.write(one, b"first\n")
        take(one, _Windows())
        os.write(one, b"second\n")
    assert (tmp_path / "lines").read_bytes() == b"first\nsecond\n"
    assert FAR > 1 << 30


def test_whoever_only_asks_does_not_keep_it_from_who_insists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = _Windows()
    with two(tmp_path / "lock") as (one, other):
        take(other, system)
        monkeypatch.setattr("time.sleep", lambda _: system.free(other))
        insist(one, system)
        assert taken(other, system)


def test_who_insists_in_vain_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    system = _Windows()
    with two(tmp_path / "lock") as (one, other):
        take(other, system)
        with pytest.raises(Held):
            insist(one, system)
