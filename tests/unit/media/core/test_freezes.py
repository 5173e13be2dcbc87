"""How long pictures stood still, counted from the times at which they were shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.freezes import Freezes

STEP = 1 / 15


def shown(freezes: Freezes, start: float, until: float, step: float = STEP) -> float:
    at = start
    while at < until - 1e-9:
        freezes.shown(at)
        at += step
    return at


def test_before_the_first_picture_nothing_is_frozen() -> None:
    assert Freezes().share(5.0) == 0.0


def test_a_steady_picture_never_freezes_however_slow_it_is() -> None:
    for step in (STEP, 0.2, 0.5):
        freezes = Freezes()
        shown(freezes, 0.0, 10.0, step)
        freezes.share(10.0)
        shown(freezes, 10.0, 20.0, step)
        assert freezes.share(20.0) == 0.0


def test_a_gap_counts_as_a_whole_and_a_small_one_not_at_all() -> None:
    freezes = Freezes()
    shown(freezes, 0.0, 4.0)
    freezes.share(4.0)
    shown(freezes, 4.0, 5.0)
    shown(freezes, 5.1, 6.0)
    assert freezes.share(6.0) == 0.0
    end = shown(freezes, 6.0, 6.5)
    shown(freezes, end + 0.5, 8.0)
    assert freezes.share(8.0) == pytest.approx(0.5 / 2, abs=0.05)


def test_a_freeze_that_goes_on_is_counted_in_each_look_and_never_twice() -> None:
    freezes = Freezes()
    last = shown(freezes, 0.0, 2.0) - STEP
    shares = [freezes.share(at) for at in (2.0, 4.0, 6.0)]
    shown(freezes, 7.0, 8.0)
    shares.append(freezes.share(8.0))
    assert shares[1:3] == [1.0, 1.0]
    assert shares[0] == 0.0
    assert 2 * sum(shares) == pytest.approx(7.0 - last, abs=0.2)


@given(st.lists(st.floats(0.001, 3.0), min_size=1, max_size=60))
def test_a_share_is_one(gaps: list[float]) -> None:
    freezes, now = Freezes(), 0.0
    for number, gap in enumerate(gaps):
        now += gap
        freezes.shown(now)
        if number % 5 == 4:
            assert 0 <= freezes.share(now) <= 1
    assert 0 <= freezes.share(now + 1) <= 1
