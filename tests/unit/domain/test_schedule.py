"""Repayment schedules: laws that hold for every loan, and figures worked out another way."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.domain.case import RepaymentMethod
from signing.domain.errors import InputError
from signing.domain.schedule import add_months, build_schedule

METHODS = st.sampled_from(list(RepaymentMethod))
AMOUNTS = st.integers(min_value=1, max_value=10**10).map(lambda fen: Decimal(fen) / 100)
RATES = st.integers(min_value=0, max_value=2400).map(lambda points: Decimal(points) / 100)
MONTHS = st.integers(min_value=1, max_value=360)
DATES = st.dates(min_value=date(2020, 1, 1), max_value=date(2060, 12, 31))
FEN = Decimal("0.01")


def _fraction_to_fen(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(FEN, ROUND_HALF_UP)


@given(METHODS, AMOUNTS, RATES, MONTHS, DATES)
def test_every_fen_is_repaid_and_none_twice(
    method: RepaymentMethod, amount: Decimal, rate: Decimal, months: int, start: date
) -> None:
    schedule = build_schedule(method, amount, rate, months, start)
    balance = amount
    for number, row in enumerate(schedule.instalments, 1):
        assert row.number == number
        assert row.principal >= 0
        assert row.interest >= 0
        assert row.total == row.total.quantize(FEN)
        balance -= row.principal
        assert row.balance == balance
    assert balance == 0
    assert schedule.principal == amount
    dues = [row.due for row in schedule.instalments]
    assert dues == sorted(set(dues))
    assert dues[-1] == add_months(start, months)


@given(st.integers(10_000, 10**8), RATES.filter(bool), st.integers(2, 120), DATES)
def test_equal_instalments_are_equal_but_for_the_last(yuan: int, rate: Decimal, months: int, start: date) -> None:
    rows = build_schedule(RepaymentMethod.EQUAL_INSTALMENT, Decimal(yuan), rate, months, start).instalments
    monthly = Fraction(rate) / 1200
    growth = (1 + monthly) ** months
    level = _fraction_to_fen(yuan * monthly * growth / (growth - 1))
    assert {row.total for row in rows[:-1]} == {level}
    # Each month's rounding is at most half a fen of interest and of payment, which then bears interest itself.
    assert abs(rows[-1].total - level) <= FEN * months * 12


@given(st.integers(10_000, 10**8), RATES, st.integers(1, 120), DATES)
def test_interest_on_what_is_owed(yuan: int, rate: Decimal, months: int, start: date) -> None:
    for method in RepaymentMethod:
        rows = build_schedule(method, Decimal(yuan), rate, months, start).instalments
        periods = months if method is RepaymentMethod.BULLET else 1
        for row in rows:
            owed = Fraction(row.balance + row.principal)
            assert row.interest == _fraction_to_fen(owed * Fraction(rate) / 1200 * periods)


def test_the_demonstration_loan() -> None:
    schedule = build_schedule(RepaymentMethod.INTEREST_FIRST, Decimal(180_000), Decimal("3.85"), 12, date(2026, 11, 24))
    assert [row.total for row in schedule.instalments] == [Decimal("577.50")] * 11 + [Decimal("180577.50")]
    assert schedule.interest == Decimal("6930.00")
    assert schedule.instalments[0].due == date(2026, 12, 24)


@pytest.mark.parametrize(
    ("start", "months", "due"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 1, 31), 13, date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 11, 24), 12, date(2027, 11, 24)),
    ],
)
def test_month_ends(start: date, months: int, due: date) -> None:
    assert add_months(start, months) == due


@given(DATES, st.integers(0, 360))
def test_a_month_is_never_skipped(start: date, months: int) -> None:
    due = add_months(start, months)
    assert due.year * 12 + due.month == start.year * 12 + start.month + months
    assert due.day == start.day or (due + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("amount", "rate", "months"),
    [("0", "3.85", 12), ("-1", "3.85", 12), ("1.001", "3.85", 12), ("1", "-1", 12), ("1", "100", 12), ("1", "3", 0)],
)
def test_refuses_terms_no_loan_can_have(amount: str, rate: str, months: int) -> None:
    with pytest.raises(InputError):
        build_schedule(RepaymentMethod.BULLET, Decimal(amount), Decimal(rate), months, date(2026, 1, 1))
