"""An agreement is two declarations; one alone is nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from signing.domain.agreement import Declaration, Side, agreements
from tests.unit.domain.factories import NOW, later

SENDS = Declaration("1", "home", "helper", Side.SENDS, 300, NOW, "admin_home")
ACCEPTS = Declaration("2", "helper", "home", Side.ACCEPTS, 0, NOW, "admin_helper")


def test_both_sides_make_it_and_the_home_side_says_after_how_long() -> None:
    assert agreements([SENDS, ACCEPTS]) == {("home", "helper"): timedelta(seconds=300)}


@pytest.mark.parametrize(
    "declared",
    [
        [],
        [SENDS],
        [ACCEPTS],
        [SENDS, replace(ACCEPTS, ended_at=later(1))],
        [replace(SENDS, ended_at=later(1)), ACCEPTS],
        [SENDS, replace(ACCEPTS, side=Side.SENDS)],
        [SENDS, replace(ACCEPTS, institution_id="third")],
        [SENDS, replace(ACCEPTS, other_id="third")],
        [SENDS, replace(SENDS, side=Side.ACCEPTS)],
    ],
)
def test_one_side_alone_is_nothing(declared: list[Declaration]) -> None:
    assert agreements(declared) == {}


def test_each_direction_is_its_own() -> None:
    back = [replace(SENDS, institution_id="helper", other_id="home", after_seconds=60)]
    back.append(replace(ACCEPTS, institution_id="home", other_id="helper"))
    assert agreements([*back, SENDS]) == {("helper", "home"): timedelta(seconds=60)}
