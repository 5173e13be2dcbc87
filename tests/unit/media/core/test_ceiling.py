"""How near the rate goes to what loss showed, and how often it tries for more."""

import pytest

from media.core.ceiling import AFTER, BELOW, ENOUGH, FIRST_HOLD, FURTHEST, LONGEST_HOLD, PROBE, SAME, SMOOTH, Ceiling
from media.core.inherent import Belief

POLICED = Belief(0.001, 300e3)
STEP = 0.1


class Path:
    """A path that is looked at every STEP seconds."""

    def __init__(self) -> None:
        self.ceiling, self.now = Ceiling(), 100.0

    def sees(self, belief: Belief, loss: float = 0.0, seconds: float = STEP) -> float | None:
        """What may be sent in the end."""
        for _ in range(round(seconds / STEP)):
            self.now += STEP
            self.ceiling.see(belief, loss, self.now)
        return self.ceiling.rate(self.now)

    def held_for(self, belief: Belief) -> float:
        """Seconds until more is tried."""
        begin = self.now
        while self.ceiling.holds(self.now):
            self.sees(belief)
        return self.now - begin

    def fails(self) -> None:
        """Tries for more as soon as it may, and loses."""
        self.held_for(POLICED)
        self.sees(POLICED, seconds=3.0)
        self.sees(POLICED, loss=0.1)


def test_without_a_bandwidth_there_is_none() -> None:
    path = Path()
    assert path.sees(Belief(0.2), loss=0.2, seconds=30) is None
    assert not path.ceiling.holds(path.now)


def test_the_first_try_begins_at_once_and_goes_so_far() -> None:
    path = Path()
    assert path.sees(POLICED) == pytest.approx(BELOW * 300e3)
    assert path.sees(POLICED, seconds=5) == pytest.approx(BELOW * 300e3 * PROBE**5, rel=0.01)
    assert path.sees(POLICED, seconds=60) == pytest.approx(BELOW * 300e3 * FURTHEST)


def test_each_try_that_fails_makes_the_next_wait_twice_as_long() -> None:
    path, waits = Path(), list[float]()
    path.sees(POLICED)
    for _ in range(6):
        path.fails()
        assert path.ceiling.rate(path.now) == pytest.approx(BELOW * 300e3)
        waits.append(path.held_for(POLICED))
    expected = [min(LONGEST_HOLD, FIRST_HOLD * 2**place) for place in range(6)]
    assert waits == pytest.approx(expected, abs=2 * STEP)
    assert waits[-1] == pytest.approx(LONGEST_HOLD, abs=2 * STEP)


def test_what_is_lost_while_nothing_is_tried_is_no_failed_try() -> None:
    path = Path()
    path.sees(POLICED)
    path.fails()
    path.sees(POLICED, loss=0.1, seconds=FIRST_HOLD / 2)
    assert path.held_for(POLICED) == pytest.approx(FIRST_HOLD / 2, abs=2 * STEP)


def test_a_bandwidth_that_is_forgotten_for_want_of_loss_is_kept() -> None:
    path = Path()
    path.sees(POLICED)
    path.fails()
    path.fails()
    assert path.ceiling.stands(path.now)
    assert path.held_for(Belief()) == pytest.approx(2 * FIRST_HOLD, abs=2 * STEP)
    assert path.sees(Belief(), seconds=4) == pytest.approx(BELOW * 300e3 * PROBE**4, rel=0.02), "slowly, not at once"
    assert path.sees(Belief(), seconds=60) is None, "and then it is over"


def test_before_tries_have_failed_a_bandwidth_goes_with_its_belief() -> None:
    path = Path()
    path.sees(POLICED)
    for _ in range(ENOUGH - 1):
        path.fails()
    assert not path.ceiling.stands(path.now)
    assert path.sees(Belief(0.05), loss=0.05) is None


def test_a_path_that_loses_though_it_is_held_loses_by_itself() -> None:
    path = Path()
    path.sees(POLICED)
    for _ in range(5):
        path.fails()
    assert path.sees(Belief(0.1), loss=0.1, seconds=AFTER + SMOOTH + 1) is None
    path.sees(POLICED)
    path.fails()
    assert path.held_for(POLICED) == pytest.approx(FIRST_HOLD, abs=2 * STEP), "what failed before counts for nothing"


@pytest.mark.parametrize("times", [1.1 * SAME, 1 / (1.1 * SAME)])
def test_another_bandwidth_is_another_path(times: float) -> None:
    path = Path()
    path.sees(POLICED)
    for _ in range(5):
        path.fails()
    assert path.sees(Belief(0.001, 300e3 * times)) == pytest.approx(BELOW * 300e3 * times)
    assert not path.ceiling.holds(path.now), "which is tried at once"


def test_while_it_is_held_the_lower_of_two_beliefs_counts() -> None:
    path = Path()
    path.sees(POLICED)
    path.fails()
    assert path.sees(Belief(0.001, 320e3)) == pytest.approx(BELOW * 300e3)
    assert path.sees(Belief(0.001, 280e3)) == pytest.approx(BELOW * 280e3)
    assert path.sees(POLICED) == pytest.approx(BELOW * 280e3)
