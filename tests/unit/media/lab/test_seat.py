"""The seat's row of tones: which symbol begins when, over steps that are shorter or longer than it."""

import pytest

from media.core.mixing import BLOCK, RATE
from media.core.soundcode import SYMBOL
from media.lab.seat import STEP_MS, symbols_of


def test_each_symbol_has_the_time_of_its_first_sample() -> None:
    handed_over = [(step, 1000 + STEP_MS * (step + 1)) for step in range(100)]
    found = symbols_of(handed_over)
    assert [item.number for item in found] == list(range(-(-100 * BLOCK // SYMBOL)))
    for item in found:
        assert item.at_ms == pytest.approx(1000 + 1000 * item.number * SYMBOL / RATE)


def test_steps_that_were_left_out_leave_their_symbols_out() -> None:
    found = symbols_of([(step, 1000 + STEP_MS * step) for step in (0, 1, 50, 51)])
    numbers = [item.number for item in found]
    assert numbers == [0, 1, 2, 59, 60, 61]
    assert numbers == sorted(set(numbers))


def test_no_steps_say_nothing() -> None:
    assert symbols_of([]) == []
