"""At the door, and where the password is asked for again: refused, lost or answered by a stranger, in every way."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.bridge import Trouble
from desktop.client import Client
from desktop.link import GONE_TEXTS, LinkDown, seat_link
from desktop.seat.password import PasswordDialog
from desktop.seat.transfer import TransferDialog
from desktop.widgets.parts import KeyButton
from desktop.window import MainWindow
from tests.unit.desktop import screens
from tests.unit.desktop.test_failures import WAYS, Answering, fail, readable

NOT_RIGHT = {
    "login": ("not_logged_in", "用户名或密码不正确", "请重新输入；忘记密码请联系管理员"),
    "code": ("totp_wrong", "动态口令不正确或已经用过", "请等验证器换出新的口令再输入"),
    "first_code": ("totp_wrong", "动态口令不正确或已经用过", "请等验证器换出新的口令再输入"),
    "owner": ("owner_code_wrong", "确认码不正确", "请向确认的同事核对，还可以试 4 次"),
    "password": ("input", "原密码不正确", "请重新输入；忘记密码请联系管理员"),
    "again": ("not_logged_in", "用户名或密码不正确", "请重新输入；忘记密码请联系管理员"),
    "again_code": ("totp_wrong", "动态口令不正确或已经用过", "请等验证器换出新的口令再输入"),
}


def limited(_: httpx.Request) -> httpx.Response:
    body = {"code": "too_many", "message": "输错次数太多，这个账号已暂时锁定", "hint": "请约 5 分钟后再试"}
    return httpx.Response(429, headers={"Retry-After": "300"}, json=body)


def unwell(_: httpx.Request) -> httpx.Response:
    body = {
        "code": "internal",
        "message": "系统出了点问题，没有保存这一步",
        "hint": "请稍后重试；若仍不行，请联系管理员",
    }
    return httpx.Response(500, json=body)


def overloaded(_: httpx.Request) -> httpx.Response:
    return httpx.Response(503, html="<html>503 Service Temporarily Unavailable nginx</html>")


def done(_: httpx.Request) -> httpx.Response:
    return httpx.Response(204)


def untrusted(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]", request=request) from ssl.SSLError("verify failed")


@dataclass
class Asked:
    """A place where a password or a code is typed, filled in."""

    button: KeyButton
    said: QLabel
    typed: list[QLineEdit]


def at_the_door(window: MainWindow) -> list[QLineEdit]:
    window.login.user.setText("zhang")
    window.login.password.setText("what only zhang knows")
    return [window.login.user, window.login.password]


def asked_at_the_door(window: MainWindow, *more: QLineEdit) -> Asked:
    login = window.login
    return Asked(login.submit, login.banner.words, [login.user, login.password, *more])


def login(window: MainWindow) -> Asked:
    at_the_door(window)
    return asked_at_the_door(window)


def code(window: MainWindow) -> Asked:
    at_the_door(window)
    window.login.failed(Trouble("请输入手机验证器上的 6 位动态口令", code="totp_required"))
    window.login.code.setText("123456")
    return asked_at_the_door(window, window.login.code)


def first_code(window: MainWindow) -> Asked:
    screens.SCREENS["login_totp"](window)
    at_the_door(window)
    window.login.code.setText("123456")
    return asked_at_the_door(window, window.login.code)


def owner(window: MainWindow) -> Asked:
    at_the_door(window)
    window.login.failed(Trouble("这个账号的密码是别人设的", code="owner_code"))
    typed = (window.login.owner_code, window.login.new, window.login.again)
    for entry, text in zip(typed, ("043210", "known to me alone", "known to me alone"), strict=True):
        entry.setText(text)
    return asked_at_the_door(window, *typed)


def password(window: MainWindow) -> Asked:
    dialog = screens.SCREENS["password"](window)
    assert isinstance(dialog, PasswordDialog)
    for entry, text in (
        (dialog.old, "the old one"),
        (dialog.new, "known to me alone"),
        (dialog.again, "known to me alone"),
    ):
        entry.setText(text)
    return Asked(dialog.ok, dialog.banner.words, [dialog.old, dialog.new, dialog.again])


def again(window: MainWindow) -> Asked:
    screens.SCREENS["disclosure"](window)
    window._username = "zhang"
    window.again.ask()
    window.again.password.setText("what only zhang knows")
    return Asked(window.again.submit, window.again.words, [window.again.password])


def again_code(window: MainWindow) -> Asked:
    asked = again(window)
    window.again.failed(Trouble("请输入手机验证器上的 6 位动态口令", code="totp_required"))
    window.again.code.setText("123456")
    asked.typed.append(window.again.code)
    return asked


PLACES: dict[str, Callable[[MainWindow], Asked]] = {
    one.__name__: one for one in (login, code, first_code, owner, password, again, again_code)
}


def wrong(place: str) -> Answering:
    words = dict(zip(("code", "message", "hint"), NOT_RIGHT[place], strict=True))
    return lambda _: httpx.Response(422 if words["code"] == "input" else 401, json=words)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    with screens.running(tmp_path, monkeypatch) as made:
        yield made


def test_what_fails_at_the_door_is_told_and_nothing_has_to_be_typed_twice(window: MainWindow, qtbot: QtBot) -> None:
    for place in ("login", "code", "first_code", "owner"):
        window.login.start_again()
        every_way(window, place, qtbot)
    every_way(window, "password", qtbot)  # of who is logged in


def test_what_fails_over_a_call_is_told_in_the_strip(window: MainWindow, qtbot: QtBot) -> None:
    for place in ("again", "again_code"):
        every_way(window, place, qtbot)


def every_way(window: MainWindow, place: str, qtbot: QtBot) -> None:
    asked = PLACES[place](window)
    before = [one.text() for one in asked.typed]
    ways = [wrong(place), limited, unwell, overloaded, untrusted, *WAYS]
    requests: list[Answering] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(way)
        return way(request)

    fail(window._client, answer)
    for way in ways:
        for number in (1, 2):
            asked.said.setText("")
            asked.button.click()
            assert not asked.button.isEnabled(), "two at once"
            qtbot.waitUntil(asked.button.isEnabled, timeout=20000)
            readable(asked.said.text())
            assert requests.count(way) == number
            assert [one.text() for one in asked.typed] == before, place
            assert all(not one.isHidden() for one in asked.typed) or way is ways[0], place
            assert window.toast.isHidden(), "told once"


def test_a_session_that_is_over_is_told_in_the_dialog_of_the_password(window: MainWindow, qtbot: QtBot) -> None:
    asked = password(window)
    body = {"code": "not_logged_in", "message": "登录已过期", "hint": "请重新登录"}
    fail(window._client, lambda _: httpx.Response(401, json=body))
    asked.button.click()
    qtbot.waitUntil(lambda: asked.button.isEnabled(), timeout=20000)
    readable(asked.said.text())


def test_who_does_not_wait_is_told_how_the_change_of_password_ended(window: MainWindow, qtbot: QtBot) -> None:
    for answer, words in ((unwell, "密码没有修改"), (done, "密码已修改")):
        asked = password(window)
        fail(window._client, answer)
        dialog = asked.button.window()
        assert isinstance(dialog, QDialog)
        asked.button.click()
        dialog.reject()
        qtbot.waitUntil(lambda: words in window.toast.words.text(), timeout=20000)  # noqa: B023 - not beside others


def test_a_name_longer_than_there_are_and_half_a_code_are_no_defects(window: MainWindow) -> None:
    window.login.user.setText("z" * 100)
    assert len(window.login.user.text()) == 64
    asked = again_code(window)
    sent: list[str] = []
    window.again.submitted.disconnect()
    window.again.submitted.connect(lambda *what: sent.append("sent"))
    for text, words in (("12", "6 位"), ("", "6 位")):
        window.again.code.setText(text)
        asked.button.click()
        assert words in asked.said.text()
    window.again.password.clear()
    asked.button.click()
    assert "密码" in asked.said.text()
    assert sent == []


def test_over_a_call_it_is_said_who_helps_where_the_password_alone_does_not(window: MainWindow) -> None:
    again(window)
    window.again.failed(Trouble("首次登录需要先绑定动态口令", "请按提示用手机上的验证器扫码", code="totp_enrol"))
    assert "主管" in window.again.words.text()


@pytest.mark.parametrize("screen", ["idle", "disclosure"])
def test_who_signs_in_elsewhere_ends_this_window_with_all_that_lies_over_it(
    window: MainWindow, screen: str, qtbot: QtBot
) -> None:
    """What the dialogs had asked for comes too late, and finds nobody."""
    screens.SCREENS[screen](window)
    at_the_door(window)
    desk = window.desk
    assert desk is not None
    transfer = TransferDialog(lambda *_: None, window)
    desk._running = True
    fail(desk.client, lambda _: httpx.Response(200, json={"seats": []}))
    desk.colleagues(transfer.show_seats)
    transfer.open()
    window.change_password()
    desk._running = False
    desk._receive(LinkDown(GONE_TEXTS["replaced"], None))
    assert window.desk is None
    assert [one for one in window.findChildren(QDialog) if one.isVisible()] == []
    qtbot.wait(50)
    assert window._pages.currentWidget() is window.login
    assert "另一台电脑" in window.login.banner.words.text()
    assert window.login.password.text() == ""
    assert window.login.user.text() == "zhang"
    assert window.login.submit.isEnabled()


# --- a service whose certificate nobody vouches for ---


def _context(folder: Path) -> ssl.SSLContext:
    """Of a server whose certificate is its own, in ``own.pem``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    file = folder / "own.pem"
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@asynccontextmanager
async def unvouched(folder: Path) -> AsyncIterator[str]:
    """→ the address of a server whose certificate nobody trusts."""

    async def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError("who is not trusted gets nothing")

    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=_context(folder))
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_nothing_is_sent_to_a_service_whose_certificate_is_not_trusted(tmp_path: Path) -> None:
    async with unvouched(tmp_path) as url:
        client = Client(url)
        with pytest.raises(Trouble) as refused:
            await client.log_in("zhang", "what only zhang knows")
        readable(refused.value.text)
        assert "不能确认" in refused.value.text
        down = asyncio.Queue[object]()
        running = asyncio.create_task(seat_link(client, down.put_nowait).run())
        told = await asyncio.wait_for(down.get(), 20)
        assert isinstance(told, LinkDown)
        assert told.retry_seconds is not None
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await client.close()


@asynccontextmanager
async def breaks_off(folder: Path, *, when: str) -> AsyncIterator[str]:
    """→ the address of a server that breaks off in the ``handshake``, or speaks no TLS any more in its ``answer``."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if when == "handshake":
            await reader.read(10)
            writer.close()
        else:
            await reader.readuntil(b"\r\n\r\n")
            os.write(writer.get_extra_info("socket").fileno(), b"HTTP/1.1 200 OK\r\n\r\n")

    context = _context(folder)
    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=context if when == "answer" else None)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("when", ["handshake", "answer"])
async def test_a_service_that_breaks_off_is_not_called_a_stranger(tmp_path: Path, when: str) -> None:
    async with breaks_off(tmp_path, when=when) as url:
        client = Client(url, tmp_path / "own.pem")
        with pytest.raises(Trouble) as refused:
            await client.log_in("zhang", "what only zhang knows")
        readable(refused.value.text)
        assert "连不上服务" in refused.value.text
        await client.close()
