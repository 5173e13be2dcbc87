"""Smaller pictures before fewer, and none at all before no voice."""

from itertools import pairwise

import pytest

from media.core.ladder import (
    BEGINNING,
    HOLD,
    HOLD_AT_FIRST,
    LIVE_AFTER,
    LIVE_AGAIN,
    LONGEST,
    RUNGS,
    SOON,
    STILL,
    STILL_AFTER,
    UP,
    Ladder,
    fits,
)


@pytest.mark.parametrize(("kbps", "rung"), [(600, 0), (150, 0), (149, 1), (80, 1), (79, 2), (36, 2), (30, 3), (5, 4)])
def test_fits(kbps: int, rung: int) -> None:
    assert fits(kbps * 1e3) == rung


def test_sizes_are_even() -> None:
    for width, height in ((640, 360), (1280, 720), (352, 288)):
        for each in RUNGS:
            assert not any(edge % 2 for edge in each.size(width, height))


def test_sizes_keep_the_shape() -> None:
    assert [rung.size(640, 360) for rung in RUNGS] == [(640, 360), (480, 270), (320, 180), (256, 144), (192, 108)]


def test_down_at_once_where_it_is_far() -> None:
    ladder = Ladder(500e3)
    assert ladder.choose(600e3, 40e3, 0.0) == 2


def test_down_after_a_while_where_it_is_near() -> None:
    ladder = Ladder(500e3)
    assert ladder.choose(600e3, 0.9 * RUNGS[0].least, 0.0) == 0
    assert ladder.choose(600e3, 0.9 * RUNGS[0].least, SOON - 0.1) == 0
    assert ladder.choose(600e3, 1.1 * RUNGS[0].least, SOON) == 0
    assert ladder.choose(600e3, 0.9 * RUNGS[0].least, SOON + 0.1) == 0
    assert ladder.choose(600e3, 0.9 * RUNGS[0].least, 2 * SOON + 0.2) == 1


def test_up_only_after_a_while_and_with_something_over() -> None:
    ladder = Ladder(50e3)
    for step in range(100):
        assert ladder.choose(200e3, RUNGS[1].least * UP - 1, step * 0.1) == 2
    enough = RUNGS[1].least * UP + 1
    assert ladder.choose(200e3, enough, 20.0) == 2
    assert ladder.choose(200e3, enough, 20.0 + HOLD - 0.1) == 2
    assert ladder.choose(200e3, enough, 20.0 + HOLD) == 1


def test_a_moment_does_not_count() -> None:
    ladder = Ladder(50e3)
    ladder.choose(300e3, 60e3, -BEGINNING)
    for step in range(100):
        video = 200e3 if step % 20 else 60e3
        assert ladder.choose(300e3, video, step * 0.1) == 2


def test_several_rungs_at_once_where_there_is_plenty() -> None:
    ladder = Ladder(10e3)
    ladder.choose(700e3, 600e3, 0.0)
    assert ladder.choose(700e3, 600e3, HOLD) == 0


def test_in_the_beginning_sooner() -> None:
    ladder = Ladder(60e3)
    ladder.choose(700e3, 600e3, 0.0)
    assert ladder.choose(700e3, 600e3, HOLD_AT_FIRST - 0.1) == 2
    assert ladder.choose(700e3, 600e3, HOLD_AT_FIRST) == 0


def test_a_rate_that_wavers_about_a_step_stays() -> None:
    ladder = Ladder(160e3)
    changes, before = 0, ladder.rung
    for step in range(600):
        rung = ladder.choose(300e3, 150e3 * (1.1 if step % 7 else 0.95), step * 0.1)
        changes += rung != before
        before = rung
    assert changes == 0


def test_voice_alone_and_back() -> None:
    ladder = Ladder(100e3)
    ladder.choose(STILL - 1, 1e3, 0.0)
    assert ladder.live
    ladder.choose(STILL - 1, 1e3, STILL_AFTER)
    assert not ladder.live
    ladder.choose(LIVE_AGAIN - 1, 1e3, 10.0)
    ladder.choose(LIVE_AGAIN - 1, 1e3, 30.0)
    assert not ladder.live
    ladder.choose(LIVE_AGAIN, 1e3, 40.0)
    ladder.choose(LIVE_AGAIN, 1e3, 40.0 + LIVE_AFTER)
    assert ladder.live


def test_pictures_that_do_not_last_are_tried_less_and_less_often() -> None:
    ladder = Ladder(100e3)
    now, changes = 0.0, []
    while now < 200:
        total = STILL - 1 if ladder.live else LIVE_AGAIN
        before = ladder.live
        ladder.choose(total, 10e3, now)
        if ladder.live and not before:
            changes.append(now)
        now += 0.1
    waits = [round(later - earlier, 1) for earlier, later in pairwise(changes)]
    assert waits == sorted(waits)
    assert waits[-1] > LONGEST
    assert waits[0] < 3 * LIVE_AFTER + STILL_AFTER
