"""The ring's sound is a real WAV with two tones and a pause."""

import wave
from pathlib import Path

import numpy as np
import pytest

from desktop.widgets.ringer import RATE, TONES, write_ring


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
