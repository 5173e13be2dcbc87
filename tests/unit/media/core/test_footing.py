"""Who stumbles is by themselves for a while, and a rate counts once it has lasted."""

from hypothesis import given, settings
from hypothesis import strategies as st

from media.core.footing import CALM, CAREFUL, LONGEST, MANY, WITHIN, Footing


def test_a_key_picture_now_and_then_is_no_stumbling() -> None:
    footing = Footing()
    for time in range(0, 100, int(WITHIN / (MANY - 1)) + 1):
        footing.stumbled(float(time))
        assert footing.steady(float(time))


def test_many_are() -> None:
    footing = Footing()
    for number in range(MANY):
        assert footing.steady(number * 0.8)
        footing.stumbled(number * 0.8)
    last = 0.8 * (MANY - 1)
    assert not footing.steady(last)
    assert not footing.steady(last + CALM - 0.01)
    assert footing.steady(last + CALM)


def test_who_falls_again_soon_is_apart_for_longer_and_for_no_more_than_a_bound() -> None:
    footing, now, apart = Footing(), 0.0, []
    for _ in range(6):
        footing.fell(now)
        began = now
        while not footing.steady(now):
            now += 1.0
        apart.append(now - began)
    assert apart == [CALM, 2 * CALM, 4 * CALM, LONGEST, LONGEST, LONGEST]


def test_what_is_long_past_is_forgotten() -> None:
    footing = Footing()
    footing.fell(0.0)
    footing.fell(1000.0)
    assert not footing.steady(1000.0 + CALM - 1)
    assert footing.steady(1000.0 + CALM)


def test_falling_once_more_while_apart_begins_anew_without_doubling() -> None:
    footing = Footing()
    footing.fell(0.0)
    footing.fell(CALM / 2)
    assert not footing.steady(CALM)
    assert footing.steady(1.5 * CALM)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 2), st.floats(1e4, 1e6)), min_size=1, max_size=60))
def test_the_least_of_the_last_seconds(steps: list[tuple[float, float]]) -> None:
    footing, now, told = Footing(), 0.0, []
    for passed, rate in steps:
        now += passed
        told.append((now, rate))
        found = footing.rate(rate, now)
        assert found <= rate
        assert found == min(each for at, each in told if at >= now - CAREFUL)
