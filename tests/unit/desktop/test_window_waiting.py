"""Commands of a supervisor that wait while the window is left: asked about first, and said where they are dropped."""

import asyncio
from datetime import timedelta
from pathlib import Path

from PySide6.QtWidgets import QMessageBox

from desktop.app import Options, build
from desktop.board.commands import LEFT
from desktop.window import MainWindow
from signing.wire.staff import LoggedIn, StaffRole
from tests.unit.desktop import views


async def never() -> None:
    await asyncio.Event().wait()


def entered(window: MainWindow) -> None:
    window.show()
    staff = views.staff(StaffRole.SUPERVISOR).model_copy(update={"seat_id": None, "seat_label": None})
    window._entered(LoggedIn(token="t", expires_at=views.NOW + timedelta(hours=8), staff=staff))
    board = window.board
    assert board is not None
    assert window.desk is None, "without a seat"
    for what in ("risk", "suspend", "amend"):
        board._commands.send(what, never())
    assert board.waiting == 2


def test_whoever_goes_while_commands_wait_is_asked_and_told(tmp_path: Path) -> None:
    made = build(Options("http://127.0.0.1:9", data=tmp_path, media_process=False))
    window = made.window
    try:
        entered(window)
        window.log_out()
        assert window.board is not None, "nobody is logged out of what still waits"
        assert "还有 2 项操作等待办理" in window.toast.words.text()
        assert not window.close()
        box = window.findChild(QMessageBox, "close.ask")
        assert isinstance(box, QMessageBox)
        assert "还有 2 项操作等待办理" in box.informativeText()
        box.reject()
        window.leave("登录已过期")
        assert window.board is None
        assert window.toast.isVisibleTo(window)
        assert window.toast.words.text() == LEFT.format(2)
    finally:
        made.close()
