"""Telling a line's own loss from what sending too much costs."""

import random
from collections.abc import Callable

from media.core.lossfloor import VALID, LossFloor, Pardon, Second

Line = Callable[[int], tuple[int, float]]
"""Packets sent in a second -> (packets that came, least delay)."""


def lossy(share: float, seed: int = 1) -> Line:
    dice = random.Random(seed)
    return lambda sent: (sum(dice.random() > share for _ in range(sent)), 0.002)


def policed(most: int) -> Line:
    return lambda sent: (min(sent, most), 0.002)


def queued(most: int) -> Line:
    return lambda sent: (min(sent, most), 0.3 if sent > most else 0.002)


def over(line: Line, rates: list[int]) -> list[float]:
    floor, told = LossFloor(), []
    for sent in rates:
        came, delay = line(sent)
        told.append(floor.add(Second(sent, came, came * 1000, delay)))
    return told


def test_loss_at_every_rate_is_the_lines_own() -> None:
    told = over(lossy(0.2), [60, 100, 160, 120, 70, 60, 90, 130, 160])
    assert 0.2 < told[-1] < 0.33, "the line's own share and some room, or the phone's rate would stand still"


def test_a_clean_line_has_none() -> None:
    assert max(over(lossy(0.0), [50, 100, 200, 100, 50])) == 0


def test_what_a_policer_drops_is_never_pardoned() -> None:
    told = over(policed(100), [50, 80, 120, 200, 300, 160, 110, 90, 130, 150, 140] * 4)
    assert max(told) == 0


def test_what_a_policer_drops_while_little_is_sent_for_part_of_a_second_is_not_its_own() -> None:
    told = over(policed(72), [136, 85, 86, 79, 83]) + over(policed(120), [136, 85, 90, 124, 139])
    assert max(told) == 0


def test_a_sudden_loss_of_another_cause_is_told() -> None:
    floor, line = LossFloor(), lossy(0.1)
    for sent in (60, 160, 80, 70):
        floor.add(Second(sent, line(sent)[0], sent * 1000, 0.0))
    assert floor.floor > 0.05
    assert floor.add(Second(300, 100, 100_000, 0.0)) == 0


def test_what_a_full_queue_drops_is_never_pardoned() -> None:
    told = over(queued(100), [50, 80, 120, 200, 300, 160, 110, 60, 130, 150, 140] * 4)
    assert max(told) == 0


def test_a_policed_line_that_loses_too_is_pardoned_its_own_part_only() -> None:
    dice = lossy(0.1, 3)
    told = over(lambda sent: dice(min(sent, 150)), [60, 100, 200, 80, 70, 200, 90, 180, 100, 60] * 4)
    assert max(told) < 0.2


def test_it_goes_when_the_loss_goes_and_must_be_shown_anew() -> None:
    floor, line = LossFloor(), lossy(0.2)
    for sent in (60, 160, 80, 70):
        floor.add(Second(sent, line(sent)[0], sent * 1000, 0.0))
    assert floor.floor > 0.1
    for _ in range(9):
        floor.add(Second(100, 100, 100_000, 0.0))
    assert floor.floor == 0
    lossy_again = [floor.add(Second(100, 80, 80_000, 0.0)) for _ in range(2 * VALID)]
    assert lossy_again[-1] == 0, "a steady rate proves nothing for ever"


def test_pardon_is_spread_and_never_more_than_the_floor() -> None:
    pardon, dice, lost_all, pardoned = Pardon(), random.Random(2), 0, 0
    for _ in range(400):
        lost = [number for number in range(20) if dice.random() < 0.3]
        chosen = pardon.choose(20, lost, 0.2)
        assert chosen == lost[: len(chosen)]
        lost_all, pardoned = lost_all + len(lost), pardoned + len(chosen)
    assert 0.15 * 8000 < pardoned <= 0.2 * 8000
    assert pardoned < lost_all
    assert pardon.choose(20, [1, 2], 0.0) == []
