"""Sound from one clock to another, heard."""

import numpy as np
import pytest

from media.core.mixing import BLOCK, RATE, Samples
from media.core.retiming import Retimer, spread
from tests.unit.media.core.test_resampling import noise_db, sine


def through(retimer: Retimer, source: Samples, rate: int, ppm: float, seconds: float) -> Samples:
    """A device of ``rate`` pushes hundredths of a second by its own clock; 20 ms are taken by ours."""
    size, at, parts = rate // 100, 0, list[Samples]()
    for number in range(int(seconds * 50)):
        now = number * 0.02
        while at / rate / (1 + ppm * 1e-6) <= now:
            retimer.push(source[at : at + size], at / rate / (1 + ppm * 1e-6))
            at += size
        parts.append(retimer.take(BLOCK, now))
    return np.concatenate(parts)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("ppm", [-200.0, 200.0])
def test_a_minute_of_a_tone_has_no_gap_and_keeps_its_pitch(rate: int, ppm: float) -> None:
    retimer = Retimer(rate, RATE)
    heard = through(retimer, sine(1000, rate, 81 * rate), rate, ppm, 80)[RATE:]
    assert (retimer.starved, retimer.dropped) == (0, 0)
    assert np.abs(heard.reshape(-1, 240).astype(int)).max(axis=1).min() > 9_000, "five milliseconds without the tone"
    steepest = 10_000 * 2 * np.pi * 1000 / RATE
    assert np.abs(np.diff(heard.astype(int))).max() < steepest * 1.02, "a click"
    # by the listener's clock the tone is as far off as the device's clock is
    assert noise_db(heard[-RATE // 10 :], 1000 * (1 + ppm * 1e-6)) < -40
    assert retimer.drift * 1e6 == pytest.approx(ppm, abs=150)


def test_what_waits_stays_near_what_it_should_be() -> None:
    retimer = Retimer(44_100, RATE, ahead=0.04)
    through(retimer, sine(300, 44_100, 61 * 44_100), 44_100, 150, 60)
    assert retimer.waiting(59.98) + 0.02 == pytest.approx(0.04, abs=0.005), "before the last 20 ms were taken"


def test_silence_until_enough_has_gathered() -> None:
    retimer = Retimer(RATE, RATE, ahead=0.04)
    retimer.push(sine(500, RATE, BLOCK), 0.0)
    assert not retimer.take(BLOCK, 0.0).any()
    retimer.push(sine(500, RATE, BLOCK), 0.02)
    assert retimer.take(BLOCK, 0.02).any()


def test_what_is_on_its_way_counts_but_no_more_than_a_block() -> None:
    retimer = Retimer(48_000, 48_000)
    retimer.push(sine(500, RATE, 480), 1.0)
    assert retimer.waiting(1.0) == pytest.approx(0.01)
    assert retimer.waiting(1.006) == pytest.approx(0.016)
    assert retimer.waiting(3.0) == pytest.approx(0.02)


def test_a_device_that_stood_still_loses_nothing_up_to_a_second() -> None:
    retimer = Retimer(RATE, RATE)
    for number in range(100):
        retimer.push(sine(500, RATE, 480), number / 100)
    assert retimer.dropped == 0
    for number in range(100, 200):
        retimer.push(sine(500, RATE, 480), number / 100)
    assert retimer.dropped > 0
    assert retimer.waiting(2.0) < 1.3


def test_the_same_in_every_channel() -> None:
    mono = np.array([1, 2, 3], dtype=np.int16)
    assert spread(mono, 2).tolist() == [1, 1, 2, 2, 3, 3]
    assert spread(mono, 1) is mono


def gusts(retimer: Retimer, every: float, seconds: float) -> list[float]:
    """A device that delivers in gusts; the moments at which nothing came out."""
    dry, next_gust = list[float](), 0.0
    tone = sine(500, RATE, round(every * RATE)) + 1000
    for number in range(int(seconds * 50)):
        now = number * 0.02
        while next_gust <= now:
            retimer.push(tone.astype(np.int16), next_gust)
            next_gust += every
        if not retimer.take(BLOCK, now).any():
            dry.append(now)
    return dry


def test_a_device_that_delivers_in_gusts_is_given_more_room_until_it_has_enough() -> None:
    retimer = Retimer(RATE, RATE, ahead=0.04)
    dry = gusts(retimer, 0.11, 60)
    assert retimer.starved > 0
    assert max(dry) < 30, "it goes on running dry"
    assert retimer.waiting(60.0) < 0.4


@pytest.mark.parametrize("count", [480, BLOCK])
def test_what_came_late_is_caught_up_without_a_pause_to_leave_out(count: int) -> None:
    retimer, voice = Retimer(RATE, RATE, ahead=0.05), sine(220, RATE, 20 * RATE)
    retimer.push(voice[:RATE], 0.0)  # a second at once
    heard, at = list[Samples](), RATE
    for number in range(10 * RATE // count):
        now = number * count / RATE
        heard.append(retimer.take(count, now))
        retimer.push(voice[at : at + count], now)
        at += count
    assert retimer.waiting(10.0) < 0.15
    assert retimer.dropped == 0
    out = np.concatenate(heard)[: 4 * RATE].astype(int)
    assert np.abs(np.diff(out)).max() < 10_000 * 2 * np.pi * 220 / RATE * 1.2, "a click"
    assert np.abs(out[RATE // 2 :].reshape(-1, 480)).max(axis=1).min() > 8000, "a gap"
