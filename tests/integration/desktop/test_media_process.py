"""The window and its media process: one breaks down, the other carries on, and nobody takes the call from the other."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.model import workspace as w
from media.ports import EngineOptions
from media.process.client import BROKE, TAKEN
from media.process.launch import FLAG, Job
from media.process.places import Place
from tests.integration.desktop.office import Service, service
from tests.integration.desktop.test_hard_times import desk_of, hang_up_and_await_recordings, into_a_recorded_call
from tests.integration.desktop.test_journey import Hands
from tests.integration.desktop.windows import opened

PROGRAM = "import sys; from desktop.app import main; sys.exit(main())"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path / "service") as running:
        yield running


@pytest.mark.timeout(480)
def test_a_killed_media_process_costs_seconds_and_no_recording(qtbot: QtBot, office: Service, tmp_path: Path) -> None:
    made = opened(office.url, tmp_path / "desktop")
    hands, said = Hands(made, qtbot), list[str]()
    customer = into_a_recorded_call(made, hands, office)
    try:
        desk = desk_of(made)
        desk.said.connect(lambda tone, text: said.append(text))
        desk.toggle_mute()
        (pid,) = made.engines.pids()
        os.kill(pid, signal.SIGKILL)
        hands.until(lambda: BROKE in said, 10)
        hands.until(lambda: desk.state.line.peer == "connected" and desk.state.line.picture, 40)
        hands.until(lambda: desk.state.media.recording is w.Recording.RUNNING and desk.state.media.reported, 30)
        assert made.engines.pids() != [pid]
        assert desk.state.media.muted
        hands.until(lambda: desk.engine.stage().latest() is not None, 5)
        made.window.grab().save(str(tmp_path / "after.png"))
        hands.qtbot.wait(1500)
        hang_up_and_await_recordings(made, hands, 2)
        assert customer.error == ""
    finally:
        customer.stop()
        made.close()
    assert not Place(tmp_path / "desktop" / "media", "seat").held()


def test_an_installed_program_plays_its_own_media_process(tmp_path: Path) -> None:
    """One file, which is started again with a flag."""
    job = Job(Place(tmp_path / "media", "seat"), EngineOptions(use_devices=False), 0.0)
    job.place.prepare()
    command = [sys.executable, "-c", PROGRAM, FLAG, *job.arguments()]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[3])
    try:
        end = time.monotonic() + 30
        while job.place.read() is None:
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.05)
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    assert job.place.read() is None


@pytest.mark.timeout(480)
def test_a_second_window_of_the_same_data_is_turned_away_at_the_door(
    qtbot: QtBot, office: Service, tmp_path: Path
) -> None:
    first = opened(office.url, tmp_path / "desktop")
    customer = into_a_recorded_call(first, Hands(first, qtbot), office)
    second = opened(office.url, tmp_path / "desktop")
    try:
        hands = Hands(second, qtbot)
        hands.log_in("zhang")
        hands.until(lambda: TAKEN in hands.words(), 20)
        assert second.window.desk is None
        qtbot.wait(2000)
        state = desk_of(first).state
        assert state.call is not None
        assert state.link.up
        assert state.line.peer == "connected"
        assert state.media.recording is w.Recording.RUNNING
        hang_up_and_await_recordings(first, Hands(first, qtbot), 1)
    finally:
        customer.stop()
        second.close()
        first.close()
