"""The ring's sound is a real WAV with two tones and a pause."""

import wave
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QByteArray

from desktop.widgets.ringer import RATE, TONES, Wanted, to_ring_by, write_ring


def test_the_ring_has_its_tones_and_its_pause(tmp_path: Path) -> None:
    write_ring(tmp_path / "ring.wav")
    with wave.open(str(tmp_path / "ring.wav")) as file:
        assert (file.getnchannels(), file.getframerate()) == (1, RATE)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    assert len(samples) / RATE == pytest.approx(sum(seconds for _, seconds in TONES), abs=0.01)
    start = 0
    for hertz, seconds in TONES:
        part = samples[start : start + round(RATE * seconds)]
        start += len(part)
        if hertz:
            loudest = np.abs(np.fft.rfft(part)).argmax() / seconds
            assert loudest == pytest.approx(hertz, abs=3)
        else:
            assert np.abs(part).max() == 0
    assert np.abs(np.diff(samples)).max() < 2000


class Output:
    """What is asked of a ``QAudioDevice``."""

    def __init__(self, name: str, shown: str) -> None:
        self.name, self.shown = name, shown

    def id(self) -> QByteArray:
        return QByteArray(self.name.encode())

    def description(self) -> str:
        return self.shown

    def isNull(self) -> bool:  # noqa: N802 - Qt's name
        return not self.name


SCREEN = Output("alsa_output.hdmi", "HDMI 显示器")
BOX = Output("alsa_output.usb-box", "USB Audio Device Analog Stereo")


@pytest.mark.parametrize(
    ("wanted", "rings"),
    [
        (("", ""), [SCREEN]),
        (("pulse:alsa_output.usb-box", ""), [BOX, SCREEN]),
        (("mme:3", "USB Audio Device Analo"), [BOX, SCREEN]),
        (("pulse:alsa_output.hdmi", "HDMI 显示器"), [SCREEN]),
        (("pulse:alsa_output.gone", "已拔出的音箱一个"), [SCREEN]),
    ],
)
def test_it_rings_by_the_chosen_loudspeaker_and_by_the_systems_own(wanted: Wanted, rings: list[Output]) -> None:
    found: list[object] = list(to_ring_by([SCREEN, BOX], SCREEN, wanted))  # type: ignore[list-item, arg-type]
    assert found == rings


def test_nothing_rings_where_nothing_can_be_heard() -> None:
    assert to_ring_by([], Output("", ""), ("pulse:x", "")) == []  # type: ignore[arg-type]
