"""How long the media process waits for a window."""

import time
from pathlib import Path

import pytest

from media import ports
from media.process.launch import Job
from media.process.places import Place
from media.process.server import EMPTY_SECONDS, IDLE_SECONDS, Server


def patience(folder: Path, *events: ports.Event, linger: float = 300.0, open_call: bool = True) -> float:
    """Of one whose window has been there and is gone."""
    server = Server(Job(Place(folder, "seat"), ports.EngineOptions(use_devices=False), linger))
    server._met = True
    if open_call:
        server._journal.command(ports.OpenCall("c1", "2026-00318", "07号席", "张××"))
    for event in events:
        server._on_event(event)
    return server._patience()


def test_a_call_with_somebody_in_it_goes_on_for_long(tmp_path: Path) -> None:
    assert patience(tmp_path, ports.PeerChanged("c1", "p1", "connected")) == 300.0


@pytest.mark.parametrize("events", [(), (ports.PeerChanged("c1", "p1", "closed"),)])
def test_camera_and_microphone_are_not_kept_for_a_call_in_which_nobody_is(
    tmp_path: Path, events: tuple[ports.Event, ...]
) -> None:
    assert patience(tmp_path, *events) == EMPTY_SECONDS < 300.0


def test_without_a_call_there_is_little_to_wait_for_and_never_more_than_was_asked(tmp_path: Path) -> None:
    assert patience(tmp_path, open_call=False) == IDLE_SECONDS
    assert patience(tmp_path, open_call=False, linger=1.0) == patience(tmp_path, linger=1.0) == 1.0


def test_a_phone_that_is_lost_for_a_moment_does_not_end_a_call_that_has_no_window(tmp_path: Path) -> None:
    """The window is gone for two minutes, for which somebody in the call was reason enough to wait."""
    server = Server(Job(Place(tmp_path, "seat"), ports.EngineOptions(use_devices=False), 300.0))
    server._met, server._answered = True, False
    server._journal.command(ports.OpenCall("c1", "2026-00318", "07号席", "张××"))
    server._on_event(ports.PeerChanged("c1", "p1", "connected"))
    server._alone_since = time.monotonic() - 2 * EMPTY_SECONDS
    server._tick()
    server._on_event(ports.PeerChanged("c1", "p1", "disconnected"))
    server._tick()
    assert not server._over.is_set(), "it has only just become empty"
    server._somebody_at -= EMPTY_SECONDS + 1
    server._tick()
    assert server._over.is_set(), "nor is it held for ever"
