"""The dialog in the window: by its key before anybody has logged in, saved, and out of the way when somebody rings."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.app import Options
from desktop.bridge import Bridge
from desktop.client import Client
from desktop.devices.opening import DevicesOfWindow
from desktop.devices.store import ChoiceStore
from desktop.engines import Engines
from desktop.seat.desk import Desk
from desktop.spool import Spool
from desktop.window import MainWindow
from media import ports
from media.core.devices import DeviceChoice, Processing
from media.engine import MediaEngine
from signing.wire.base import Tone
from tests.unit.desktop.devices.test_dialog import NOW, _Source


@pytest.fixture
def sources() -> list[_Source]:
    return []


@pytest.fixture
def window(
    qtbot: QtBot,
    tmp_path: Path,
    bridge: Bridge,
    client: Client,
    sources: list[_Source],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MainWindow]:
    def make(*_: object) -> _Source:
        sources.append(_Source())
        return sources[-1]

    store = ChoiceStore(tmp_path / "devices.json")
    made = MainWindow(
        bridge,
        client,
        Spool(tmp_path),
        Engines(Options(media_process=False, media=ports.EngineOptions(use_devices=False)), tmp_path),
        store,
    )
    made.devices._make = make
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    yield made
    made.end()
    made.close()


def test_the_key_opens_it_before_the_log_in_and_only_once(
    window: MainWindow, sources: list[_Source], qtbot: QtBot
) -> None:
    assert window.login.devices.key == "F9"
    qtbot.keyClick(window, Qt.Key.Key_F9)  # type: ignore[no-untyped-call]
    assert window.devices.dialog is not None
    assert window.devices.dialog.isVisible()
    window.devices.open()
    assert len(sources) == 1
    qtbot.keyClick(window.devices.dialog, Qt.Key.Key_Escape)  # type: ignore[no-untyped-call]
    assert window.devices.dialog is None
    assert sources[0].asked == ["close"]


def test_the_button_of_the_log_in_opens_it_and_what_is_saved_stays(
    window: MainWindow, sources: list[_Source], tmp_path: Path
) -> None:
    window.login.devices.click()
    dialog = window.devices.dialog
    assert dialog is not None
    sources[0].told.emit(NOW)
    dialog.uses.button(1).click()
    dialog.ok.click()
    assert window.toast.words.text() == "音视频设备已保存"
    assert ChoiceStore(tmp_path / "devices.json").choice == DeviceChoice(processing=Processing.HEADSET)
    assert window.devices.choice.processing is Processing.HEADSET


def test_a_choice_that_cannot_be_kept_is_told(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    window.devices._store = ChoiceStore(tmp_path / "file" / "devices.json")
    said: list[tuple[Tone, str]] = []
    window.devices.said.connect(lambda tone, text: said.append((tone, text)))
    window.devices.open()
    assert window.devices.dialog is not None
    window.devices.dialog.ok.click()
    assert said[0][0] is Tone.CAUTION
    assert "仍然有效" in said[0][1]


class _Engine(MediaEngine):
    """Keeps the commands."""

    def __init__(self) -> None:
        super().__init__(ports.EngineOptions(use_devices=False))
        self.posted: list[ports.Command] = []

    def post(self, command: ports.Command) -> None:
        self.posted.append(command)


def test_an_engine_learns_the_choice_at_the_beginning_and_when_it_is_saved(
    window: MainWindow, bridge: Bridge, client: Client, tmp_path: Path, sources: list[_Source]
) -> None:
    engine = _Engine()
    desk = Desk(bridge, client, Spool(tmp_path), engine, bridge)
    window.devices.serve(desk)
    window.devices.open()
    assert window.devices.dialog is not None
    window.devices.dialog.uses.button(2).click()
    window.devices.dialog.ok.click()
    assert engine.posted == [
        ports.ChooseDevices("", DeviceChoice()),
        ports.ChooseDevices("", DeviceChoice(processing=Processing.OFF)),
    ]
    desk.devices.emit(ports.CallOpened("c1", "a", "b", "c"))
    assert engine.posted[-1] == engine.posted[1], "an engine that has begun anew knows nothing of it"
    assert len(engine.posted) == 3
    window.devices.leave()


def test_a_customer_who_rings_closes_it(
    window: MainWindow, bridge: Bridge, client: Client, tmp_path: Path, sources: list[_Source]
) -> None:
    desk = Desk(bridge, client, Spool(tmp_path), _Engine(), bridge)
    window.devices.serve(desk)
    window.devices.open()
    desk.rang.emit(False)
    assert window.devices.dialog is not None
    desk.rang.emit(True)
    assert window.devices.dialog is None
    assert sources[0].asked == ["close"], "the engine will need the devices"


def test_the_real_devices_are_opened_and_let_go(qtbot: QtBot, bridge: Bridge, tmp_path: Path) -> None:
    from PySide6.QtWidgets import QWidget

    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    opener = DevicesOfWindow(bridge, ChoiceStore(tmp_path / "devices.json"), parent)
    opener.open()
    dialog = opener.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.meter.word.text() != "正在打开设备…", timeout=20_000)
    assert dialog.video.words == "没有可用的摄像头" or dialog.video._slot is not None
    opener.close()
    parent.close()
