"""The service away, and back: at the door, at the seat, and under a recording that waits."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.app import Application, main
from desktop.bridge import Bridge, Trouble
from desktop.client import Client
from desktop.link import pause
from desktop.model.workspace import Upload, UploadStage
from desktop.spool import Spool, finished, started
from desktop.upload import Uploader
from media import ports
from signing.wire.case import CaseView
from signing.wire.staff import LoggedIn
from tests.integration.desktop.office import service, start_service
from tests.integration.desktop.windows import opened
from tests.integration.web.running import PASSWORDS
from tests.unit.desktop import views


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def application(qtbot: QtBot, port: int, tmp_path: Path) -> Iterator[Application]:
    address = f"http://127.0.0.1:{port}"
    made = opened(address, tmp_path / "desktop")
    yield made
    made.close()


def log_in(application: Application, qtbot: QtBot, username: str, password: str) -> None:
    for name, text in (("login.user", username), ("login.password", password)):
        field = application.window.findChild(QLineEdit, name)
        assert field is not None
        field.setText(text)
    submit = application.window.findChild(QPushButton, "login.submit")
    qtbot.waitUntil(lambda: submit is not None and submit.isEnabled())
    qtbot.mouseClick(submit, Qt.MouseButton.LeftButton)  # type: ignore[no-untyped-call]


def words(application: Application, name: str) -> str:
    found = application.window.findChild(QLabel, name)
    return found.text() if found is not None else ""


def test_the_door_says_who_is_missing_and_opens_when_they_come(
    application: Application, qtbot: QtBot, port: int, tmp_path: Path
) -> None:
    qtbot.waitUntil(lambda: "连不上服务" in words(application, "login.banner.text"), timeout=10_000)
    assert f"127.0.0.1:{port}" in words(application, "login.banner.text")
    retry = application.window.findChild(QPushButton, "login.banner.button")
    assert retry is not None
    assert retry.isVisible()
    running = start_service(tmp_path / "service", port)
    try:
        retry.click()
        qtbot.waitUntil(lambda: not application.window.login.banner.isVisible(), timeout=20_000)
        log_in(application, qtbot, "zhang", "wrong")
        qtbot.waitUntil(lambda: bool(words(application, "login.banner.text")), timeout=20_000)
        assert "连不上" not in words(application, "login.banner.text")
        log_in(application, qtbot, "zhang", PASSWORDS["zhang"])
        qtbot.waitUntil(lambda: application.window.desk is not None, timeout=20_000)
        _loses_and_finds_the_service(application, qtbot, tmp_path, port, running.stop)
    finally:
        running.stop()


def _loses_and_finds_the_service(
    application: Application, qtbot: QtBot, tmp_path: Path, port: int, stop: object
) -> None:
    window = application.window
    desk = window.desk
    assert desk is not None
    qtbot.waitUntil(lambda: desk.state.link.up and desk.state.view is not None, timeout=20_000)
    assert not window.banner.isVisible()
    assert callable(stop)
    stop()
    qtbot.waitUntil(window.banner.isVisible, timeout=20_000)
    assert "自动重连" in words(application, "banner.text") or "连接中断" in words(application, "banner.text")
    again = start_service(tmp_path / "service", port)
    try:
        qtbot.waitUntil(lambda: desk.state.link.up, timeout=40_000)
        assert not window.banner.isVisible()
    finally:
        again.stop()


def test_pauses_grow_and_stay_bounded() -> None:
    assert [pause(n, 0.0) for n in (1, 2, 3, 10, 5000)] == [0.5, 1.0, 2.0, 15.0, 15.0]
    assert pause(1, 1.0) == 0.375


def test_a_refused_recording_stays_on_this_machine(qtbot: QtBot, tmp_path: Path) -> None:
    """The call is unknown to the service: it will never take the file, so the file must not be lost."""
    with service(tmp_path / "service") as running:
        bridge, client = Bridge(), Client(running.url)
        spool = Spool(tmp_path / "spool")
        item = spool.create(running.url, "call_unknown", "2026-1")
        spool.video(item).write_bytes(b"0123456789")
        began = ports.RecordingBegan("call_unknown", spool.video(item), views.NOW, 1280, 720, 15, "h264", "aac")
        segment = ports.SegmentClosed("call_unknown", 0, 0, 10, 0.0, views.digest("5"), views.digest("6"))
        end = ports.RecordingEnded(
            "call_unknown", spool.video(item), views.NOW, 2.0, 10, views.digest("7"), (segment,), ()
        )
        item = spool.update(item, opened=started(began, ("", "")), finished=finished(end))
        told: list[Upload] = []
        entered: list[LoggedIn] = []
        bridge.call(client.log_in("zhang", PASSWORDS["zhang"]), entered.append)
        qtbot.waitUntil(lambda: bool(entered), timeout=20_000)
        bridge.call(Uploader(client, spool, told.append, lambda words: None).deliver(item))
        qtbot.waitUntil(lambda: bool(told) and told[-1].stage is UploadStage.STUCK, timeout=20_000)
        assert told[-1].message
        assert spool.video(item).exists()
        bridge.finish(client.close())
        bridge.close()


def test_another_program_at_the_address_is_told_in_words(qtbot: QtBot, tmp_path: Path) -> None:
    with service(tmp_path / "service") as running:
        bridge, client = Bridge(), Client(running.url)
        troubles: list[Trouble] = []
        bridge.call(client.get("/livez", CaseView), None, troubles.append)
        bridge.call(client.get("/nothing/here", CaseView), None, troubles.append)
        qtbot.waitUntil(lambda: len(troubles) == 2, timeout=20_000)
        assert all(trouble.message and "Traceback" not in trouble.text for trouble in troubles)
        assert {"version"} <= {trouble.code for trouble in troubles}
        bridge.finish(client.close())
        bridge.close()


def test_without_a_display_the_other_way_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main([]) == 3
    assert "pingqian demo --unattended" in capsys.readouterr().err
