"""The dialog of the devices over a source that the test plays."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.devices.dialog import HEARD, IN_CALL, NO_VOICE, SOFT_VOICE, SOUNDED, DevicesDialog
from desktop.devices.source import Source
from desktop.widgets import theme
from desktop.widgets.video import VideoView
from media.core.devices import Device, DeviceChoice, Kind, Processing
from media.devices.trial import Stage
from media.ports import DevicesChanged, VoiceLevel
from media.slots import LatestPicture
from media.standin import StandInPicture

CAMERA = Device(Kind.CAMERA, "v4l2:cam", "Integrated Camera")
BUILT_IN = Device(Kind.MICROPHONE, "pulse:in", "内置音频 模拟立体声")
HEADSET = Device(Kind.MICROPHONE, "pulse:head", "Plantronics Blackwire 3220 系列 模拟立体声（很长的名字，应当缩短）")
EAR = Device(Kind.LOUDSPEAKER, "pulse:ear", "内置音频 模拟立体声")
PRESENT = (CAMERA, BUILT_IN, HEADSET, EAR)
NOW = DevicesChanged("", CAMERA.name, BUILT_IN.name, EAR.name, present=PRESENT)


class _Source(Source):
    """Keeps what it is asked for."""

    def __init__(self, in_call: bool = False) -> None:
        slot = LatestPicture()
        slot.put(StandInPicture().at(3, 1))
        super().__init__(slot)
        self.in_call = in_call
        self.asked: list[object] = []

    def choose(self, choice: DeviceChoice) -> None:
        self.asked.append(choice)

    def sound(self) -> None:
        self.asked.append("sound")

    def echo(self) -> None:
        self.asked.append("echo")

    def close(self) -> None:
        self.asked.append("close")


Open = Callable[..., tuple[DevicesDialog, _Source]]


@pytest.fixture
def saved() -> list[tuple[DeviceChoice, Mapping[str, str]]]:
    return []


@pytest.fixture
def opened(qtbot: QtBot, saved: list[tuple[DeviceChoice, Mapping[str, str]]]) -> Iterator[Open]:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(QSize(1180, 680))
    parent.show()
    dialogs: list[DevicesDialog] = []

    def make(
        choice: DeviceChoice = DeviceChoice(),  # noqa: B008 - frozen
        *,
        in_call: bool = False,
        names: Mapping[str, str] | None = None,
    ) -> tuple[DevicesDialog, _Source]:
        source = _Source(in_call)
        dialog = DevicesDialog(source, choice, names or {}, lambda c, n: saved.append((c, n)), parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        dialogs.append(dialog)
        dialog.open()
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        return dialog, source

    yield make
    for dialog in dialogs:
        dialog.reject()
        dialog.deleteLater()
    parent.close()


def rows(dialog: DevicesDialog, kind: Kind) -> list[str]:
    box = dialog.lists[kind]
    return [box.itemText(number) for number in range(box.count())]


def test_until_the_devices_are_open_it_says_so(opened: Open) -> None:
    dialog, _ = opened()
    assert dialog.video.words == dialog.meter.word.text() == "正在打开设备…"
    assert not dialog.sound.isEnabled()
    assert not dialog.echo.isEnabled()


def test_devices_stand_under_their_names_the_systems_first(opened: Open) -> None:
    dialog, source = opened()
    source.told.emit(NOW)
    assert rows(dialog, Kind.CAMERA) == ["自动（跟随系统）", "Integrated Camera"]
    assert rows(dialog, Kind.MICROPHONE) == ["自动（跟随系统）", BUILT_IN.name, HEADSET.name]
    assert dialog.sound.isEnabled()
    assert dialog.echo.isEnabled()


def test_what_comes_and_goes_is_seen_and_the_choice_stays(opened: Open) -> None:
    dialog, source = opened(DeviceChoice(microphone=HEADSET.key))
    source.told.emit(NOW)
    assert dialog.lists[Kind.MICROPHONE].currentText() == HEADSET.name
    gone = replace(NOW, present=(CAMERA, BUILT_IN, EAR), message="麦克风断开了，已改用内置")
    source.told.emit(gone)
    assert dialog.lists[Kind.MICROPHONE].currentText() == f"{HEADSET.name}（没有接上）"
    assert dialog.banner.words.text() == "麦克风断开了，已改用内置"
    source.told.emit(NOW)
    assert dialog.lists[Kind.MICROPHONE].currentText() == HEADSET.name
    assert not dialog.banner.isVisible()


def test_one_that_was_chosen_once_keeps_its_name_while_it_is_away(opened: Open) -> None:
    dialog, source = opened(DeviceChoice(camera="v4l2:old"), names={"v4l2:old": "旧摄像头"})
    source.told.emit(NOW)
    assert dialog.lists[Kind.CAMERA].currentText() == "旧摄像头（没有接上）"


def test_a_choice_is_used_at_once_and_kept_when_saved(
    opened: Open, saved: list[tuple[DeviceChoice, Mapping[str, str]]], qtbot: QtBot
) -> None:
    dialog, source = opened()
    source.told.emit(NOW)
    box = dialog.lists[Kind.MICROPHONE]
    box.setCurrentIndex(2)
    box.activated.emit(2)
    button = dialog.findChild(QRadioButton, "devices.headset_way")
    assert button is not None
    button.click()
    wanted = DeviceChoice(microphone=HEADSET.key, processing=Processing.HEADSET)
    assert source.asked == [DeviceChoice(microphone=HEADSET.key), wanted]
    qtbot.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(lambda: bool(saved))
    assert saved[0][0] == wanted
    assert saved[0][1][HEADSET.key] == HEADSET.name
    assert source.asked[-1] == "close"


def test_going_back_keeps_nothing(opened: Open, saved: list[tuple[DeviceChoice, Mapping[str, str]]]) -> None:
    dialog, source = opened(in_call=True)
    source.told.emit(NOW)
    dialog.lists[Kind.MICROPHONE].activated.emit(0)
    dialog.lists[Kind.MICROPHONE].setCurrentIndex(2)
    dialog.lists[Kind.MICROPHONE].activated.emit(2)
    dialog.reject()
    assert saved == []
    assert source.asked == [DeviceChoice(microphone=HEADSET.key), DeviceChoice(), "close"]


def test_the_keys_on_the_buttons_press_them(opened: Open, qtbot: QtBot) -> None:
    dialog, source = opened()
    source.told.emit(NOW)
    for key in (Qt.Key.Key_T, Qt.Key.Key_R):
        qtbot.keyClick(dialog, key, Qt.KeyboardModifier.ControlModifier)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(lambda: source.asked == ["sound", "echo"])
    assert (dialog.sound.key, dialog.echo.key) == ("Ctrl+T", "Ctrl+R")


def test_each_stage_of_a_test_is_told(opened: Open) -> None:
    dialog, source = opened()
    source.told.emit(NOW)
    said = []
    for stage in (Stage.RECORDING, Stage.PLAYING, Stage.IDLE, Stage.SOUNDING):
        source.told.emit(stage)
        said.append(dialog.status.text())
    assert "请说一句话" in said[0]
    assert "回放" in said[1]
    assert said[2] == NO_VOICE
    assert "三个音" in said[3]


def test_in_a_call_nothing_is_played_and_it_says_why(opened: Open) -> None:
    dialog, source = opened(in_call=True)
    source.told.emit(NOW)
    assert not dialog.sound.isEnabled()
    assert not dialog.echo.isEnabled()
    assert dialog.status.text() == IN_CALL


def test_levels_are_shown_and_none_without_a_microphone(opened: Open) -> None:
    dialog, source = opened()
    source.told.emit(NOW)
    source.told.emit(VoiceLevel("", 0.1))
    assert dialog.meter.word.text() == "声音正常"
    source.told.emit(replace(NOW, microphone="演示提示音", present=(CAMERA, EAR)))
    source.told.emit(VoiceLevel("", 0.1))
    assert dialog.meter.word.text() == "没有可用的麦克风"
    assert dialog.sound.isEnabled()
    assert not dialog.echo.isEnabled()


def test_why_the_voice_is_not_processed_is_said(opened: Open) -> None:
    dialog, source = opened()
    source.told.emit(replace(NOW, unprocessed="没有回声消除"))
    assert dialog.banner.words.text() == "没有回声消除"


def test_everything_can_be_reached_by_tab_and_has_a_name(opened: Open, qtbot: QtBot) -> None:
    dialog, source = opened()
    source.told.emit(NOW)
    seen: list[QWidget] = []
    for _ in range(20):
        qtbot.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Tab)  # type: ignore[no-untyped-call]
        now = QApplication.focusWidget()
        if now is not None and now not in seen:
            seen.append(now)
    kinds = {*dialog.lists.values(), dialog.sound, dialog.echo, dialog.ok}
    assert kinds <= set(seen)
    assert any(isinstance(widget, QRadioButton) for widget in seen)
    names = [widget.accessibleName() or getattr(widget, "text", str)() for widget in seen]
    assert all(names)
    assert {"摄像头", "麦克风", "扬声器", "播放测试声", "回声测试", "保存"} <= set(names)


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_nothing_is_cut_in_either_appearance(opened: Open, qtbot: QtBot, appearance: str, tmp_path: Path) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, appearance)
    dialog, source = opened(DeviceChoice(microphone=HEADSET.key))
    source.told.emit(replace(NOW, message="麦克风“Plantronics”断开了，已改用“内置音频 模拟立体声”，插回后会自动换回"))
    source.told.emit(VoiceLevel("", 0.08))
    source.told.emit(Stage.RECORDING)
    dialog.video.poll()
    qtbot.wait(50)
    folder = Path(os.environ.get("SCREENS", str(tmp_path)))
    dialog.grab().save(str(folder / f"devices-{appearance}.png"))
    for made in dialog.findChildren(QLabel):
        if made.isVisible() and not made.wordWrap():
            assert made.width() >= made.sizeHint().width(), made.text()
    for button in dialog.findChildren(QPushButton):
        assert button.width() >= button.sizeHint().width(), button.text()
    for box in dialog.findChildren(QComboBox):
        assert box.height() >= box.sizeHint().height()
    video = dialog.findChild(VideoView)
    assert video is not None
    assert dialog.rect().contains(video.geometry())
    theme.apply(application, "light")


@pytest.mark.parametrize(
    ("level", "words"), [(0.0, NO_VOICE), (0.008, SOFT_VOICE), (0.1, HEARD)], ids=["silent", "soft", "fine"]
)
def test_the_echo_test_says_what_it_has_shown_and_what_to_do(opened: Open, level: float, words: str) -> None:
    dialog, source = opened()
    source.told.emit(NOW)
    source.told.emit(VoiceLevel("", 0.9))  # before it
    for told in (Stage.RECORDING, VoiceLevel("", level), VoiceLevel("", level / 2), Stage.PLAYING):
        source.told.emit(told)
    assert "正在回放" in dialog.status.text()
    source.told.emit(VoiceLevel("", 0.9))  # its own sound, out of the loudspeaker
    source.told.emit(Stage.IDLE)
    assert dialog.status.text() == words
    source.told.emit(Stage.SOUNDING)
    source.told.emit(Stage.IDLE)
    assert dialog.status.text() == SOUNDED


def test_a_test_that_is_broken_off_by_a_device_says_nothing(opened: Open) -> None:
    dialog, source = opened()
    source.told.emit(NOW)
    source.told.emit(Stage.RECORDING)
    source.told.emit(replace(NOW, message="麦克风断开了，已改用内置"))
    assert dialog.status.text() == ""
