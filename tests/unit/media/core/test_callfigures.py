"""Freezes, delays and missing sound, from rows of times."""

import pytest

from media.core.callfigures import Shown, back_after, pictures, sound, stalled
from media.core.soundcode import Listened

STEP = 1000 / 15
WINDOW = (10_000.0, 20_000.0)


def stream(start: float = 5000, end: float = 20_000, age: float = 80.0) -> list[Shown]:
    return [Shown(start + n * STEP, n, age) for n in range(int((end - start) / STEP) + 1)]


def without(shown: list[Shown], start: float, end: float) -> list[Shown]:
    return [item for item in shown if not start <= item.at_ms < end]


def test_an_even_stream_has_fifteen_pictures_and_no_freeze() -> None:
    found = pictures(stream(), 4000, WINDOW)
    assert found.per_second == pytest.approx(15, abs=0.1)
    assert (found.freezes, found.frozen_share, found.longest_ms) == (0, 0, 0)
    assert (found.delay_ms, found.delay_p95_ms, found.first_ms) == (80, 80, 1000)


def test_a_gap_is_a_freeze_from_its_picture_to_the_next() -> None:
    found = pictures(without(stream(), 12_000, 13_000), 4000, WINDOW)
    assert found.freezes == 1
    assert found.longest_ms == pytest.approx(1000, abs=2 * STEP)
    assert found.frozen_share == pytest.approx(found.longest_ms / 10_000)


@pytest.mark.parametrize(("gap", "freezes"), [(200, 0), (230, 1)])
def test_a_gap_below_mean_plus_150_and_three_means_is_none(gap: float, freezes: int) -> None:
    early = [Shown(9000 + n * STEP, n, 0) for n in range(60)]
    last = early[-1].at_ms
    late = [Shown(last + gap + n * STEP, 100 + n, 0) for n in range(120)]
    assert pictures([*early, *late], 0, WINDOW).freezes == freezes


def test_a_stream_that_is_slow_throughout_is_not_frozen() -> None:
    slow = [Shown(5000 + n * 300, n, 80) for n in range(50)]
    found = pictures(slow, 4000, WINDOW)
    assert found.freezes == 0
    assert found.per_second == pytest.approx(3.3, abs=0.2)


def test_a_stream_that_stops_for_good_is_frozen_to_the_end() -> None:
    found = pictures(stream(end=15_000), 4000, WINDOW)
    assert found.frozen_share == pytest.approx(0.5, abs=0.01)


def test_a_freeze_that_began_before_the_window_counts_within_it_only() -> None:
    found = pictures(without(stream(), 7000, 11_000), 4000, WINDOW)
    assert found.longest_ms == pytest.approx(1000, abs=STEP)
    assert pictures(stream(end=8000), 4000, WINDOW).frozen_share == 1


def test_nothing_shown_is_wholly_frozen() -> None:
    found = pictures([], 4000, WINDOW)
    assert (found.per_second, found.frozen_share, found.longest_ms, found.delay_ms, found.first_ms) == (
        0, 1, 10_000, None, None,
    )  # fmt: skip
    late = pictures(stream(start=15_000), 4000, WINDOW)
    assert late.frozen_share == pytest.approx(0.5)
    assert late.first_ms == 11_000


def test_a_picture_shown_again_is_no_picture() -> None:
    again = [Shown(item.at_ms + 30, item.number, item.age_ms + 30) for item in stream()]
    found = pictures([*stream(), *again], 4000, WINDOW)
    assert found.per_second == pytest.approx(15, abs=0.1)
    assert found.delay_ms == 80
    still = [Shown(11_000 + n * STEP, 500, 80 + n * STEP) for n in range(130)]
    assert pictures([*stream(end=11_000), *still], 4000, WINDOW).frozen_share > 0.85


def test_pictures_that_come_all_at_once_are_seen_as_the_last_of_them() -> None:
    late = [
        Shown(14_000.5 + n, item.number, 14_000.5 + n - item.at_ms + 80) for n, item in enumerate(stream()[120:134])
    ]
    found = pictures([*without(stream(), 13_000, 14_000), *late], 4000, WINDOW)
    assert found.longest_ms == pytest.approx(1000, abs=2 * STEP)
    assert found.per_second == pytest.approx(13.6, abs=0.1)
    assert found.delay_p95_ms == 80


def test_numbers_that_wrap_are_new_pictures() -> None:
    wrapped = [Shown(item.at_ms, item.number % 64, item.age_ms) for item in stream()]
    assert pictures(wrapped, 4000, WINDOW).per_second == pytest.approx(15, abs=0.1)


def test_back_is_the_first_picture_that_was_sent_after() -> None:
    held = [Shown(15_100, 1, 900), Shown(15_400, 2, 300), Shown(15_500, 3, 80)]
    assert back_after(held, 15_000) == 400
    assert back_after(held[:1], 15_000) is None


def test_a_source_that_got_no_processor_is_told() -> None:
    made = [10_000 + n * STEP for n in range(150)]
    assert stalled(made, WINDOW) == 0
    assert stalled([at for at in made if not 12_000 <= at < 12_500], WINDOW) == pytest.approx(0.05, abs=0.01)
    assert stalled([at + n % 2 * 60 for n, at in enumerate(made)], WINDOW) == 0
    assert stalled([], WINDOW) == 1


def test_sound_is_the_share_that_was_not_heard_and_the_lateness_of_the_rest() -> None:
    found = sound(Listened((1.0, 0.0, 1.0, 0.5), (100.0, None, 120.0, 110.0)))
    assert (found.missing_share, found.delay_ms) == (0.375, 110)
    assert sound(Listened((), ())).missing_share == 1
    assert sound(Listened((0.0, 0.0), (None, None))).delay_ms is None
