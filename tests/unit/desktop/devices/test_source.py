"""Where the dialog's levels and names come from: the call's engine, or a trial of its own."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.bridge import Bridge
from desktop.client import Client
from desktop.devices.opening import DevicesOfWindow
from desktop.devices.source import CallSource, TrialSource
from desktop.devices.store import ChoiceStore
from desktop.model.state import Media, State
from desktop.seat.desk import Desk
from desktop.spool import Spool
from media import ports
from media.core.devices import DeviceChoice
from media.devices.trial import Stage, Trial
from media.slots import LatestPicture
from tests.unit.desktop.devices.test_dialog import NOW
from tests.unit.desktop.devices.test_opening import _Engine

CHOICE = DeviceChoice(microphone="pulse:headset")


@pytest.fixture
def desk(bridge: Bridge, client: Client, tmp_path: Path) -> Desk:
    made = Desk(bridge, client, Spool(tmp_path), _Engine(), bridge)
    made.state = replace(State(), media=Media(call_id="c1"))
    return made


def posted(desk: Desk) -> list[ports.Command]:
    assert isinstance(desk.engine, _Engine)
    return desk.engine.posted


def test_in_a_call_the_engine_is_asked_and_told(desk: Desk, bridge: Bridge) -> None:
    source = CallSource(desk)
    told: list[object] = []
    source.told.connect(told.append)
    source.choose(CHOICE)
    desk._from_engine(ports.VoiceLevel("c1", 0.25))
    desk._from_engine(replace(NOW, call_id="c1"))
    bridge.flush()
    source.close()
    desk._from_engine(ports.VoiceLevel("c1", 0.5))
    bridge.flush()
    assert told == [ports.VoiceLevel("c1", 0.25), replace(NOW, call_id="c1")]
    assert posted(desk) == [
        ports.WatchVoice("c1", True),
        ports.ChooseDevices("c1", CHOICE),
        ports.WatchVoice("c1", False),
    ]
    assert source.in_call
    assert source.picture is desk.engine.agent()


def test_levels_never_move_the_workspace(desk: Desk, bridge: Bridge) -> None:
    changes: list[object] = []
    desk.changed.connect(lambda: changes.append(desk.state))
    desk._running = True
    for _ in range(10):
        desk._from_engine(ports.VoiceLevel("c1", 0.25))
    bridge.flush()
    desk._running = False
    assert changes == []


def test_outside_a_call_nobody_is_asked_for_levels(desk: Desk) -> None:
    desk.state = State()
    desk.watch_voice(True)
    assert posted(desk) == []


def test_the_window_looks_at_the_call_that_is_going_on(
    desk: Desk, bridge: Bridge, tmp_path: Path, qtbot: QtBot
) -> None:
    from PySide6.QtWidgets import QWidget

    parent = QWidget()
    qtbot.addWidget(parent)
    opener = DevicesOfWindow(bridge, ChoiceStore(tmp_path / "devices.json"), parent)
    opener.serve(desk)
    source = opener._source()
    assert isinstance(source, CallSource)
    source.close()
    opener.leave()


class _Trial:
    """A trial that keeps what it is asked for, on the thread that would wait for devices."""

    def __init__(self, choice: DeviceChoice, told: Callable[[object], None], picture: LatestPicture) -> None:
        self.asked: list[object] = [choice]
        self.picture = picture
        told(NOW)

    def choose(self, choice: DeviceChoice) -> None:
        self.asked.append(choice)

    def sound(self) -> None:
        self.asked.append(Stage.SOUNDING)

    def echo(self) -> None:
        self.asked.append(Stage.RECORDING)

    def close(self) -> None:
        self.asked.append("closed")


def test_a_trial_is_opened_asked_in_order_and_let_go(qtbot: QtBot, bridge: Bridge) -> None:
    made: list[_Trial] = []

    def make(choice: DeviceChoice, told: Callable[[object], None], picture: LatestPicture) -> Trial:
        made.append(_Trial(choice, told, picture))
        return made[-1]  # type: ignore[return-value]

    source = TrialSource(bridge, DeviceChoice(), make)
    told: list[object] = []
    source.told.connect(told.append)
    source.choose(CHOICE)
    source.sound()
    source.echo()
    qtbot.waitUntil(lambda: bool(told))
    assert source.picture is made[0].picture, "the preview is there with the first word"
    source.close()
    source.close()
    qtbot.waitUntil(lambda: made[0].asked[-1] == "closed")
    assert told == [NOW]
    assert made[0].asked == [DeviceChoice(), CHOICE, Stage.SOUNDING, Stage.RECORDING, "closed"]
