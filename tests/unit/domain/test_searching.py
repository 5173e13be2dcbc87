"""What was typed into the search field."""

from datetime import UTC, datetime

import pytest

from signing.domain.searching import Kind, Search, Term, days_of_number, parse


def utc(year: int, month: int, day: int) -> datetime:
    """Sixteen o'clock UTC is midnight in Beijing."""
    return datetime(year, month, day, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("11010519491231002x", Kind.ID_NUMBER, "11010519491231002X"),
        ("13800138000", Kind.PHONE, "13800138000"),
        ("pq20261124", Kind.CASE_NO, "PQ20261124"),
        ("PQ202611240007", Kind.CASE_NO, "PQ202611240007"),
        ("g6n7-bl66", Kind.PAPER, "G6N7-BL66"),
        ("https://sign.example.cn/check?code=G6N7-BL66", Kind.PAPER, "G6N7-BL66"),
        ("G6N7-BL6I", Kind.WORD, "G6N7-BL6I"),
        ("王秀兰", Kind.WORD, "王秀兰"),
        ("1380013800", Kind.WORD, "1380013800"),
        ("买买提·艾山", Kind.WORD, "买买提·艾山"),
    ],
)
def test_a_part_is_known_by_its_shape(text: str, kind: Kind, value: str) -> None:
    assert parse(f"  {text} ") == Search((Term(kind, value),))


@pytest.mark.parametrize("text", ["2026-11-24", "2026/11/24", "2026.11.24", "2026年11月24日"])
def test_a_day_is_beijings(text: str) -> None:
    assert parse(text) == Search((), utc(2026, 11, 23), utc(2026, 11, 24))


@pytest.mark.parametrize("text", ["2026-12", "2026年12月"])
def test_a_month_ends_with_the_next(text: str) -> None:
    assert parse(text) == Search((), utc(2026, 11, 30), utc(2026, 12, 31))


@pytest.mark.parametrize("text", ["2026-11-01至2026-11-03", "2026年11月1日～2026年11月3日", "2026-11-01~2026.11.3"])
def test_a_span_has_both_its_days(text: str) -> None:
    assert parse(text) == Search((), utc(2026, 10, 31), utc(2026, 11, 3))


@pytest.mark.parametrize("text", ["2026-13-01", "2026-02-30", "2026-11-01至明天"])
def test_what_is_no_day_is_a_word(text: str) -> None:
    assert [term.kind for term in parse(text).terms] == [Kind.WORD]


def test_several_parts_narrow_one_another_and_are_told_by_kind_only() -> None:
    found = parse("张秀英 13800138000 2026-11 2026-11-24至2026-12-31")
    assert [term.kind for term in found.terms] == [Kind.WORD, Kind.PHONE]
    assert (found.since, found.until) == (utc(2026, 11, 23), utc(2026, 11, 30))
    assert found.in_words == "姓名、坐席或产品、手机号、日期"
    assert parse("").in_words == ""


@pytest.mark.parametrize(
    ("prefix", "since", "until"),
    [
        ("PQ20261124", utc(2026, 11, 23), utc(2026, 11, 24)),
        ("PQ2026112", utc(2026, 11, 19), utc(2026, 11, 29)),
        ("PQ202602", utc(2026, 1, 31), utc(2026, 2, 28)),
        ("PQ2026021", utc(2026, 2, 9), utc(2026, 2, 19)),
        ("PQ2026", utc(2025, 12, 31), utc(2026, 12, 31)),
        ("PQ20261", utc(2026, 9, 30), utc(2026, 12, 31)),
    ],
)
def test_the_beginning_of_a_number_is_a_span_of_time(prefix: str, since: datetime, until: datetime) -> None:
    assert days_of_number(prefix) == (since, until)


@pytest.mark.parametrize("prefix", ["PQ", "PQ0", "PQ9", "PQ99999999", "PQ00000000", "PQ20269999"])
def test_a_beginning_that_is_no_day_is_still_a_span(prefix: str) -> None:
    span = days_of_number(prefix)
    assert span is not None
    assert span[0] < span[1]


def test_a_longer_beginning_is_looked_up() -> None:
    assert days_of_number("PQ202611240") is None
