"""Nothing of a feed is missed and nothing is given twice, in whatever order its numbers appear."""

from hypothesis import given
from hypothesis import strategies as st

from signing.domain.feed import LATE_SECONDS, Cursor


def test_what_appears_late_is_given_late() -> None:
    cursor = Cursor(0)
    assert cursor.fresh({1: "a", 3: "c"}, 0.0) == ["a", "c"]
    assert cursor.fresh({1: "a", 2: "b", 3: "c"}, 1.0) == ["b"]
    assert cursor.fresh({1: "a", 2: "b", 3: "c"}, 2.0) == []


def test_what_is_old_is_not_read_again() -> None:
    cursor = Cursor(5)
    assert cursor.fresh({5: "before", 6: "a", 7: "b"}, 0.0) == ["a", "b"]
    assert cursor.fresh({8: "c"}, LATE_SECONDS) == ["c"]
    assert cursor.low == 7
    assert cursor.fresh({8: "c", 9: "d"}, LATE_SECONDS + 1) == ["d"]


@given(st.permutations(range(1, 30)), st.lists(st.integers(1, 5), min_size=30, max_size=30))
def test_each_is_given_once_whatever_the_order_of_appearance(order: list[int], sizes: list[int]) -> None:
    cursor, there, given_out = Cursor(0), dict[int, int](), list[int]()
    waiting = list(order)
    for turn, size in enumerate(sizes):
        for number in waiting[:size]:
            there[number] = number
        del waiting[:size]
        seen = {number: value for number, value in there.items() if number > cursor.low}
        given_out += cursor.fresh(seen, float(turn) / 2)
    assert sorted(given_out) == list(range(1, 30))
