"""The loan prime rates that ship, and what a slip of the pen in their file is told."""

from datetime import date
from decimal import Decimal

import pytest

from signing.adapters import reference_file
from signing.domain.errors import InputError
from signing.domain.reference import Lpr, lpr_on, next_publication

QUOTES = reference_file.published()


@pytest.mark.parametrize(
    ("day", "one_year", "five_year"),
    [
        (date(2019, 8, 20), "4.25", "4.85"),
        (date(2021, 9, 21), "3.85", "4.65"),  # put off to the 22nd by a holiday
        (date(2022, 5, 19), "3.70", "4.60"),
        (date(2022, 5, 20), "3.70", "4.45"),
        (date(2024, 10, 20), "3.35", "3.85"),
        (date(2024, 10, 21), "3.10", "3.60"),
        (date(2024, 2, 19), "3.45", "4.20"),
        (date(2024, 2, 20), "3.45", "3.95"),
        (date(2025, 5, 19), "3.10", "3.60"),
        (date(2025, 5, 20), "3.00", "3.50"),
        (date(2026, 2, 23), "3.00", "3.50"),  # put off to the 24th by the Spring Festival
    ],
)
def test_the_rate_in_force_on_a_day(day: date, one_year: str, five_year: str) -> None:
    quote = lpr_on(day, QUOTES)
    assert quote
    assert (quote.one_year, quote.five_year) == (Decimal(one_year), Decimal(five_year))


def test_a_day_that_is_not_known_has_no_rate() -> None:
    last = QUOTES[-1].day
    assert lpr_on(date(2019, 8, 19), QUOTES) is None
    assert lpr_on(next_publication(last), QUOTES) == QUOTES[-1]
    assert lpr_on(date.fromordinal(next_publication(last).toordinal() + 1), QUOTES) is None
    gap = [Lpr(date(2025, 1, 20), Decimal(3), Decimal(4)), Lpr(date(2025, 4, 21), Decimal(2), Decimal(4))]
    assert lpr_on(date(2025, 3, 1), gap) is None, "February's is missing"


def test_a_row_that_was_not_compared_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = reference_file.read(
        'quotes = [\n[2025-01-20, "3.10", "3.60"],\n[2025-02-20, "3.10", "3.60", "待核对"],\n]\n'
    )
    assert [row.confirmed for row in rows] == [True, False]
    own = Lpr(rows[1].day, Decimal("3.10"), Decimal("3.60"))
    found = lpr_on(date(2025, 3, 1), (*rows, own))
    assert found is not None
    assert found.confirmed, "the institution's own counts"
    monkeypatch.setattr(reference_file, "published", lambda: rows)
    assert reference_file.unconfirmed() == [date(2025, 2, 20)]


def test_of_two_for_one_day_the_later_counts() -> None:
    own = Lpr(QUOTES[-1].day, Decimal("2.99"), Decimal("3.49"))
    assert lpr_on(own.day, (*QUOTES, own)) == own


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('[2025-01-20, "3.10", "3.60"],\n[2025-03-20, "3.10", "3.60"]', "第 3 行：与上一行之间漏了月份"),
        ('[2025-02-20, "3.10", "3.60"],\n[2025-01-20, "3.10", "3.60"]', "第 3 行：不晚于上一行的日期"),
        ("[2025-01-20, 3.10, 3.60]", "第 2 行：利率须写在引号里"),
        ('["2025-01-20", "3.10", "3.60"]', "公布日须是不加引号的日期"),
        ('[2025-01-20, "3.1o", "3.60"]', "第 2 行：利率不是一个数"),
        ('[2025-01-20, "NaN", "3.60"]', "第 2 行：利率"),
        ('[2025-01-20, "31.0", "3.60"]', "第 2 行：利率应在"),
        ('[2025-01-20, "3.10"]', "须为方括号里的三项"),
        ('[2025-01-20, "3.10", "3.60", "大概"]', "第 2 行：第四项只能是“待核对”"),
        ("", "没有一行报价"),
    ],
)
def test_a_wrong_row_is_told_by_its_line(rows: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        reference_file.read(f"quotes = [\n{rows}\n]\n")
    assert said in refused.value.message


def test_every_wrong_row_is_told_at_once() -> None:
    with pytest.raises(InputError) as refused:
        reference_file.read('wrong = 1\nquotes = [\n[2025-01-20, 1, 2],\n[2025-02-20, "x", "3"],\n]\n')
    assert "wrong" in refused.value.message
    assert "第 3 行" in refused.value.message
    assert "第 4 行" in refused.value.message
