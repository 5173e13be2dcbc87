"""The seat's engine with real sound devices: chosen, plugged in and out in a call, at other rates, with an echo."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from media import ports
from media.core.devices import DeviceChoice, Kind, Processing, of_kind
from media.core.mixing import RATE, Samples, level, silence
from media.devices.sound import Sound
from media.devices.watch import Watch, sounds
from media.voice import Tone
from tests.integration.media.pulse import Room, room
from tests.integration.media.seat import Seat
from tests.integration.media.sound import strength
from tests.unit.media.room import samples, speech

__all__ = ["room"]
FAR = samples(speech(4, 180, seed=1))
HEADSET = DeviceChoice("", "pulse:headset-mic", "pulse:headset-ear", Processing.OFF)


@pytest.fixture
def desk(room: Room) -> Room:
    """A desk with built-in devices and a headset."""
    room.plug_loudspeaker("inner-ear", "内置扬声器")
    room.plug_microphone("inner-mic", "内置麦克风")
    plug_headset(room)
    return room


def plug_headset(room: Room) -> None:
    room.plug_loudspeaker("headset-ear", "USB 耳麦")
    room.plug_microphone("headset-mic", "USB 耳麦话筒")


def unplug_headset(room: Room) -> None:
    room.unplug("headset-ear")
    room.unplug("headset-mic")


def sine(pitch: float, seconds: float) -> Samples:
    wave: Samples = (8000 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)
    return wave


@pytest.fixture
def seats(tmp_path: Path) -> Iterator[Callable[[DeviceChoice], Seat]]:
    made: list[Seat] = []

    def make(choice: DeviceChoice) -> Seat:
        made.append(Seat(ports.EngineOptions(devices=choice)))
        return made[-1]

    yield make
    for seat in made:
        seat.close()


def test_devices_are_listed_in_words_without_what_only_repeats_them(desk: Room) -> None:
    found = sounds()
    microphones = [device.name for device in of_kind(found, Kind.MICROPHONE)]
    loudspeakers = [device.name for device in of_kind(found, Kind.LOUDSPEAKER)]
    assert set(microphones) == {"内置麦克风", "USB 耳麦话筒"}
    assert {"内置扬声器", "USB 耳麦"} <= set(loudspeakers)


def test_what_is_plugged_in_and_out_is_noticed(desk: Room) -> None:
    watch = Watch(system=Path("/nonexistent"))
    names = {device.name for device in watch.present()}
    unplug_headset(desk)
    assert names - {device.name for device in watch.present()} >= {"USB 耳麦", "USB 耳麦话筒"}
    plug_headset(desk)
    assert {device.name for device in watch.present()} == names


def test_the_chosen_microphone_is_the_one_that_is_heard(desk: Room, seats: Callable[[DeviceChoice], Seat]) -> None:
    seat = seats(HEADSET)
    opened = seat.open()
    assert (opened.microphone, opened.loudspeaker) == ("USB 耳麦话筒", "USB 耳麦")
    with desk.speak("headset-mic", sine(700, 20)):
        seat.post(ports.WatchVoice("c1", True))
        loud = seat.wait(ports.VoiceLevel, where=lambda event: event.level > 0.1)
    assert loud.level < 0.3
    before = len(seat.events)
    with desk.speak("inner-mic", sine(700, 20)):
        time.sleep(1.5)
    levels = [event.level for event in seat.events[before:] if isinstance(event, ports.VoiceLevel)]
    assert len(levels) > 8
    assert max(levels[8:]) < 0.01, "another microphone is heard"


def test_a_headset_pulled_out_in_a_call_falls_over_and_is_taken_again(
    desk: Room, seats: Callable[[DeviceChoice], Seat]
) -> None:
    seat = seats(HEADSET)
    seat.open()
    unplug_headset(desk)
    fallen = seat.wait(ports.DevicesChanged, where=lambda event: event.message)
    assert "麦克风“USB 耳麦话筒”断开了，已改用“内置麦克风”，插回后会自动换回" in fallen.message
    assert "扬声器“USB 耳麦”断开了，已改用" in fallen.message
    seat.post(ports.WatchVoice("c1", True))
    with desk.speak("inner-mic", sine(700, 20)):
        seat.wait(ports.VoiceLevel, where=lambda event: event.level > 0.1)
    before = len(seat.events)
    plug_headset(desk)
    back = seat.wait(ports.DevicesChanged, since=before, where=lambda event: "话筒”已接回" in event.message)
    assert (back.microphone, back.loudspeaker) == ("USB 耳麦话筒", "USB 耳麦")
    with desk.speak("headset-mic", sine(700, 20)):
        seat.wait(ports.VoiceLevel, since=before, where=lambda event: event.level > 0.1)


def test_the_last_device_pulled_out_is_told_and_a_new_one_taken(
    room: Room, seats: Callable[[DeviceChoice], Seat]
) -> None:
    plug_headset(room)
    seat = seats(HEADSET)
    seat.open()
    room.unplug("headset-mic")
    told = seat.wait(ports.DevicesChanged, where=lambda event: "对方现在听不到您" in event.message)
    assert told.loudspeaker == "USB 耳麦"
    room.plug_microphone("spare", "备用麦克风")
    assert seat.wait(ports.DevicesChanged, where=lambda event: "已接上麦克风“备用麦克风”" in event.message)


def test_another_choice_in_the_call_is_followed(desk: Room, seats: Callable[[DeviceChoice], Seat]) -> None:
    seat = seats(HEADSET)
    seat.open()
    choice = replace(HEADSET, microphone="pulse:inner-mic")
    seat.post(ports.ChooseDevices("c1", choice))
    now = seat.wait(ports.DevicesChanged, where=lambda event: event.microphone == "内置麦克风")
    assert now.message == ""
    seat.post(ports.CloseCall("c1"))
    seat.wait(ports.CallClosed)
    assert seat.open("c2").call_id == "c1"
    assert seat.wait(ports.CallOpened, where=lambda event: event.call_id == "c2").microphone == "内置麦克风"


def converse(sound: Sound, far: Samples, seconds: float) -> Samples:
    """Plays ``far`` and gives what the microphone heard meanwhile, at the pace of a call."""
    heard, start = list[Samples](), time.monotonic()
    for number in range(round(seconds * 50)):
        heard.append(sound.take())
        block = far[number * 960 : (number + 1) * 960]
        sound.play(block if len(block) == 960 else silence())
        time.sleep(max(0.0, start + (number + 1) * 0.02 - time.monotonic()))
    return np.concatenate(heard)


def converse_until(sound: Sound, far: Samples, right: Callable[[Samples], bool], limit: float = 45) -> None:
    """Until the last second of what the microphone heard is ``right``: a busy machine tears sound for a while."""
    heard, until = silence(0), time.monotonic() + limit
    while not (len(heard) == RATE and right(heard)):
        at = f"strength {strength(heard, 700):.2f}, level {level(heard):.3f}" if len(heard) else "nothing"
        assert time.monotonic() < until, f"never heard as it should be; at last: {at}"
        heard = np.concatenate([heard, converse(sound, far, 0.5)])[-RATE:]


@pytest.fixture
def sound() -> Iterator[Sound]:
    made = Sound(lambda: None, Tone(), None)
    yield made
    made.close()


@pytest.mark.parametrize(("rate", "channels"), [(44_100, 2), (16_000, 1), (8_000, 1)])
def test_devices_of_other_rates_and_channels_sound_right(room: Room, sound: Sound, rate: int, channels: int) -> None:
    loud = pytest.approx(8000 / 32768 / 2**0.5, rel=0.2)
    room.plug_microphone("mic", "话筒", rate, channels)
    room.plug_loudspeaker("ear", "耳机", rate, channels)
    sound.settle(DeviceChoice("", "pulse:mic", "pulse:ear", Processing.OFF), sounds())
    with room.speak("mic", sine(700, 60)):
        converse_until(sound, sine(500, 60), lambda last: strength(last, 700) > 0.95 and level(last) == loud)


def test_what_is_played_comes_out_of_the_chosen_loudspeaker(desk: Room, sound: Sound) -> None:
    sound.settle(HEADSET, sounds())
    best = 0.0
    for _ in range(8):  # a busy machine tears what is played
        heard: list[Samples] = []
        ear = threading.Thread(target=_listen, args=(desk, heard), name="ThreadPoolExecutor-ear")
        ear.start()
        converse(sound, sine(500, 5), 4)
        ear.join(30)
        best = max(best, strength(heard[0][RATE:], 500))
        if best > 0.95:
            return
    raise AssertionError(f"never heard as it was played; at best {best:.2f}")


def _listen(desk: Room, heard: list[Samples]) -> None:
    heard.append(desk.hear("headset-ear", 2))


def test_a_microphone_that_hears_the_loudspeaker_is_processed(room: Room, sound: Sound) -> None:
    """By how much is measured without a clock, in ``tests/unit/media/test_processing.py``."""
    room.plug_loudspeaker("ear", "外放")
    room.plug_open_microphone("mic", "话筒", "ear")
    choice = DeviceChoice("", "pulse:mic", "pulse:ear", Processing.OFF)
    sound.settle(choice, sounds())
    raw = converse(sound, FAR, 4)
    assert level(raw[2 * RATE :]) > 0.01, "there is an echo at all"
    sound.settle(replace(choice, processing=Processing.LOUDSPEAKER), sounds())
    converse(sound, FAR, 4)
    assert sound.processed
    assert sound.unclean == ""
