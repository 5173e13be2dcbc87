"""How single things are written on paper: dates, rates, numerals, account numbers, how repaying goes."""

import hashlib
from datetime import date
from decimal import Decimal

from signing.domain.case import RepaymentMethod
from signing.domain.money import in_digits
from signing.domain.schedule import Schedule

_NUMERALS = "零一二三四五六七八九十"


def numeral_of(number: int) -> str:
    """1 → 一, 12 → 十二, 20 → 二十; to 99."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else ("十" if tens == 1 else _NUMERALS[tens] + "十")
    return head + (_NUMERALS[ones] if ones or not tens else "")


def repayment_speech(method: RepaymentMethod, schedule: Schedule) -> str:
    """How repaying goes, in words fit for reading out."""
    first, last = schedule.instalments[0], schedule.instalments[-1]
    day = max(row.due.day for row in schedule.instalments)
    match method:
        case RepaymentMethod.INTEREST_FIRST if len(schedule.instalments) > 1:
            return (
                f"每月{day}日付利息{in_digits(first.total)}元，"
                f"最后一期{chinese_date(last.due)}还本金和当期利息共{in_digits(last.total)}元，"
                f"利息总共{in_digits(schedule.interest)}元。"
            )
        case RepaymentMethod.EQUAL_INSTALMENT if len(schedule.instalments) > 1:
            return (
                f"每月{day}日还{in_digits(first.total)}元，最后一期还{in_digits(last.total)}元，"
                f"利息总共{in_digits(schedule.interest)}元。"
            )
        case RepaymentMethod.EQUAL_PRINCIPAL if len(schedule.instalments) > 1:
            return (
                f"第一期还{in_digits(first.total)}元，以后逐月减少，最后一期还{in_digits(last.total)}元，"
                f"利息总共{in_digits(schedule.interest)}元。"
            )
        case _:
            total, interest = in_digits(last.total), in_digits(schedule.interest)
            return f"{chinese_date(last.due)}一次还清本金和利息共{total}元，其中利息{interest}元。"


def chinese_date(day: date) -> str:
    """``2026年11月24日``"""
    return f"{day.year}年{day.month}月{day.day}日"


def percent(rate: Decimal) -> str:
    """``3.850`` → ``3.85``; at least two places, as rates are quoted."""
    text = f"{rate.normalize():f}"
    whole, _, places = text.partition(".")
    return f"{whole}.{places.ljust(2, '0')}"


def short_amount(amount: Decimal) -> str:
    """``180000`` → ``18万``, for speech; the exact figure where it is no round number of ten thousands."""
    tens, rest = divmod(amount, 10_000)
    return f"{int(tens)}万" if tens and not rest else f"{amount.normalize():,f}"


def grouped(account: str) -> str:
    """An account number in groups of four."""
    return " ".join(account[start : start + 4] for start in range(0, len(account), 4))


def lookup_code(case_id: str, number: str) -> str:
    """Eight characters without look-alikes, printed in the footer to find the document again. Not a secret."""
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    digest = hashlib.sha256(f"{case_id}\n{number}".encode()).digest()
    code = "".join(alphabet[byte % 32] for byte in digest[:8])
    return f"{code[:4]}-{code[4:]}"
