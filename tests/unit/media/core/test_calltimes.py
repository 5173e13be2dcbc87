"""Moments for timestamps: from what came fastest, and together once the sender's reports are there."""

import random

import pytest

from media.core.calltimes import CallTimes

SOUND, PICTURE = 2, 1


def test_the_fastest_packet_says_when_it_was() -> None:
    times, chance = CallTimes(), random.Random(1)
    for number in range(500):
        media = number * 0.02
        times.note(SOUND, 77 + media, 100 + media + 0.05 + (0 if number % 10 == 3 else chance.random() * 0.3), None)
    assert times.at(SOUND, 77 + 5.0) == pytest.approx(105.05)


def test_jitter_below_the_step_leaves_the_distances_alone() -> None:
    times = CallTimes()
    times.note(SOUND, 0.0, 10.015, None)
    first = times.at(SOUND, 0.0)
    times.note(SOUND, 0.02, 10.02, None)
    assert times.at(SOUND, 0.02) - first == pytest.approx(0.02)
    times.note(SOUND, 0.04, 9.94, None)
    assert times.at(SOUND, 0.04) == pytest.approx(9.94)


def test_reports_bring_picture_and_sound_together_as_the_phone_made_them() -> None:
    """Pictures take 0.2 s more on their way than sound; both were made at the same moments."""
    times = CallTimes()
    for number in range(100):
        moment = number * 0.04
        times.note(SOUND, 5.0 + moment, 50 + moment + 0.03, 900 + moment if number > 10 else None)
        times.note(PICTURE, 31.0 + moment, 50 + moment + 0.23, 900 + moment if number > 20 else None)
    assert times.at(PICTURE, 31.0 + 2.0) == pytest.approx(times.at(SOUND, 5.0 + 2.0))
    assert times.at(SOUND, 5.0 + 2.0) == pytest.approx(52.03)


def test_before_the_reports_each_goes_by_itself() -> None:
    times = CallTimes()
    times.note(SOUND, 5.0, 50.03, None)
    times.note(PICTURE, 31.0, 50.23, None)
    assert times.at(SOUND, 5.0) == pytest.approx(50.03)
    assert times.at(PICTURE, 31.0) == pytest.approx(50.23)
    with pytest.raises(KeyError):
        times.at(3, 0.0)


def test_a_clock_that_drifts_is_followed_in_small_steps() -> None:
    times, worst = CallTimes(), 0.0
    for number in range(0, 60 * 60 * 50, 25):
        media = number * 0.02
        arrived = media * (1 + 100e-6)
        times.note(SOUND, media, arrived, None)
        worst = max(worst, abs(times.at(SOUND, media) - arrived))
    assert worst < 0.03


@pytest.mark.parametrize("by", [-5.0, 3600.0])
def test_a_sender_whose_clock_is_set_goes_on_where_it_was(by: float) -> None:
    times, worst = CallTimes(), 0.0
    for number in range(1500):
        moment = number * 0.02
        clock = 1e9 + moment + (by if number >= 500 else 0.0)
        times.note(SOUND, 77 + moment, 100 + moment + 0.05, clock)
        times.note(PICTURE, 31 + moment, 100 + moment + 0.05, clock)
        for stream, zero in ((SOUND, 77), (PICTURE, 31)):
            worst = max(worst, abs(times.at(stream, zero + moment) - (100 + moment + 0.05)))
    assert worst < 0.05
