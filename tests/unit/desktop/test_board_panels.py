"""The board's workspace, the parties' list and the transfer dialog: what they show, and which key does what."""

from collections.abc import Coroutine
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QListWidget, QPlainTextEdit, QPushButton, QWidget

from desktop.board.workspace import BoardWorkspace
from desktop.model import board as b
from desktop.model import workspace as w
from desktop.seat.transfer import TransferDialog
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets.parts import KeyButton
from signing.wire.call import CallPartyState, Outcome
from signing.wire.staff import Colleague, Presence
from tests.unit.desktop import views
from tests.unit.desktop.test_seat_panels import named, show


def put(board: BoardWorkspace, state: b.State) -> None:
    board.desk.state = state
    board.display()


def button(parent: QWidget, name: str) -> KeyButton:
    found = parent.findChild(KeyButton, name)
    assert isinstance(found, KeyButton)
    return found


def test_lists_keep_their_choice_while_they_are_pushed_anew(board: BoardWorkspace) -> None:
    calls = [views.board_call("c1"), views.board_call("c2")]
    put(board, b.State(view=views.board(calls), call_id="c2"))
    assert board.calls.rows.currentRow() == 1
    put(board, b.State(view=views.board(list(reversed(calls))), call_id="c2"))
    assert board.calls.rows.currentRow() == 0
    chosen: list[str] = []
    board.calls.chosen.connect(chosen.append)
    board.calls.rows.setCurrentRow(1)
    assert chosen == ["c1"]
    put(board, b.State(view=views.board([])))
    assert board.calls.rows.count() == 0


def test_what_can_be_done_follows_the_call_and_the_seat(board: BoardWorkspace) -> None:
    put(board, b.State(view=views.board([], seats=[])))
    names = ("board.listen", "board.whisper", "board.takeover", "board.transfer", "board.stop", "board.away")
    assert not any(button(board, name).isEnabled() for name in names)
    put(board, b.State(view=views.board(seat_id="s1")))
    assert [button(board, name).isEnabled() for name in names] == [True, False, True, True, True, False]
    put(board, b.State(view=views.board(seats=[views.board_seat(9, Presence.AWAY)]), seat_id="s9"))
    assert button(board, "board.away").text() == "席位恢复接待…"
    assert "没有自己的席位" in button(board, "board.takeover").toolTip()


def test_a_call_whose_case_cannot_be_opened_can_be_ended_and_nothing_else(
    board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(board.desk, "stop_call", lambda call, reason: ended.append(f"{call.call_id} {reason}"))
    spoilt = views.unread_call("c9")
    put(board, b.State(view=views.board([spoilt, views.board_call("c1")], seat_id="s1"), call_id="c9"))
    assert "业务打不开" in board.calls.rows.item(0).text()
    assert board.parties.rows.count() == 0
    names = ("board.listen", "board.takeover", "board.transfer", "board.stop")
    assert [button(board, name).isEnabled() for name in names] == [False, False, False, True]
    assert "只能终止通话" in button(board, "board.listen").toolTip()
    QTest.keyClick(board, Qt.Key.Key_X)
    dialog = board.window().findChild(QDialog, "reason")
    assert isinstance(dialog, QDialog)
    assert [label.text() for label in dialog.findChildren(QLabel) if "访问记录" in label.text()]
    text = dialog.findChild(QPlainTextEdit)
    assert text is not None
    text.setPlainText("密钥丢失")
    ok = next(one for one in dialog.findChildren(QPushButton) if one.text().startswith("终止通话"))
    ok.click()
    assert ended == ["c9 密钥丢失"]
    put(board, b.State(view=views.board([spoilt, views.board_call("c1")], seat_id="s1"), call_id="c1"))
    assert [button(board, name).isEnabled() for name in names] == [True] * 4
    assert button(board, "board.listen").toolTip() == ""


def test_the_key_for_whispering_is_held_wherever_the_focus_is(
    board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []
    monkeypatch.setattr(board.desk, "whisper", held.append)
    put(board, b.State(view=views.board(listening=["c1"]), ear=b.Ear("c1", 1, "connected")))
    board.calls.rows.setFocus()
    QTest.keyPress(board.windowHandle(), Qt.Key.Key_Space)
    board.desk.state = b.State(view=views.board(), ear=b.Ear("c1", 1, "connected"), pressed=True)
    QTest.keyRelease(board.windowHandle(), Qt.Key.Key_Space)
    assert held == [True, False]


@pytest.mark.parametrize(("key", "name"), [(Qt.Key.Key_O, "接管"), (Qt.Key.Key_X, "终止")])
def test_what_weighs_is_asked_about_first(board: BoardWorkspace, key: Qt.Key, name: str) -> None:
    put(board, b.State(view=views.board(seat_id="s1")))
    QTest.keyClick(board, key)
    dialog = board.findChild(QDialog, "reason") or board.window().findChild(QDialog, "reason")
    assert isinstance(dialog, QDialog)
    assert name in dialog.windowTitle()
    dialog.close()


@pytest.mark.parametrize(("key", "word"), [(Qt.Key.Key_O, "接管"), (Qt.Key.Key_X, "终止通话")])
def test_what_was_asked_of_one_call_never_falls_on_another(
    board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch, key: Qt.Key, word: str
) -> None:
    sent: list[str] = []
    said: list[str] = []

    def send(what: str, asking: Coroutine[Any, Any, None]) -> None:
        asking.close()
        sent.append(what)

    monkeypatch.setattr(board.desk, "_send", send)
    board.desk.said.connect(lambda _, text: said.append(text))
    mine, other = views.board_call("c1"), views.board_call("c2")
    put(board, b.State(view=views.board([mine, other], seat_id="s1"), call_id="c1"))
    QTest.keyClick(board, key)
    dialog = board.window().findChild(QDialog, "reason")
    assert isinstance(dialog, QDialog)
    assert [one for one in dialog.findChildren(QLabel) if mine.seat in one.text() and mine.agent in one.text()]
    text = dialog.findChild(QPlainTextEdit)
    assert text is not None
    text.setPlainText("疑似受人胁迫")
    put(board, b.State(view=views.board([other], seat_id="s1"), call_id="c1"))
    next(one for one in dialog.findChildren(QPushButton) if one.text().startswith(word)).click()
    assert sent == [], "the call that came to its place was meant"
    assert len(said) == 1
    assert "已经结束" in said[0]


def test_only_free_seats_can_be_chosen_and_a_reason_is_needed(board: BoardWorkspace) -> None:
    made: list[tuple[str | None, str]] = []
    dialog = TransferDialog(lambda seat, reason: made.append((seat, reason)), board)
    dialog.show_seats(
        [
            Colleague(seat_id="s8", label="08号席", branch="上杭支行", presence=Presence.ON_CALL),
            Colleague(seat_id="s9", label="09号席", branch="上杭支行", presence=Presence.AVAILABLE),
        ]
    )
    seats = dialog.findChild(QListWidget, "transfer.seats")
    text = dialog.findChild(QPlainTextEdit, "transfer.reason")
    assert isinstance(seats, QListWidget)
    assert isinstance(text, QPlainTextEdit)
    assert [bool(seats.item(row).flags() & Qt.ItemFlag.ItemIsEnabled) for row in range(3)] == [True, True, False]
    assert not dialog.ok.isEnabled()
    text.setPlainText("客户只会说客家话")
    seats.setCurrentRow(1)
    dialog.ok.click()
    assert made == [("s9", "客户只会说客家话")]


def test_keys_turn_to_a_party_admit_and_hold(workspace: SeatWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []
    desk = workspace.desk
    monkeypatch.setattr(desk, "focus", done.append)
    monkeypatch.setattr(desk, "admit", lambda party_id: done.append(("admit", party_id)))
    monkeypatch.setattr(desk, "hold", lambda party_id, held: done.append((party_id, held)))
    about = views.case(others=[views.party("p2")])
    for state in (CallPartyState.WAITING, CallPartyState.LIVE, CallPartyState.HELD):
        call = views.call("c1", views.place("p1"), views.place("p2", state))
        show(workspace, w.State(view=views.view(Presence.ON_CALL, talk=call, about=about), focus="p2"))
        QTest.keyClick(workspace, Qt.Key.Key_A)
        QTest.keyClick(workspace, Qt.Key.Key_H)
    QTest.keyClick(workspace, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert done == [("admit", "p2"), ("p2", True), ("p2", False), "p1"]


def test_a_chosen_outcome_is_marked_and_other_needs_a_word(workspace: SeatWorkspace) -> None:
    wrapping = views.view(Presence.WRAP_UP, about=views.case())
    show(workspace, w.State(view=wrapping))
    assert workspace.closing.outcome.buttons[Outcome.TO_CONTINUE].isChecked()
    assert named(workspace, "wrapup.finish").isEnabled()
    show(workspace, w.State(view=wrapping, outcome=Outcome.OTHER))
    assert workspace.closing.outcome.note.isVisible()
    assert not named(workspace, "wrapup.finish").isEnabled()
    show(workspace, w.State(view=wrapping, outcome=Outcome.OTHER, note="改到柜面办理"))
    assert named(workspace, "wrapup.finish").isEnabled()
