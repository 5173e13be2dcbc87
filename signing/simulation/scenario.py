"""What is simulated: how many customers come when, how long they talk, what goes wrong, who sits where."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal

from signing.domain.dialect import Dialect
from signing.domain.queue import Priority
from signing.domain.routing import PLAIN, Rules

PUBLISHED_CASES, PUBLISHED_PEOPLE, PUBLISHED_CALL_MINUTES = 7_670, 8_069, 7.0
"""The published figures of the model: cases, people, minutes a call; 7 seats, later 188 over every branch."""
FIRST_SEATS, LATER_SEATS, SEATS_A_BRANCH = 7, 188, 7
REFERENCE_DAYS = 22
"""One month of working days. The published figures name no period: this is an assumption."""
WORKING_DAY = (0.6, 1.5, 1.6, 1.2, 0.5, 0.6, 1.3, 1.4, 0.9, 0.4)
"""Arrivals by hour from 08:00 to 18:00 as weights: two peaks and a noon trough; an assumption, not a measurement."""
OPENS_AT = 8
MIDNIGHT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
"""The first simulated day begins: 00:00 Beijing time. Every simulated day is a working day."""
DAY = 86_400.0

Law = Literal["lognormal", "exponential"]


@dataclass(frozen=True)
class Faults:
    """Shares of rings and calls, and how long things then take in seconds. The defaults are assumptions."""

    pick_up: tuple[float, float] = (2.0, 6.0)
    wrap_up: float = 45.0
    missed_share: float = 0.02
    away: float = 180.0
    drop_share: float = 0.04
    return_after: tuple[float, float] = (5.0, 60.0)


NONE = Faults((0.0, 0.0), 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Scenario:
    """``arrivals`` is the number of people expected over all ``days``; ``curve`` weighs the hours from ``opens_at``."""

    seats: int = FIRST_SEATS
    branches: int = 1
    arrivals: float = PUBLISHED_PEOPLE
    days: int = REFERENCE_DAYS
    call_minutes: float = PUBLISHED_CALL_MINUTES
    law: Law = "lognormal"
    spread: float = 0.6
    """Standard deviation ÷ mean of a lognormal call."""
    people_a_case: float = PUBLISHED_PEOPLE / PUBLISHED_CASES
    curve: Sequence[float] = WORKING_DAY
    opens_at: int = OPENS_AT
    elder_share: float = 0.25
    dialects: Sequence[tuple[Dialect | None, float]] = ()
    faults: Faults = field(default_factory=Faults)
    rules: Rules = PLAIN
    estimates: bool = True


def stationary(seats: int, per_second: float, service_seconds: float, arrivals: float) -> Scenario:
    """Where Erlang C holds: one long day of constant Poisson arrivals, exponential calls, one class, nothing wrong."""
    hours = max(1, round(arrivals / per_second / 3600))
    return Scenario(
        seats=seats,
        arrivals=per_second * 3600 * hours,
        days=1,
        call_minutes=service_seconds / 60,
        law="exponential",
        people_a_case=1.0,
        curve=(1.0,) * hours,
        opens_at=0,
        elder_share=0.0,
        faults=NONE,
        estimates=False,
    )


@dataclass(frozen=True)
class Customer:
    """Drawn before the run, so that two runs with one seed serve the same people. Times in seconds from midnight one.

    ``drop_at`` is the talking time after which the call drops once; None: it does not.
    """

    number: int
    at: float
    branch: int
    talk: float
    priority: Priority
    dialect: Dialect | None
    drop_at: float | None
    back_after: float


def moment(seconds: float) -> datetime:
    return MIDNIGHT + timedelta(seconds=seconds)


def customers(scenario: Scenario, seed: int) -> list[Customer]:
    """In order of arrival."""
    when = random_stream(seed, "arrivals")
    who = random_stream(seed, "people")
    times = sorted(at for case in _case_times(scenario, when) for at in _people(scenario, case, when))
    return [_customer(scenario, number, at, who) for number, at in enumerate(times)]


def random_stream(seed: int, purpose: str) -> Random:
    """One stream a purpose: changing the seats does not change who comes."""
    return Random(f"{seed}/{purpose}")  # noqa: S311 - a simulation, not a secret


def _case_times(scenario: Scenario, random: Random) -> Iterator[float]:
    """Non-homogeneous Poisson: within each hour of the curve exponential gaps at that hour's rate."""
    cases_a_day = scenario.arrivals / scenario.people_a_case / scenario.days
    for day in range(scenario.days):
        for hour, weight in enumerate(scenario.curve):
            rate = cases_a_day * weight / sum(scenario.curve) / 3600
            start = day * DAY + (scenario.opens_at + hour) * 3600
            at = start + random.expovariate(rate) if rate else math.inf
            while at < start + 3600:
                yield at
                at += random.expovariate(rate)


def _people(scenario: Scenario, at: float, random: Random) -> Iterator[float]:
    """A case's further party joins within ten minutes of the first."""
    yield at
    if scenario.people_a_case > 1 and random.random() < scenario.people_a_case - 1:
        yield at + random.uniform(0, 600)


def _customer(scenario: Scenario, number: int, at: float, random: Random) -> Customer:
    faults = scenario.faults
    talk = _talk(scenario, random)
    drops = random.random() < faults.drop_share
    share, elder, back = random.random(), random.random(), random.uniform(*faults.return_after)
    return Customer(
        number,
        at,
        random.randrange(scenario.branches),
        talk,
        Priority.ELDER if elder < scenario.elder_share else Priority.NORMAL,
        _dialect(scenario, random),
        talk * share if drops else None,
        back,
    )


def _talk(scenario: Scenario, random: Random) -> float:
    mean = scenario.call_minutes * 60
    if scenario.law == "exponential":
        return random.expovariate(1 / mean)
    variance = math.log(1 + scenario.spread**2)
    return random.lognormvariate(math.log(mean) - variance / 2, math.sqrt(variance))


def _dialect(scenario: Scenario, random: Random) -> Dialect | None:
    if not scenario.dialects:
        return None
    kinds, weights = zip(*scenario.dialects, strict=True)
    chosen: Dialect | None = random.choices(kinds, weights)[0]
    return chosen
