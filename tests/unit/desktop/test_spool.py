"""Recordings on this machine: whatever happens, what was known is known again."""

import json
import os
from pathlib import Path

import pytest

from desktop.recovery import NO_KEY, _recover_all
from desktop.spool import Item, Spool, finished, started
from media import ports
from media.errors import BrokenRecording
from media.sealedstore import SealedStore
from tests.unit.desktop import views

SERVER = "https://service.example"


def began(path: Path) -> ports.RecordingBegan:
    return ports.RecordingBegan("c1", path, views.NOW, 1280, 720, 15, "h264", "aac")


def ended(path: Path) -> ports.RecordingEnded:
    segment = ports.SegmentClosed("c1", 0, 0, 10, 0.0, views.digest("5"), views.digest("6"))
    return ports.RecordingEnded("c1", path, views.NOW, 2.0, 10, views.digest("7"), (segment,), ((0.5, 1.0),))


def test_an_item_survives_a_restart(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    item = spool.create(SERVER, "c1", "2026-1")
    spool.update(item, opened=started(began(spool.video(item)), ("sha-256 A", "sha-256 B")))
    spool.update(item, finished=finished(ended(spool.video(item))))
    (again,) = Spool(tmp_path).items()
    assert again.opened is not None
    assert again.opened.phone_fingerprint == "sha-256 B"
    assert again.finished is not None
    assert again.finished.segments[0].chain == views.digest("6")
    assert again.finished.gaps == [(0.5, 1.0)]


def test_two_updates_of_one_item_lose_neither(tmp_path: Path) -> None:
    """As when the window saves the end while the loop saves the service's identifier."""
    spool = Spool(tmp_path)
    stale = spool.create(SERVER, "c1", "2026-1")
    spool.update(stale, finished=finished(ended(spool.video(stale))))
    merged = spool.update(stale, recording_id="r1")
    assert merged.finished is not None
    assert spool.items() == [merged]


def test_a_power_cut_leaves_folder_and_key_where_they_were_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is saved is synced before its name is, and its name before anybody is told; a folder's name too."""
    steps: list[str] = []
    to_disk, put = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        steps.append(f"sync {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        to_disk(descriptor)

    def replaced(self: Path, target: Path) -> Path:
        steps.append(f"put {target.name}")
        return put(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    spool = Spool(tmp_path / "spool")
    item = spool.create(SERVER, "c1", "2026-1")
    saved = ["sync item.new", "put item.json", f"sync {item.item_id}"]
    assert steps == ["sync spool", *saved]
    steps.clear()
    spool.wrap(item, bytes(32))
    assert steps == saved


def test_folders_are_private_and_removed_whole(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    item = spool.create(SERVER, "c1", "2026-1")
    folder = spool.video(item).parent
    assert folder.stat().st_mode & 0o077 == 0
    spool.video(item).write_bytes(b"x")
    spool.remove(item)
    assert not folder.exists()


def test_a_recordings_key_is_in_memory_only_until_it_is_wrapped(tmp_path: Path) -> None:
    spool, spool_key = Spool(tmp_path), bytes(range(32))
    item = spool.create(SERVER, "c1", "2026-1")
    key = spool.key(item)
    assert key is not None
    assert len(key) == 32
    later = Spool(tmp_path)
    assert later.key(item) is None
    with pytest.raises(BrokenRecording, match="没来得及存下"):
        later.unwrap(item, spool_key)
    item = spool.wrap(item, spool_key)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert key not in written
    assert key.hex().encode() not in written
    (again,) = later.items()
    assert later.unwrap(again, spool_key) == later.key(again) == key
    with pytest.raises(BrokenRecording, match="打不开"):
        Spool(tmp_path).unwrap(again, bytes(32))


def test_it_is_known_who_is_being_recorded(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    item = spool.create(SERVER, "c1", "2026-1")
    key = spool.key(item)
    assert key is not None
    assert spool.is_running(item), "it is about to begin"
    store = SealedStore(spool.video(item), key)
    other = Spool(tmp_path)
    assert other.is_running(item), "by an engine that outlived its window"
    store.close()
    assert not other.is_running(item)
    spool.ended(item)
    assert not spool.is_running(item)


def test_what_the_check_has_to_read_is_known_only_while_it_runs(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    item = spool.create(SERVER, "c1", "2026-1")
    assert spool.unread(item) == 0, "it has said nothing yet"
    assert Spool(tmp_path).unread(item) is None, "another window knows of no check"
    spool.checked(item, 7)
    assert spool.unread(item) == 7
    spool.ended(item)
    assert spool.unread(item) is None


def test_leftovers_are_sorted_by_what_can_become_of_them(tmp_path: Path) -> None:
    """Encrypted: still running, with its key, without it, and with nothing in it."""
    spool = Spool(tmp_path)
    items = {name: spool.create(SERVER, name, "2026-1") for name in ("running", "kept", "keyless", "empty")}
    stores = {}
    for name, item in items.items():
        key = spool.key(item)
        assert key is not None
        stores[name] = SealedStore(spool.video(item), key)
        for piece in (b"header", b"fragment") if name != "empty" else (b"header",):
            stores[name].append(piece, 0.0)
        if name != "running":
            stores[name].close()
        if name != "empty":
            spool.update(item, opened=started(began(spool.video(item)), ("", "")))
    spool.wrap(items["kept"], bytes(32))
    found = _recover_all(Spool(tmp_path), SERVER)
    stores["running"].close()
    assert {item.call_id for item in found.whole} == {"running", "kept"}
    assert [(item.call_id, why) for item, why in found.broken] == [("keyless", NO_KEY)]
    assert {item.call_id for item in spool.items()} == {"running", "kept", "keyless"}


def test_an_unreadable_item_is_left_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    item = spool.create(SERVER, "c1", "2026-1")
    path = spool.video(item).with_name("item.json")
    path.write_text(json.dumps({"item_id": 7}))
    assert spool.items() == []
    assert path.exists()


def test_recovery_takes_only_this_servers_and_removes_what_never_began(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    whole = spool.create(SERVER, "c1", "2026-1")
    whole = spool.update(whole, finished=finished(ended(spool.video(whole))))
    empty = spool.create(SERVER, "c2", "2026-2")
    spool.create("https://other.example", "c3", "2026-3")
    found = _recover_all(spool, SERVER)
    assert found.whole == [whole]
    assert found.broken == []
    assert not spool.video(empty).parent.exists()
    assert {item.call_id for item in spool.items()} == {"c1", "c3"}


def test_a_file_that_is_no_recording_stays_with_its_reason(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    item = spool.create(SERVER, "c1", "2026-1")
    item = spool.update(item, opened=started(began(spool.video(item)), ("", "")))
    spool.video(item).write_bytes(b"\0" * 100)
    ((kept, why),) = _recover_all(spool, SERVER).broken
    assert isinstance(kept, Item)
    assert why
    assert spool.video(item).exists()
