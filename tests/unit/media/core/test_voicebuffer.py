"""The bounded buffer between a source and the mixer."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from media.core.mixing import BLOCK, Samples
from media.core.voicebuffer import VoiceBuffer


def _block(first: int, count: int = BLOCK) -> Samples:
    return np.arange(first, first + count, dtype=np.int16)


def test_waits_until_enough_has_gathered_and_then_plays_in_order() -> None:
    buffer = VoiceBuffer(target=3 * BLOCK)
    buffer.push(_block(1))
    buffer.push(_block(1 + BLOCK))
    assert not buffer.take().any()
    buffer.push(_block(1 + 2 * BLOCK))
    assert np.array_equal(np.concatenate([buffer.take() for _ in range(3)]), _block(1, 3 * BLOCK))


def test_takes_may_cut_across_what_was_pushed() -> None:
    buffer = VoiceBuffer(target=10)
    buffer.push(_block(0, 7))
    buffer.push(_block(7, 9))
    assert buffer.take(5).tolist() == [0, 1, 2, 3, 4]
    assert buffer.take(6).tolist() == [5, 6, 7, 8, 9, 10]
    assert buffer.depth == 5


def test_running_dry_gives_the_rest_then_silence_until_enough_again() -> None:
    buffer = VoiceBuffer(target=4)
    buffer.push(_block(1, 6))
    assert buffer.take(4).tolist() == [1, 2, 3, 4]
    assert buffer.take(4).tolist() == [5, 6, 0, 0]
    assert buffer.starved == 1
    buffer.push(_block(7, 3))
    assert buffer.take(4).tolist() == [0, 0, 0, 0]
    buffer.push(_block(10, 1))
    assert buffer.take(4).tolist() == [7, 8, 9, 10]


def test_what_is_too_much_drops_the_oldest_and_is_counted() -> None:
    buffer = VoiceBuffer(target=10, limit=20)
    buffer.push(_block(0, 20))
    buffer.push(_block(20, 5))
    assert (buffer.depth, buffer.dropped) == (10, 15)
    assert buffer.take(10).tolist() == list(range(15, 25))


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 50)), max_size=80))
def test_the_books_balance_and_depth_is_bounded(steps: list[tuple[bool, int]]) -> None:
    buffer = VoiceBuffer(target=30, limit=90)
    pushed = played = 0
    for push, count in steps:
        if push:
            buffer.push(np.ones(count, dtype=np.int16))
            pushed += count
        else:
            taken = buffer.take(count)
            assert len(taken) == count
            played += int(taken.sum())
        assert buffer.depth <= 90
    assert pushed == played + buffer.dropped + buffer.depth
