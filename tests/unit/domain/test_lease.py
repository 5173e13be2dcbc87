"""Who is believed to be dead, and who is never."""

from hypothesis import given
from hypothesis import strategies as st

from signing.domain.lease import BEAT_SECONDS, BLIND_SECONDS, LEASE_SECONDS, LEFT, Watch


def watched(beats: list[dict[str, int]], step: float = BEAT_SECONDS) -> list[frozenset[str]]:
    watch = Watch()
    return [watch.look(seen, number * step) for number, seen in enumerate(beats)]


def test_a_beat_that_stands_still_for_the_lease_is_dead() -> None:
    found = watched([{"a": 7, "b": number} for number in range(8)])
    assert found[: int(LEASE_SECONDS)] == [frozenset()] * 5
    assert found[5:] == [frozenset({"a"})] * 3


def test_one_beat_is_life() -> None:
    found = watched(
        [{"a": 1}, {"a": 1}, {"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}, {"a": 2}, {"a": 2}, {"a": 2}, {"a": 2}]
    )
    assert found[:9] == [frozenset()] * 9
    assert found[9] == {"a"}


def test_whoever_comes_later_has_a_lease_of_its_own() -> None:
    found = watched([{"a": 1}] * 4 + [{"a": 1, "b": 1}] * 3)
    assert found[-1] == {"a"}


def test_an_observer_that_was_away_watches_anew() -> None:
    watch = Watch()
    watch.look({"a": 1}, 0.0)
    watch.look({"a": 1}, 1.0)
    assert watch.look({"a": 1}, 2.0 + BLIND_SECONDS) == frozenset(), "it may have beaten while nobody looked"
    late = [watch.look({"a": 1}, 2.0 + BLIND_SECONDS + second) for second in range(1, 6)]
    assert late == [frozenset()] * 4 + [frozenset({"a"})]


def test_who_says_that_it_leaves_is_dead_at_once_even_to_one_that_was_away() -> None:
    watch = Watch()
    assert watch.look({"a": LEFT, "b": 1}, 0.0) == {"a"}
    assert watch.look({"a": LEFT, "b": 2}, 1.0 + BLIND_SECONDS) == {"a"}


def test_who_left_properly_is_forgotten_and_may_come_again() -> None:
    watch = Watch()
    for second in range(4):
        watch.look({"a": 1}, float(second))
    assert watch.look({}, 4.0) == frozenset()
    assert watch.look({"a": 1}, 5.0) == frozenset()


@given(st.lists(st.tuples(st.floats(0.1, 6.0), st.integers(0, 3)), min_size=1, max_size=40))
def test_nobody_is_dead_who_was_not_watched_standing_still_for_the_whole_lease(steps: list[tuple[float, int]]) -> None:
    watch, now, beat = Watch(), 0.0, 0
    still_since = blind_since = 0.0
    for pause, more in steps:
        now += pause
        beat += more
        if pause > BLIND_SECONDS:
            blind_since = now
        if more:
            still_since = now
        dead = watch.look({"a": beat}, now)
        if dead:
            assert now - max(still_since, blind_since) >= LEASE_SECONDS
