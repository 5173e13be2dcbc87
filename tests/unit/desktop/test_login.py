"""The log-in card: nothing is cut when it has something to say, and Enter on its button logs in."""

from PySide6.QtCore import QSize, Qt
from pytestqt.qtbot import QtBot

from desktop.bridge import Trouble
from desktop.seat.login import LoginPage
from desktop.widgets import theme


def page(qtbot: QtBot) -> LoginPage:
    made = LoginPage("http://127.0.0.1:9")
    made.setStyleSheet(theme.style_sheet(theme.tokens()))
    qtbot.addWidget(made)
    made.resize(QSize(1180, 640))
    made.show()
    qtbot.waitExposed(made)
    return made


def test_the_card_grows_for_a_refusal_and_the_fields_keep_their_height(qtbot: QtBot) -> None:
    login = page(qtbot)
    fields = (login.user, login.password)
    before = [field.height() for field in fields]
    login.user.setText("zhang")
    login.failed(Trouble("工号或密码不对", "请检查后再试；连续输错多次会暂时锁定，忘记密码请联系管理员重新设置"))
    qtbot.waitUntil(lambda: login.banner.height() > 50)
    assert [field.height() for field in fields] == before
    assert all(field.height() >= field.sizeHint().height() for field in fields)
    words = login.banner.words
    assert words.height() >= words.heightForWidth(words.width())


def test_enter_on_the_focused_button_logs_in(qtbot: QtBot) -> None:
    login = page(qtbot)
    login.user.setText("zhang")
    login.password.setText("x")
    sent: list[str] = []
    login.submitted.connect(lambda user, _: sent.append(user))
    login.submit.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(login.submit, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert sent == ["zhang"]
