"""A reason is asked for in a window that holds all of the question."""

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.seat.reason import ReasonDialog
from tests.unit.desktop import looking


def test_a_long_question_squeezes_nothing_where_the_screen_is_small(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    question, choices = "所有客户都会断开，已完成的步骤保留。" * 30, ["客户要求停止"] * 5
    dialog = ReasonDialog("终止通话", question, choices, "终止", lambda reason: None, parent)
    dialog.show()
    looking.settle(dialog)
    assert looking.cut(dialog) == []
    assert looking.overlapping(dialog) == []
    dialog.close()
