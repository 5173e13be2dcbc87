"""Repayment schedules, exact to the fen.

Interest follows 中国人民银行 银发〔2005〕129号, by whole months or by days as the loan's ``InterestRule`` says. Each
amount is rounded by itself; the last instalment absorbs what rounding left.
"""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

from signing.domain.case import RepaymentMethod
from signing.domain.errors import InputError
from signing.domain.interest import BY_MONTHS, InterestRule
from signing.domain.money import to_fen

LONGEST_MONTHS = 360

METHOD_TITLES = {
    RepaymentMethod.EQUAL_INSTALMENT: "等额本息",
    RepaymentMethod.EQUAL_PRINCIPAL: "等额本金",
    RepaymentMethod.INTEREST_FIRST: "先息后本（按月付息、到期还本）",
    RepaymentMethod.BULLET: "到期一次还本付息",
}


@dataclass(frozen=True)
class Instalment:
    """``number`` from 1; amounts in yuan; ``balance`` is the principal still owed afterwards."""

    number: int
    due: date
    principal: Decimal
    interest: Decimal
    balance: Decimal

    @property
    def total(self) -> Decimal:
        return self.principal + self.interest


@dataclass(frozen=True)
class Schedule:
    instalments: tuple[Instalment, ...]

    @property
    def principal(self) -> Decimal:
        return sum((row.principal for row in self.instalments), Decimal(0))

    @property
    def interest(self) -> Decimal:
        return sum((row.interest for row in self.instalments), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.principal + self.interest


def add_months(start: date, months: int) -> date:
    """The same day ``months`` later, or the month's last day where it is shorter."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def build_schedule(
    method: RepaymentMethod,
    amount: Decimal,
    annual_rate_percent: Decimal,
    months: int,
    start: date,
    rule: InterestRule = BY_MONTHS,
) -> Schedule:
    """The instalments of ``amount`` yuan lent on ``start``. Raises ``InputError`` for terms no loan can have."""
    if not 1 <= months <= LONGEST_MONTHS:
        raise InputError("借款期限须为 1 至 360 个月", "请检查借款期限")
    if amount <= 0 or amount != to_fen(amount):
        raise InputError("借款金额须大于零且精确到分", "请检查借款金额")
    if not 0 <= annual_rate_percent < 100:
        raise InputError("年利率须在 0 至 100% 之间", "请检查年利率")
    with localcontext(prec=60):
        rows = tuple(_rows(method, amount, _periods(method, annual_rate_percent, months, start, rule)))
    return Schedule(rows)


@dataclass(frozen=True)
class _Period:
    """``share``: of what is owed, the part that the period bears as interest, as an exact fraction."""

    due: date
    share: Fraction

    def interest(self, owed: Decimal) -> Decimal:
        # Divided last: a twelfth of the rate seldom ends, and half a fen would then round down.
        return to_fen(owed * self.share.numerator / self.share.denominator)


def _periods(method: RepaymentMethod, percent: Decimal, months: int, start: date, rule: InterestRule) -> list[_Period]:
    """One a month, or a single one where all is repaid at the end."""
    step = months if method is RepaymentMethod.BULLET else 1
    days = [add_months(start, passed) for passed in range(0, months + 1, step)]
    rate = Fraction(percent) / 100
    return [_Period(end, rate * rule.years(begin, end, step)) for begin, end in pairwise(days)]


def _rows(method: RepaymentMethod, amount: Decimal, periods: Sequence[_Period]) -> Iterator[Instalment]:
    balance = amount
    level = _level_payment(amount, periods) if method is RepaymentMethod.EQUAL_INSTALMENT else Decimal(0)
    for number, period in enumerate(periods, 1):
        interest = period.interest(balance)
        last = number == len(periods)
        principal = balance if last else _principal(method, amount, len(periods), level, interest, balance)
        balance -= principal
        yield Instalment(number, period.due, principal, interest, balance)


def _level_payment(amount: Decimal, periods: Sequence[_Period]) -> Decimal:
    """What, paid at the end of each period, just repays ``amount``: it over the sum of the discount factors.

    Raises ``InputError`` where it would not even pay the interest of a long month: a dear loan of decades, by days.
    """
    factor, total = Decimal(1), Decimal(0)
    for period in periods:
        factor = factor * period.share.denominator / (period.share.denominator + period.share.numerator)
        total += factor
    if any(period.share * Fraction(total) > 1 for period in periods):
        raise InputError("每期等额的还款不够支付大月的利息，不能按等额本息办理", "请缩短借款期限，或者换一种还款方式")
    return to_fen(amount / total)


def _principal(
    method: RepaymentMethod, amount: Decimal, months: int, level: Decimal, interest: Decimal, balance: Decimal
) -> Decimal:
    match method:
        case RepaymentMethod.EQUAL_INSTALMENT:
            # On a loan of a few fen, rounding could otherwise repay more than is owed or less than nothing.
            return min(max(level - interest, Decimal(0)), balance)
        case RepaymentMethod.EQUAL_PRINCIPAL:
            return min(to_fen(amount / months), balance)
        case _:
            return Decimal(0)
