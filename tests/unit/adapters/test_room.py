"""A disk that fills up is told in time, in words that say what to do."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from signing.adapters.blob_place import folders, record
from signing.adapters.room import free_bytes
from signing.domain.room import GIGABYTE, LOW, SCARCE, Room, room_of, room_words


@pytest.mark.parametrize(
    ("free", "room"),
    [
        (None, Room.ENOUGH),
        (LOW, Room.ENOUGH),
        (LOW - 1, Room.LOW),
        (SCARCE, Room.LOW),
        (SCARCE - 1, Room.SCARCE),
        (0, Room.SCARCE),
    ],
)
def test_the_less_there_is_the_worse_it_is_said(free: int | None, room: Room) -> None:
    assert room_of(free) is room
    assert (room_words(free) == "") is (room is Room.ENOUGH)


def test_the_words_say_how_much_is_left_and_what_to_do() -> None:
    assert room_words(3 * GIGABYTE).startswith("服务器磁盘只剩 3.0 GB")
    assert "暂停排队" in room_words(GIGABYTE // 2)


def test_the_fullest_of_a_services_disks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = {tmp_path / "data": 9, tmp_path / "blobs": 3}
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=room[folder]))
    (tmp_path / "data").mkdir()
    record(tmp_path / "data", str(tmp_path / "blobs"))
    assert free_bytes(*folders(tmp_path / "data")) == 3
    record(tmp_path / "data", "s3://bucket/prefix")
    assert free_bytes(*folders(tmp_path / "data")) == 9
