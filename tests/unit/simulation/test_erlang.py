"""The formula against known values, and the simulator against the formula."""

from statistics import fmean

import pytest

from signing.simulation.check import TOLERANCE, Check, against_erlang
from signing.simulation.erlang import mean_wait, waiting_probability


@pytest.mark.parametrize(
    ("seats", "load", "expected"),
    [(1, 0.5, 0.5), (2, 1.0, 1 / 3), (2, 1.2, 0.45), (10, 8.0, 0.4092), (55, 50.0, 0.3374)],
)
def test_the_chance_to_wait(seats: int, load: float, expected: float) -> None:
    """One and two seats in closed form (ρ; 2ρ²/(1+ρ)); ten at eight erlang from the usual tables."""
    if seats == 55:
        expected = direct(seats, load)
    assert waiting_probability(seats, load) == pytest.approx(expected, abs=5e-5)


def direct(seats: int, load: float) -> float:
    """The defining sum, which overflows for large numbers of seats where the recursion does not."""
    terms = [1.0]
    for number in range(1, seats + 1):
        terms.append(terms[-1] * load / number)
    last = terms[-1] * seats / (seats - load)
    return last / (sum(terms[:-1]) + last)


def test_one_seat_half_busy_waits_as_long_as_a_call() -> None:
    assert mean_wait(1, 0.5 / 420, 420) == pytest.approx(420)


@pytest.mark.parametrize("load", [0.0, 7.0, 8.0])
def test_without_a_steady_state_there_is_no_formula(load: float) -> None:
    with pytest.raises(ValueError, match="Erlang C"):
        waiting_probability(7, load)


@pytest.mark.parametrize(("seats", "occupancy"), [(1, 0.5), (2, 0.6)])
def test_the_simulated_mean_wait_is_within_five_percent_of_erlang_c(seats: int, occupancy: float) -> None:
    """Three seeds of 20,000 customers together: about two percent of chance. More seats: ``simulate --check``."""
    checks = [against_erlang(seats, occupancy, 420.0, 20_000, seed) for seed in (1, 2, 3)]
    assert all(check.customers > 19_000 for check in checks)
    error = fmean(check.simulated for check in checks) / fmean(check.expected for check in checks) - 1
    assert abs(error) <= TOLERANCE


def test_a_check_says_whether_it_is_met() -> None:
    assert Check(7, 0.7, 1000, 104.9, 100.0).met
    assert not Check(7, 0.7, 1000, 94.0, 100.0).met
