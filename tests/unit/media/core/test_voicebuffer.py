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
    buffer = VoiceBuffer(target=10, most=20)
    buffer.push(_block(0, 20))
    buffer.push(_block(20, 5))
    assert (buffer.depth, buffer.dropped) == (10, 15)
    assert buffer.take(10).tolist() == list(range(15, 25))


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 50)), max_size=80))
def test_the_books_balance_and_depth_is_bounded(steps: list[tuple[bool, int]]) -> None:
    buffer = VoiceBuffer(target=30, most=90)
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
    assert pushed == played + buffer.dropped + buffer.skipped + buffer.depth


def _tone(blocks: int) -> list[Samples]:
    return [np.full(BLOCK, 5000 + number, dtype=np.int16) for number in range(blocks)]


def test_a_source_that_stood_still_loses_nothing_when_it_delivers_all_at_once() -> None:
    buffer, spoken, heard = VoiceBuffer(), _tone(100), list[Samples]()
    for block in spoken[:50]:
        buffer.push(block)
        heard.append(buffer.take())
    for _ in range(30):
        heard.append(buffer.take())
    for block in spoken[50:80]:
        buffer.push(block)
    for block in spoken[80:]:
        buffer.push(block)
        heard.append(buffer.take())
    heard += [buffer.take() for _ in range(40)]
    said = [int(block[0]) for block in heard if block.any()]
    assert said == [int(block[0]) for block in spoken]
    assert (buffer.dropped, buffer.skipped) == (0, 0)


def test_the_delay_is_made_up_in_pauses_and_never_in_words() -> None:
    buffer = VoiceBuffer()
    for block in _tone(10):
        buffer.push(block)
    delayed = buffer.depth
    words, pause = np.full(BLOCK, 4000, dtype=np.int16), np.full(BLOCK, 20, dtype=np.int16)
    for _ in range(20):
        buffer.take()
        buffer.push(words)
    assert buffer.depth == delayed
    for _ in range(30):
        buffer.take()
        buffer.push(pause)
    assert buffer.depth <= 6 * BLOCK
    assert buffer.dropped == 0
    assert buffer.skipped == delayed - buffer.depth


def test_however_long_it_waits_the_room_is_bounded() -> None:
    buffer = VoiceBuffer()
    for block in _tone(4):
        buffer.push(block)
    for _ in range(1000):
        buffer.take()
    for block in _tone(1000):
        buffer.push(block)
    assert buffer.depth <= 60 * BLOCK
