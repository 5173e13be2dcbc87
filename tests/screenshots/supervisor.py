"""The supervisor's board."""

from PySide6.QtWidgets import QWidget

from desktop.model import board as b
from desktop.model.state import LinkState
from signing.wire.staff import StaffRole
from tests.screenshots.registry import window
from tests.screenshots.studio import Studio, press


@window("supervisor", "看板：没有人排队")
def board_quiet(studio: Studio) -> QWidget:
    return studio.board(b.State(view=studio.course.board["idle"]))


@window("supervisor", "看板：四人通话，一人等候")
def board_call(studio: Studio) -> QWidget:
    return studio.board(b.State(view=studio.course.board["reading"]))


@window("supervisor", "看板：当日办结一笔")
def board_done(studio: Studio) -> QWidget:
    return studio.board(b.State(view=studio.course.board["sealed"]))


@window("supervisor", "看板：终止通话要求原因")
def board_stop(studio: Studio) -> QWidget:
    made = studio.board(b.State(view=studio.course.board["reading"]))
    press(made, "board.stop")
    return made


@window("supervisor", "看板：转接")
def board_transfer(studio: Studio) -> QWidget:
    made = studio.board(b.State(view=studio.course.board["reading"]))
    press(made, "board.transfer")
    return made


@window("supervisor", "看板：与服务断开")
def board_offline(studio: Studio) -> QWidget:
    view = studio.course.board["reading"]
    assert view.staff.role is StaffRole.SUPERVISOR
    made = studio.board(b.State(view=view))
    desk = made.board
    assert desk is not None
    desk.state = b.State(view=view, link=LinkState(False, "与服务的连接断了", 8))
    desk.changed.emit()
    return made
