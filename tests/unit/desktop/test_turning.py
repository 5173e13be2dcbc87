"""PgUp and PgDn belong to the papers while these are open, and to whatever has the focus otherwise."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.seat.turning import TurningKeys
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets.parts import KeyButton, column
from signing.wire.case import StepKey
from tests.unit.desktop.test_seat_panels import show, talking

BEFORE, AFTER, ENTERED = Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.FocusReason.TabFocusReason


class Room(QWidget):
    """A list, a pane with two keys and a list of its own, and a button beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.list, self.within, self.beside, self.pane = QListWidget(), QListWidget(), QPushButton("旁边"), QWidget()
        self.before, self.after = KeyButton("上一页", "PgUp"), KeyButton("下一页", "PgDown")
        for rows in (self.list, self.within):
            rows.addItems([f"第 {number} 行" for number in range(200)])
            rows.setCurrentRow(100)
        inside = column(self.pane)
        inside.addWidget(self.before)
        inside.addWidget(self.after)
        inside.addWidget(self.within)
        layout = QHBoxLayout(self)
        layout.addWidget(self.list)
        layout.addWidget(self.beside)
        layout.addWidget(self.pane)
        self.turned: list[str] = []
        self.before.clicked.connect(lambda: self.turned.append("before"))
        self.after.clicked.connect(lambda: self.turned.append("after"))
        TurningKeys(self.pane, (self.before, self.after), self)


@pytest.fixture
def room(qtbot: QtBot) -> Iterator[Room]:
    made = Room()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()


def press(qtbot: QtBot, on: QWidget, key: Qt.Key) -> None:
    on.setFocus(ENTERED)
    qtbot.waitUntil(on.hasFocus)
    qtbot.keyClick(on, key)  # type: ignore[no-untyped-call]


def test_a_list_is_paged_where_no_paper_is_open(qtbot: QtBot, room: Room) -> None:
    room.pane.hide()
    press(qtbot, room.list, AFTER)
    below = room.list.currentRow()
    assert below > 100
    press(qtbot, room.list, BEFORE)
    assert room.list.currentRow() < below
    assert room.turned == []


def test_a_list_is_paged_beside_an_open_paper_too(qtbot: QtBot, room: Room) -> None:
    press(qtbot, room.list, AFTER)
    assert room.list.currentRow() > 100
    assert room.turned == []


def test_from_anywhere_else_the_open_paper_turns(qtbot: QtBot, room: Room) -> None:
    press(qtbot, room.beside, AFTER)
    press(qtbot, room.before, BEFORE)
    press(qtbot, room.within, AFTER)
    assert room.turned == ["after", "before", "after"]
    assert room.list.currentRow() == 100


def test_it_turns_no_more_once_it_is_shut_and_again_once_it_is_open(qtbot: QtBot, room: Room) -> None:
    for shown, turned in ((False, []), (True, ["after"])):
        room.pane.setVisible(shown)
        press(qtbot, room.beside, AFTER)
        assert room.turned == turned


def test_a_page_that_is_the_last_is_not_turned(qtbot: QtBot, room: Room) -> None:
    room.after.setEnabled(False)
    press(qtbot, room.beside, AFTER)
    assert room.turned == []


def test_the_seats_lists_are_paged_by_the_keys_on_the_papers_buttons(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    show(workspace, talking(StepKey.READING))
    assert workspace.paper.isHidden()
    rows = QListWidget(workspace)
    rows.addItems([f"第 {number} 行" for number in range(200)])
    rows.resize(200, 200)
    rows.show()
    workspace.activateWindow()
    press(qtbot, rows, AFTER)
    assert rows.currentRow() > 0
    assert [workspace.paper.before.key, workspace.paper.after.key] == ["PgUp", "PgDown"]


def test_the_seats_open_paper_turns_by_its_keys(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    show(workspace, talking(StepKey.READING))
    workspace.paper.open_paper()
    workspace.display()
    assert workspace.paper.isVisible()
    with qtbot.waitSignal(workspace.paper.after.clicked, timeout=2000):
        qtbot.keyClick(workspace, AFTER)  # type: ignore[no-untyped-call]


def test_the_focus_goes_with_the_paper_and_rests_on_the_workspace_after_it(
    workspace: SeatWorkspace, qtbot: QtBot
) -> None:
    show(workspace, talking(StepKey.READING))
    workspace.activateWindow()
    qtbot.waitUntil(workspace.isActiveWindow)
    workspace.paper.open_paper()
    qtbot.waitUntil(workspace.paper._area.hasFocus)
    workspace.paper.close_pane()
    qtbot.waitUntil(workspace.hasFocus)
