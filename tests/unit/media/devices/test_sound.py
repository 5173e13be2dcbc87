"""Microphone and loudspeaker through the real PortAudio in its real process: opened, pulled out, put back, broken."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from media.core.devices import DeviceChoice, Kind, Processing
from media.core.mixing import BLOCK, silence
from media.devices import portaudio
from media.devices.sound import FAULTY, Sound
from media.devices.soundlink import SoundLink
from media.devices.soundwire import News, Order
from media.processing import MISSING
from media.voice import NO_LOUDSPEAKER, TONE, HeardFile, Tone
from tests.unit.media.devices.alsa import Desk

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ALSA's null devices are Linux's")
WANTED = DeviceChoice(microphone="portaudio:headset", loudspeaker="portaudio:headset")


@pytest.fixture
def sound() -> Iterator[Callable[[], Sound]]:
    made: list[Sound] = []

    def make() -> Sound:
        made.append(Sound(lambda: None, Tone(), None))
        return made[-1]

    yield make
    for one in made:
        one.close()


def talk(sound: Sound, steps: int = 0) -> int:
    """Plays and hears for so many steps, or until some blocks came from the process; how many came."""
    came = 0
    for _ in range(steps or 500):
        if came > 10 and not steps:
            break
        block = sound.take()
        assert block.shape == (BLOCK,)
        sound.play(silence())
        came += sound._link is not None and sound._link._heard.playing
        time.sleep(0.02)
    return came


def test_both_kinds_are_listed_under_their_names(desk: Desk) -> None:
    found = portaudio.fresh()
    assert {(device.kind, device.name) for device in found} == {
        (kind, name) for kind in (Kind.MICROPHONE, Kind.LOUDSPEAKER) for name in ("系统默认", "headset", "built-in")
    }
    assert found[0].name == "系统默认"
    desk.plug()
    assert portaudio.fresh() == []


def test_the_wanted_ones_are_opened_and_answer_each_block(desk: Desk, sound: Callable[[], Sound]) -> None:
    seat = sound()
    assert seat.settle(WANTED, desk.watch().present())
    assert (seat.name, seat.loudspeaker) == ("headset", "headset")
    assert seat.processed
    assert talk(seat) > 10


def test_pulled_out_and_put_back(desk: Desk, sound: Callable[[], Sound]) -> None:
    seat, watch = sound(), desk.watch()
    seat.settle(WANTED, watch.present())
    desk.plug("built-in")
    said = seat.settle(WANTED, watch.present())
    assert said == [
        "麦克风“headset”断开了，已改用“built-in”，插回后会自动换回",
        "扬声器“headset”断开了，已改用“built-in”，插回后会自动换回",
    ]
    assert talk(seat) > 10
    desk.plug("built-in", "headset")
    assert seat.settle(WANTED, watch.present()) == [
        "麦克风“headset”已接回，现在用它",
        "扬声器“headset”已接回，现在用它",
    ]
    assert talk(seat) > 10


def test_with_nothing_left_there_is_silence_and_not_a_tone(desk: Desk, sound: Callable[[], Sound]) -> None:
    seat, watch = sound(), desk.watch()
    seat.settle(WANTED, watch.present())
    desk.plug()
    microphone, loudspeaker = seat.settle(WANTED, watch.present())
    assert "对方现在听不到您" in microphone
    assert "您现在听不到客户" in loudspeaker
    assert (seat.name, seat.loudspeaker) == ("麦克风已断开", NO_LOUDSPEAKER)
    assert not any(seat.take().any() for _ in range(100)), "beeps in a real conversation"
    desk.plug("built-in")
    assert seat.settle(WANTED, watch.present()) == ["已接上麦克风“built-in”", "已接上扬声器“built-in”"]


def test_without_any_device_what_stands_in_does(desk: Desk, sound: Callable[[], Sound], tmp_path: Path) -> None:
    desk.plug()
    seat = Sound(lambda: None, Tone(), HeardFile(tmp_path / "heard.wav"))
    assert seat.settle(DeviceChoice(), desk.watch().present()) == []
    assert (seat.name, seat.loudspeaker) == (TONE, HeardFile.name)
    assert any(seat.take().any() for _ in range(50))
    seat.play(silence())
    seat.close()
    assert (tmp_path / "heard.wav").stat().st_size == 44 + 2 * BLOCK


def test_one_that_is_listed_but_does_not_open_is_passed_over(desk: Desk, sound: Callable[[], Sound]) -> None:
    seat = sound()
    ghost = desk.device(Kind.MICROPHONE, "ghost")
    wanted = DeviceChoice(microphone=ghost.key)
    seat.settle(wanted, (ghost, *desk.watch().present()))
    assert seat.name == "headset"
    assert talk(seat) > 10


def test_a_process_that_dies_is_begun_anew_and_twice_without_the_processing(
    desk: Desk, sound: Callable[[], Sound]
) -> None:
    seat, present = sound(), desk.watch().present()
    seat.settle(WANTED, present)
    for processed in (True, False):
        assert seat._link is not None
        seat._link._process.kill()
        assert seat._link.ended.wait(5)
        assert seat.take().shape == (BLOCK,)
        assert seat.settle(WANTED, present) == []
        assert seat.processed is processed
        assert talk(seat) > 10
    assert seat.unclean == FAULTY


def test_another_choice_is_followed_without_a_word(desk: Desk, sound: Callable[[], Sound]) -> None:
    seat, present = sound(), desk.watch().present()
    seat.settle(WANTED, present)
    other = DeviceChoice("", "portaudio:built-in", "portaudio:built-in", Processing.OFF)
    assert seat.settle(other, present) == []
    assert (seat.name, seat.loudspeaker, seat.processed) == ("built-in", "built-in", False)


def test_nothing_is_opened_again_where_nothing_changed(desk: Desk, sound: Callable[[], Sound]) -> None:
    seat, present = sound(), desk.watch().present()
    seat.settle(WANTED, present)
    before = seat._link
    seat.settle(WANTED, present)
    assert seat._link is before


def test_after_closing_nothing_opens_any_more(desk: Desk, sound: Callable[[], Sound]) -> None:
    seat = sound()
    seat.settle(WANTED, desk.watch().present())
    seat.close()
    seat.close()
    assert seat.settle(WANTED, desk.watch().present()) == []
    assert seat._link is None


def test_a_missing_library_leaves_the_voice_as_it_is_and_says_so(
    desk: Desk, sound: Callable[[], Sound], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "without" / "livekit"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise OSError('no such library')\n")
    monkeypatch.setenv("PYTHONPATH", f"{broken.parent}:{Path(__file__).parents[4]}")
    seat = sound()
    seat.settle(WANTED, desk.watch().present())
    assert talk(seat) > 10
    assert (seat.processed, seat.unclean) == (False, MISSING)


def test_a_level_is_told_ten_times_a_second_while_it_is_wanted(desk: Desk, sound: Callable[[], Sound]) -> None:
    seat, levels = sound(), list[float]()
    seat.settle(WANTED, desk.watch().present())
    seat.on_level = levels.append
    talk(seat, 50)
    assert len(levels) == 10
    assert all(0 <= level <= 1 for level in levels)
    seat.on_level = None
    talk(seat, 10)
    assert len(levels) == 10


def test_a_microphone_that_delivers_nothing_any_more_is_told(desk: Desk) -> None:
    told: list[News] = []
    order = Order(desk.device(Kind.MICROPHONE, "ghost"), desk.device(Kind.LOUDSPEAKER, "headset"))
    link = SoundLink(order, told.append)
    assert link.wait()
    link.close()
    assert told[0].refused == Kind.MICROPHONE
    assert "没有找到设备" in told[0].message
    assert told[1] == News(opened=True)


def test_an_engine_that_ends_takes_the_process_with_it(desk: Desk) -> None:
    link = SoundLink(Order(desk.device(Kind.MICROPHONE, "headset")), lambda news: None)
    assert link.wait()
    assert link._process.stdin is not None
    link._process.stdin.close()
    assert link._process.wait(5) == 0
    link.close()
