"""A connection's rate divided between voice and pictures."""

import pytest

from media.core.budget import ENOUGH, FEW, HEADERS, OWN, OWN_TWICE, RATE, SHORT_FROM, Voice, pictures, unasked, voice


@pytest.mark.parametrize("total", [60e3, 80e3, 100e3, 150e3, 300e3, 600e3, 1200e3])
@pytest.mark.parametrize("loss", [0.0, 0.1, 0.2])
def test_the_whole_is_not_exceeded(total: float, loss: float) -> None:
    spoken = voice(total, loss, redundant=True)
    bits = pictures(total, spoken, loss)
    picture = bits / 8 / RATE
    packets = -(-picture // 1300)
    wire = (picture + packets * HEADERS) * 8 * RATE
    assert wire * (1 + loss) + spoken.wire < 1.03 * total
    assert wire * (1 + 2 * loss) + spoken.wire > 0.75 * total or packets == FEW


def test_the_voice_is_within_its_bounds() -> None:
    for total in range(20_000, 1_300_000, 20_000):
        for loss in (0.0, 0.05, 0.2):
            spoken = voice(total, loss, redundant=True)
            assert 16_000 <= spoken.bits <= 32_000
            assert spoken.wire < 0.65 * total or total < 60_000


def test_a_thin_path_pays_fewer_headers() -> None:
    thin = voice(SHORT_FROM - 1, 0.0, redundant=True)
    assert thin.milliseconds == 40
    assert thin.wire < 0.75 * Voice(16_000, 20).wire
    assert voice(SHORT_FROM, 0.0, redundant=True).milliseconds == 20
    assert voice(300e3, 0.0, redundant=True).milliseconds == 20


def test_loss_brings_copies_where_they_were_agreed() -> None:
    assert voice(600e3, 0.2, redundant=True).copies == 2
    assert voice(600e3, 0.2, redundant=False).copies == 0
    assert voice(600e3, 0.0, redundant=True).copies == 0


def test_repetitions_are_left_room_for() -> None:
    spoken = voice(400e3, 0.0, redundant=False)
    assert pictures(400e3, spoken, 0.2) == pytest.approx(0.76 * pictures(400e3, spoken, 0.0), rel=0.03)


def test_there_is_always_something_for_the_encoder() -> None:
    assert pictures(10e3, voice(10e3, 0.0, redundant=True), 0.5) > 0


def test_a_lossy_path_gets_pictures_of_few_packets() -> None:
    spoken = voice(800e3, 0.1, redundant=True)
    assert pictures(800e3, spoken, 0.1) <= FEW * 1300 * 8 * RATE
    assert pictures(800e3, spoken, 0.01) > 1.5 * FEW * 1300 * 8 * RATE


@pytest.mark.parametrize("own", [OWN, OWN_TWICE, 0.3])
@pytest.mark.parametrize("total", [150e3, 250e3, 400e3, 800e3])
def test_copies_nobody_asked_for_stay_within_the_whole_and_leave_enough(own: float, total: float) -> None:
    spoken = voice(total, own, redundant=True)
    more = unasked(total, spoken, own)
    bits = pictures(total, spoken, own, more)
    packets = -(-bits / 8 / RATE // 1300)
    wire = (bits / 8 / RATE + packets * HEADERS) * 8 * RATE
    assert wire * (1 + more) + spoken.wire < 1.03 * total
    assert not more or bits > 0.7 * ENOUGH


def test_copies_follow_what_the_path_loses_by_itself() -> None:
    spoken = voice(800e3, 0.0, redundant=True)
    assert [unasked(800e3, spoken, own) for own in (0.0, 0.03, 0.05, 0.1, 0.2)] == [0, 0, 1, 1, 2]
    assert unasked(150e3, voice(150e3, 0.2, redundant=True), 0.2) == 0
