"""Another rate, with a ratio that may change: pitch, purity, and no seam between blocks."""

import numpy as np
import pytest

from media.core.mixing import BLOCK, Samples
from media.core.resampling import Resampler


def sine(pitch: float, rate: int, count: int, size: float = 10_000) -> Samples:
    wave: Samples = np.rint(size * np.sin(2 * np.pi * pitch * np.arange(count) / rate)).astype(np.int16)
    return wave


def resampled(source: Samples, ratio: float, step: float, blocks: int, count: int = BLOCK) -> Samples:
    made, at, parts = Resampler(ratio), 0, list[Samples]()
    for _ in range(blocks):
        wanted = made.needed(count, step)
        parts.append(made.make(source[at : at + wanted], count, step))
        at += wanted
    return np.concatenate(parts)


def noise_db(samples: Samples, pitch: float, rate: int = 48_000) -> float:
    """What is not the sine of that pitch, against it."""
    wave, place = samples.astype(np.float64), 2 * np.pi * pitch * np.arange(len(samples)) / rate
    basis = np.stack([np.sin(place), np.cos(place)], axis=1)
    found, *_ = np.linalg.lstsq(basis, wave, rcond=None)
    rest = wave - basis @ found
    return float(10 * np.log10(np.mean(rest**2) / np.mean((basis @ found) ** 2)))


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("pitch", [200.0, 1000.0, 3000.0])
def test_a_tone_of_another_rate_is_the_same_tone(rate: int, pitch: float) -> None:
    ratio = rate / 48_000
    out = resampled(sine(pitch, rate, 2 * rate), ratio, ratio, 40)
    assert len(out) == 40 * BLOCK
    assert noise_db(out[BLOCK:], pitch) < -60
    assert np.abs(out[BLOCK:].astype(int)).max() == pytest.approx(10_000, rel=0.02)


def test_what_the_output_cannot_hold_is_filtered_out() -> None:
    out = resampled(sine(30_000, 96_000, 96_000), 2.0, 2.0, 20)
    assert np.abs(out[BLOCK:].astype(int)).max() < 100


def test_a_ratio_that_wanders_makes_no_seam() -> None:
    source, made, at, parts = sine(440, 48_000, 120 * BLOCK), Resampler(1.0), 0, list[Samples]()
    for number in range(100):
        step = 1 + 0.002 * np.sin(number / 5)
        wanted = made.needed(BLOCK, step)
        parts.append(made.make(source[at : at + wanted], BLOCK, step))
        at += wanted
    out = np.concatenate(parts).astype(int)[BLOCK:]
    steepest = 10_000 * 2 * np.pi * 440 * 1.002 / 48_000
    assert np.abs(np.diff(out)).max() <= steepest + 2


@pytest.mark.parametrize("count", [1, 7, 441, 960])
def test_it_asks_for_what_it_needs_and_no_more(count: int) -> None:
    made, taken = Resampler(44.1 / 48), 0
    for _ in range(200):
        wanted = made.needed(count, 44.1 / 48)
        assert len(made.make(np.zeros(wanted, dtype=np.int16), count, 44.1 / 48)) == count
        taken += wanted
    assert taken == pytest.approx(200 * count * 44.1 / 48, abs=40)


def test_loud_sound_does_not_wrap() -> None:
    square = np.where(np.arange(4 * BLOCK) // 50 % 2, 32_767, -32_768).astype(np.int16)
    out = resampled(square, 1.0, 1.0005, 3).astype(int)
    wrapped = np.sign(out[BLOCK:]) != np.sign(square.astype(int)[BLOCK - 16 : 3 * BLOCK - 16])
    assert wrapped.mean() < 0.1
