"""What the seat makes of a recording that goes on from an earlier window."""

from dataclasses import replace
from pathlib import Path

from desktop.bridge import Bridge
from desktop.client import Client
from desktop.model import workspace as w
from desktop.seat.tape import LOCKED, Tape
from desktop.spool import Item, Spool
from media import ports
from tests.unit.desktop import views

SPOOL_KEY = b"k" * 32


def _tape(bridge: Bridge, client: Client, spool: Spool, fed: list[w.Input]) -> Tape:
    return Tape(bridge, client, spool, fed.append, lambda command: None, lambda tone, text: None, lambda trouble: None)


def _reported(
    bridge: Bridge, client: Client, folder: Path, *, kept: bool = False, handed: bool = False
) -> tuple[Item, list[w.Input]]:
    """An earlier window has begun a recording and is gone; this one makes it known. ``kept``: its key lies wrapped in
    the spool; ``handed``: the engine has handed it over."""
    before = Spool(folder)
    item = before.create(client.server, "c1", "2026-1")
    if kept:
        before.wrap(item, SPOOL_KEY)
    fed: list[w.Input] = []
    tape = _tape(bridge, client, Spool(folder), fed)
    key = before.key(item)
    assert key is not None
    tape.left(ports.CallLeft("c1", ports.StartRecording("c1", before.video(item), key if handed else b"")))
    began = ports.RecordingBegan("c1", before.video(item), views.NOW, 1280, 720, 15, "h264", "aac")
    tape.report(w.ReportRecording(began, ("sha-256 A", "sha-256 B")))
    tape.stop()
    return item, fed


def test_a_recording_whose_key_went_with_its_window_is_ended_and_begun_anew(
    bridge: Bridge, client: Client, tmp_path: Path
) -> None:
    item, fed = _reported(bridge, client, tmp_path)
    assert fed == [w.Happened(ports.Failed("c1", "recording", LOCKED, fatal=True))]
    (again,) = Spool(tmp_path).items()
    assert again == item, "it is announced to nobody"


def test_the_check_of_the_recording_that_runs_is_passed_on_and_no_others(
    bridge: Bridge, client: Client, tmp_path: Path
) -> None:
    spool = Spool(tmp_path)
    tape = _tape(bridge, client, spool, [])
    tape.begin(w.BeginRecording("c1", "2026-1"))
    (item,) = spool.items()
    said = ports.RecordingChecked("c1", spool.video(item), 8, 8.0, 0, (), unread=9)
    tape.checked(replace(said, path=Path("old.mp4")))
    assert spool.unread(item) == 0
    tape.checked(said)
    assert spool.unread(item) == 9
    tape.deliver(ports.RecordingEnded("c1", spool.video(item), views.NOW, 9.0, 10, views.digest("7"), (), ()))
    tape.stop()
    assert spool.unread(item) is None, "then all of it may go"


def test_a_recording_whose_key_is_kept_goes_on(bridge: Bridge, client: Client, tmp_path: Path) -> None:
    _, fed = _reported(bridge, client, tmp_path, kept=True)
    assert fed == []
    (again,) = Spool(tmp_path).items()
    assert again.opened is not None


def test_a_recording_whose_key_only_the_engine_still_holds_goes_on(
    bridge: Bridge, client: Client, tmp_path: Path
) -> None:
    _, fed = _reported(bridge, client, tmp_path, handed=True)
    assert fed == []
    (again,) = Spool(tmp_path).items()
    assert again.opened is not None
