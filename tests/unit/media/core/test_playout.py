"""A voice over replayed lines: what is heard, what is missing, how far behind."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from media.core.mixing import BLOCK, RATE, Samples, silence
from media.core.playout import LEAST, PACKETS, ROOM, VoicePlayout


class Numbers:
    """A codec whose packets hold their own number: each sample says which packet it came from; -1 is concealed."""

    def __init__(self, in_band: bool = False) -> None:
        self._in_band = in_band

    def decode(self, payload: bytes) -> Samples:
        return np.full(BLOCK, int(payload), dtype=np.int16)

    def conceal(self, count: int) -> Samples:
        return np.full(count, -1, dtype=np.int16)

    def recover(self, following: bytes, count: int) -> Samples | None:
        return np.full(count, int(following) - 1, dtype=np.int16) if self._in_band else None


Line = Callable[[int], list[tuple[float, int]]]
"""Packet number -> (arrival in seconds, number of the packet in it), the copies of earlier ones included."""


def play(playout: VoicePlayout, line: Line, packets: int, first: int = 1000) -> list[Samples]:
    """Steps of 20 ms while the packets of a line come in, a step each."""
    coming = sorted(arrival for number in range(packets) for arrival in line(number))
    heard = []
    for tick in range(packets):
        now = tick * 0.02 + 0.013
        while coming and coming[0][0] <= now:
            at, number = coming.pop(0)
            playout.insert(first + number * BLOCK, str(number + 1000).encode(), at)
        heard.append(playout.take(BLOCK, now))
    return heard


def packets_in(heard: list[Samples]) -> list[int]:
    """The packets heard, in order, each once."""
    flat = np.concatenate(heard)
    return [int(n) - 1000 for n in flat[np.insert(np.diff(flat) != 0, 0, True)] if n > 0]


def test_a_clean_line_is_heard_whole_and_at_once() -> None:
    playout = VoicePlayout(Numbers())
    heard = play(playout, lambda number: [(number * 0.02, number)], 500)
    assert packets_in(heard) == list(range(len(packets_in(heard))))
    assert playout.concealed == 0
    assert playout.target == LEAST
    assert (playout.delay(500 * 0.02) or 1) < LEAST + ROOM + 0.02


@pytest.mark.parametrize("seed", range(4))
def test_jitter_is_waited_out_and_the_wait_goes_down_again(seed: int) -> None:
    dice, playout = random.Random(seed), VoicePlayout(Numbers())
    play(playout, lambda number: [(number * 0.02 + dice.uniform(0, 0.1), number)], 1000)
    shaken, concealed = playout.target, playout.concealed
    assert 0.07 < shaken < 0.15
    assert concealed < 0.06 * 1000 * BLOCK
    calm = VoicePlayout(Numbers())
    play(calm, lambda number: [(number * 0.02 + (dice.uniform(0, 0.1) if number < 500 else 0.0), number)], 2500)
    assert calm.target == LEAST
    assert (calm.delay(2500 * 0.02) or 1) < LEAST + ROOM + 0.03


def test_what_is_lost_alone_is_recovered_from_the_packet_behind() -> None:
    playout = VoicePlayout(Numbers(in_band=True))
    heard = play(playout, lambda number: [] if number % 7 == 3 else [(number * 0.02, number)], 300)
    assert packets_in(heard)[:200] == list(range(200))
    assert playout.concealed == 0
    assert playout.recovered >= 200 // 7 * BLOCK


@pytest.mark.parametrize("seed", range(4))
def test_redundant_copies_fill_what_is_lost(seed: int) -> None:
    """One in five lost; each packet carries the one before it."""
    dice, playout = random.Random(seed), VoicePlayout(Numbers())

    def line(number: int) -> list[tuple[float, int]]:
        return [] if dice.random() < 0.2 else [(number * 0.02, number), (number * 0.02, number - 1)][: 1 + (number > 0)]

    play(playout, line, 3000)
    assert playout.concealed / (3000 * BLOCK) < 0.055, "two in a row are lost in one of 25 packets"
    assert playout.target < 0.07


def test_what_stood_still_is_late_and_not_lost() -> None:
    """Half a second of nothing, then all at once."""
    playout = VoicePlayout(Numbers())
    heard = play(playout, lambda number: [(max(number * 0.02, 4.5) if number > 200 else number * 0.02, number)], 600)
    got = packets_in(heard)
    assert set(range(190, 400)) <= set(got)
    assert playout.concealed >= 0.4 * RATE
    assert (playout.delay(600 * 0.02) or 9) < 0.6


def test_two_in_three_lost_for_a_while_does_not_end_it() -> None:
    playout = VoicePlayout(Numbers())
    heard = play(playout, lambda number: [(number * 0.02, number)] if number < 100 or number % 3 == 0 else [], 400)
    assert {number for number in range(300) if number < 100 or number % 3 == 0} <= set(packets_in(heard))


def test_after_long_silence_it_begins_anew() -> None:
    playout = VoicePlayout(Numbers())
    heard = play(playout, lambda number: [(number * 0.02, number)] if not 100 <= number < 300 else [], 500)
    assert not heard[280].any(), "nobody speaks"
    assert {110, 290}.isdisjoint(packets_in(heard))
    assert set(range(300, 490)) <= set(packets_in(heard))


def test_it_is_bounded_where_nobody_takes() -> None:
    playout = VoicePlayout(Numbers())
    for number in range(3 * PACKETS):
        playout.insert(number * BLOCK, b"1", number * 0.02)
    assert len(playout._packets) == PACKETS
    assert playout.take(BLOCK, 9.0).any()


def test_a_step_may_have_any_length() -> None:
    playout = VoicePlayout(Numbers())
    assert not playout.take(100, 0.0).any()
    for number in range(20):
        playout.insert(number * BLOCK, str(number + 1000).encode(), number * 0.02)
    heard = np.concatenate([playout.take(441, 0.3 + step * 441 / RATE) for step in range(20)])
    assert len(heard) == 20 * 441
    assert not np.array_equal(heard, silence(len(heard)))
