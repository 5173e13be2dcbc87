"""ZIP64: what is too large or too many for a plain ZIP, written as every other ZIP program reads it."""

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from signing.domain.readable import CHUNK, Joined, Readable, whole_of
from signing.evidence.core import container
from signing.evidence.core.container import NotAPackage, one_entry, pack, unpack

GIB = 1 << 30
BLOCK = bytes(CHUNK)


class Zeros:
    """As many as wished for, none of them anywhere (``Readable``)."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, wanted: "slice[Any, Any, Any]", /) -> bytes:
        start, stop, _ = wanted.indices(self._size)
        size = max(0, stop - start)
        return BLOCK if size == len(BLOCK) else bytes(size)


def written(packed: Joined, path: Path) -> Path:
    """On disk, with a hole in the place of what is long."""
    with path.open("wb") as file:
        for part in packed.parts:
            if isinstance(part, Zeros):
                file.seek(len(part), 1)
            else:
                file.write(whole_of(part))
    return path


def read_by_python(path: Path) -> Mapping[str, tuple[int, int]]:
    """name → (size, place of its header)."""
    with zipfile.ZipFile(path) as archive:
        return {one.filename: (one.file_size, one.header_offset) for one in archive.infolist()}


def test_a_plain_one_is_as_ever() -> None:
    data = whole_of(pack({"a": b"1", "b": bytes(2000)}))
    assert container.END_64 not in data
    assert data[-22:-18] == container.END
    assert unpack(bytes(data)).oddities == {}


@pytest.mark.timeout(300)
def test_a_recording_of_more_than_four_gibibytes(tmp_path: Path) -> None:
    """One long entry: its sizes, the place of what follows it and that of the directory are beyond a plain field."""
    entries: dict[str, Readable] = {"mimetype": b"x", "long.mp4": Zeros(4 * GIB + 5), "after": b"what follows"}
    packed = pack(entries)
    path = written(packed, tmp_path / "long.zip")
    assert path.stat().st_size > 4 * GIB
    python = read_by_python(path)
    assert [size for size, _ in python.values()] == [1, 4 * GIB + 5, 12]
    assert python["after"][1] > 4 * GIB
    with zipfile.ZipFile(path) as archive:
        assert archive.read("after") == b"what follows"
    found = unpack(packed)
    assert (found.faults, found.oddities) == ({}, {})
    assert found.order == list(entries)
    assert len(found.entries["long.mp4"]) == 4 * GIB + 5
    assert whole_of(found.entries["after"]) == b"what follows"
    assert one_entry(packed, "after") == b"what follows"


def test_more_entries_than_a_plain_directory_counts(tmp_path: Path) -> None:
    entries = {f"pieces/{number}": b"%d" % number for number in range(65_540)}
    data = whole_of(pack(entries))
    path = tmp_path / "many.zip"
    path.write_bytes(data)
    assert len(read_by_python(path)) == 65_540
    found = unpack(data)
    assert (found.faults, found.oddities) == ({}, {})
    assert len(found.order) == 65_540
    assert whole_of(found.entries["pieces/65539"]) == b"65539"


def many() -> bytearray:
    """The shortest package that must be ZIP64."""
    return bytearray(whole_of(pack({str(number): b"" for number in range(0xFFFF)})))


def test_a_directory_that_says_two_things_is_odd() -> None:
    data = many()
    end = len(data) - 22
    data[end + 8 : end + 12] = struct.pack("<2H", 7, 7)
    assert set(unpack(bytes(data)).oddities.values()) == {"ZIP 目录前后有多余或不一致的数据"}, (
        "a plain reader would see seven"
    )


def test_a_zip64_record_that_nobody_needs_is_odd() -> None:
    """Of two ends in one file one reader takes the one, another the other."""
    plain = whole_of(pack({"a": b"1"}))
    head, end = plain[:-22], plain[-22:]
    count, size, start = 1, *struct.unpack("<2I", end[12:20])
    large = struct.pack("<4sQ2H2I4Q", container.END_64, 44, 0x032D, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sIQI", container.LOCATOR_64, 0, start + size, 1)
    assert unpack(head + large + locator + end).oddities


@pytest.mark.parametrize("count", [0, 1, 2**63])
def test_a_zip64_record_that_lies_about_its_entries_ends_soon(count: int) -> None:
    data = many()
    at = len(data) - 22 - 20 - 56
    data[at + 24 : at + 40] = struct.pack("<2Q", count, count)
    if count == 1:
        assert unpack(bytes(data)).oddities
    else:
        with pytest.raises(NotAPackage):
            unpack(bytes(data))


def test_a_size_that_stands_nowhere_is_no_package() -> None:
    data = bytearray(whole_of(pack({"a": b"1"})))
    row = data.rfind(container.CENTRAL)
    data[row + 20 : row + 24] = b"\xff" * 4
    for read in (unpack, lambda view: one_entry(view, "a")):
        with pytest.raises(NotAPackage):
            read(bytes(data))
