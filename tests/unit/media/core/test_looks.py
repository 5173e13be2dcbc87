"""A person's tile over time, by traces: what is a fault, and what only looks like one."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from media.core.looks import BLACK_FOR, FROZEN_FOR, Look, Person, Showing, Thumb

STEP = 0.2


def grey(level: float) -> Thumb:
    return np.full((18, 32), round(level), dtype=np.uint8)


def moving(number: int) -> Thumb:
    """A bar that wanders over a grey wall."""
    out = grey(90)
    out[:, number % 28 : number % 28 + 4] = 220
    return out


def look(number: int, **changes: object) -> Look:
    """A person who moves, in a recording that follows."""
    whole = Look(number * STEP, "p1", "王建国", Showing.LIVE, number, moving(number), moving(number), 230)
    return replace(whole, **changes)  # type: ignore[arg-type]


def watched(count: int, make: Callable[[int], Look] = look, after: Person | None = None) -> Person:
    person = after or Person()
    first = 0 if after is None else 1000
    for number in range(first, first + count):
        person.observe(make(number))
    return person


def answers(person: Person) -> tuple[bool, bool, bool]:
    """Black, frozen, stuck."""
    return person.black_since() is not None, person.frozen_since() is not None, person.stuck_since() is not None


def test_a_person_who_moves_gives_no_reason() -> None:
    assert answers(watched(100)) == (False, False, False)


def test_a_person_who_sits_still_gives_none_either() -> None:
    """Noise of the camera makes every received picture another one, and compression swallows it."""
    still = grey(90)
    chance = np.random.default_rng(1)

    def noisy(number: int) -> Look:
        seen = np.clip(still + chance.normal(0, 1.0, still.shape), 0, 255).astype(np.uint8)
        return look(number, source=seen, recorded=still)

    assert answers(watched(300, noisy)) == (False, False, False)


def test_exactly_the_same_picture_for_three_seconds_is_frozen() -> None:
    def same(number: int) -> Look:
        return look(number, mark=7, source=moving(7), recorded=moving(7))

    almost, enough = round(FROZEN_FOR / STEP), round(FROZEN_FOR / STEP) + 1
    assert watched(almost, same).frozen_since() is None
    person = watched(enough, same)
    assert person.frozen_since() == 0.0
    assert answers(person) == (False, True, False)


def test_a_frozen_picture_that_moves_again_is_good_at_once() -> None:
    person = watched(40, lambda number: look(number, mark=7))
    assert person.frozen_since() is not None
    person.observe(look(41))
    assert person.frozen_since() is None


def test_pictures_that_come_seldom_are_not_frozen() -> None:
    assert watched(100, lambda number: look(number, mark=number // 10)).frozen_since() is None


def test_a_recording_that_does_not_follow_is_stuck() -> None:
    person = watched(20, lambda number: look(number, recorded=moving(0)))
    assert answers(person) == (False, False, True)
    assert person.stuck_since() == pytest.approx(0.0, abs=1.0)


def test_what_compression_does_to_a_stuck_tile_does_not_hide_it() -> None:
    chance = np.random.default_rng(2)

    def pumping(number: int) -> Look:
        seen = np.clip(moving(0) + chance.normal(0, 0.4, (18, 32)), 0, 255).astype(np.uint8)
        return look(number, recorded=seen)

    assert watched(20, pumping).stuck_since() is not None


def test_a_recording_that_follows_in_a_part_of_the_tile_is_none() -> None:
    """An upright picture fills a third of a wide tile."""

    def narrow(number: int) -> Look:
        seen = grey(20)
        seen[:, 11:21] = moving(number)[:, ::3][:, :10]
        return look(number, recorded=seen)

    assert watched(60, narrow).stuck_since() is None


@pytest.mark.parametrize("showing", [Showing.LIVE, Showing.BLACK])
def test_black_is_told_after_a_moment_whether_or_not_the_tile_says_so(showing: Showing) -> None:
    def dark(number: int) -> Look:
        return look(number, showing=showing, brightest=30 if showing is Showing.LIVE else 200)

    enough = round(BLACK_FOR / STEP) + 2
    assert watched(enough - 3, dark).black_since() is None
    person = watched(enough, dark)
    assert person.black_since() == 0.0
    person.observe(look(99))
    assert person.black_since() is None


def test_who_is_not_shown_is_neither_black_nor_frozen() -> None:
    waiting = watched(60, lambda number: look(number, showing=Showing.WORDS, mark=0, brightest=30))
    assert answers(waiting) == (False, False, False)


def test_what_was_not_looked_at_is_not_presumed() -> None:
    person = Person()
    for number in (0, 1, 2, 100, 101):
        person.observe(look(number, mark=7))
    assert answers(person) == (False, False, False)


def test_a_break_begins_everything_anew() -> None:
    person = watched(14, lambda number: look(number, mark=7))
    person.observe(look(14, showing=Showing.WORDS))
    for number in range(15, 25):
        person.observe(look(number, mark=7, recorded=moving(0)))
    assert answers(person) == (False, False, False)
