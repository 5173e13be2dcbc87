"""All devices of a call together: found, watched and replaced by themselves."""

import io
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from media.core.devices import Device, DeviceChoice, Kind
from media.core.mixing import silence
from media.devices import seat as seats
from media.devices.seat import InUse, SeatDevices
from media.devices.soundprocess import Loop
from media.devices.soundwire import News, Order, read_message
from media.devices.watch import Watch
from media.ports import EngineOptions
from media.slots import LatestPicture
from media.standin import WORDS
from tests.unit.media.devices.alsa import Desk
from tests.unit.media.rtc.wire import spoken

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ALSA's null devices are Linux's")
FRONT = Device(Kind.CAMERA, "lavfi:front", "正面摄像头", "lavfi:testsrc=size=640x480:rate=15")
SIDE = Device(Kind.CAMERA, "lavfi:side", "侧面摄像头", "lavfi:testsrc2=size=320x240:rate=15")
SHORT = Device(Kind.CAMERA, "lavfi:front", "正面摄像头", "lavfi:testsrc=size=640x480:rate=15:duration=1")


class _Watch(Watch):
    """Cameras as the test plugs them in: FFmpeg's own sources."""

    def __init__(self, desk: Desk) -> None:
        watch = desk.watch()
        super().__init__(watch._look, watch._find, desk.system)
        self._desk = desk

    def present(self) -> tuple[Device, ...]:
        return (*self._desk.cameras, *super().present())


class _Call:
    """The devices of a call, what was told of them, and the camera's pictures."""

    def __init__(self, desk: Desk, choice: DeviceChoice) -> None:
        self.slot = LatestPicture()
        self.told: list[tuple[InUse, str]] = []
        options = EngineOptions(devices=choice)
        self.devices = SeatDevices(options, self.slot, lambda now, words: self.told.append((now, words)), _Watch(desk))

    def wait_for(self, words: str, seconds: float = 12.0) -> InUse:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.devices.sound.play(silence())
            for now, said in self.told:
                if words in said:
                    return now
            time.sleep(0.02)
        raise AssertionError(f"nobody said {words}, but {self.told}")

    def wait_for_width(self, width: int, seconds: float = 8.0) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            picture = self.slot.latest()
            if picture is not None and picture.width == width:
                return
            time.sleep(0.02)
        raise AssertionError(self.slot.latest())


@pytest.fixture
def calls(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[_Call]]:
    monkeypatch.setattr(seats, "LOOK_EVERY", 0.2)
    made: list[_Call] = []
    yield made
    for call in made:
        call.devices.close()


def _call(calls: list[_Call], desk: Desk, choice: DeviceChoice) -> _Call:
    calls.append(_Call(desk, choice))
    return calls[-1]


def test_at_the_beginning_nothing_is_said(desk: Desk, calls: list[_Call]) -> None:
    desk.cameras = [FRONT, SIDE]
    call = _call(calls, desk, DeviceChoice("lavfi:side", "portaudio:built-in", "portaudio:headset"))
    now = call.devices.in_use()
    assert (now.camera, now.microphone, now.loudspeaker) == ("侧面摄像头", "built-in", "headset")
    assert {device.name for device in now.present} == {"正面摄像头", "侧面摄像头", "headset", "built-in"}
    call.wait_for_width(320)
    time.sleep(0.6)
    assert [words for _, words in call.told if words] == []


def test_a_headset_pulled_out_in_a_call_is_replaced_and_taken_again(desk: Desk, calls: list[_Call]) -> None:
    wanted = DeviceChoice("", "portaudio:headset", "portaudio:headset")
    call = _call(calls, desk, wanted)
    desk.plug("built-in")
    now = call.wait_for("麦克风“headset”断开了，已改用“built-in”")
    assert (now.microphone, now.loudspeaker) == ("built-in", "built-in")
    desk.plug("built-in", "headset")
    now = call.wait_for("麦克风“headset”已接回，现在用它")
    assert (now.microphone, now.loudspeaker) == ("headset", "headset")


def test_a_microphone_that_falls_silent_is_told_unless_the_agent_is_muted(desk: Desk, calls: list[_Call]) -> None:
    call = _call(calls, desk, DeviceChoice("", "portaudio:built-in", "portaudio:headset"))
    sound = call.devices.sound
    assert sound.silent == ""
    sound.muted = True
    sound._hear(News(sound="gone"))
    assert sound.silent == ""
    sound.muted = False
    call.wait_for("麦克风“built-in”没有一点声音，对方听不到您")
    assert sound.silent == "built-in"
    sound._hear(News(sound="there"))
    call.wait_for("麦克风“built-in”又有声音了")
    assert sound.silent == ""


class _Stuck:
    """A camera that gives pictures until it hangs: then neither pictures nor an error, until ``answer``."""

    def __init__(self, fifo: Path) -> None:
        os.mkfifo(fifo)
        self.device = Device(Kind.CAMERA, "fifo", "老摄像头", f"rawvideo:{fifo}")
        self._fifo, self._hangs, self._answers = fifo, threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with self._fifo.open("wb", buffering=0) as pipe, suppress(BrokenPipeError):
            while not self._hangs.wait(1 / 15):
                pipe.write(bytes([90]) * (640 * 480 * 3 // 2))
            self._answers.wait(60)

    def hang(self) -> None:
        self._hangs.set()

    def answer(self) -> None:
        self._hangs.set()
        self._answers.set()
        self._thread.join(10)


@pytest.fixture
def stuck(tmp_path: Path) -> Iterator[_Stuck]:
    made = _Stuck(tmp_path / "camera")
    yield made
    made.answer()


def test_a_camera_that_hangs_is_told_like_one_pulled_out_and_holds_no_other_up(
    desk: Desk, calls: list[_Call], stuck: _Stuck
) -> None:
    desk.cameras = [stuck.device]
    call = _call(calls, desk, DeviceChoice("", "portaudio:built-in", "portaudio:headset"))
    call.wait_for_width(640)
    stuck.hang()
    call.wait_for("摄像头“老摄像头”断开了，没有别的摄像头可用")
    assert call.devices.unplugged == {Kind.CAMERA}
    desk.cameras = [stuck.device, SIDE]
    call.wait_for("已接上摄像头“侧面摄像头”")
    call.wait_for_width(320)
    assert len([words for _, words in call.told if "断开了" in words]) == 1


def test_what_the_microphone_gives_is_looked_at_before_it_is_processed(desk: Desk) -> None:
    """Echo cancellation puts comfort noise in place of nothing."""
    told = io.BytesIO()
    loop = Loop(Order(desk.device(Kind.MICROPHONE, "built-in"), None, clean=True), told)
    stream = loop._input
    assert stream is not None
    stream.began = False
    loop._listen(silence(), 0.0)
    assert loop._near == [], "a stream that has not begun is no microphone"
    stream.began = True
    for number, near in enumerate([spoken(0)] * 100 + [silence()] * 500 + [spoken(0)] * 100):
        loop._listen(near, number / 50)
    told.seek(0)
    news = [message for message in iter(lambda: read_message(told), None) if isinstance(message, News)]
    assert [one.sound for one in news if one.sound] == ["gone", "there"]
    stream._stream.close()


def test_a_camera_that_breaks_off_is_replaced(desk: Desk, calls: list[_Call]) -> None:
    desk.cameras = [SHORT, SIDE]
    call = _call(calls, desk, DeviceChoice("lavfi:front"))
    call.wait_for_width(640)
    assert call.wait_for("摄像头“正面摄像头”断开了，已改用“侧面摄像头”").camera == "侧面摄像头"
    call.wait_for_width(320)


def test_a_camera_that_comes_back_is_taken_again(desk: Desk, calls: list[_Call]) -> None:
    desk.cameras = [FRONT, SIDE]
    call = _call(calls, desk, DeviceChoice("lavfi:front"))
    desk.cameras = [SIDE]
    call.wait_for("已改用“侧面摄像头”")
    call.wait_for_width(320)
    desk.cameras = [SIDE, replace(FRONT, address=FRONT.address + ":duration=600")]
    call.wait_for("摄像头“正面摄像头”已接回，现在用它")
    call.wait_for_width(640)


def test_without_any_camera_the_stand_in_is_shown_and_said(desk: Desk, calls: list[_Call]) -> None:
    desk.cameras = [SIDE]
    call = _call(calls, desk, DeviceChoice())
    call.wait_for_width(320)
    desk.cameras = []
    now = call.wait_for("摄像头“侧面摄像头”断开了，没有别的摄像头可用，画面里写明“摄像头已断开”，录像照常")
    call.wait_for_width(640)
    assert now.camera in (WORDS, "侧面摄像头")
    assert call.devices.unplugged == {Kind.CAMERA}
    desk.cameras = [SIDE]
    call.wait_for("已接上摄像头“侧面摄像头”")
    assert call.devices.unplugged == set()


class _Unreadable(list[Device]):
    """Devices on a bus that cannot be asked now."""

    def __iter__(self) -> Iterator[Device]:
        raise OSError("the bus does not answer")


def test_a_look_that_fails_is_logged_once_and_not_the_last(
    desk: Desk, calls: list[_Call], caplog: pytest.LogCaptureFixture
) -> None:
    desk.cameras = [FRONT]
    call = _call(calls, desk, DeviceChoice())
    desk.cameras = _Unreadable([SIDE])
    time.sleep(1)
    desk.cameras = [SIDE]
    call.wait_for("已改用“侧面摄像头”")
    assert len([record for record in caplog.records if record.name == "media.devices.seat"]) == 1


def test_one_that_does_not_open_leaves_the_others(desk: Desk, calls: list[_Call]) -> None:
    desk.cameras = [replace(FRONT, address="v4l2:/dev/video99"), SIDE]
    call = _call(calls, desk, DeviceChoice("lavfi:front"))
    assert call.devices.in_use().camera == "侧面摄像头"


def test_a_choice_in_the_call_is_followed(desk: Desk, calls: list[_Call]) -> None:
    desk.cameras = [FRONT, SIDE]
    call = _call(calls, desk, DeviceChoice())
    call.wait_for_width(640)
    call.devices.choose(DeviceChoice("lavfi:side", "portaudio:built-in"))
    call.wait_for_width(320)
    end = time.monotonic() + 8
    while not any(now.microphone == "built-in" for now, _ in call.told):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert [words for _, words in call.told if words] == []


def test_without_devices_only_what_stands_in(desk: Desk) -> None:
    slot, told = LatestPicture(), list[str]()
    devices = SeatDevices(EngineOptions(use_devices=False), slot, lambda now, words: told.append(words), desk.watch())
    assert devices.in_use().camera == WORDS
    assert devices.in_use().present == ()
    assert devices.unplugged == set(), "what stands in was never plugged in"
    devices.close()
    assert slot.latest() is None


def test_devices_that_cannot_be_looked_at_leave_nothing_open(desk: Desk) -> None:
    desk.cameras = _Unreadable([SIDE])
    before = set(threading.enumerate())
    with pytest.raises(OSError, match="does not answer"):
        SeatDevices(EngineOptions(), LatestPicture(), lambda now, words: None, _Watch(desk))
    desk.cameras = [FRONT]
    slot = LatestPicture()
    devices = SeatDevices(EngineOptions(), slot, lambda now, words: None, _Watch(desk))
    devices.close()
    assert {thread.name for thread in set(threading.enumerate()) - before} == set()
