"""The auditor sees accounts that wait too: asked for over a socket, confirmed, and gone."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.audit.resting import RestingStrip
from desktop.board.ownercode import OwnerCodeDialog
from desktop.board.resting import RestingDialog
from desktop.bridge import Bridge, Trouble
from desktop.client import Client
from signing.wire.accounts import AccountConfirmed, RestingAccount, RestingAccounts
from tests.unit.desktop.test_audit_recordings import serving
from tests.unit.desktop.test_board_resting import account

LIST = "/api/accounts/resting"
CONFIRM = "/api/accounts/u1/confirm"


def listed(*accounts: RestingAccount) -> bytes:
    return RestingAccounts(accounts=list(accounts)).model_dump_json().encode()


class Strip:
    """The strip in a window, over a service that answers from ``answers``."""

    def __init__(self, qtbot: QtBot, url: str, answers: dict[str, bytes]) -> None:
        self.answers, self.troubles = answers, list[Trouble]()
        self.bridge, self.client = Bridge(), Client(url)
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.strip = RestingStrip(self.bridge, self.client, self.troubles.append)
        self.strip.setParent(self.window)
        self.window.show()
        qtbot.waitExposed(self.window)

    def dialog(self) -> RestingDialog:
        assert self.strip.button.key == "F11"
        QTest.keyClick(self.window, Qt.Key.Key_F11)
        found = self.window.findChild(RestingDialog)
        assert isinstance(found, RestingDialog)
        return found

    def close(self) -> None:
        self.strip.stop()
        for one in self.window.findChildren(RestingDialog):
            one.reject()
        self.window.close()
        self.bridge.finish(self.client.close())
        self.bridge.close()


@pytest.fixture
def made(qtbot: QtBot) -> Iterator[Strip]:
    answers = {LIST: listed(account())}
    with serving(answers) as url:
        strip = Strip(qtbot, url, answers)
        yield strip
        strip.close()


def test_what_waits_is_shown_confirmed_and_gone(made: Strip, qtbot: QtBot) -> None:
    assert not made.strip.isVisible()
    made.strip.look()
    qtbot.waitUntil(made.strip.isVisible, timeout=5000)
    assert made.strip.words.text() == "1 个账号待确认：林审计（密码被重设）"
    dialog = made.dialog()
    made.answers |= {CONFIRM: AccountConfirmed(code="123456").model_dump_json().encode(), LIST: listed()}
    dialog.confirm.click()
    assert not dialog.confirm.isEnabled(), "not twice"
    qtbot.waitUntil(lambda: not made.strip.isVisible(), timeout=5000)
    assert dialog.list.rows.count() == 0
    shown = made.window.findChild(OwnerCodeDialog)
    assert isinstance(shown, OwnerCodeDialog)
    assert shown.code.text() == "123 456"
    shown.close_button.click()
    assert made.troubles == []


def test_a_refused_confirmation_is_said_and_looked_at_anew(made: Strip, qtbot: QtBot) -> None:
    made.strip.look()
    qtbot.waitUntil(made.strip.isVisible, timeout=5000)
    dialog = made.dialog()
    dialog.confirm.click()
    qtbot.waitUntil(lambda: len(made.troubles) == 1, timeout=5000)
    qtbot.waitUntil(dialog.confirm.isEnabled, timeout=5000)


def test_the_buttons_come_back_where_the_look_after_a_refusal_fails_too(made: Strip, qtbot: QtBot) -> None:
    made.strip.look()
    qtbot.waitUntil(made.strip.isVisible, timeout=5000)
    dialog = made.dialog()
    del made.answers[LIST]
    dialog.confirm.click()
    qtbot.waitUntil(lambda: len(made.troubles) == 1, timeout=5000)
    qtbot.waitUntil(dialog.confirm.isEnabled, timeout=5000)
    assert dialog.refuse.isEnabled()


def test_what_comes_after_the_end_is_not_shown(made: Strip) -> None:
    made.strip.stop()
    made.strip.show_resting(RestingAccounts(accounts=[account()]))
    assert not made.strip.isVisible()
