"""The simulator against Erlang C where its assumptions hold."""

from dataclasses import dataclass
from statistics import fmean

from signing.simulation.erlang import mean_wait
from signing.simulation.run import Run
from signing.simulation.scenario import stationary

TOLERANCE = 0.05
CASES = ((1, 0.5), (2, 0.6), (7, 0.7))
"""Seats, and the share of the time they are to be busy."""


@dataclass(frozen=True)
class Check:
    """Mean waits in seconds over ``customers``; ``expected`` is Erlang C's at the rates that were really drawn."""

    seats: int
    occupancy: float
    customers: int
    simulated: float
    expected: float

    @property
    def error(self) -> float:
        return self.simulated / self.expected - 1

    @property
    def met(self) -> bool:
        return abs(self.error) <= TOLERANCE


def against_erlang(seats: int, occupancy: float, service_seconds: float, arrivals: int, seed: int) -> Check:
    """The draw's own arrival rate and mean call go into the formula, so that their chance does not blur the check."""
    scenario = stationary(seats, seats * occupancy / service_seconds, service_seconds, arrivals)
    run = Run(scenario, seed)
    people, served = run.people, run.execute().served
    rate, talk = len(people) / (len(scenario.curve) * 3600), fmean(one.talk for one in people)
    waits = [story.wait for story in served if story.wait is not None]
    return Check(seats, occupancy, len(waits), fmean(waits), mean_wait(seats, rate, talk))
