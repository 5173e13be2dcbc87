"""Encrypted segments: written whole or not at all, opened only where they belong, held while a disk is full."""

import errno
import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from media import sealedstore
from media.core.chain import ZERO, Link, from_lines, link
from media.errors import BrokenRecording
from media.fragments import segments_path
from media.sealedstore import (
    SealedStore,
    drop,
    is_running,
    read_sealed,
    read_told,
    reader,
    sealed_path,
    told_links,
)
from media.sealing import new_key

KEY = bytes(range(32))


def stored(folder: Path, count: int = 4, key: bytes = KEY) -> tuple[Path, list[Link], list[bytes]]:
    folder.mkdir(exist_ok=True)
    path = folder / "recording.mp4"
    pieces = [bytes([65 + number]) * (1000 + number) for number in range(count)]
    store = SealedStore(path, key)
    for number, piece in enumerate(pieces):
        (item,) = store.append(piece, float(number))
        assert item.index == number
    store.close()
    return path, store.links, pieces


def test_every_segment_is_a_file_that_nobody_can_read(tmp_path: Path) -> None:
    path, links, pieces = stored(tmp_path / "call_1.x")
    assert not path.exists()
    content = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert not any(piece[:16] in content for piece in pieces)
    assert told_links(path) == links
    assert [read_told(path, KEY, links, number) for number in range(4)] == pieces


def test_the_store_knows_the_whole(tmp_path: Path) -> None:
    import hashlib

    store = SealedStore(tmp_path / "r.mp4", KEY)
    for piece in (b"head", b"first", b"second"):
        store.append(piece, 0.0)
    assert (store.size, store.held, store.waiting) == (15, 0, 0)
    assert store.sha256 == hashlib.sha256(b"headfirstsecond").hexdigest()
    store.close()


def test_of_two_streams_under_one_key_neither_is_taken_for_the_other(tmp_path: Path) -> None:
    folder = tmp_path / "call_1.x"
    folder.mkdir()
    one, other = (folder / f"track-0{number}.mkv" for number in (1, 2))
    for path, piece in ((one, b"borrower"), (other, b"guarantor")):
        store = SealedStore(path, KEY)
        store.append(piece, 0.0)
        store.close()
    assert read_sealed(one, KEY, 0, ZERO)[1] == b"borrower"
    for path in (one, other):
        sealed_path(path, 0).rename(path.with_suffix(".moved"))
    one.with_suffix(".moved").rename(sealed_path(other, 0))
    other.with_suffix(".moved").rename(sealed_path(one, 0))
    for path in (one, other):
        with pytest.raises(BrokenRecording):
            read_sealed(path, KEY, 0, ZERO)


@pytest.mark.parametrize("key", [b"", b"x" * 16, b"x" * 33])
def test_a_key_of_another_length_is_refused_before_anything_is_written(tmp_path: Path, key: bytes) -> None:
    with pytest.raises(ValueError, match="32"):
        SealedStore(tmp_path / "r.mp4", key)
    assert list(tmp_path.iterdir()) == []


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    path, links, _ = stored(tmp_path / "a")
    with pytest.raises(FileExistsError):
        SealedStore(path, KEY)
    assert told_links(path) == links


def _swap(path: Path) -> None:
    _swap_files(path, 1, 2)


def _swap_files(path: Path, first: int, second: int) -> None:
    one, two = sealed_path(path, first), sealed_path(path, second)
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)


def _flip(path: Path) -> None:
    data = bytearray(sealed_path(path, 1).read_bytes())
    data[-20] ^= 1
    sealed_path(path, 1).write_bytes(data)


def _other_line(path: Path) -> None:
    """The line says another start: the tag binds it."""
    target = sealed_path(path, 1)
    target.write_bytes(target.read_bytes().replace(b'"start_seconds":1.0', b'"start_seconds":2.0'))


def _torn(path: Path) -> None:
    target = sealed_path(path, 1)
    target.write_bytes(target.read_bytes()[:-100])


def _line_only(path: Path) -> None:
    target = sealed_path(path, 1)
    target.write_bytes(target.read_bytes()[:30])


@pytest.mark.parametrize("spoil", [_swap, _flip, _other_line, _torn, _line_only])
def test_what_was_altered_or_put_elsewhere_does_not_open(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    path, links, _ = stored(tmp_path / "a")
    spoil(path)
    with pytest.raises(BrokenRecording):
        read_told(path, KEY, links, 1)


def test_nothing_opens_under_another_recordings_name_or_key_or_after_another_past(tmp_path: Path) -> None:
    path, links, pieces = stored(tmp_path / "call_1.a")
    moved = path.parent.rename(tmp_path / "call_1.b") / path.name
    for where, key, previous in ((moved, KEY, links[0].chain), (path, new_key(), links[0].chain), (path, KEY, ZERO)):
        if where is path:
            path.parent.exists() or moved.parent.rename(path.parent)
        with pytest.raises(BrokenRecording):
            read_sealed(where, key, 1, previous)
    assert read_sealed(path, KEY, 1, links[0].chain) == (links[1], pieces[1])


def test_who_checks_while_it_runs_reads_what_is_there_and_not_what_is_delivered(tmp_path: Path) -> None:
    path, links, pieces = stored(tmp_path / "a", 5)
    read = reader(path, KEY)
    assert [read(item) for item in links] == pieces
    assert reader(path, KEY)(links[3]) == pieces[3], "one after a stretch that was left out"
    sealed_path(path, 1).unlink()
    assert read(links[1]) is None
    _swap_files(path, 2, 3)
    assert read(links[2]) == b"", "what is there is not this segment"
    assert read(replace(links[4], start_seconds=9.0)) == b""


def test_who_checks_behind_a_list_that_cannot_be_read_is_told_nothing_and_goes_on(tmp_path: Path) -> None:
    path, links, pieces = stored(tmp_path / "a", 5)
    segments_path(path).write_bytes(b"rubbish\n")
    read = reader(path, KEY)
    assert read(links[3]) == b""
    assert read(links[4]) == pieces[4]


def test_a_line_that_was_not_whole_is_left_out(tmp_path: Path) -> None:
    path, links, _ = stored(tmp_path / "a")
    lines = segments_path(path)
    lines.write_bytes(lines.read_bytes()[:-10])
    assert told_links(path) == links[:-1]


def test_who_records_is_seen_by_others_until_they_end(tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"
    assert is_running(path) is None
    store = SealedStore(path, KEY)
    assert is_running(path) is True
    store.close()
    assert is_running(path) is False


# --- a power cut ------------------------------------------------------------------------------------------------------


def test_what_is_told_was_on_disk_first_and_its_line_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what was synced outlives a power cut: the segment, the folder that names it, the line that lists it."""
    synced: list[tuple[str, int]] = []
    to_disk = os.fsync

    def noted(descriptor: int) -> None:
        file = os.fstat(descriptor)
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        synced.append((name, 0 if stat.S_ISDIR(file.st_mode) else file.st_size))
        to_disk(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    folder = tmp_path / "call_1.x"
    folder.mkdir()
    store = SealedStore(folder / "recording.mp4", KEY)
    assert synced == [("call_1.x", 0)], "the list is found again"
    for number in range(3):
        synced.clear()
        store.append(b"picture" * 100, float(number))
        sealed, lines = sealed_path(folder / "recording.mp4", number), segments_path(folder / "recording.mp4")
        assert synced == [
            (sealed.name, sealed.stat().st_size),
            ("call_1.x", 0),
            (lines.name, lines.stat().st_size),
        ]
    store.close()


# --- a full disk ------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """One megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]).returncode:
        pytest.skip("mounting a small disk takes root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture(autouse=True)
def memory(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of this user, away from what another test leaves."""
    folder = tmp_path_factory.mktemp("memory")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


def full(folder: Path, count: int = 7) -> tuple[SealedStore, list[bytes], int]:
    """→ a store with so many segments of 200 kB, these, and how many of them the disk took."""
    store = SealedStore(folder / "recording.mp4", KEY)
    pieces = [os.urandom(200_000) for _ in range(count)]
    kept = [item for piece in pieces for item in store.append(piece, 0.0)]
    assert [item.index for item in kept] == list(range(count)), "in memory they are kept too"
    on_disk = len(from_lines(segments_path(folder / "recording.mp4").read_bytes()))
    assert 3 <= on_disk <= 5
    return store, pieces, on_disk


def test_what_a_full_disk_does_not_take_lies_in_memory_and_is_written_in_order_when_there_is_room(
    small_disk: Path, memory: Path
) -> None:
    path = small_disk / "recording.mp4"
    store, pieces, on_disk = full(small_disk)
    assert (store.waiting, store.unkept) == (7 - on_disk, False)
    assert store.held == pytest.approx((7 - on_disk) * 200_000, rel=0.01)
    assert not sealed_path(path, on_disk).exists(), "half a segment is not left behind"
    links = told_links(path)
    assert links == store.links == _chained(pieces)
    assert [read_told(path, KEY, links, number) for number in range(7)] == pieces
    for index in range(1, on_disk):  # as the delivery does
        drop(path, index)
    store.append(pieces[0], 0.0)
    assert store.waiting < 7 - on_disk
    links = told_links(path)
    assert links == _chained([*pieces, pieces[0]])
    assert [read_told(path, KEY, links, number) for number in range(on_disk, 8)] == [*pieces[on_disk:], pieces[0]]
    store.close()


def test_what_is_delivered_from_memory_needs_no_room_any_more(small_disk: Path, memory: Path) -> None:
    path = small_disk / "recording.mp4"
    store, pieces, on_disk = full(small_disk)
    for index in range(on_disk, 7):
        drop(path, index)
    assert store.held == 0
    for index in range(1, on_disk):
        drop(path, index)
    store.append(b"newest", 0.0)
    assert store.waiting == 0
    assert from_lines(segments_path(path).read_bytes()) == _chained([*pieces, b"newest"])
    assert not sealed_path(path, on_disk).exists()
    assert not [each for each in memory.rglob("*") if each.is_file()]
    store.close()


def test_nobody_can_read_what_lies_in_memory(small_disk: Path, memory: Path) -> None:
    store, pieces, on_disk = full(small_disk)
    store.close()
    there = [each for each in memory.rglob("*") if each.is_file()]
    assert len(there) == 7 - on_disk + 1
    content = b"".join(each.read_bytes() for each in there)
    assert not [piece for piece in pieces if piece[:32] in content]
    folders = {each.parent for each in there} | {each.parent.parent for each in there}
    assert {folder.stat().st_mode & 0o077 for folder in folders} == {0}


def test_a_new_recording_does_not_find_what_another_left_in_memory(small_disk: Path, memory: Path) -> None:
    store, _, _ = full(small_disk)
    store.close()
    for each in small_disk.iterdir():
        each.unlink()
    SealedStore(small_disk / "recording.mp4", KEY).close()
    assert told_links(small_disk / "recording.mp4") == []


def _chained(pieces: list[bytes]) -> list[Link]:
    links: list[Link] = []
    for piece in pieces:
        links.append(link(links[-1] if links else None, piece, 0.0))
    return links


def test_memory_is_bounded_and_another_fault_is_none_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk's answer is given in its place: which errors it has, no test can order from a real one."""
    codes = [errno.ENOSPC]

    def refuse(descriptor: int, data: bytes) -> None:
        raise OSError(codes[0], os.strerror(codes[0]))

    monkeypatch.setattr(sealedstore, "write_all", refuse)
    monkeypatch.setattr(sealedstore, "MOST_HELD", 3500)
    monkeypatch.setattr("media.waiting.memory", lambda: None)  # as on a system without such a folder
    store = SealedStore(tmp_path / "r.mp4", KEY)
    assert store.append(bytes(1000), 0.0) == []
    assert store.append(bytes(1000), 0.0) == []
    assert (store.waiting, store.unkept) == (2, True)
    assert 2000 < store.held < 3000
    with pytest.raises(OSError, match="space"):
        store.append(bytes(1000), 0.0)
    codes[0] = errno.EIO
    other = SealedStore(tmp_path / "s.mp4", KEY)
    with pytest.raises(OSError, match="Input/output"):
        other.append(b"x", 0.0)
    assert from_lines(segments_path(tmp_path / "r.mp4").read_bytes()) == []
    store.close()
    other.close()
