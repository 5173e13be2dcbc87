"""Trying devices outside a call."""

import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from media.core.devices import DeviceChoice, Processing
from media.core.mixing import BLOCK, RATE
from media.devices.trial import RECORDED, Stage, Trial, tune
from media.ports import DevicesChanged, VoiceLevel
from tests.unit.media.devices.alsa import Desk

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ALSA's null devices are Linux's")
CHOICE = DeviceChoice("", "portaudio:headset", "portaudio:headset", Processing.OFF)


class _Told:
    def __init__(self) -> None:
        self.all: list[DevicesChanged | VoiceLevel | Stage] = []

    def stages(self) -> list[Stage]:
        return [told for told in self.all if isinstance(told, Stage)]

    def wait(self, until: Callable[[], bool], seconds: float = 10.0) -> None:
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, self.all[-5:]
            time.sleep(0.02)


@pytest.fixture
def told() -> _Told:
    return _Told()


@pytest.fixture
def trial(desk: Desk, told: _Told) -> Iterator[Trial]:
    made = Trial(CHOICE, told.all.append, desk.watch())
    yield made
    made.close()


def test_it_says_at_once_what_there_is(trial: Trial, told: _Told) -> None:
    (first,) = [one for one in told.all if isinstance(one, DevicesChanged)][:1]
    assert (first.call_id, first.microphone, first.loudspeaker) == ("", "headset", "headset")
    assert {device.name for device in first.present} == {"headset", "built-in"}


def test_levels_come_by_themselves(trial: Trial, told: _Told) -> None:
    told.wait(lambda: sum(isinstance(one, VoiceLevel) for one in told.all) > 5)


def test_the_test_sound_ends(trial: Trial, told: _Told) -> None:
    trial.sound()
    told.wait(lambda: told.stages() == [Stage.SOUNDING, Stage.IDLE])


def test_ones_own_voice_is_recorded_and_played(trial: Trial, told: _Told) -> None:
    trial.echo()
    told.wait(lambda: told.stages() == [Stage.RECORDING, Stage.PLAYING, Stage.IDLE])
    assert len(trial._record) == RECORDED == 150


def test_another_choice_is_told(trial: Trial, told: _Told) -> None:
    trial.choose(DeviceChoice("", "portaudio:built-in", "", Processing.OFF))
    told.wait(lambda: any(isinstance(one, DevicesChanged) and one.microphone == "built-in" for one in told.all))


def test_the_tune_is_three_rising_notes_without_clicks() -> None:
    steps = tune()
    whole = np.concatenate(steps).astype(np.float64)
    assert {len(step) for step in steps} == {BLOCK}
    notes = whole.reshape(3, -1)
    pitches = [float(np.abs(np.fft.rfft(note)).argmax() * RATE / len(note)) for note in notes]
    assert pitches == pytest.approx([523, 659, 784], abs=3)
    assert np.abs(np.diff(whole)).max() < 9000 * 2 * np.pi * 800 / RATE
    assert np.abs(whole).max() < 10_000
