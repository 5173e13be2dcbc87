"""What becomes of a picture for those who share it: alone as ever, together nobody disturbs the others for long."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from media.core.edition import BEHIND, CALM, HELD_BACK, LATE, Decision, Edition, Standing, shared_rate
from media.core.resend import APART

FINE = Standing(rate=500e3, settled=500e3)
NEW = replace(FINE, on=False)


def begun(**standings: Standing) -> Edition:
    """An edition that these have got a key picture of, long ago."""
    edition = Edition()
    rung = max(each.rung for each in standings.values())
    edition.made(True, 5000, rung, 500e3, 0.1, -100.0)
    return edition


def shown(edition: Edition, now: float, **standings: Standing) -> Decision[str]:
    """Decides, and tells of the picture if there is one."""
    decision = edition.decide(standings, now)
    if decision.takers:
        edition.made(decision.key, 5000, decision.rung, 500e3, 0.1, now)
    return decision


# --- one alone ---


def test_the_first_picture_is_a_key_one() -> None:
    decision = shown(Edition(), 0.0, a=NEW)
    assert decision.key
    assert decision.takers == {"a"}


def test_then_none_without_need() -> None:
    edition = Edition()
    shown(edition, 0.0, a=NEW)
    assert not any(shown(edition, step / 15, a=FINE).key for step in range(1, 500))


def test_alone_it_is_the_rate_of_the_moment() -> None:
    assert shown(begun(a=FINE), 0.0, a=replace(FINE, rate=30e3)).rate == 30e3


def test_alone_and_behind_pictures_are_left_out_and_nothing_is_lost_by_it() -> None:
    edition = begun(a=FINE)
    for backlog in (BEHIND, LATE, 3.0):
        decision = shown(edition, 0.0, a=replace(FINE, backlog=backlog))
        assert not decision.takers
        assert not decision.late
    assert not shown(edition, 1.0, a=FINE).key


def test_alone_it_is_asked_as_often_as_the_gate_lets_through() -> None:
    edition = begun(a=FINE)
    keys = [shown(edition, step / 15, a=replace(FINE, asks=True, steady=False)).key for step in range(30)]
    assert keys[0]
    assert 2 <= sum(keys) <= 2 / APART


def test_a_request_waits_until_there_is_room() -> None:
    edition = begun(a=FINE)
    assert not shown(edition, 0.0, a=replace(FINE, asks=True, backlog=BEHIND)).takers
    assert shown(edition, 0.1, a=replace(FINE, asks=True)).key


def test_without_moving_pictures_there_are_those_asked_for() -> None:
    edition, still = Edition(), replace(NEW, live=False)
    assert shown(edition, 0.0, a=still).key
    still = replace(still, on=True)
    assert not shown(edition, 1.0, a=still).takers
    assert shown(edition, 2.0, a=replace(still, asks=True)).key
    assert not shown(edition, 3.0, a=still).takers


def test_another_size_is_a_key_picture() -> None:
    edition = begun(a=FINE)
    assert shown(edition, 0.0, a=replace(FINE, rung=2)).key
    assert not shown(edition, 0.1, a=replace(FINE, rung=2)).key


# --- several ---


def test_the_least_rate_and_the_smallest_picture() -> None:
    decision = shown(begun(a=FINE), 0.0, a=FINE, b=replace(FINE, rate=400e3, rung=1))
    assert (decision.rate, decision.rung) == (400e3, 1)


def test_one_that_holds_back_for_a_moment_does_not_take_all_with_it() -> None:
    deep = replace(FINE, rate=20e3)
    assert shared_rate([FINE, deep]) == HELD_BACK * 500e3
    assert shared_rate([deep]) == 20e3


def test_one_that_is_behind_skips_nothing_for_the_others() -> None:
    decision = shown(begun(a=FINE), 0.0, a=FINE, b=FINE, c=replace(FINE, backlog=BEHIND))
    assert decision.takers == {"a", "b", "c"}


def test_where_most_are_behind_the_picture_was_too_large() -> None:
    slow = replace(FINE, backlog=BEHIND)
    decision = shown(begun(a=FINE), 0.0, a=FINE, b=slow, c=slow)
    assert not decision.takers
    assert not decision.late


def test_who_is_late_falls_off_and_gets_on_again_with_a_key_picture() -> None:
    edition = begun(a=FINE)
    late = replace(FINE, backlog=LATE + 0.01)
    decision = shown(edition, 0.0, a=FINE, b=FINE, c=late)
    assert decision.late == {"c"}
    assert decision.takers == {"a", "b"}
    off = replace(late, on=False, steady=False)
    assert shown(edition, 0.1, a=FINE, b=FINE, c=off).takers == {"a", "b"}
    ready = shown(edition, CALM, a=FINE, b=FINE, c=replace(off, backlog=0.0))
    assert ready.key
    assert ready.takers == {"a", "b", "c"}


def test_who_joins_gets_a_key_picture_at_once_and_the_others_too() -> None:
    decision = shown(begun(a=FINE), 0.0, a=FINE, b=NEW)
    assert decision.key
    assert decision.takers == {"a", "b"}


def test_who_joins_just_after_a_key_picture_waits_for_the_next() -> None:
    edition = begun(a=FINE)
    shown(edition, 0.0, a=replace(FINE, asks=True))
    at = next(step / 15 for step in range(1, 100) if "b" in shown(edition, step / 15, a=FINE, b=NEW).takers)
    assert APART <= at < 2 * APART


def test_who_is_not_ready_is_waited_for_without_a_key_picture_for_the_others() -> None:
    edition = begun(a=FINE)
    for waits in (replace(NEW, ready=False), replace(NEW, backlog=BEHIND)):
        decision = shown(edition, 0.0, a=FINE, b=waits)
        assert not decision.key
        assert decision.takers == {"a"}


def test_one_that_loses_much_makes_no_key_pictures_for_the_others() -> None:
    edition, keys = begun(a=FINE), 0
    for step in range(15 * 30):
        keys += shown(edition, step / 15, a=FINE, b=replace(FINE, asks=True, steady=False)).key
    assert keys <= 30 / CALM + 1


def test_among_those_who_all_stumble_nobody_waits_longer_than_alone() -> None:
    restless = replace(FINE, steady=False)
    edition = begun(a=restless)
    asks = replace(restless, asks=True)
    assert sum(shown(edition, step / 15, a=restless, b=asks).key for step in range(30)) >= 2


def test_who_is_leaving_says_nothing_about_rate_size_and_key_pictures() -> None:
    leaving = replace(FINE, rate=10e3, settled=10e3, rung=4, asks=True, leaving=True)
    decision = shown(begun(a=FINE), 0.0, a=FINE, b=leaving)
    assert (decision.rate, decision.rung, decision.key) == (500e3, 0, False)
    assert decision.takers == {"a", "b"}, "but gets pictures until it has gone"
    assert shown(begun(a=FINE), 0.0, a=FINE, b=replace(leaving, backlog=LATE + 0.1)).late == {"b"}


def test_those_who_are_all_leaving_are_served_to_the_end() -> None:
    leaving = replace(FINE, leaving=True)
    assert shown(begun(a=FINE), 0.0, a=leaving, b=leaving).takers == {"a", "b"}


def test_what_failed_begins_anew() -> None:
    edition = begun(a=FINE)
    edition.failed()
    assert shown(edition, 0.0, a=NEW).key


standing = st.builds(
    Standing,
    rate=st.floats(1e4, 1e6),
    settled=st.floats(1e4, 1e6),
    rung=st.integers(0, 4),
    live=st.booleans(),
    backlog=st.floats(0, 2),
    on=st.booleans(),
    ready=st.booleans(),
    asks=st.booleans(),
    steady=st.booleans(),
    leaving=st.booleans(),
)
crowd = st.dictionaries(st.sampled_from("abcdef"), standing, min_size=1)


@settings(deadline=None)
@given(st.lists(crowd, min_size=1, max_size=20))
def test_nobody_gets_a_picture_that_they_could_not_decode(moments: list[dict[str, Standing]]) -> None:
    edition, had = Edition(), frozenset[str]()
    for number, moment in enumerate(moments):
        there = {who: replace(each, on=who in had, leaving=each.leaving and who in had) for who, each in moment.items()}
        decision = edition.decide(there, number / 15)
        assert decision.key or decision.takers <= had
        assert decision.takers <= there.keys() - decision.late
        assert decision.late <= had
        had -= decision.late
        if decision.takers:
            edition.made(decision.key, 5000, decision.rung, 5e5, 0.1, number / 15)
            had = decision.takers


@settings(deadline=None)
@given(st.lists(st.floats(0, 0.3), min_size=300, max_size=300), st.lists(st.booleans(), min_size=300, max_size=300))
def test_key_pictures_are_apart_whoever_asks(backlogs: list[float], asks: list[bool]) -> None:
    edition, keys = begun(a=FINE), []
    for number, (backlog, ask) in enumerate(zip(backlogs, asks, strict=True)):
        now = number / 15
        if shown(edition, now, a=replace(FINE, asks=ask), b=replace(FINE, backlog=backlog, asks=not ask), c=FINE).key:
            keys.append(now)
    assert all(later - earlier >= APART for earlier, later in pairwise(keys))
