"""In a call the disk is full, the network cut, the service restarted, the window killed. Nothing recorded is lost."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.app import Application
from desktop.model import workspace as w
from desktop.seat.desk import Desk
from desktop.spool import Spool
from signing.wire.case import RecordingState, RecordingView
from signing.wire.staff import Presence
from tests.integration.desktop.cable import Cable
from tests.integration.desktop.office import Customer, Service, service, start_service
from tests.integration.desktop.test_joint import give_reason
from tests.integration.desktop.test_journey import Hands
from tests.integration.desktop.windows import opened

LOGGED_IN = """
import sys
from pathlib import Path
from PySide6.QtTest import QTest
from tests.integration.desktop.windows import opened
from tests.integration.web.running import PASSWORDS
made = opened(sys.argv[1], Path(sys.argv[2]))
made.window._log_in(sys.argv[3], PASSWORDS[sys.argv[3]])
asked = False
"""
"""A window in a process of its own: the service's address, the folder, who."""
KILLED = f"""{LOGGED_IN}
while True:
    QTest.qWait(50)
    desk = made.window.desk
    if desk is None or desk.state.view is None:
        continue
    if not asked:
        asked = True
        desk.set_available(True)
    if desk.state.offer is not None:
        desk.accept()
    if desk.state.media.reported:
        print("recording", flush=True)
"""


ABSENCE = 15
"""Seconds without a window; the service gives up a seat after ten, unless its customers say that the call goes on."""


CUT = 5
"""Seconds without a network; a customer's page offers anew after six without a picture."""


def desk_of(application: Application) -> Desk:
    desk = application.window.desk
    assert desk is not None
    return desk


def into_a_recorded_call(application: Application, hands: Hands, office: Service) -> Customer:
    customer = Customer(office.url, office.open_case())
    hands.log_in("zhang")
    hands.press("presence.available")
    customer.start(office)
    hands.press("offer.accept", 60)
    hands.until(lambda: desk_of(application).state.media.reported, 60)
    return customer


def hang_up_and_await_recordings(application: Application, hands: Hands, count: int) -> None:
    """Until the service holds that many recordings of the case, each read back whole."""
    desk = desk_of(application)
    desk.hang_up("测试结束")
    await_recordings(desk, hands, count)


def await_recordings(desk: Desk, hands: Hands, count: int) -> None:
    hands.until(lambda: desk.state.call is None, 30)
    hands.until(lambda: [r.state for r in recordings(desk)] == [RecordingState.VERIFIED] * count, 90)
    assert desk.state.call is None


def recordings(desk: Desk) -> list[RecordingView]:
    return list(desk.state.case.recordings) if desk.state.case else []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Twenty-four megabytes."""
    folder = tmp_path / "desktop"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder]).returncode:
        pytest.skip("mounting a small disk takes root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def filled(ballast: Path) -> bool:
    """Takes whatever room there is on its disk."""
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return True


@pytest.mark.timeout(480)
def test_a_full_disk_is_told_early_and_the_recording_goes_on(qtbot: QtBot, tmp_path: Path, small_disk: Path) -> None:
    with service(tmp_path / "service") as office:
        made = opened(office.url, small_disk)
        hands, said = Hands(made, qtbot), list[str]()
        customer = into_a_recorded_call(made, hands, office)
        try:
            desk = desk_of(made)
            desk.said.connect(lambda tone, text: said.append(text))
            ballast = small_disk / "ballast"
            # Filled again and again: what is delivered makes room for the next segment.
            hands.until(lambda: filled(ballast) and any("本机磁盘已满" in text for text in said), 60)
            qtbot.wait(2000)
            assert desk.state.media.recording is w.Recording.RUNNING
            ballast.unlink()
            hands.until(lambda: any("全部写入本机" in text for text in said), 30)
            hang_up_and_await_recordings(made, hands, 1)
            hands.until(lambda: not Spool(small_disk / "spool").items())
        finally:
            customer.stop()
            made.close()


def readable(folder: Path) -> list[str]:
    """What of a recording can be read on the seat's disk."""
    words = (b"ftypiso", b"moof", b"mdat", b"avc1")
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(word in path.read_bytes() for word in words)]


@pytest.mark.timeout(480)
def test_the_services_restart_loses_neither_the_recording_nor_the_customer(qtbot: QtBot, tmp_path: Path) -> None:
    office = start_service(tmp_path / "service")
    made = opened(office.url, tmp_path / "desktop")
    hands = Hands(made, qtbot)
    customer = into_a_recorded_call(made, hands, office)
    try:
        desk = desk_of(made)
        office.stop()
        hands.until(made.window.banner.isVisible)
        assert "通话和录像不受影响" in made.window.banner.words.text()
        before = desk.engine.stage().latest()
        qtbot.wait(1500)
        after = desk.engine.stage().latest()
        assert before is not None
        assert after is not None
        assert after.captured_ns > before.captured_ns, "the media must not wait for the service"
        made.window.log_out()
        assert made.window.desk is desk, "nobody logs out in the middle of a call"
        office = start_service(tmp_path / "service", int(office.url.rpartition(":")[2]))
        hands.until(lambda: desk.state.link.up and not made.window.banner.isVisible(), 40)
        assert desk.state.call is not None, "the media never broke, so the call goes on"
        hands.qtbot.wait(1500)
        hang_up_and_await_recordings(made, hands, 1)
        assert customer.error == ""
    finally:
        customer.stop()
        made.close()
        office.stop()


@pytest.mark.timeout(480)
def test_a_cut_network_and_a_supervisors_stop_lose_nothing_recorded(qtbot: QtBot, tmp_path: Path) -> None:
    with service(tmp_path / "service") as office:
        cable = Cable(int(office.url.rpartition(":")[2]))
        made = opened(cable.url, tmp_path / "desktop")
        hands = Hands(made, qtbot)
        customer = into_a_recorded_call(made, hands, office)
        try:
            _the_network_is_cut(made, hands, cable)
            _a_supervisor_stops_it(made, hands, office, tmp_path / "chief")
            await_recordings(desk_of(made), hands, 1)
            hands.until(lambda: customer.step == "queue", 10)
            assert customer.error == ""
        finally:
            customer.stop()
            made.close()
            cable.close()


def _the_network_is_cut(application: Application, hands: Hands, cable: Cable) -> None:
    """For five seconds the window has neither service nor customer."""
    desk, banner = desk_of(application), application.window.banner
    call = desk.state.call
    assert call is not None
    with cable.cut():
        hands.until(banner.isVisible, 10)
        assert "通话和录像不受影响" in banner.words.text()
        hands.qtbot.wait(1000 * CUT)
        assert not desk.state.link.up
        assert desk.state.call == call
        assert desk.state.media.recording is w.Recording.RUNNING
    lost = cable.connections
    hands.until(lambda: desk.state.link.up and not banner.isVisible(), 30)
    assert cable.connections > lost, "by itself"
    hands.until(lambda: desk.state.line.peer == "connected" and desk.state.line.picture, 30)
    assert desk.state.call is not None
    assert desk.state.call.call_id == call.call_id
    assert desk.state.media.recording is w.Recording.RUNNING


def _a_supervisor_stops_it(application: Application, hands: Hands, office: Service, data: Path) -> None:
    """The agent is told who did, and why."""
    chief = opened(office.url, data)
    try:
        at_board = Hands(chief, hands.qtbot)
        at_board.log_in("chen")
        at_board.press("board.stop")
        give_reason(at_board, "线路质量太差")
        board = chief.window.board
        assert board is not None
        at_board.until(lambda: board.state.view is not None and not board.state.view.calls, 30)
        (seat,) = [one for one in board.state.view.seats if one.presence is Presence.WRAP_UP]  # type: ignore[union-attr]
        assert "终止了这通通话" in seat.reason
        banner = application.window.banner
        hands.until(banner.isVisible, 10)
        assert banner.words.text().startswith("主管")
        assert banner.words.text().endswith("终止了这通通话：线路质量太差")
    finally:
        chief.close()


@pytest.mark.timeout(480)
def test_a_killed_window_comes_back_into_the_same_call_and_the_same_recording(qtbot: QtBot, tmp_path: Path) -> None:
    """Longer than the service waits for a seat that nobody speaks for."""
    data = tmp_path / "desktop"
    with service(tmp_path / "service") as office:
        customer = Customer(office.url, office.open_case())
        command = [sys.executable, "-c", KILLED, office.url, str(data), "zhang"]
        first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            customer.start(office)
            assert first.stdout is not None
            assert first.stdout.readline().strip() == "recording"
            time.sleep(1)
        finally:
            first.kill()
            first.wait()
            if first.stdout is not None:
                first.stdout.close()
        made = opened(office.url, data)
        hands = Hands(made, qtbot)
        try:
            (left,) = Spool(data / "spool").items()
            assert left.finished is None
            assert left.wrapped is not None, "the key was kept while the call ran"
            assert readable(data) == []
            qtbot.wait(1000 * ABSENCE)
            hands.log_in("zhang")
            hands.until(lambda: made.window.desk, 30)
            desk = desk_of(made)
            hands.until(lambda: desk.state.line.peer == "connected" and desk.state.media.reported, 30)
            assert desk.state.call is not None
            assert desk.state.call.call_id == left.call_id
            hands.until(lambda: desk.engine.stage().latest() is not None, 5)
            assert [item.item_id for item in Spool(data / "spool").items()] == [left.item_id]
            hands.qtbot.wait(1500)
            hang_up_and_await_recordings(made, hands, 1)
            (held,) = recordings(desk)
            assert held.duration_seconds is not None
            assert held.duration_seconds > ABSENCE
            assert customer.error == ""
        finally:
            customer.stop()
            made.close()
