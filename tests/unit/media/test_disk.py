"""What is told of the disk: early, once a stage, and again when it is over."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from media import disk
from media.disk import AGAIN, FULL, RELIEVED, SMALLER, Disk


@pytest.fixture
def disk_of_300_mb(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", folder]).returncode:
        pytest.skip("mounting a small disk takes root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_disk_that_gets_full_is_told_at_each_stage_once(disk_of_300_mb: Path) -> None:
    looked = Disk(disk_of_300_mb)
    assert looked.look(0) == []
    (disk_of_300_mb / "a").write_bytes(bytes(150_000_000))
    (early,) = looked.look(0)
    assert "本机磁盘快满了" in early
    assert "分钟" in early
    assert looked.look(0) == []
    assert not looked.frugal
    (disk_of_300_mb / "b").write_bytes(bytes(120_000_000))
    (late,) = looked.look(0)
    assert late.endswith(SMALLER)
    assert looked.frugal
    (disk_of_300_mb / "b").unlink()
    assert looked.look(0) == [], "not told anew each time it goes up and down"
    assert looked.frugal
    (disk_of_300_mb / "a").unlink()
    assert looked.look(0) == [AGAIN]
    assert not looked.frugal


def test_what_waits_in_memory_is_told_and_so_is_its_end(tmp_path: Path) -> None:
    looked = Disk(tmp_path)
    assert looked.look(1) == [FULL]
    assert looked.frugal
    assert looked.look(2) == []
    assert looked.look(0) == [RELIEVED, AGAIN]
    assert not looked.frugal
    assert looked.look(0) == []


def test_less_than_a_minute_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "LOW", (2**62,))
    monkeypatch.setattr(disk, "A_MINUTE", 2**62)
    assert "不够再录一分钟" in Disk(tmp_path).look(0)[0]
