"""A supervisor takes a call over and their window is killed: customer, call and recording wait for the next window."""

import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.app import Application
from desktop.board.supervisor import SupervisorWorkspace
from desktop.spool import Spool
from tests.integration.desktop.office import Service, service
from tests.integration.desktop.test_hard_times import (
    LOGGED_IN,
    await_recordings,
    desk_of,
    into_a_recorded_call,
    readable,
)
from tests.integration.desktop.test_journey import Hands
from tests.integration.desktop.windows import opened

TAKES_OVER = f"""{LOGGED_IN}
while True:
    QTest.qWait(50)
    board, desk = made.window.board, made.window.desk
    if board is None or desk is None or board.state.view is None or desk.state.view is None:
        continue
    if not asked and board.state.view.calls:
        asked = True
        board.take_over(board.state.view.calls[0], "客户要求由主管办理")
    if desk.state.media.reported:
        print("recording", flush=True)
"""


@pytest.mark.timeout(480)
def test_a_call_taken_over_waits_for_the_next_window_of_the_supervisor_who_was_killed(
    qtbot: QtBot, tmp_path: Path
) -> None:
    data = tmp_path / "chief"
    with service(tmp_path / "service") as office:
        agent = opened(office.url, tmp_path / "agent")
        at_seat = Hands(agent, qtbot)
        customer = into_a_recorded_call(agent, at_seat, office)
        try:
            _taken_over_and_killed(office, data, at_seat)
            _the_agent_is_told(at_seat)
            chief = opened(office.url, data)
            try:
                _goes_on(chief, Hands(chief, qtbot), data)
            finally:
                chief.close()
            assert customer.error == ""
        finally:
            customer.stop()
            agent.close()


def _taken_over_and_killed(office: Service, data: Path, at_seat: Hands) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", TAKES_OVER, office.url, str(data), "chen"], stdout=subprocess.PIPE, text=True
    )
    try:
        desk = at_seat.window.desk
        assert desk is not None
        at_seat.until(lambda: desk.state.call is None, 90)
        assert first.stdout is not None
        assert first.stdout.readline().strip() == "recording"
        at_seat.qtbot.wait(1000)
    finally:
        first.kill()
        first.wait()
        if first.stdout is not None:
            first.stdout.close()


def _the_agent_is_told(at_seat: Hands) -> None:
    banner = at_seat.window.banner
    at_seat.until(banner.isVisible, 20)
    assert banner.words.text().endswith("接管了这通通话：客户要求由主管办理"), banner.words.text()


def _goes_on(chief: Application, hands: Hands, data: Path) -> None:
    (left,) = Spool(data / "spool").items()
    assert left.finished is None
    assert readable(data) == []
    hands.log_in("chen")
    hands.until(lambda: chief.window.desk, 30)
    desk = desk_of(chief)
    hands.until(lambda: desk.state.line.peer == "connected" and desk.state.media.reported, 40)
    assert desk.state.call is not None
    assert desk.state.call.call_id == left.call_id
    both = hands.window.findChild(SupervisorWorkspace)
    assert both is not None
    assert both.currentWidget() is both.seat, "in front of the board"
    assert [item.item_id for item in Spool(data / "spool").items()] == [left.item_id]
    hands.qtbot.wait(1500)
    desk.hang_up("测试结束")
    await_recordings(desk, hands, 2)
