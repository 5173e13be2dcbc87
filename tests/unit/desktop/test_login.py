"""The log-in card: nothing is cut when it has something to say, and Enter on its button logs in."""

import os
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.bridge import Trouble
from desktop.seat.again import AgainBar
from desktop.seat.login import LoginPage
from desktop.seat.password import PasswordDialog
from desktop.widgets import theme
from signing.web.views.accounts import squares
from signing.wire.accounts import TotpEnrolment


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
    login.submitted.connect(lambda user, *_: sent.append(user))
    login.submit.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(login.submit, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert sent == ["zhang"]


def texts(login: LoginPage) -> list[tuple[str, str, str]]:
    sent: list[tuple[str, str, str]] = []
    login.submitted.connect(lambda *what: sent.append(what))
    return sent


def test_the_code_is_asked_for_only_when_it_is_wanted(qtbot: QtBot) -> None:
    login = page(qtbot)
    sent = texts(login)
    assert not login.code.isVisible()
    login.user.setText("chen")
    login.password.setText("secret")
    login.submit.click()
    login.failed(Trouble("请输入手机验证器上的 6 位动态口令", code="totp_required"))
    assert login.code.isVisible()
    assert login.password.text() == "secret"
    qtbot.keyClicks(login.code, "12 a34")  # type: ignore[no-untyped-call]
    login.submit.click()
    assert "6 位" in login.banner.words.text()
    login.code.insert("５６")  # of a Chinese keyboard
    login.submit.click()
    assert sent == [("chen", "secret", ""), ("chen", "secret", "123456")]
    login.failed(Trouble("用户名或密码不正确", code="not_logged_in"))
    assert not login.code.isVisible()
    assert login.code.text() == ""


def test_whoever_must_set_up_an_authenticator_gets_its_qr_code(qtbot: QtBot) -> None:
    login = page(qtbot)
    wanted: list[tuple[str, str]] = []
    login.enrolment_wanted.connect(lambda *what: wanted.append(what))
    login.user.setText("chen")
    login.password.setText("secret")
    login.failed(Trouble("首次登录需要先绑定动态口令", code="totp_enrol"))
    assert wanted == [("chen", "secret")]
    uri = "otpauth://totp/x:chen?secret=JBSWY3DPEHPK3PXP&issuer=x"
    login.show_enrolment(TotpEnrolment(uri=uri, secret="JBSWY3DPEHPK3PXP", squares=squares(uri)))
    assert login.code.isVisible()
    assert "JBSWY3DPEHPK3PXP" in login.secret.text()
    qtbot.waitUntil(lambda: login.squares.visibleRegion().boundingRect().height() == login.squares.height())
    assert seen_by_a_camera(login.squares) == uri
    login.start_again()
    assert not login.squares.isVisible()
    assert not login.code.isVisible()


def keep(widget: QWidget, name: str) -> None:
    """A picture to look at, where a folder for it is given."""
    if folder := os.environ.get("SCREENS"):
        widget.grab().save(str(Path(folder) / f"{name}.png"))


def test_the_owner_of_a_confirmed_account_takes_it_with_code_and_new_password(qtbot: QtBot) -> None:
    login = page(qtbot)
    sent, takes = texts(login), list[tuple[str, ...]]()
    login.taking.connect(lambda *what: takes.append(what))
    login.user.setText("lin")
    login.password.setText("of the administrator")
    assert not login.owner_code.isVisible()
    login.failed(Trouble("这个账号已经确认，须先设置您自己的密码", "请输入确认码，并设置新密码", code="owner_code"))
    assert all(one.isVisible() for one in (login.owner_code, login.new, login.again))
    login.submit.click()
    assert "6 位确认码" in login.banner.words.text()
    login.owner_code.setText("043210")
    login.submit.click()
    assert "请填写新密码" in login.banner.words.text()
    login.new.setText("only the owner's")
    login.again.setText("only the owners")
    login.submit.click()
    assert "不一样" in login.banner.words.text()
    qtbot.wait(30)
    assert all(one.height() >= one.sizeHint().height() for one in (login.owner_code, login.new, login.again))
    keep(login, "login-owner-code")
    login.again.setText("only the owner's")
    login.submit.click()
    assert takes == [("lin", "of the administrator", "043210", "only the owner's")]
    assert sent == [], "nobody is let in before"
    login.taken()
    assert sent == [("lin", "only the owner's", "")]
    assert not login.owner_code.isVisible()
    assert login.owner_code.text() == login.new.text() == login.again.text() == ""


def test_a_refused_code_or_password_leaves_what_was_typed_and_another_refusal_ends_it(qtbot: QtBot) -> None:
    login = page(qtbot)
    login.failed(Trouble("须先设置您自己的密码", code="owner_code"))
    login.owner_code.setText("043210")
    login.new.setText("only the owner's")
    login.failed(Trouble("确认码不正确", "还可以试 4 次", code="owner_code_wrong"))
    assert (login.owner_code.text(), login.new.text()) == ("043210", "only the owner's")
    login.failed(Trouble("密码太简单", code="input"))
    assert login.new.isVisible()
    login.failed(Trouble("确认码输错次数太多，已经作废", code="account_resting"))
    assert not login.new.isVisible()
    assert login.new.text() == login.owner_code.text() == ""


def seen_by_a_camera(widget: QWidget) -> str:
    """What a reader that knows nothing of ours makes of the painted code."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    picture = cv2.resize(pixels[:, : image.width()], None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST)
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    return str(text)


def test_the_strip_over_a_call_keeps_what_is_typed_and_asks_for_the_code(qtbot: QtBot) -> None:
    bar = AgainBar()
    bar.setStyleSheet(theme.style_sheet(theme.tokens()))
    qtbot.addWidget(bar)
    bar.resize(1180, 60)
    sent: list[tuple[str, str]] = []
    bar.submitted.connect(lambda *what: sent.append(what))
    assert bar.isHidden()
    bar.ask()
    bar.password.setText("secret")
    bar.ask()
    bar.submit.click()
    assert not bar.submit.isEnabled()
    bar.failed(Trouble("请输入手机验证器上的 6 位动态口令", code="totp_required"))
    assert not bar.code.isHidden()
    bar.code.setText("123456")
    bar.submit.click()
    assert sent == [("secret", ""), ("secret", "123456")]
    bar.done()
    assert bar.isHidden()
    assert bar.password.text() == bar.code.text() == ""


def test_a_new_password_is_typed_twice_alike(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    sent: list[tuple[str, str]] = []
    dialog = PasswordDialog(lambda old, new: sent.append((old, new)), parent)
    dialog.old.setText("old")
    dialog.new.setText("a much longer one")
    dialog.again.setText("another one")
    dialog.ok.click()
    assert "不一样" in dialog.banner.words.text()
    dialog.again.setText("a much longer one")
    dialog.ok.click()
    assert sent == [("old", "a much longer one")]
    dialog.failed(Trouble("原密码不正确"))
    assert dialog.ok.isEnabled()
    dialog.close()
