"""Wrapping counters."""

from hypothesis import given
from hypothesis import strategies as st

from media.core.sequence import Unwrapper


@given(start=st.integers(0, 0xFFFF), steps=st.lists(st.integers(-900, 1000), max_size=200))
def test_a_walk_is_followed_over_wraps(start: int, steps: list[int]) -> None:
    unwrapper, at, newest = Unwrapper(), start, start
    assert unwrapper.unwrap(start) == start
    for step in steps:
        at = newest + step
        assert unwrapper.unwrap(at & 0xFFFF) == at
        newest = max(newest, at)


def test_timestamps_wrap_at_their_own_width() -> None:
    unwrapper = Unwrapper(32)
    assert unwrapper.unwrap(0xFFFF_FFFE) == 0xFFFF_FFFE
    assert unwrapper.unwrap(1) == 0x1_0000_0001
    assert unwrapper.unwrap(0xFFFF_FFFF) == 0xFFFF_FFFF


def test_looking_is_not_noting() -> None:
    unwrapper = Unwrapper()
    unwrapper.unwrap(10)
    assert unwrapper.near(30_000) == 30_000
    assert unwrapper.near(60_000) == 60_000 - 0x10000, "still counted from ten"
