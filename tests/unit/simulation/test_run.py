"""The simulator as a machine: everyone is served once, a seed repeats itself, the figures mean what they say."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.domain.dialect import Dialect
from signing.domain.queue import Priority
from signing.domain.routing import Rules
from signing.simulation.measures import busy_seconds, by_hour, estimate_error, overall, percentile
from signing.simulation.run import Result, Run, Served
from signing.simulation.scenario import DAY, NONE, Faults, Scenario, customers, stationary

SMALL = Scenario(seats=6, branches=3, arrivals=600, days=2)
HELPING = Rules(overflow_after=timedelta(minutes=2), any_dialect_after=timedelta(minutes=5))


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 8),
    st.integers(1, 4),
    st.floats(10, 200),
    st.sampled_from([Rules(), HELPING, replace(HELPING, promote_after=timedelta(minutes=10))]),
    st.builds(Faults, missed_share=st.floats(0, 0.6), drop_share=st.floats(0, 1), away=st.floats(0, 600)),
    st.integers(0, 1000),
)
def test_whatever_goes_wrong_everyone_is_served(
    seats: int, branches: int, arrivals: float, rules: Rules, faults: Faults, seed: int
) -> None:
    """The machines of ticket and seat raise where one would be offered twice; here nobody is left behind either."""
    dialects = ((None, 0.6), (Dialect.HAKKA, 0.4))
    scenario = Scenario(
        seats, min(seats, branches), arrivals, 1, rules=rules, faults=faults, dialects=dialects, elder_share=0.4
    )
    result = Run(scenario, seed).execute()
    assert all(story.finished and story.wait is not None and story.wait >= 0 for story in result.served)
    assert all(start <= end for start, end in result.busy)
    assert len(result.busy) == len(result.served) + result.drops + result.missed_rings


def test_one_seed_one_story_and_the_seats_do_not_change_who_comes() -> None:
    assert Run(SMALL, 5).execute() == Run(SMALL, 5).execute()
    assert Run(SMALL, 5).execute() != Run(SMALL, 6).execute()
    assert customers(SMALL, 5) == customers(replace(SMALL, seats=60), 5)


def test_no_seat_serves_two_at_once() -> None:
    result = Run(replace(SMALL, seats=1, branches=1), 3).execute()
    spans = sorted(result.busy)
    assert all(spans[n][1] <= spans[n + 1][0] for n in range(len(spans) - 1))


def test_customers_follow_the_curve_the_law_and_the_number_of_people() -> None:
    scenario = Scenario(arrivals=20_000, days=10)
    people = customers(scenario, 1)
    assert len(people) == pytest.approx(20_000, rel=0.03)
    assert all(8 * 3600 <= one.at % DAY < 18 * 3600 + 600 for one in people)
    peak, noon = (sum(int(one.at % DAY // 3600) == hour for one in people) for hour in (10, 12))
    assert peak / noon == pytest.approx(1.6 / 0.5, rel=0.1)
    talk = [one.talk for one in people]
    mean = sum(talk) / len(talk)
    spread = (sum((one - mean) ** 2 for one in talk) / len(talk)) ** 0.5
    assert mean == pytest.approx(420, rel=0.02)
    assert spread / mean == pytest.approx(0.6, rel=0.06)
    assert sum(one.priority is Priority.ELDER for one in people) / len(people) == pytest.approx(0.25, abs=0.02)


def test_overflow_shortens_the_longest_wait_and_uses_other_branches() -> None:
    apart = Run(SMALL, 2).execute()
    together = Run(replace(SMALL, rules=HELPING), 2).execute()
    assert all(story.branch == story.seat_branch for story in apart.served)
    assert any(story.branch != story.seat_branch for story in together.served)
    assert overall(together).p90_wait < overall(apart).p90_wait
    assert overall(together).mean_wait < overall(apart).mean_wait


def test_hours_add_up_and_work_over_the_hour_is_split() -> None:
    assert busy_seconds([(3500, 7300), (DAY + 7200, DAY + 7210)])[:3] == [100.0, 3600.0, 110.0]
    result = Run(SMALL, 1).execute()
    hours = by_hour(result)
    assert sum(figures.arrivals for figures in hours.values()) == len(result.served) == overall(result).arrivals
    worked = sum(figures.occupancy for figures in hours.values()) * SMALL.seats * SMALL.days * 3600
    assert worked == pytest.approx(sum(end - start for start, end in result.busy))
    assert all(0 <= figures.occupancy <= 1 for figures in hours.values())


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(n) for n in range(1, 11)]
    assert [percentile(values, share) for share in (0.0, 0.5, 0.9, 1.0)] == [1.0, 5.0, 9.0, 10.0]
    assert percentile([], 0.9) == 0.0


def test_the_error_of_the_told_wait_by_hand() -> None:
    told = [(0.0, 4.0), (100.0, 160.0), (300.0, 200.0), (None, 50.0)]
    served = [Served(0.0, "b", estimate, wait) for estimate, wait in told]
    error = estimate_error(Result(SMALL, served, []))
    assert (error.told, error.median_absolute) == (3, 60.0)
    assert error.bias == pytest.approx(12.0)
    assert (error.queued, error.queued_median_absolute, error.queued_bias, error.queued_mean_wait) == (2, 80, 20, 180)


def test_the_told_wait_has_no_bias_where_the_formula_is_exact() -> None:
    """M/M/c in order of arrival: the estimate is the mean given what is seen, once the mean call is learnt."""
    scenario = replace(stationary(4, 4 * 0.8 / 465, 465.0, 12_000), estimates=True)
    assert scenario.faults == NONE
    error = estimate_error(Run(scenario, 4).execute())
    assert error.queued > 5000
    assert abs(error.queued_bias) < 0.1 * error.queued_mean_wait


def test_the_told_wait_of_the_reference_scenario_is_nearly_unbiased_and_useful() -> None:
    """Four days with seven seats, the elderly overtaking: biased by less than 15 percent."""
    error = estimate_error(Run(Scenario(arrivals=8069 * 4 / 22, days=4), 3).execute())
    assert error.queued > 500
    assert abs(error.queued_bias) < 0.15 * error.queued_mean_wait
    assert error.queued_median_absolute < 0.3 * error.queued_mean_wait
