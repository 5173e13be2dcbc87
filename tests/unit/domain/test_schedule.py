"""Repayment schedules: laws that hold for every loan, and figures worked out another way."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signing.domain.case import RepaymentMethod
from signing.domain.errors import InputError
from signing.domain.interest import BY_MONTHS, DAY_COUNTS, InterestBasis, InterestRule, in_words
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


# --- by days, and against a reckoning of its own ------------------------------------------------------------------

RULES = st.builds(InterestRule, st.sampled_from(list(InterestBasis)), st.sampled_from(DAY_COUNTS))


def _half_up(value: Fraction) -> Fraction:
    """To the fen, by whole numbers alone."""
    return Fraction((value.numerator * 200 + value.denominator) // (value.denominator * 2), 100)


def _reckoned(
    method: RepaymentMethod, amount: Fraction, percent: Fraction, months: int, start: date, rule: InterestRule
) -> list[tuple[date, Fraction, Fraction]]:
    """(due, principal, interest) worked out in fractions, with nothing of the code under test but its titles."""
    step = months if method is RepaymentMethod.BULLET else 1
    days = [start]
    for passed in range(step, months + 1, step):
        index = start.month - 1 + passed
        year, month = start.year + index // 12, index % 12 + 1
        following = date(year + month // 12, month % 12 + 1, 1)
        last = following - timedelta(days=1)
        days.append(last if start.day >= last.day else date(year, month, start.day))
    by_days = rule.basis is InterestBasis.DAYS
    shares = [
        percent / 100 * (Fraction((end - begin).days, rule.day_count) if by_days else Fraction(step, 12))
        for begin, end in pairwise(days)
    ]
    owed_of_one = [Fraction(1)]
    for share in shares:
        owed_of_one.append(owed_of_one[-1] * (1 + share))
    level = _half_up(amount / sum(1 / factor for factor in owed_of_one[1:]))
    rows, owed = [], amount
    for number, (due, share) in enumerate(zip(days[1:], shares, strict=True), 1):
        interest = _half_up(owed * share)
        wanted = {
            RepaymentMethod.EQUAL_INSTALMENT: max(level - interest, Fraction(0)),
            RepaymentMethod.EQUAL_PRINCIPAL: _half_up(amount / months),
        }.get(method, Fraction(0))
        principal = owed if number == len(shares) else min(wanted, owed)
        rows.append((due, principal, interest))
        owed -= principal
    return rows


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(METHODS, AMOUNTS, RATES, st.integers(1, 60), DATES, RULES)
def test_every_plan_is_what_fractions_say(
    method: RepaymentMethod, amount: Decimal, rate: Decimal, months: int, start: date, rule: InterestRule
) -> None:
    schedule = build_schedule(method, amount, rate, months, start, rule)
    rows = [(row.due, Fraction(row.principal), Fraction(row.interest)) for row in schedule.instalments]
    assert rows == _reckoned(method, Fraction(amount), Fraction(rate), months, start, rule)
    assert schedule.principal == amount
    assert min(min(row.principal, row.interest) for row in schedule.instalments) >= 0
    dues = [start, *(row.due for row in schedule.instalments)]
    assert all(before < after for before, after in pairwise(dues))


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(10_000, 10**7), RATES.filter(bool), st.integers(2, 60), DATES, RULES)
def test_the_last_equal_instalment_absorbs_only_fen(
    yuan: int, rate: Decimal, months: int, start: date, rule: InterestRule
) -> None:
    """Months of 28 and of 31 days bear different interest, and still every instalment is the same."""
    rows = build_schedule(RepaymentMethod.EQUAL_INSTALMENT, Decimal(yuan), rate, months, start, rule).instalments
    assert len({row.total for row in rows[:-1]}) == 1
    assert abs(rows[-1].total - rows[0].total) <= FEN * months * 12


@pytest.mark.parametrize(
    ("rate", "months", "fits"), [("12", 360, True), ("14", 360, False), ("24", 120, True), ("24", 240, False)]
)
def test_equal_instalments_pay_the_interest_of_the_longest_month_or_are_refused(
    rate: str, months: int, fits: bool
) -> None:
    """By days, a month of 31 bears more than a twelfth of the year: over decades the instalment falls below it."""
    by_days = InterestRule(InterestBasis.DAYS, 365)
    terms = (RepaymentMethod.EQUAL_INSTALMENT, Decimal(1_000_000), Decimal(rate), months, date(2027, 1, 31))
    if not fits:
        with pytest.raises(InputError, match="不够支付大月的利息"):
            build_schedule(*terms, by_days)
    plan = build_schedule(*terms, by_days if fits else BY_MONTHS)
    assert len({row.total for row in plan.instalments[:-1]}) == 1
    assert plan.instalments[-1].principal > 0


@pytest.mark.parametrize("method", RepaymentMethod)
@pytest.mark.parametrize("start", [date(2027, 12, 31), date(2028, 1, 30), date(2028, 2, 29), date(2027, 2, 28)])
@pytest.mark.parametrize(("amount", "rate", "months"), [("0.01", "3.85", 6), ("50000", "0", 3), ("50000", "4.35", 1)])
def test_odd_loans_are_repaid_to_the_fen(
    method: RepaymentMethod, start: date, amount: str, rate: str, months: int
) -> None:
    """One fen, no interest, one instalment; lent on the last days of long, short and leap months."""
    for rule in (BY_MONTHS, InterestRule(InterestBasis.DAYS, 360), InterestRule(InterestBasis.DAYS, 365)):
        plan = build_schedule(method, Decimal(amount), Decimal(rate), months, start, rule)
        assert plan.principal == Decimal(amount)
        assert plan.instalments[-1].balance == 0
        assert all(row.principal >= 0 and row.interest >= 0 for row in plan.instalments)
        assert plan.interest == 0 or Decimal(rate) > 0
        following = [row.due + timedelta(days=1) for row in plan.instalments]
        assert all(
            row.due.day == start.day or after.day == 1 for row, after in zip(plan.instalments, following, strict=True)
        )


def test_a_leap_year_has_a_day_more_of_interest() -> None:
    by_days = InterestRule(InterestBasis.DAYS, 365)
    for year, interest in ((2027, "3650.00"), (2028, "3660.00")):
        start, months = date(year, 1, 1), 12
        plan = build_schedule(RepaymentMethod.BULLET, Decimal(100_000), Decimal("3.65"), months, start, by_days)
        assert plan.interest == Decimal(interest)
    short = InterestRule(InterestBasis.DAYS, 360)
    plan = build_schedule(RepaymentMethod.BULLET, Decimal(100_000), Decimal("3.60"), 12, date(2027, 1, 1), short)
    assert plan.interest == Decimal("3650.00"), "365 days, each a 360th of a year"


def test_a_contract_says_how_it_reckons() -> None:
    assert "月利率＝年利率÷12" in in_words(BY_MONTHS)
    assert "日利率＝年利率÷360" in in_words(BY_MONTHS)
    by_days = in_words(InterestRule(InterestBasis.DAYS, 365))
    assert "日利率＝年利率÷365" in by_days
    assert "还款当日不计息" in by_days
    assert "÷12" not in by_days
