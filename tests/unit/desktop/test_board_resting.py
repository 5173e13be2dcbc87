"""待确认账号: the strip over the board, the dialog behind it, and what it sends."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desktop.board.ownercode import OwnerCodeDialog
from desktop.board.resting import RestingDialog, banner_words, resting_row
from desktop.board.workspace import BoardWorkspace
from desktop.model import board as b
from desktop.seat.reason import ReasonDialog
from desktop.widgets import theme
from signing.wire.accounts import AccountConfirmed, RestingAccount, RestingCause, RestingChange, RestingRefusal
from signing.wire.staff import StaffRole
from tests.unit.desktop import views
from tests.unit.desktop.test_board_panels import button, put

TITLES = {
    RestingCause.ADDED: "新添加的账号",
    RestingCause.PASSWORD: "密码被重设",
    RestingCause.TOTP: "动态口令被重设",
}


def account(number: int = 1, *causes: RestingCause, refusal: RestingRefusal | None = None) -> RestingAccount:
    since = views.NOW + timedelta(minutes=number)
    changes = [
        RestingChange(cause=one, title=TITLES[one], at=since, by="管理员") for one in causes or [RestingCause.PASSWORD]
    ]
    return RestingAccount(
        staff_id=f"u{number}", username=f"lin{number}", name="林审计", role=StaffRole.AUDITOR, branch="上杭支行",
        since=since, changes=changes, refusal=refusal,
    )  # fmt: skip


def ghost() -> RestingAccount:
    refusal = RestingRefusal(at=views.NOW, by="陈主管", reason="没有接到通知，也不认识这个人，人事科查不到此人")
    return account(2, RestingCause.ADDED, RestingCause.TOTP, refusal=refusal)


def state(*resting: RestingAccount) -> b.State:
    return b.State(view=views.board([]).model_copy(update={"resting": list(resting)}))


def keep(widget: QWidget, name: str) -> None:
    """A picture to look at, where a folder for it is given."""
    if folder := os.environ.get("SCREENS"):
        widget.grab().save(str(Path(folder) / f"{name}.png"))


@pytest.fixture
def dialogs(board: BoardWorkspace) -> Iterator[list[RestingDialog]]:
    """Whatever is open at the end is closed."""
    found: list[RestingDialog] = []
    yield found
    for one in found:
        if isValid(one):
            one.reject()


def opened(board: BoardWorkspace, dialogs: list[RestingDialog]) -> RestingDialog:
    button(board, "board.resting.button").click()
    found = board.window().findChild(RestingDialog)
    assert isinstance(found, RestingDialog)
    dialogs.append(found)
    return found


def test_the_strip_names_who_waits_and_why_and_is_gone_with_the_last(board: BoardWorkspace) -> None:
    put(board, state(account(), account(2, RestingCause.ADDED)))
    assert board.resting.isVisible()
    said = "2 个账号待确认：林审计（密码被重设）、林审计（新添加的账号）"
    assert board.resting.words.text() == said
    put(board, state())
    assert not board.resting.isVisible()


def test_all_that_was_done_and_a_refusal_are_told() -> None:
    assert banner_words([ghost()]) == "1 个账号待确认：林审计（新添加的账号、动态口令被重设、曾不予确认）"
    assert resting_row(ghost()).words.split("\n") == [
        "新添加的账号 · 管理员 · 2026-11-24 10:12:00",
        "动态口令被重设 · 管理员 · 2026-11-24 10:12:00",
        "曾不予确认 · 陈主管 · 2026-11-24 10:10:00：没有接到通知，也不认识这个人，人事科查不到此人",
    ]
    twice = account(1, RestingCause.TOTP, RestingCause.TOTP)
    assert banner_words([twice]) == "1 个账号待确认：林审计（动态口令被重设）"


def test_many_are_counted_and_not_all_named() -> None:
    assert banner_words([account(number) for number in range(5)]).startswith("5 个账号待确认：")
    assert banner_words([account(number) for number in range(5)]).endswith("等")
    assert banner_words([]) == ""


def test_a_line_says_who_what_by_whom_and_when() -> None:
    shown = resting_row(account())
    assert shown.title == "林审计 审计 · 上杭支行（用户名 lin1）"
    assert shown.words == "密码被重设 · 管理员 · 2026-11-24 10:11:00"


@pytest.fixture
def sent(board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    taken: list[tuple[object, ...]] = []

    def confirm(staff_id: str, since: datetime, then: Callable[[AccountConfirmed], None]) -> None:
        taken.append(("confirm", staff_id, since))
        then(AccountConfirmed(code=""))

    def refuse(staff_id: str, since: datetime, reason: str) -> None:
        taken.append(("refuse", staff_id, since, reason))

    monkeypatch.setattr(board.desk, "confirm_account", confirm)
    monkeypatch.setattr(board.desk, "refuse_account", refuse)
    return taken


def test_the_only_one_is_chosen_and_confirmed_as_it_was_shown(
    board: BoardWorkspace, dialogs: list[RestingDialog], sent: list[tuple[object, ...]]
) -> None:
    put(board, state(account()))
    dialog = opened(board, dialogs)
    dialog.confirm.click()
    assert sent == [("confirm", "u1", account().since)]
    assert board.window().findChild(OwnerCodeDialog) is None, "no code, nothing to hand over"
    put(board, state())
    assert not dialog.confirm.isEnabled()
    assert not dialog.refuse.isEnabled()


def test_of_several_one_is_chosen_first(
    board: BoardWorkspace, dialogs: list[RestingDialog], sent: list[tuple[object, ...]]
) -> None:
    put(board, state(account(), account(2)))
    dialog = opened(board, dialogs)
    assert not dialog.confirm.isEnabled()
    dialog.list.rows.setCurrentRow(1)
    dialog.refuse.click()
    (reason,) = dialog.findChildren(ReasonDialog)
    assert "账号将被停用" in " ".join(one.text() for one in reason.findChildren(QLabel))
    reason.text.setPlainText("本人没有申请重设")
    reason.ok.click()
    assert sent == [("refuse", "u2", account(2).since, "本人没有申请重设")]
    put(board, state(account(), account(2)))
    assert dialog.list.rows.currentRow() == 1, "a push does not move the choice"


def test_a_push_after_it_was_closed_changes_nothing(
    board: BoardWorkspace, dialogs: list[RestingDialog], qtbot: QtBot
) -> None:
    put(board, state(account()))
    opened(board, dialogs).reject()
    qtbot.wait(20)
    put(board, state(account(), account(2)))


@pytest.mark.parametrize("word", ["light", "dark"])
def test_the_code_for_the_owner_is_shown_and_only_closed_on_purpose(
    board: BoardWorkspace, dialogs: list[RestingDialog], word: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, word)

    def confirm(_: str, __: datetime, then: Callable[[AccountConfirmed], None]) -> None:
        then(AccountConfirmed(code="043210"))

    monkeypatch.setattr(board.desk, "confirm_account", confirm)
    try:
        put(board, state(account()))
        opened(board, dialogs).confirm.click()
        shown = board.window().findChild(OwnerCodeDialog)
        assert isinstance(shown, OwnerCodeDialog)
        qtbot.wait(50)
        assert shown.code.text() == "043 210"
        words = " ".join(one.text() for one in shown.findChildren(QLabel))
        assert "林审计本人" in words
        assert "只显示这一次" in words
        for one in shown.findChildren(QLabel):
            assert not one.wordWrap() or one.height() >= one.heightForWidth(one.width())
        keep(shown, f"ownercode-{word}")
        qtbot.keyClick(shown, Qt.Key.Key_Escape)  # type: ignore[no-untyped-call]
        assert shown.isVisible()
        shown.close_button.click()
        qtbot.waitUntil(lambda: not isValid(shown) or not shown.isVisible())
    finally:
        theme.apply(app, "light")


@pytest.mark.parametrize("word", ["light", "dark"])
def test_it_is_seen_whole(board: BoardWorkspace, dialogs: list[RestingDialog], word: str, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, word)
    try:
        board.resize(1366, 700)
        put(board, state(account(), ghost()))
        dialog = opened(board, dialogs)
        dialog.list.rows.setCurrentRow(0)
        qtbot.wait(50)
        for one in (dialog.confirm, dialog.refuse):
            assert one.width() >= one.sizeHint().width()
        keep(board, f"resting-board-{word}")
        keep(dialog, f"resting-{word}")
    finally:
        theme.apply(app, "light")
