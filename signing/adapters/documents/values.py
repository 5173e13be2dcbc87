"""What the placeholders of a template stand for, worked out from the case."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from signing.domain.beijing import BEIJING
from signing.domain.case import Case, RepaymentMethod
from signing.domain.money import in_digits, in_words, words_agree
from signing.domain.party import ROLE_TITLES, Party, Role
from signing.domain.schedule import METHOD_TITLES, Schedule, add_months, build_schedule
from signing.service.ports import Institution


@dataclass(frozen=True)
class Terms:
    """A case's terms with everything derived from them."""

    schedule: Schedule
    values: Mapping[str, str]


def contract_values(case: Case, institution: Institution, party: Party, at: datetime, code: str) -> Terms:
    """The values for one document; ``party`` is whom it is addressed to, ``code`` the template's suffix."""
    start = at.astimezone(BEIJING).date()
    terms = case.terms
    schedule = build_schedule(terms.repayment_method, terms.amount, terms.annual_rate_percent, terms.term_months, start)
    words = in_words(terms.amount)
    assert words_agree(terms.amount, words)
    assert schedule.principal == terms.amount
    number = f"{case.case_no}-{code}"
    values = {
        "case_no": case.case_no,
        "contract_no": number,
        "lookup_code": lookup_code(case.case_id, number),
        "product": case.product_title,
        "amount": in_digits(terms.amount),
        "amount_in_words": words,
        "amount_short": short_amount(terms.amount),
        "rate": percent(terms.annual_rate_percent),
        "monthly_rate": f"{terms.annual_rate_percent / 12:.4f}",
        "penalty_rate": percent(terms.annual_rate_percent * Decimal("1.5")),
        "misuse_rate": percent(terms.annual_rate_percent * 2),
        "term_months": str(terms.term_months),
        "start_date": chinese_date(start),
        "end_date": chinese_date(add_months(start, terms.term_months)),
        "due_day": str(start.day),
        "method": METHOD_TITLES[terms.repayment_method],
        "instalments": str(len(schedule.instalments)),
        "first_due": chinese_date(schedule.instalments[0].due),
        "first_amount": in_digits(schedule.instalments[0].total),
        "last_amount": in_digits(schedule.instalments[-1].total),
        "interest_total": in_digits(schedule.interest),
        "repayment_total": in_digits(schedule.total),
        "repayment_speech": repayment_speech(terms.repayment_method, schedule),
        "purpose": terms.purpose,
        "account": grouped(terms.account),
        "sign_date": chinese_date(start),
    }
    return Terms(schedule, values | _people(case, party) | _institution(institution))


def _people(case: Case, party: Party) -> dict[str, str]:
    co_borrowers = [other for other in case.parties if other.role is Role.CO_BORROWER]
    return {
        "name": party.name,
        "role": ROLE_TITLES[party.role],
        "id_number": party.id_number,
        "phone": party.phone,
        "address": party.address or "居民身份证记载的住址",
        "co_borrowers": "、".join(f"{other.name}（{other.id_number}）" for other in co_borrowers) or "无",
    }


def _institution(institution: Institution) -> dict[str, str]:
    return {
        "institution": institution.name,
        "institution_address": institution.address,
        "helpline": institution.helpline,
        "representative": institution.representative,
        "credit_code": institution.credit_code,
    }


def repayment_speech(method: RepaymentMethod, schedule: Schedule) -> str:
    """How repaying goes, in words fit for reading out."""
    first, last = schedule.instalments[0], schedule.instalments[-1]
    match method:
        case RepaymentMethod.INTEREST_FIRST if len(schedule.instalments) > 1:
            return (
                f"每月{first.due.day}日付利息{in_digits(first.total)}元，"
                f"最后一期{chinese_date(last.due)}还本金和当期利息共{in_digits(last.total)}元，"
                f"利息总共{in_digits(schedule.interest)}元。"
            )
        case RepaymentMethod.EQUAL_INSTALMENT if len(schedule.instalments) > 1:
            return (
                f"每月{first.due.day}日还{in_digits(first.total)}元，最后一期还{in_digits(last.total)}元，"
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
