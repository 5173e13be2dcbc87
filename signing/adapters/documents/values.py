"""What the placeholders of a template stand for, worked out from the case."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from signing.domain.beijing import BEIJING
from signing.domain.case import Case, RepaymentMethod, Terms
from signing.domain.money import in_digits, in_words, to_fen, words_agree
from signing.domain.party import ROLE_TITLES, Party, Role
from signing.domain.product import CaseFacts
from signing.domain.schedule import METHOD_TITLES, Schedule, add_months, build_schedule
from signing.domain.security import SUBJECT_TITLES, Collateral, Mandate, SecurityKind
from signing.service.ports import Institution


@dataclass(frozen=True)
class Values:
    """``schedule`` is None where nothing is lent. ``facts`` decide which clauses the paper has."""

    schedule: Schedule | None
    values: Mapping[str, str]
    facts: CaseFacts
    lots: Sequence[Mapping[str, str]] = ()
    """What the placeholders of a lot of collateral stand for, one mapping a lot."""


def facts_of(case: Case, signers: Sequence[Party] = ()) -> CaseFacts:
    kinds = {item.kind for item in case.collateral}
    guarantors = [party for party in case.parties if party.role is Role.GUARANTOR]
    return CaseFacts(
        product_id=case.product_id,
        roles=tuple(party.role for party in case.parties),
        securities=frozenset(kinds | ({SecurityKind.GUARANTEE} if guarantors else set())),
        amount=case.terms.amount if case.terms else None,
        shares=any(party.share_percent is not None for party in guarantors),
        signers=tuple(party.role for party in signers),
        subjects=frozenset(item.what for item in case.collateral),
    )


def contract_values(case: Case, institution: Institution, signers: Sequence[Party], at: datetime, code: str) -> Values:
    """The values for one document; it is addressed to the first of ``signers``, ``code`` is its number's suffix."""
    start = at.astimezone(BEIJING).date()
    number = f"{case.case_no}-{code}"
    values = {
        "case_no": case.case_no,
        "contract_no": number,
        "lookup_code": lookup_code(case.case_id, number),
        "product": case.product_title,
        "sign_date": chinese_date(start),
    }
    values |= _institution(institution) | people_values(case) | party_values(case, signers[0])
    schedule = None
    if case.terms:
        schedule = schedule_of(case.terms, start)
        values |= _loan(case.terms, schedule, start) | _numbers(case)
    if case.collateral:
        value = sum((item.appraised_value for item in case.collateral), Decimal(0))
        values |= {"collateral_value": in_digits(value), "collateral_value_in_words": in_words(value)}
        values |= {"collateral_names": "、".join(f"{item.name}{item.quantity}" for item in case.collateral)}
        if case.terms:
            values["ratio"] = percent((case.terms.amount * 100 / value).quantize(Decimal("0.01")))
    if case.mandate:
        values |= _mandate(case.mandate)
    lots = [collateral_values(item) for item in case.collateral]
    return Values(schedule, values, facts_of(case, signers), lots)


def schedule_of(terms: Terms, start: date) -> Schedule:
    schedule = build_schedule(terms.repayment_method, terms.amount, terms.annual_rate_percent, terms.term_months, start)
    assert schedule.principal == terms.amount
    return schedule


def _loan(terms: Terms, schedule: Schedule, start: date) -> dict[str, str]:
    words = in_words(terms.amount)
    assert words_agree(terms.amount, words)
    return {
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
    }


def _numbers(case: Case) -> dict[str, str]:
    """The numbers of the case's other contracts, by which one names another."""
    codes = {"loan_no": "JK", "guarantee_no": "BZ", "pledge_no": "ZY", "mortgage_no": "DY"}
    return {name: f"{case.case_no}-{code}" for name, code in codes.items()}


def _mandate(mandate: Mandate) -> dict[str, str]:
    return {
        "matter": mandate.matter,
        "scope": mandate.scope,
        "valid_from": chinese_date(mandate.valid_from),
        "valid_until": chinese_date(mandate.valid_until),
        "delegation": "可以转委托第三人代理" if mandate.may_delegate else "不得转委托第三人代理",
    }


_NAMED = {
    "borrowers": Role.BORROWER,
    "co_borrowers": Role.CO_BORROWER,
    "guarantors": Role.GUARANTOR,
    "pledgors": Role.PLEDGOR,
    "mortgagors": Role.MORTGAGOR,
    "principals": Role.PRINCIPAL,
    "attorneys": Role.ATTORNEY,
    "custodians": Role.CUSTODIAN,
}


def people_values(case: Case) -> dict[str, str]:
    """Everyone by role; 无 where nobody is. Who owns the collateral is the pledgor or mortgagor, else the borrower."""
    named = {name: _names(case, role) for name, role in _NAMED.items()}
    numbered = {f"{name}_with_numbers": _names(case, role, numbers=True) for name, role in _NAMED.items()}
    counts = {f"{name}_count": numeral_of(sum(p.role is role for p in case.parties)) for name, role in _NAMED.items()}
    owner = next((role for role in (Role.PLEDGOR, Role.MORTGAGOR) if role in facts_of(case).roles), Role.BORROWER)
    owners = {"owner": _names(case, owner), "owner_with_number": _names(case, owner, numbers=True)}
    return named | numbered | counts | owners


def _names(case: Case, role: Role, *, numbers: bool = False) -> str:
    people = [party for party in case.parties if party.role is role]
    return "、".join(f"{one.name}（{one.id_number}）" if numbers else one.name for one in people) or "无"


def party_values(case: Case, party: Party) -> dict[str, str]:
    """One person; of a guarantor also number among the guarantors, share and guaranteed principal."""
    same = [other for other in case.parties if other.role is party.role]
    values = {
        "name": party.name,
        "role": ROLE_TITLES[party.role],
        "id_number": party.id_number,
        "phone": party.phone,
        "address": party.address or "居民身份证记载的住址",
        "ordinal": numeral_of(same.index(party) + 1) if len(same) > 1 and party in same else "",
    }
    if party.role is Role.GUARANTOR and case.terms:
        amount = guaranteed(case, case.terms.amount)[party.party_id]
        share = "100" if party.share_percent is None else f"{party.share_percent.normalize():f}"
        values |= {
            "guaranteed_amount": in_digits(amount),
            "guaranteed_in_words": in_words(amount),
            "guaranteed_short": short_amount(amount),
            "share": f"{share}%",
        }
    return values


def guaranteed(case: Case, amount: Decimal) -> dict[str, Decimal]:
    """Each guarantor's part of the principal by party_id; the last one takes up what rounding left.

    Without shares each answers for the whole (民法典 art. 699).
    """
    guarantors = [party for party in case.parties if party.role is Role.GUARANTOR]
    if any(party.share_percent is None for party in guarantors):
        return {party.party_id: amount for party in guarantors}
    parts = [to_fen(amount * (party.share_percent or 0) / 100) for party in guarantors]
    parts[-1:] = [amount - sum(parts[:-1], Decimal(0))]
    return dict(zip((party.party_id for party in guarantors), parts, strict=True))


def collateral_values(item: Collateral) -> dict[str, str]:
    insured = item.insurance
    return {
        "item_name": item.name,
        "item_quantity": item.quantity,
        "item_marks": item.marks,
        "item_condition": item.condition,
        "item_place": item.place,
        "item_subject": SUBJECT_TITLES[item.what],
        "item_certificate": item.certificate_no or "无",
        "item_register": item.register_no or "待登记后填写",
        "item_until": chinese_date(item.right_until) if item.right_until else "长期",
        "item_value": in_digits(item.appraised_value),
        "item_value_in_words": in_words(item.appraised_value),
        "insurer": insured.insurer if insured else "无",
        "policy_no": insured.policy_no if insured else "无",
        "sum_insured": in_digits(insured.sum_insured) if insured else "无",
        "insured_until": chinese_date(insured.valid_until) if insured else "无",
    }


_NUMERALS = "零一二三四五六七八九十"


def numeral_of(number: int) -> str:
    """1 → 一, 12 → 十二, 20 → 二十; to 99."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else ("十" if tens == 1 else _NUMERALS[tens] + "十")
    return head + (_NUMERALS[ones] if ones or not tens else "")


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
