"""How interest is reckoned: by whole months or by the days that pass, and from which daily rate.

中国人民银行 银发〔2005〕129号: a monthly rate is a twelfth of the yearly one, a daily rate a 360th of it. Where the
contract says so, a 365th is as good: the yearly rate is then divided by the days that a year has, leap years too.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction


class InterestBasis(StrEnum):
    MONTHS = "months"
    """Each whole month bears a twelfth of a year's interest, however many days it has."""
    DAYS = "days"
    """Each day bears a day's interest; the day of lending counts, the day of repayment does not (算头不算尾)."""


DAY_COUNTS = (360, 365)


@dataclass(frozen=True)
class InterestRule:
    """``day_count``: of how many days a year has for the daily rate."""

    basis: InterestBasis = InterestBasis.MONTHS
    day_count: int = 360

    def years(self, start: date, end: date, months: int) -> Fraction:
        """The part of a yearly rate that a period bears; it is ``months`` whole months long."""
        if self.basis is InterestBasis.MONTHS:
            return Fraction(months, 12)
        return Fraction((end - start).days, self.day_count)


BY_MONTHS = InterestRule()


def in_words(rule: InterestRule) -> str:
    """As a contract states it, without a full stop at its end."""
    daily = f"日利率＝年利率÷{rule.day_count}"
    if rule.basis is InterestBasis.MONTHS:
        return (
            "按整月计息的，利息＝本金×月数×月利率，月利率＝年利率÷12；"
            f"不足整月的零头天数，利息＝本金×实际天数×日利率，{daily}"
        )
    return f"利息＝本金×实际天数×日利率，{daily}，放款当日计息、还款当日不计息"
