"""Marks and causes: tables of what real calls measured, rules that must hold for all, words that stand still."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.quality import (
    BARS,
    NETWORK,
    Cause,
    Judge,
    Look,
    Way,
    at_the_seat,
    bars_of,
    cause,
    mark,
    mean,
    picture_mark,
    sound_mark,
    way_mark,
)

CLEAN = Way(pictures=15.0, delay=0.13, rate=600_000.0)
GOOD = Look(CLEAN, CLEAN, limit="none")


def up(**changes: object) -> Look:
    return replace(GOOD, up=replace(CLEAN, **changes))  # type: ignore[arg-type]


def down(**changes: object) -> Look:
    return replace(GOOD, down=replace(CLEAN, **changes))  # type: ignore[arg-type]


# --- marks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rating", "expected"), [(93.2, 4.41), (90.0, 4.34), (80.0, 4.03), (70.0, 3.60), (60.0, 3.10), (50.0, 2.58)]
)
def test_the_mark_of_sound_is_that_of_the_e_model(rating: float, expected: float) -> None:
    """ITU-T G.107 table B.1, reached here by loss alone: Ie,eff = 95 P / (P + 25.1)."""
    taken = 93.2 - rating
    percent = 25.1 * taken / (95 - taken)
    assert sound_mark(0.0, percent / 100) == pytest.approx(expected, abs=0.01)


def test_delay_begins_to_hurt_where_the_e_model_says() -> None:
    assert sound_mark(0.1, 0) - sound_mark(0.17, 0) < 0.05
    assert sound_mark(0.2, 0) - sound_mark(0.4, 0) > 0.5


@pytest.mark.parametrize(
    ("pictures", "frozen", "rate", "least", "most"),
    [
        (15.0, 0.0, None, 5.0, 5.0),
        (15.0, 0.0, 600_000.0, 4.7, 4.8),
        (15.0, 0.0, 150_000.0, 3.5, 3.7),
        (15.0, 0.09, 500_000.0, 2.9, 3.1),
        (15.0, 0.2, 300_000.0, 1.8, 1.95),
        (5.0, 0.0, 600_000.0, 3.4, 3.5),
        (0.2, 0.7, 50_000.0, 1.0, 1.05),
    ],
)
def test_the_mark_of_pictures(pictures: float, frozen: float, rate: float | None, least: float, most: float) -> None:
    assert least <= picture_mark(pictures, frozen, rate) <= most


def test_pictures_take_at_most_half_from_what_is_heard() -> None:
    heard = sound_mark(0.13, 0)
    assert way_mark(CLEAN) == heard
    assert way_mark(replace(CLEAN, pictures=0.0), still=False) == pytest.approx((heard + 1) / 2, abs=0.03)
    assert way_mark(CLEAN, still=True) == (heard + 1) / 2
    assert way_mark(replace(CLEAN, pictures=None)) == heard


def test_a_call_is_as_good_as_its_worse_direction_and_nothing_is_the_worst() -> None:
    assert mark(up(concealed=0.2)) == mark(down(concealed=0.2)) < mark(GOOD)
    assert mark(replace(GOOD, silent=True)) == 1.0


WAYS = st.builds(
    Way,
    loss=st.floats(0, 1),
    concealed=st.floats(0, 1),
    frozen=st.floats(0, 1),
    pictures=st.floats(0, 30),
    delay=st.floats(0, 5),
    queue=st.floats(0, 2),
    late=st.floats(0, 1),
    rate=st.floats(0, 2e6),
)
PARTS = st.fixed_dictionaries({name: st.floats(0, 1) for name in ("loss", "concealed", "frozen", "delay", "rate")})


def improved(way: Way, by: dict[str, float], pictures: float) -> Way:
    return replace(
        way,
        loss=way.loss * by["loss"],
        concealed=way.concealed * by["concealed"],
        frozen=way.frozen * by["frozen"],
        delay=way.delay * by["delay"],
        rate=(way.rate or 0.0) / max(0.01, by["rate"]),
        pictures=(way.pictures or 0.0) + pictures,
    )


@given(WAYS, WAYS, PARTS, PARTS, st.floats(0, 20), st.booleans())
def test_better_in_every_measure_is_never_a_lower_mark(
    one: Way, other: Way, by: dict[str, float], by_other: dict[str, float], pictures: float, still: bool
) -> None:
    before = Look(one, other, still=still)
    after = Look(improved(one, by, pictures), improved(other, by_other, pictures), still=still)
    assert mark(after) >= mark(before) - 1e-9
    assert mark(replace(after, still=False)) >= mark(after) - 1e-9


@given(WAYS, WAYS, st.booleans(), st.booleans(), st.booleans(), st.sampled_from(["", "cpu", "bandwidth"]))
def test_every_look_has_a_mark_within_bounds_and_one_cause(
    one: Way, other: Way, silent: bool, camera: bool, still: bool, limit: str
) -> None:
    look = Look(one, other, silent, camera, still, limit)
    assert 1 <= mark(look) <= 4.5
    assert (cause(look) is Cause.BROKEN) == silent
    if cause(look) is Cause.FINE:
        assert bars_of(mark(look)) >= 3, "what is fine is never shown as bad"


# --- causes ---------------------------------------------------------------------------------------------------------

MEASURED = [
    ("a clean line", GOOD, Cause.FINE),
    ("5 % lost and repaired", up(loss=0.05, concealed=0.004, frozen=0.01), Cause.FINE),
    ("10 % lost and repaired", up(loss=0.10, concealed=0.01, frozen=0.03), Cause.LOSSY),
    ("20 % lost towards the phone", down(loss=0.2, concealed=0.05, frozen=0.15, rate=400_000.0), Cause.LOSSY),
    ("20 % lost, and the rate fell with it", down(loss=0.2, concealed=0.05, frozen=0.15, rate=150_000.0), Cause.LOSSY),
    ("bursts", up(loss=0.06, concealed=0.06, frozen=0.12), Cause.LOSSY),
    ("150 kbit/s towards the phone", down(rate=140_000.0, delay=0.2), Cause.DOWNLINK_THIN),
    ("100 kbit/s, overrun", down(rate=90_000.0, loss=0.06, queue=0.4, delay=0.5), Cause.DOWNLINK_THIN),
    ("voice alone", replace(down(rate=55_000.0), still=True), Cause.DOWNLINK_THIN),
    ("150 kbit/s from the phone", replace(up(rate=140_000.0, pictures=9.0), limit="bandwidth"), Cause.UPLINK_THIN),
    ("as the phone says", replace(up(rate=None, pictures=9.0), limit="bandwidth", available=140e3), Cause.UPLINK_THIN),
    ("the same, overrun", replace(up(rate=120_000.0, loss=0.05), limit="bandwidth"), Cause.UPLINK_THIN),
    (
        "a call that begins at 150 kbit/s",
        up(rate=None, concealed=0.2, frozen=0.23, pictures=4, delay=1.07),
        Cause.UPLINK_THIN,
    ),
    ("the same towards the phone", down(concealed=0.2, frozen=0.23, pictures=4, delay=1.07), Cause.DOWNLINK_THIN),
    (
        "300 kbit/s",
        replace(up(rate=267_000.0, delay=0.24), down=replace(CLEAN, rate=205_000.0, delay=0.25)),
        Cause.FINE,
    ),
    ("a queue that stands", up(queue=0.5, delay=0.9), Cause.UPLINK_THIN),
    ("the phone's processor", replace(up(pictures=4.0, rate=150_000.0), limit="cpu"), Cause.PHONE_BUSY),
    ("a phone that shows five pictures a second", down(pictures=3.0), Cause.PHONE_BUSY),
    ("far away", replace(GOOD, up=replace(CLEAN, delay=0.6), down=replace(CLEAN, delay=0.6)), Cause.DELAYED),
    ("a seat that runs late", replace(up(rate=120_000.0, pictures=6.0), limit="bandwidth", busy=0.3), Cause.SEAT_BUSY),
    ("a seat that runs late on a lossy line", replace(up(loss=0.2, frozen=0.2), busy=0.3), Cause.LOSSY),
    ("a seat that runs late and nobody notices", replace(GOOD, busy=0.3), Cause.FINE),
    ("jitter", up(concealed=0.09, frozen=0.1, late=0.05), Cause.UNSTEADY),
    ("camera declared off", replace(up(pictures=None), camera=False), Cause.CAMERA_OFF),
    ("page in the background", up(pictures=0.0, frozen=1.0), Cause.CAMERA_OFF),
    ("no pictures and much lost", up(pictures=0.0, frozen=1.0, loss=0.5, concealed=0.4), Cause.LOSSY),
    ("nothing at all", replace(GOOD, silent=True), Cause.BROKEN),
]


@pytest.mark.parametrize(("look", "expected"), [row[1:] for row in MEASURED], ids=[row[0] for row in MEASURED])
def test_what_is_wrong(look: Look, expected: Cause) -> None:
    assert cause(look) is expected


def test_every_cause_is_reached() -> None:
    assert {row[2] for row in MEASURED} | {Cause.SEAT_NETWORK} == set(Cause)


def test_several_badly_off_at_once_share_the_seats_network() -> None:
    told = at_the_seat({"a": Cause.LOSSY, "b": Cause.DELAYED, "c": Cause.CAMERA_OFF})
    assert told == {"a": Cause.SEAT_NETWORK, "b": Cause.SEAT_NETWORK, "c": Cause.CAMERA_OFF}
    for alone in ({"a": Cause.LOSSY}, {"a": Cause.LOSSY, "b": Cause.FINE}, {"a": Cause.PHONE_BUSY, "b": Cause.LOSSY}):
        assert at_the_seat(alone) == alone
    most_are_well = {"a": Cause.LOSSY, "b": Cause.LOSSY, "c": Cause.FINE, "d": Cause.FINE}
    assert at_the_seat(most_are_well) == most_are_well
    assert Cause.PHONE_BUSY not in NETWORK


# --- words that stand still -----------------------------------------------------------------------------------------

LOSSY = down(loss=0.2, concealed=0.08, frozen=0.2)


def told(judge: Judge, look: Look, now: float) -> tuple[int, Cause]:
    judged = judge.settle(judge.see(look), now)
    assert len(BARS) == 5
    assert 0 <= judged.bars <= 4
    return judged.bars, judged.cause


def test_one_bad_look_changes_no_word() -> None:
    judge = Judge()
    words = [told(judge, LOSSY if number == 5 else GOOD, 2.0 * number) for number in range(12)]
    assert set(words) == {(4, Cause.FINE)}


def test_the_first_seconds_of_a_call_are_no_bad_line_yet_but_a_bad_line_is_one_soon() -> None:
    judge = Judge()
    start = [up(concealed=0.06, pictures=7.0), up(concealed=0.01), *[GOOD] * 6]
    assert {told(judge, look, 2.0 * number) for number, look in enumerate(start)} == {(4, Cause.FINE)}
    judge = Judge()
    words = [told(judge, LOSSY, 2.0 * number)[1] for number in range(5)]
    assert words.index(Cause.LOSSY) * 2 <= 6


def test_a_line_that_becomes_bad_is_told_within_seconds_and_one_that_becomes_good_a_little_later() -> None:
    judge = Judge()
    for number in range(5):
        told(judge, GOOD, 2.0 * number)
    worse = [told(judge, LOSSY, 10 + 2.0 * number)[1] for number in range(5)]
    assert worse.index(Cause.LOSSY) * 2 <= 6
    better = [told(judge, GOOD, 20 + 2.0 * number)[1] for number in range(10)]
    assert 6 <= better.index(Cause.FINE) * 2 <= 14
    assert Cause.FINE not in worse[worse.index(Cause.LOSSY) :]


def test_a_line_that_changes_with_every_look_is_not_told_with_every_look() -> None:
    judge = Judge()
    words = [told(judge, LOSSY if number % 2 else GOOD, 2.0 * number) for number in range(120)]
    changes = sum(one != other for one, other in pairwise(words))
    assert changes <= 6


def test_a_mark_at_a_bound_does_not_flicker() -> None:
    judge = Judge()
    words = []
    for number in range(60):
        words.append(told(judge, down(concealed=0.045 + 0.004 * (number % 2), frozen=0.05), 2.0 * number))
    assert len(set(words)) <= 2
    assert sum(one != other for one, other in pairwise(words)) <= 1


def test_a_broken_path_and_one_that_is_back_are_told_at_once_and_forget_what_was() -> None:
    judge = Judge()
    for number in range(4):
        told(judge, LOSSY, 2.0 * number)
    assert told(judge, replace(GOOD, silent=True), 8.0) == (0, Cause.BROKEN)
    after = [told(judge, GOOD, 10.0 + 2 * number) for number in range(8)]
    assert set(after) == {(4, Cause.FINE)}, "who is seen again is not said to be cut off"


def test_a_path_that_comes_back_bad_is_told_as_bad() -> None:
    judge = Judge()
    told(judge, replace(GOOD, silent=True), 0.0)
    bars, found = told(judge, LOSSY, 2.0)
    assert (0 < bars < 4, found) == (True, Cause.LOSSY)


def test_the_mean_of_looks_takes_the_last_words_and_leaves_out_what_nobody_knew() -> None:
    looks = [up(rate=None, loss=0.2), replace(up(loss=0.1), limit="bandwidth", available=90e3)]
    found = mean(looks)
    assert found.available == 90e3
    assert mean([*looks, replace(GOOD, available=30e3)]).available == 60e3
    assert mean([*looks, GOOD]).available is None, "as in the last one"
    assert (found.limit, found.up.rate) == ("bandwidth", 600_000.0)
    assert found.up.loss == pytest.approx(0.15)
    assert mean([GOOD, up(pictures=None)]).up.pictures is None
