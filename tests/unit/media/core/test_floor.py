"""Who is shown large, and who sits where."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.floor import KEEPS_NS, TAKES_NS, Floor, Seating
from media.core.timeline import SECOND

PEOPLE = ("a", "b", "c")
STEP = SECOND // 15


class Talk:
    """A conversation, picture by picture."""

    def __init__(self, people: Sequence[str] = PEOPLE) -> None:
        self.people, self.at, self.floor, self.seen = people, 100 * SECOND, Floor(), list[str]()

    def go_on(self, seconds: float, *speaking: str) -> str:
        for _ in range(round(seconds * 15)):
            self.at += STEP
            self.seen.append(self.floor.now(self.people, set(speaking), self.at))
        return self.seen[-1]

    @property
    def changes(self) -> int:
        return sum(one != other for one, other in zip(self.seen, self.seen[1:], strict=False))


def test_while_all_are_silent_the_first_has_the_floor_and_whoever_speaks_first_gets_it() -> None:
    talk = Talk()
    assert talk.go_on(10) == "a"
    assert talk.go_on(2, "b") == "b"
    assert talk.go_on(60) == "b", "nobody loses the floor by being silent"


def test_a_cough_takes_nothing() -> None:
    talk = Talk()
    talk.go_on(10, "a")
    talk.go_on(TAKES_NS / SECOND * 0.8, "b")
    assert talk.go_on(10) == "a"


def test_who_speaks_on_keeps_it_however_long_another_speaks_too() -> None:
    talk = Talk()
    talk.go_on(1, "a")
    assert talk.go_on(60, "a", "b") == "a"
    assert talk.go_on(0.2, "b") == "b", "and then it goes to who has long been speaking"


def test_a_quick_exchange_does_not_throw_the_stage_about() -> None:
    """Question and answer every two seconds for a minute: at most one change in KEEPS."""
    talk = Talk()
    for _ in range(15):
        talk.go_on(2, "a")
        talk.go_on(2, "b")
    assert talk.changes <= 60 * SECOND / KEEPS_NS
    assert talk.changes >= 5, "but it does follow"


def test_of_several_the_one_who_began_first() -> None:
    talk = Talk()
    talk.go_on(10)
    talk.go_on(0.5, "c")
    assert talk.go_on(2, "b", "c") == "c"


def test_who_goes_or_is_held_gives_it_up_at_once_and_an_empty_call_has_nobody() -> None:
    talk = Talk()
    assert talk.go_on(5, "b") == "b"
    talk.people = ("a", "c")
    assert talk.go_on(0.1, "c") == "c"
    talk.people = ()
    assert talk.go_on(0.1) == ""
    talk.people = ("a",)
    assert talk.go_on(0.1) == "a"


@given(st.lists(st.tuples(st.sets(st.sampled_from(PEOPLE)), st.floats(0.1, 3)), min_size=1, max_size=30))
def test_nobody_is_shown_large_for_less_than_a_while(turns: list[tuple[set[str], float]]) -> None:
    talk = Talk()
    for speaking, seconds in turns:
        talk.go_on(seconds, *speaking)
    since, shortest = 0, len(talk.seen)
    for index in range(1, len(talk.seen)):
        if talk.seen[index] != talk.seen[index - 1]:
            shortest, since = min(shortest, index - since), index
    assert shortest == len(talk.seen) or shortest * STEP >= KEEPS_NS - 2 * STEP


@pytest.mark.parametrize("large", ["", "x"])
def test_without_a_large_tile_all_sit_in_their_own_order(large: str) -> None:
    seating = Seating()
    seating.seat(PEOPLE, "c")
    assert seating.seat(PEOPLE, large) == ["a", "b", "c"]


def test_only_the_two_change_places_and_a_newcomer_sits_last() -> None:
    seating, people = Seating(), ["agent", "a", "b", "c", "d"]
    assert seating.seat(people, "b") == ["b", "a", "agent", "c", "d"]
    assert seating.seat(people, "b") == ["b", "a", "agent", "c", "d"]
    assert seating.seat(people, "d") == ["d", "a", "agent", "c", "b"]
    assert seating.seat([*people, "e"], "d") == ["d", "a", "agent", "c", "b", "e"]
    assert seating.seat(["agent", "b", "c", "d", "e"], "d") == ["d", "agent", "c", "b", "e"]


@given(st.lists(st.tuples(st.permutations(PEOPLE), st.integers(1, 3), st.sampled_from(PEOPLE))))
def test_everybody_sits_once(looks: list[tuple[list[str], int, str]]) -> None:
    seating = Seating()
    for people, count, large in looks:
        seats = seating.seat(people[:count], large)
        assert sorted(seats) == sorted(people[:count])
        assert large not in people[:count] or seats[0] == large
