"""Requests for lost packets, over replayed lines."""

import random

import pytest

from media.core.nack import AGE, MOST, NackList


def test_a_hole_is_asked_for_at_once_and_again_after_a_round_trip() -> None:
    nacks = NackList()
    nacks.arrived(1, 0.0)
    nacks.arrived(4, 0.01)
    assert nacks.due(0.01) == [2, 3]
    assert nacks.due(0.05) == []
    assert nacks.due(0.09) == [2, 3], "half a round trip, as far as known"
    nacks.arrived(2, 0.11, repaired=True)
    assert nacks.round_trip == pytest.approx(0.1)
    assert nacks.due(0.145) == [3]
    assert nacks.missing == 1


def test_a_round_trip_that_grows_is_followed() -> None:
    nacks = NackList()
    for number in range(2, 600, 2):
        nacks.arrived(number, number * 1.0)
        nacks.due(number + 0.0)
        nacks.arrived(number - 1, number + (0.1 if number < 100 else 0.2), repaired=True)
        if number == 98:
            assert nacks.round_trip == pytest.approx(0.1, abs=0.01)
    assert nacks.round_trip == pytest.approx(0.2, abs=0.02)


def test_what_is_too_old_is_given_up() -> None:
    nacks = NackList()
    nacks.arrived(1, 0.0)
    nacks.arrived(3, 0.0)
    assert nacks.due(AGE + 0.1) == []
    assert (nacks.missing, nacks.given_up) == (0, 1)


def test_an_outage_is_not_asked_for() -> None:
    nacks = NackList()
    nacks.arrived(1, 0.0)
    nacks.arrived(MOST + 10, 1.0)
    assert nacks.due(1.0) == []
    assert nacks.given_up == MOST + 8
    nacks.arrived(MOST + 12, 1.1)
    assert nacks.due(1.1) == [MOST + 11], "and after it the stream goes on"


def test_holes_are_bounded_over_many_gaps() -> None:
    nacks = NackList()
    for number in range(0, 4 * MOST, 2):
        nacks.arrived(number, 0.0)
    assert nacks.missing == MOST
    assert nacks.due(0.0)[0] == 4 * MOST - 1 - 2 * MOST


def test_a_line_that_reorders_teaches_patience() -> None:
    nacks, asked = NackList(), 0
    for number in range(0, 400, 2):
        now = number * 0.01
        nacks.arrived(number + 1, now)
        asked += len(nacks.due(now + 0.001))
        nacks.arrived(number, now + 0.008)
        asked += len(nacks.due(now + 0.009))
    assert asked < 20, "after the first ones nobody asks for what merely comes a little later"


def test_what_lies_behind_is_forgotten() -> None:
    nacks = NackList()
    for number in (1, 3, 5):
        nacks.arrived(number, 0.0)
    nacks.forget(5)
    assert nacks.missing == 0


@pytest.mark.parametrize("seed", range(5))
def test_one_in_five_lost_both_ways_is_repaired(seed: int) -> None:
    """Packets every 10 ms, 100 ms round trip; requests and answers are lost like everything else.

    The sender answers for a packet once a round trip at most, as Chromium does.
    """
    line, nacks, answered = random.Random(seed), NackList(), dict[int, float]()
    coming: list[tuple[float, int]] = []
    late: list[float] = []
    for tick in range(4000):
        now = tick * 0.005
        if tick % 2 == 0 and (tick == 0 or line.random() > 0.2):
            nacks.arrived(tick // 2, now)
        for at, number in [each for each in coming if each[0] <= now]:
            nacks.arrived(number, now, repaired=True)
            late.append(now - number * 0.01)
            coming.remove((at, number))
        for number in nacks.due(now):
            if line.random() > 0.2 and now - answered.get(number, -1.0) >= 0.1:
                answered[number] = now
                if line.random() > 0.2:
                    coming.append((now + 0.1, number))
    assert nacks.given_up == 0
    assert sorted(late)[len(late) // 2] < 0.15
    assert nacks.round_trip == pytest.approx(0.1, abs=0.03)
