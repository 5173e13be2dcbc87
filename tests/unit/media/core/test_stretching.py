"""Shorter and longer by whole periods."""

import numpy as np
import pytest

from media.core.mixing import BLOCK, RATE, Samples
from media.core.stretching import PAUSE, faded_repeat, is_pause, longer, period, shorter


def tone(pitch: float, samples: int = BLOCK) -> Samples:
    wave = 8000 * np.sin(2 * np.pi * pitch * np.arange(samples) / RATE)
    return wave.astype(np.int16)


def loudest(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64) * np.hanning(len(samples)), 48_000))
    return float(np.argmax(spectrum))


@pytest.mark.parametrize("pitch", [110, 150, 220, 350, 1000])
def test_the_pitch_stays(pitch: float) -> None:
    samples = tone(pitch)
    for changed in (shorter(samples), longer(samples)):
        assert abs(loudest(changed) - pitch) < 25
        steps = np.abs(np.diff(changed.astype(np.int32)))
        assert steps.max() <= np.abs(np.diff(samples.astype(np.int32))).max() * 1.3 + 50, "no click"


def test_by_one_period() -> None:
    lag, likeness = period(tone(200))
    assert lag % 240 == 0
    assert likeness > 0.99
    assert len(shorter(tone(200))) == BLOCK - lag
    assert len(longer(tone(200))) == BLOCK + lag


def test_noise_is_left_alone_unless_it_must_be() -> None:
    noise = np.random.default_rng(1).integers(-8000, 8000, BLOCK).astype(np.int16)
    assert len(shorter(noise)) == len(longer(noise)) == BLOCK
    assert len(shorter(noise, at_any_price=True)) < BLOCK


def test_too_short_to_change() -> None:
    assert len(shorter(tone(200, 480), at_any_price=True)) == 480


def test_a_pause() -> None:
    assert is_pause(np.full(BLOCK, PAUSE - 1, dtype=np.int16))
    assert not is_pause(tone(200))


def test_a_stand_in_goes_on_and_fades() -> None:
    last = tone(200)
    loud = [int(np.abs(faded_repeat(last, BLOCK, times).astype(np.int32)).max()) for times in (1, 2, 3, 5, 6)]
    assert loud[0] > 6000
    assert loud == sorted(loud, reverse=True)
    assert loud[-1] == 0
    assert abs(loudest(faded_repeat(last, BLOCK, 1)) - 200) < 30
