"""What of a spooled recording is there to be sent, while it grows and after."""

from pathlib import Path

import pytest

from desktop import source as module
from desktop.source import Source
from media.core.chain import Link
from media.errors import BrokenRecording
from media.sealedstore import SealedStore, sealed_path
from tests.unit.media.sample import record

KEY = bytes(range(32))


def growing(folder: Path) -> tuple[SealedStore, Path]:
    path = folder / "recording.mp4"
    return SealedStore(path, KEY), path


def add(store: SealedStore, count: int) -> list[Link]:
    for _ in range(count):
        number = len(store.links)
        store.append(b"%d" % number * 50, float(number))
    return store.links


def test_it_sees_what_has_come_since(tmp_path: Path) -> None:
    store, path = growing(tmp_path)
    source = Source(path, KEY)
    assert source.links() == []
    add(store, 2)
    assert source.links() == store.links
    add(store, 3)
    assert source.links() == store.links
    assert [source.read(n) for n in range(5)] == [b"%d" % n * 50 for n in range(5)]
    store.close()


def test_what_is_delivered_goes_but_for_the_first_and_the_newest(tmp_path: Path) -> None:
    store, path = growing(tmp_path)
    source = Source(path, KEY)

    def there() -> list[int]:
        return [n for n in range(20) if sealed_path(path, n).exists()]

    add(store, 4)
    source.links()
    source.release(0)
    assert there() == [0, 1, 2, 3]
    source.release(3)
    assert there() == [0, 3]
    source.release(4)
    assert there() == [0, 3], "the newest stays until there is a newer one"
    add(store, 1)
    source.links()
    source.release(5)
    assert there() == [0, 4]
    store.close()


def test_what_the_check_has_still_to_read_stays_until_the_disk_gets_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FLOOR", 0)
    store, path = growing(tmp_path)
    unread: int | None = 2
    source = Source(path, KEY, unread=lambda: unread)

    def there() -> list[int]:
        return [n for n in range(20) if sealed_path(path, n).exists()]

    add(store, 8)
    source.links()
    source.release(6)
    assert there() == [0, 2, 3, 4, 5, 6, 7]
    unread = 8
    source.release(4)
    assert there() == [0, 4, 5, 6, 7], "nor does any go that the service does not hold"
    unread = 5
    source.release(8)
    assert there() == [0, 5, 6, 7]
    monkeypatch.setattr(module, "FLOOR", 2**62)
    source.release(7)
    assert there() == [0, 7], "keeping what is to come is worth more than checking it here"
    monkeypatch.setattr(module, "FLOOR", 0)
    add(store, 2)
    source.links()
    source.release(9)
    assert there() == [0, 7, 8, 9]
    unread = None
    source.release(10)
    assert there() == [0, 9]
    store.close()


def test_a_disk_that_takes_no_more_is_short_whatever_it_says_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quota is no lack of room."""
    monkeypatch.setattr(module, "FLOOR", 0)
    store, path = growing(tmp_path)
    source = Source(path, KEY, unread=lambda: 0)
    waiting = add(store, 4)[-1:]
    source.links()
    monkeypatch.setattr(module, "waiting_links", lambda path: waiting)
    source.release(4)
    assert [n for n in range(4) if sealed_path(path, n).exists()] == [0, 3]
    store.close()


def test_another_run_goes_on_where_one_stopped(tmp_path: Path) -> None:
    store, path = growing(tmp_path)
    add(store, 6)
    first = Source(path, KEY)
    first.links()
    first.release(3)
    second = Source(path, KEY)
    second.links()
    second.release(5)
    assert [n for n in range(6) if sealed_path(path, n).exists()] == [0, 5]
    with pytest.raises(FileNotFoundError):
        second.read(2)
    store.close()


def test_half_a_line_waits_for_its_other_half(tmp_path: Path) -> None:
    store, path = growing(tmp_path)
    add(store, 3)
    store.close()
    lines = path.with_suffix(".segments.jsonl")
    whole = lines.read_bytes()
    lines.write_bytes(whole[:-30])
    source = Source(path, KEY)
    assert len(source.links()) == 2
    lines.write_bytes(whole)
    assert source.links() == store.links


def test_a_plain_recording_of_an_older_version_is_read_and_never_touched(tmp_path: Path) -> None:
    done = record(tmp_path / "recording.mp4", 3)
    source = Source(done.path, None)
    assert source.links() == list(done.segments)
    content = done.path.read_bytes()
    assert b"".join(source.read(n) for n in range(len(done.segments))) == content
    source.release(len(done.segments))
    assert done.path.read_bytes() == content
    assert source.recovered() == done


def test_a_segment_that_was_exchanged_is_not_sent(tmp_path: Path) -> None:
    store, path = growing(tmp_path)
    add(store, 3)
    store.close()
    sealed_path(path, 1).write_bytes(sealed_path(path, 2).read_bytes())
    source = Source(path, KEY)
    source.links()
    with pytest.raises(BrokenRecording):
        source.read(1)
