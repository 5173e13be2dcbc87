"""How late a sound was written: rows of levels against themselves, moved, thinned, spoilt."""

import numpy as np
import pytest

from media.core.lag import MOST, STEP, lag_seconds

LENGTH = 125


def speech(seed: int, count: int = 400) -> list[float]:
    """Levels as of syllables and pauses: bursts of 100 to 300 ms."""
    chance, out = np.random.default_rng(seed), list[float]()
    while len(out) < count:
        loud = chance.uniform(0.05, 0.3)
        out += [loud * chance.uniform(0.6, 1.0) for _ in range(int(chance.integers(5, 16)))]
        out += [0.001] * int(chance.integers(3, 12))
    return out[:count]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("steps", [-20, -4, -1, 0, 1, 3, 10, 20])
def test_a_row_that_was_moved_is_found_where_it_lies(seed: int, steps: int) -> None:
    levels = speech(seed)
    late = lag_seconds(levels[100 : 100 + LENGTH], levels[100 - steps : 100 - steps + LENGTH])
    assert late == pytest.approx(steps * STEP, abs=STEP / 2)


def test_half_a_step_is_told_from_none() -> None:
    levels = np.asarray(speech(1))
    between = (levels[99 : 99 + LENGTH] + levels[100 : 100 + LENGTH]) / 2
    late = lag_seconds(list(levels[100 : 100 + LENGTH]), list(between))
    assert late == pytest.approx(STEP / 2, abs=STEP / 4)


def test_loudness_does_not_matter_and_noise_hardly() -> None:
    levels, chance = np.asarray(speech(2)), np.random.default_rng(0)
    quieter = 0.3 * levels[95 : 95 + LENGTH] + np.abs(chance.normal(0, 0.004, LENGTH))
    assert lag_seconds(list(levels[100 : 100 + LENGTH]), list(quieter)) == pytest.approx(0.1, abs=STEP / 2)


@pytest.mark.parametrize(
    ("known", "recorded"),
    [
        ([0.001] * LENGTH, [0.001] * LENGTH),
        ([0.2] * LENGTH, [0.2] * LENGTH),
        (speech(3)[:LENGTH], [0.0] * LENGTH),
        ([0.0] * LENGTH, speech(3)[:LENGTH]),
        (speech(4)[:LENGTH], speech(5)[:LENGTH]),
    ],
    ids=["quiet", "tone", "nothing recorded", "nothing known", "something else"],
)
def test_where_there_is_nothing_to_hold_on_to_nothing_is_said(known: list[float], recorded: list[float]) -> None:
    assert lag_seconds(known, recorded) is None


def test_syllables_of_one_length_are_not_taken_for_those_before_them() -> None:
    """Each looks like the next; what is left is a little noise of the encoder."""
    levels = 0.15 + 0.1 * np.sin(2 * np.pi * np.arange(LENGTH) / 12)
    for seed in range(20):
        heard = levels + np.random.default_rng(seed).normal(0, 0.01, LENGTH)
        late = lag_seconds(list(levels), list(heard))
        assert late is None or abs(late) <= STEP


def test_a_tone_with_gaps_in_it_is_no_speech() -> None:
    """Each gap looks like the other: of the two that are recorded one is in what is looked for."""
    for apart in range(4, 24):
        tone = np.full(LENGTH, 0.35)
        tone[60] = 0.1
        tone[60 + apart] = 0.0
        heard = np.convolve(tone, [0.25, 0.5, 0.25], mode="same")
        heard[59:62] = 0.3
        assert lag_seconds(list(tone), list(heard)) is None


def test_more_than_can_be_tried_is_not_guessed() -> None:
    levels = speech(6)
    far = MOST + 10
    late = lag_seconds(levels[100 : 100 + LENGTH], levels[100 - far : 100 - far + LENGTH])
    assert late is None or abs(late) < MOST * STEP
