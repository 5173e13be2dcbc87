"""What the window says of its links: a supervisor who has a seat has two, and either may be down alone."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.app import Options, build
from desktop.model import board as b
from desktop.model import workspace as w
from desktop.model.state import LinkState
from signing.wire.staff import LoggedIn, Presence, StaffRole
from tests.unit.desktop import views

UP, DOWN = LinkState(up=True, message=""), LinkState(False, "与服务的连接断了", 8)


def test_either_link_that_is_down_is_said(tmp_path: Path) -> None:
    made = build(Options("http://127.0.0.1:9", data=tmp_path, media_process=False))
    window = made.window
    try:
        window.show()
        staff = views.staff(StaffRole.SUPERVISOR)
        window._entered(LoggedIn(token="t", expires_at=views.NOW + timedelta(hours=8), staff=staff))
        seat, board = window.desk, window.board
        assert seat is not None
        assert board is not None
        seat.stop()
        board.stop()
        for of_seat, of_board, said in ((UP, UP, False), (DOWN, UP, True), (UP, DOWN, True), (UP, UP, False)):
            seat.state = replace(w.State(view=views.view()), link=of_seat)
            board.state = replace(b.State(view=views.board()), link=of_board)
            board.changed.emit()
            assert window.banner.isVisibleTo(window) is said, (of_seat, of_board)
            assert not said or "断" in window.banner.words.text()
    finally:
        made.close()


def test_a_network_that_was_put_right_is_tried_at_once(tmp_path: Path, qtbot: QtBot) -> None:
    """By the button or its key, however long the pause; the call goes on meanwhile, and the banner says so."""
    made = build(Options("http://127.0.0.1:9", data=tmp_path, media_process=False))
    window = made.window
    try:
        window.show()
        until = views.NOW + timedelta(hours=8)
        window._entered(LoggedIn(token="t", expires_at=until, staff=views.staff()))
        desk = window.desk
        assert desk is not None
        desk._works[0].cancel()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        button = window.banner.button
        assert button.key == "F12"
        by_key = partial(qtbot.keyClick, window, Qt.Key.Key_F12)
        for seconds, again in ((0.5, button.click), (15.0, by_key), (15.0, button.click)):  # a moment, longer, for good
            view = views.view(Presence.ON_CALL, talk=views.call(), about=views.case())
            seen = w.Media(call_id="c1", lines={"p1": w.Line(peer="connected")})
            desk.state = replace(w.State(view=view, media=seen), link=LinkState(False, "与服务的连接断了", seconds))
            desk.changed.emit()
            assert "通话和录像不受影响" in window.banner.words.text()
            desk.state = replace(desk.state, media=w.Media(call_id="c1", lines={"p1": w.Line(peer="failed")}))
            desk.changed.emit()
            assert "画面和声音也不通" in window.banner.words.text()
            assert "不受影响" not in window.banner.words.text()
            assert desk.state.call is not None
            before = desk._link
            again()
            assert desk._link is not before
            downs = desk.state.link
            qtbot.waitUntil(lambda: desk.state.link is not downs, timeout=10_000)  # noqa: B023 - nobody answers again
            assert window.banner.button.isVisible()
    finally:
        made.close()
