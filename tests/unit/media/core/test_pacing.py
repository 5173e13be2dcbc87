"""When pictures are shown, what is waited for, what goes with which sound."""

import random
from itertools import pairwise

import pytest

from media.core.delay import Earliest, Lateness
from media.core.lipsync import NTP_SECOND, LipSync
from media.core.pacing import CLOCK, MOST, MOST_FOR_SOUND, PicturePacing
from media.core.repair import PATIENCE, PAUSE, KeyframeAsker


def test_the_earliest_is_of_a_window() -> None:
    earliest = Earliest(window=10)
    assert earliest.value is None
    assert [earliest.add(value, now) for now, value in [(0, 5.0), (1, 3.0), (2, 4.0), (12, 6.0)]] == [5, 3, 3, 4]


def test_lateness_is_a_quantile_that_forgets() -> None:
    lateness = Lateness(forget=0.98)
    assert lateness.quantile(0.95) == 0
    for number in range(400):
        lateness.add(0.1 if number % 10 == 0 else 0.0)
    assert lateness.quantile(0.95) == pytest.approx(0.11)
    assert lateness.quantile(0.8) == pytest.approx(0.01)
    for _ in range(100):
        lateness.add(0.0)
    assert lateness.quantile(0.95) == pytest.approx(0.01)
    lateness.add(99.0)
    assert lateness.quantile(1.0) == pytest.approx(2.0)


def test_a_clean_line_shows_at_once() -> None:
    pacing = PicturePacing()
    for number in range(100):
        now = number / 15 + 0.004 * (number % 2)
        assert pacing.due(number * CLOCK // 15, now) == pytest.approx(now, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_a_shaken_line_is_made_even(seed: int) -> None:
    dice, pacing, due = random.Random(seed), PicturePacing(), list[float]()
    for number in range(300):
        due.append(pacing.due(number * CLOCK // 15, number / 15 + dice.uniform(0, 0.12)))
    pauses = [b - a for a, b in pairwise(due[100:])]
    assert 0.08 < pacing.target <= 0.13
    assert max(pauses) < 0.12
    assert due == sorted(due)


def test_the_wait_is_bounded() -> None:
    pacing = PicturePacing()
    for number in range(100):
        now = number / 15 + (number % 3) * 0.4
        assert pacing.due(number * CLOCK // 15, now) <= now + 0.8
    assert pacing.target == MOST
    alone = PicturePacing()
    assert alone.due(0, 1.0, sound=1.3) == pytest.approx(1.3)
    assert alone.due(6000, 2.0, sound=9.0) == pytest.approx(2.0 + MOST_FOR_SOUND)


def test_a_picture_goes_with_its_sound() -> None:
    sync = LipSync()
    assert sync.picture_due(0, 1.0) is None
    sync.heard(0, 5.0)
    sync.voice.report(1000 * NTP_SECOND, 48_000)
    sync.pictures.report(1000 * NTP_SECOND + NTP_SECOND // 2, 90_000)
    assert sync.picture_due(90_000, 5.0) is None, "not heard since the report"
    sync.heard(96_000, 50.0)  # spoken at 1001 s, so that the offset is -951 s
    assert sync.picture_due(90_000, 50.5) == pytest.approx(1000.5 - 951)
    assert sync.picture_due(90_000, 52.0) is None, "nobody has been heard for long"


def test_a_new_picture_is_asked_for_until_one_came() -> None:
    asker = KeyframeAsker()
    assert asker.due(0.0, 0.1, 0.0)
    assert not asker.due(0.0, 0.1, PAUSE / 2)
    assert asker.due(0.0, 0.1, PAUSE + 0.01)
    asker.came()
    assert not asker.due(0.0, 0.1, 9.0)
    asker.want()
    assert asker.due(0.0, 0.1, 10.0)
    assert asker.asked == 3


def test_patience_follows_the_round_trip_within_bounds() -> None:
    for round_trip, patience in ((0.01, PATIENCE[0]), (0.1, 1.0), (2.0, PATIENCE[1])):
        asker = KeyframeAsker()
        asker.came()
        assert not asker.due(patience - 0.01, round_trip, 10.0)
        assert asker.due(patience + 0.01, round_trip, 10.0)


def test_no_second_key_frame_is_asked_for_while_one_comes() -> None:
    asker = KeyframeAsker()
    assert not asker.due(0.3, 0.1, 0.0, coming=True)
    assert asker.due(1.1, 0.1, 1.0, coming=True), "unless it takes too long"
