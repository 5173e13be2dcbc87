"""What is kept of a line's quality, in which words, and how much of it."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core import quality as measured
from signing.domain import events, quality
from signing.domain.call import Call
from signing.domain.events import title_of
from signing.domain.quality import BAR_TITLES, CAUSE_TITLES, MOST, Cause, Figures, Stretch, Told, in_words, is_new
from signing.wire.quality import LineCause, LineFigures, LineTold
from tests.unit.domain.factories import NOW, make_party

CALL = Call("call_1", "case_1", "s1", "staff_1", "张秀英", NOW)


CLAIM = Told(1, Cause.UNSTEADY, 1.52, 1.0, frozen_down=1.0, concealed_down=1.0, pictures_down=2.6, waits_ms=90.0)


def stretch(begin: float = 0, seconds: float = 30, **changes: object) -> Stretch:
    since = NOW + timedelta(seconds=begin)
    facts: dict[str, object] = {"bars": 2, "cause": Cause.LOSSY, "mean": 3.04, "least": 2.11} | changes
    return Stretch(since, since + timedelta(seconds=seconds), **facts)  # type: ignore[arg-type]


def test_the_seat_the_wire_and_the_record_know_the_same_causes() -> None:
    assert [one.value for one in Cause] == [one.value for one in LineCause] == [one.value for one in measured.Cause]
    assert set(CAUSE_TITLES) == set(Cause)
    assert len(BAR_TITLES) == len(measured.BARS)
    assert set(LineFigures.model_fields) == set(vars(Figures()))
    assert set(LineTold.model_fields) == set(vars(CLAIM))
    assert not set(LineFigures.model_fields) & {"frozen_down", "concealed_down", "pictures_down"}


def test_an_event_tells_word_cause_and_figures() -> None:
    figures = Figures(round_trip_ms=121.4, loss_up=0.031, loss_down=0.12, frozen_up=0.16, pictures_up=14.6)
    happening = events.quality_measured(make_party(), CALL, stretch(figures=figures))
    title = title_of(happening.type, happening.body)
    assert title == (
        "借款人王*国线路一般，丢包多：平均 3.0 分，最低 2.1 分，往返 121 毫秒，丢包 12%，卡顿 16%，画面每秒 15 幅"
    )
    assert happening.body["since"] == "2026-11-24T02:10:00.000Z"
    assert happening.body["figures"] == {
        "round_trip_ms": 121.4, "loss_up": 0.031, "loss_down": 0.12, "frozen_up": 0.16, "concealed_up": 0.0,
        "pictures_up": 14.6,
    }  # fmt: skip


def test_what_the_phone_told_is_named_as_its_own_claim_and_in_no_word_of_the_seats() -> None:
    """A page that tells twice a second that it heard and saw nothing."""
    fine = stretch(bars=4, cause=Cause.FINE, mean=4.3, least=4.2, figures=Figures(pictures_up=15.0))
    happening = events.quality_measured(make_party(), CALL, replace(fine, told_by_phone=CLAIM))
    assert title_of(happening.type, happening.body) == (
        "借款人王*国线路良好：平均 4.3 分，最低 4.2 分，画面每秒 15 幅；"
        "据客户手机自报：线路很差，网络时快时慢，卡顿 100%，声音缺失 100%，画面每秒 3 幅"
    )
    body, without = happening.body, events.quality_measured(make_party(), CALL, fine).body
    assert body["told_by_phone"] == {
        "bars": 1, "cause": "unsteady", "mean": 1.5, "least": 1.0,
        "figures": {"frozen_down": 1.0, "concealed_down": 1.0, "pictures_down": 2.6, "waits_ms": 90.0},
    }  # fmt: skip
    assert {name: value for name, value in body.items() if name not in ("told_by_phone", "told_said")} == without


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told(2, Cause.LOSSY, 3.0, 2.1, pictures_down=14.0, waits_ms=60.0), ""),
        (Told(2, Cause.LOSSY, 3.0, 2.1, concealed_down=0.03), "据客户手机自报：声音缺失 3%"),
        (Told(3, Cause.LOSSY, 3.0, 2.1), "据客户手机自报：线路良好，丢包多"),
        (Told(3, Cause.FINE, 3.0, 2.1), "据客户手机自报：线路良好"),
    ],
)
def test_the_claim_is_in_the_title_where_it_says_something_else(told: Told, words: str) -> None:
    one = stretch(told_by_phone=told)
    assert quality.told_in_words(one) == words
    title = title_of("call.quality", events.quality_measured(make_party(), CALL, one).body)
    assert ("自报" in title) == bool(words)


def test_an_event_of_before_is_still_read() -> None:
    """Without what the phone told, and with its figures among the others."""
    before = {
        "party": "借款人王*国", "bars": 1, "bars_title": "很差", "cause": "lossy", "cause_title": "，丢包多",
        "mean": 2.9, "least": 2.2, "figures": {"concealed_down": 0.05}, "said": "，声音缺失 5%",
    }  # fmt: skip
    assert title_of("call.quality", before) == "借款人王*国线路很差，丢包多：平均 2.9 分，最低 2.2 分，声音缺失 5%"


def test_a_line_on_which_nothing_is_wrong_names_no_cause() -> None:
    happening = events.quality_measured(make_party(), CALL, stretch(bars=4, cause=Cause.FINE, mean=4.3, least=4.2))
    assert title_of(happening.type, happening.body) == "借款人王*国线路良好：平均 4.3 分，最低 4.2 分"
    happening = events.quality_measured(make_party(), CALL, stretch(bars=0, cause=Cause.BROKEN, mean=1.0, least=1.0))
    assert title_of(happening.type, happening.body) == "借款人王*国线路中断：平均 1.0 分，最低 1.0 分"


@pytest.mark.parametrize(
    ("bars", "seconds", "words"),
    [
        (0, 2.0, "线路中断：平均 2.9 分，最低 1.0 分，中断 2 秒"),
        (4, 12.3, "线路良好：平均 2.9 分，最低 1.0 分，曾中断 13 秒"),
    ],
)
def test_a_break_is_told_with_its_seconds_and_names_a_stretch_only_where_it_is_all_of_it(
    bars: int, seconds: float, words: str
) -> None:
    cause = Cause.FINE if bars else Cause.BROKEN
    one = stretch(bars=bars, cause=cause, mean=2.9, least=1.0, broken_seconds=seconds)
    happening = events.quality_measured(make_party(), CALL, one)
    assert title_of(happening.type, happening.body) == f"借款人王*国{words}"
    assert happening.body["broken_seconds"] == seconds
    assert "broken_seconds" not in events.quality_measured(make_party(), CALL, stretch()).body


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        (Figures(), ""),
        (Figures(loss_up=0.004), ""),
        (Figures(loss_up=0.006), "丢包 1%"),
        (Figures(concealed_up=0.5, pictures_up=0.0), "声音缺失 50%，画面每秒 0 幅"),
        (Figures(pictures_up=3.4), "画面每秒 3 幅"),
    ],
)
def test_only_figures_that_say_something_are_put_in_words(figures: Figures, words: str) -> None:
    assert in_words(figures) == words


def test_a_stretch_that_was_sent_again_or_overlaps_is_not_new() -> None:
    kept = [stretch(0).until, stretch(30).until]
    assert is_new(stretch(60), kept)
    assert is_new(stretch(75), kept)
    assert not is_new(stretch(30), kept)
    assert not is_new(stretch(59), kept)
    assert is_new(stretch(0), [])


@given(st.lists(st.tuples(st.floats(-100, 100_000), st.floats(0.01, 600)), max_size=300))
def test_whatever_is_sent_no_more_is_kept_than_a_call_may_leave_and_none_twice(
    wanted: list[tuple[float, float]],
) -> None:
    kept: list[Stretch] = []
    for begin, seconds in wanted:
        one = stretch(begin, seconds)
        if is_new(one, [each.until for each in kept]):
            kept.append(one)
    assert len(kept) <= MOST
    assert all(one.until <= other.since for one, other in pairwise(kept))


def test_a_percentage_is_round() -> None:
    assert [quality.percent(share) for share in (0.0, 0.049, 1.0)] == ["0%", "5%", "100%"]
