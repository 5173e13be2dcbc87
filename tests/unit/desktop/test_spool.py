"""Recordings on this machine: whatever happens, what was known is known again."""

import json
from pathlib import Path

from desktop.recovery import _recover_all
from desktop.spool import Item, Spool, finished, started
from media import ports
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


def test_folders_are_private_and_removed_whole(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    item = spool.create(SERVER, "c1", "2026-1")
    folder = spool.video(item).parent
    assert folder.stat().st_mode & 0o077 == 0
    spool.video(item).write_bytes(b"x")
    spool.remove(item)
    assert not folder.exists()


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
