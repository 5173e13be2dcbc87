"""Cameras: FFmpeg's lavfi device delivers pictures as a real device does, and ends as a pulled-out one does."""

import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest
from av.container import InputContainer

from media.capture import STAND_IN, Camera, pace
from media.pictures import from_rgb
from media.ports import Picture
from media.slots import LatestPicture
from media.standin import StandInPicture, beeps
from tests.unit.media.sample import record


class _Watched:
    """A camera whose pictures and troubles are kept."""

    def __init__(self) -> None:
        self.slot = LatestPicture()
        self.lost: list[str] = []

    def picture(self, seconds: float = 3.0) -> Picture:
        end = time.monotonic() + seconds
        while (picture := self.slot.latest()) is None:
            assert time.monotonic() < end
            time.sleep(0.01)
        return picture


@pytest.fixture
def watched() -> _Watched:
    return _Watched()


def _device(seconds: float) -> tuple[str, InputContainer]:
    address = f"testsrc=size=640x480:rate=15:duration={seconds}"
    return "测试摄像头", av.open(address, format="lavfi")


def test_without_a_device_the_stand_in_moves_and_says_so(watched: _Watched) -> None:
    camera = Camera(watched.slot, watched.lost.append, use_devices=False)
    first = watched.picture()
    time.sleep(0.2)
    second = watched.picture()
    camera.close()
    assert camera.name == STAND_IN == "演示画面（无摄像头）"
    assert not np.array_equal(first.y, second.y)
    assert second.captured_ns > first.captured_ns
    assert watched.lost == []
    assert watched.slot.latest() is None


def test_a_device_is_shown_under_its_name(watched: _Watched) -> None:
    camera = Camera(watched.slot, watched.lost.append, find=lambda: _device(60))
    picture = watched.picture()
    camera.close()
    assert camera.name == "测试摄像头"
    assert (picture.width, picture.height) == (640, 480)
    assert picture.u.std() > 20, "the test source is colourful"


def test_a_device_that_is_pulled_out_is_told_and_replaced(watched: _Watched) -> None:
    camera = Camera(watched.slot, watched.lost.append, find=lambda: _device(0.2))
    end = time.monotonic() + 5
    while not watched.lost and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.3)
    picture, expected = watched.picture(), StandInPicture().at(0, 0)
    camera.close()
    assert len(watched.lost) == 1
    assert "摄像头中断了" in watched.lost[0]
    assert np.array_equal(picture.y[200:, :500], expected.y[200:, :500])


def test_no_device_found_falls_to_the_stand_in(watched: _Watched) -> None:
    camera = Camera(watched.slot, watched.lost.append, find=lambda: None)
    watched.picture()
    camera.close()
    assert camera.name == STAND_IN


def test_a_file_plays_over_and_over(watched: _Watched, tmp_path: Path) -> None:
    path = record(tmp_path / "agent.mp4", 0.4).path
    camera = Camera(watched.slot, watched.lost.append, use_devices=False, file=path)
    watched.picture()
    time.sleep(0.9)
    picture = watched.picture()
    camera.close()
    assert camera.name == "演示画面（文件 agent.mp4）"
    assert picture.width == 320
    assert time.monotonic_ns() - picture.captured_ns < 1_000_000_000
    assert watched.lost == []


def test_a_file_that_is_none_is_told(watched: _Watched, tmp_path: Path) -> None:
    camera = Camera(watched.slot, watched.lost.append, use_devices=False, file=tmp_path / "missing.mp4")
    picture = watched.picture()
    camera.close()
    assert len(watched.lost) == 1
    assert picture.width == 640


def test_what_a_thread_that_was_left_opens_at_last_is_let_go(watched: _Watched) -> None:
    began, answers, late = threading.Event(), threading.Event(), list[InputContainer]()

    def hangs() -> tuple[str, InputContainer]:
        began.set()
        answers.wait(30)
        late.append(_device(60)[1])
        return "老摄像头", late[0]

    camera = Camera(watched.slot, watched.lost.append, find=lambda: None)
    stuck = camera._thread
    camera.turn_to(hangs)
    assert began.wait(20)
    camera.leave(lambda: _device(60))
    end = time.monotonic() + 20
    while camera.name != "测试摄像头":
        assert time.monotonic() < end
        time.sleep(0.01)
    answers.set()
    stuck.join(20)
    assert not stuck.is_alive()
    assert camera.name == "测试摄像头", "the other camera's name stands"
    with pytest.raises(AssertionError, match="not open"):
        next(late[0].demux())
    camera.close()


def test_pacing_keeps_its_rate() -> None:
    begin = time.monotonic()
    numbers = [number for number, _ in zip(pace(100), range(21), strict=False)]
    assert numbers == list(range(21))
    assert time.monotonic() - begin == pytest.approx(0.2, abs=0.08)


def test_the_hand_of_the_stand_in_turns() -> None:
    agent = StandInPicture()
    shown = {agent.at(second / 4, 0).y.tobytes() for second in range(8)}
    assert len(shown) == 8
    assert agent.at(1.0, 0).y.std() > from_rgb(np.zeros((480, 640, 3), dtype=np.uint8)).y.std()


def test_beeps_are_soft_of_the_wanted_pitch_and_continuous() -> None:
    whole = beeps(0, 96_000)
    assert np.array_equal(np.concatenate([beeps(start, 960) for start in range(0, 96_000, 960)]), whole)
    assert int(np.abs(whole).max()) <= 3000
    assert not whole[int(0.5 * 48_000) : 48_000].any()
    spectrum = np.abs(np.fft.rfft(whole[:19_200].astype(np.float64)))
    assert int(spectrum.argmax()) * 48_000 / 19_200 == pytest.approx(440, abs=3)
    assert int(np.abs(np.diff(whole.astype(int))).max()) < 300, "an edge would click"
