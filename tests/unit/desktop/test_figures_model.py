"""The day's figures in words: what is compared with what, how it is rounded, what a chart's scale ends at."""

from datetime import date, timedelta

import pytest

from desktop.model import figures as m
from desktop.model.operations import REASONS
from signing.domain import figures as domain
from signing.wire.base import Tone
from signing.wire.figures import Level
from tests.unit.desktop import busyday


@pytest.mark.parametrize(
    ("amount", "words"),
    [("0", "0.00"), ("49.99", "0.00"), ("50.00", "0.01"), ("2160000.00", "216.00"), ("123456789.00", "12,345.68")],
)
def test_amounts_are_told_in_ten_thousands(amount: str, words: str) -> None:
    assert m.wan(amount) == words


@pytest.mark.parametrize(
    ("level", "words"), [(None, "–"), (0.0, "0%"), (0.857, "86%"), (0.999, "99%"), (1.0, "100%"), (0.994, "99%")]
)
def test_all_but_all_is_not_all(level: float | None, words: str) -> None:
    assert m.share(level) == words


def test_the_four_stand_beside_yesterday_until_now() -> None:
    cases, served, amount, talk = m.headline(busyday.figures())
    assert (cases.value, cases.below) == ("52", "昨日此时 47，多 5")
    assert (served.value, served.below) == ("101", "昨日此时 104，少 3")
    assert (amount.value, amount.below) == ("954.20", "昨日此时 795.00，多 159.20")
    assert (talk.value, talk.below) == ("06:52", "昨日此时 07:18，短 00:26")
    assert "¥9,542,000.00" in amount.sentence


def test_other_days_are_compared_with_as_many_before() -> None:
    yesterday = busyday.DAY - timedelta(days=1)
    assert m.headline(busyday.figures(yesterday, yesterday))[0].below.startswith("前一天 47")
    week = busyday.figures(busyday.DAY - timedelta(days=6), busyday.DAY)
    assert m.headline(week)[0].below.startswith("之前 7 天 47")
    assert m.points(week)[0].when == f"{busyday.DAY - timedelta(days=6):%m-%d}"


def test_what_cannot_be_read_is_said() -> None:
    figures = busyday.figures()
    total = figures.total.model_copy(update={"unread": 2})
    assert "2 笔的金额读不出" in m.headline(figures.model_copy(update={"total": total}))[2].sentence


def test_nothing_has_no_mean_to_compare() -> None:
    none = busyday.measures()
    figures = busyday.figures().model_copy(update={"total": none, "slots": []})
    assert m.headline(figures)[3].value == "–"
    assert m.headline(figures)[3].below == "昨日此时 07:18"
    assert m.curve_sentence(figures) == "还没有来客"


def test_a_missed_level_is_marked_and_the_own_one_told() -> None:
    goal = Level(percent=80, seconds=20)
    assert [m.level_tone(one, goal) for one in (None, 0.79, 0.8)] == [None, Tone.CAUTION, None]
    assert m.level_told(busyday.figures()).below == "自定 90%/60 秒：93%"
    plain = busyday.figures().model_copy(update={"own": None})
    assert m.level_told(plain).below == "目标 80%/20 秒"


@pytest.mark.parametrize(("most", "top"), [(0, 2), (2, 2), (3, 5), (7, 10), (11, 20), (21, 50), (99, 100), (180, 200)])
def test_the_scale_of_arrivals_ends_at_a_round_number(most: int, top: int) -> None:
    assert m.count_top(most) == top


@pytest.mark.parametrize(("longest", "top"), [(0, 60), (61, 120), (301, 600), (3601, 7200), (20000, 28800)])
def test_the_scale_of_waits_ends_at_a_whole_time(longest: float, top: float) -> None:
    assert m.wait_top(longest) == top


def test_the_curve_is_told_in_a_sentence_and_each_part_too() -> None:
    figures = busyday.figures()
    assert "08:00 至 13:30，共来客 115" in m.curve_sentence(figures)
    assert "最多在 09:30，17 人" in m.curve_sentence(figures)
    came, done, most = m.points(figures)[3].sentences
    assert came.startswith("09:30：来客 17（其中 2 人放弃），平均等候 04:28，20 秒内接通 49%，用印 8 笔")
    measures = figures.slots[3].measures
    assert done.startswith(f"09:30：8 笔，{m.wan(measures.amount)} 万元，平均通话 ")
    assert most.startswith(f"09:30：{measures.served} 人次，最长等候 ")


def test_a_span_moves_by_its_own_length_and_never_into_the_future() -> None:
    today = busyday.figures()
    assert m.shifted(today, -1) == (busyday.DAY - timedelta(days=1),) * 2
    assert m.shifted(today, 1) is None


def test_a_row_has_a_cell_for_each_column() -> None:
    assert len(m.cells(busyday.figures().total)) == len(m.COLUMNS)
    assert m.export_name(busyday.figures()) == f"屏签经营数字-{busyday.DAY:%Y%m%d}.xlsx"
    assert m.day_words(busyday.figures(date(2026, 11, 1), date(2026, 11, 7))) == "2026-11-01 至 2026-11-07"


def test_the_reasons_that_may_be_counted_are_those_on_the_buttons() -> None:
    """Any other was typed, and may say anything about anybody."""
    assert {reason for reasons in REASONS.values() for reason in reasons} == domain.PRINTED_REASONS
