"""A session that ends by time in the middle of a call: the password is asked for, nothing else changes."""

import sqlite3
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.model import workspace as w
from tests.integration.desktop.office import service
from tests.integration.desktop.test_hard_times import desk_of, hang_up_and_await_recordings, into_a_recorded_call
from tests.integration.desktop.test_journey import Hands
from tests.integration.desktop.windows import opened
from tests.integration.web.running import PASSWORDS


def let_sessions_run_out(data: Path) -> None:
    with sqlite3.connect(data / "pingqian.db", timeout=15) as database:
        database.execute("UPDATE session SET expires_at = '2026-01-01 00:00:00.000000' WHERE kind = 'staff'")


@pytest.mark.timeout(480)
def test_the_password_is_asked_for_over_the_running_call(qtbot: QtBot, tmp_path: Path) -> None:
    with service(tmp_path / "service") as office:
        made = opened(office.url, tmp_path / "desktop")
        hands = Hands(made, qtbot)
        customer = into_a_recorded_call(made, hands, office)
        try:
            desk, again = desk_of(made), made.window.again
            assert desk.state.call is not None
            call_id = desk.state.call.call_id
            let_sessions_run_out(tmp_path / "service")
            hands.until(again.isVisible, 40)
            made.window.grab().save(str(tmp_path / "again.png"))
            qtbot.wait(12_000)  # longer than an absent seat is waited for
            assert desk.state.call.call_id == call_id
            assert desk.state.media.recording is w.Recording.RUNNING
            assert customer.error == ""
            desk.hang_up("没有重新登录就挂断")
            qtbot.wait(1000)
            assert desk.state.call is not None, "a command was taken from a session that is over"
            field = made.window.findChild(QLineEdit, "again.password")
            assert isinstance(field, QLineEdit)
            field.setText("wrong password")
            hands.press("again.submit")
            hands.until(lambda: "密码不正确" in again.words.text())
            field.setText(PASSWORDS["zhang"])
            hands.press("again.submit")
            hands.until(lambda: not again.isVisible())
            qtbot.wait(2000)
            assert not again.isVisible()
            assert desk.state.call.call_id == call_id
            hang_up_and_await_recordings(made, hands, 1)
        finally:
            customer.stop()
            made.close()
