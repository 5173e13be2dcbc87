"""What the window says of its links: a supervisor who has a seat has two, and either may be down alone."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from desktop.app import Options, build
from desktop.model import board as b
from desktop.model import workspace as w
from desktop.model.state import LinkState
from signing.wire.staff import LoggedIn, StaffRole
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
