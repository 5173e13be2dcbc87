"""A county's board: nearly two hundred seats and a thousand customers, looked through by a word."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidgetItem

from desktop.board import lists, rows
from desktop.board.workspace import BoardWorkspace
from desktop.model import board as b
from desktop.widgets import icons
from signing.wire.base import Tone
from signing.wire.board import BoardView
from signing.wire.call import CallPartyState
from signing.wire.staff import Presence
from tests.unit.desktop import views
from tests.unit.desktop.test_board_panels import put

STATES = (Presence.ON_CALL, Presence.AVAILABLE, Presence.WRAP_UP, Presence.OFFLINE)


def crowd(seats: int, waiting: int, calls: int) -> BoardView:
    here = [
        views.board_seat(number, STATES[number % 4], "张敏").model_copy(
            update={"branch_id": f"b{number % 2}", "branch": ("上杭支行", "武平支行")[number % 2]}
        )
        for number in range(seats)
    ]
    queue = [
        views.board_waiting(number, 1).model_copy(update={"ticket_id": f"t{number}", "case_no": f"PQ{number:04d}"})
        for number in range(waiting)
    ]
    live = [
        views.board_call(f"c{number}", views.place("p1", LIVE if number else DROPPED)).model_copy(
            update={"seat": f"{number:02d}号席"}
        )
        for number in range(calls)
    ]
    return views.board(live, seats=here, waiting=queue)


LIVE, DROPPED = CallPartyState.LIVE, CallPartyState.DROPPED


def shown(part: lists.RowList) -> Iterator[str]:
    return (part.rows.item(place).text() for place in range(part.rows.count()))


def test_a_word_shows_what_it_is_about_in_all_lists_and_escape_shows_everything(board: BoardWorkspace) -> None:
    put(board, b.State(view=crowd(40, 300, 20), call_id="c5"))
    QTest.keyClick(board, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert board.queue.search.hasFocus()
    QTest.keyClicks(board.queue.search, "PQ0123")
    assert board.waiting.rows.count() == 1
    assert board.waiting._title.text() == "等候的客户 1 / 300"
    board.queue.search.setText("断线")
    assert [text[:4] for text in shown(board.calls)] == ["00号席", "05号席"], "and the chosen one, for the buttons"
    assert board.desk.state.call_id == "c5"
    board.queue.search.setText("空闲 武平")
    assert all("空闲" in text or "武平支行" in text for text in shown(board.seats))
    assert board.seats.rows.count() == 11, "the branch and its ten"
    QTest.keyClick(board.queue.search, Qt.Key.Key_Escape)
    assert board.queue.search.text() == ""
    assert board.hasFocus(), "the keys of the board are heard again"
    assert (board.waiting.rows.count(), board.calls.rows.count()) == (300, 20)


def test_letters_that_are_looked_for_are_no_keys_of_the_board(
    board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed: list[bool] = []
    monkeypatch.setattr(board.desk, "toggle_listening", lambda: pressed.append(True))
    monkeypatch.setattr(board.desk, "whisper", pressed.append)
    put(board, b.State(view=crowd(4, 4, 4)))
    board.bar.whisper.setEnabled(True)
    board.queue.search.setFocus()
    QTest.keyClicks(board.queue.search, "l x")
    assert board.queue.search.text() == "l x"
    assert pressed == []


def test_what_only_grows_older_is_not_drawn_anew(board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a second, of a thousand rows: their icons took most of that second."""
    view = crowd(188, 1000, 94)
    put(board, b.State(view=view))
    drawn: list[str] = []
    monkeypatch.setattr(icons, "icon", lambda name, colour: drawn.append(name))
    board.desk.state = b.State(view=view, clock_offset=7.0)
    before = board.waiting.rows.item(0).text()
    board.display()
    assert board.waiting.rows.item(0).text() != before
    assert drawn == []


def test_a_tone_that_changes_is_drawn_though_the_words_stay(board: BoardWorkspace) -> None:
    item, drawn = QListWidgetItem(), list[int]()
    for tone in (None, Tone.STOP, Tone.GOOD):
        lists.set_row(item, rows.Row("k", "07号席", "通话中", tone, "phone"))
        drawn.append(item.icon().cacheKey())
    assert len(set(drawn)) == 3
    lists.set_row(item, rows.Row("k", "07号席", "通话中 00:01", Tone.GOOD, "phone"))
    assert item.icon().cacheKey() == drawn[-1]
