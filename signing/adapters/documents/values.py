"""What the placeholders of a template stand for, worked out from the case."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from signing.adapters.documents.fields import IN_WORDS, SHORT
from signing.adapters.documents.particulars import particular_values
from signing.adapters.documents.wording import (
    chinese_date,
    grouped,
    lookup_code,
    numeral_of,
    percent,
    repayment_speech,
    short_amount,
)
from signing.domain import interest
from signing.domain.beijing import BEIJING
from signing.domain.case import Case, ScriptLine, Terms
from signing.domain.money import in_digits, in_words, to_fen, words_agree
from signing.domain.particulars import GUARANTEE_TITLES, GuaranteeKind
from signing.domain.party import ROLE_TITLES, Party, Role
from signing.domain.product import CaseFacts
from signing.domain.rules import RATE_CEILING
from signing.domain.schedule import METHOD_TITLES, Schedule, add_months, build_schedule
from signing.domain.security import SUBJECT_TITLES, Collateral, Mandate, SecurityKind, Subject
from signing.service.ports import Institution


@dataclass(frozen=True)
class Values:
    """``schedule`` is None where nothing is lent. ``facts`` decide which clauses the paper has."""

    schedule: Schedule | None
    values: Mapping[str, str]
    facts: CaseFacts
    lots: Sequence["Lot"] = ()
    """What is mortgaged and pledged, in the case's order."""
    lines: Sequence[ScriptLine] = ()
    """What is read out to the one whom the paper is addressed to."""


@dataclass(frozen=True)
class Lot:
    """A lot of collateral; ``values``: what its own placeholders stand for."""

    subject: Subject
    values: Mapping[str, str]


def facts_of(case: Case, signers: Sequence[Party] = (), papers: Collection[str] = ()) -> CaseFacts:
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
        papers=frozenset(papers),
        mode=case.particulars.cooperation.mode if case.particulars.cooperation else None,
        first_time=case.particulars.first_time,
        renewal=case.particulars.renewal is not None,
        guarantee=case.particulars.guarantee or GuaranteeKind.JOINT if guarantors else None,
    )


MAXIMUM, SINGLE = "maximum_amount_loan_contract", "personal_loan_contract"


def contract_values(
    case: Case,
    institution: Institution,
    signers: Sequence[Party],
    at: datetime,
    code: str,
    papers: Collection[str] = (),
) -> Values:
    """The values for one document; it is addressed to the first of ``signers``, ``code`` is its number's suffix.

    ``papers`` are the kinds of all papers of the case: which loan contract the others name follows from them.
    """
    start = at.astimezone(BEIJING).date()
    number = f"{case.case_no}-{code}"
    values = {
        "case_no": case.case_no,
        "contract_no": number,
        "lookup_code": lookup_code(case.case_id, number),
        "lookup_text": lookup_code(case.case_id, number),
        "product": case.product_title,
        "dealing": _dealing(case),
        "sign_date": chinese_date(start),
    }
    values |= institution_values(institution) | people_values(case) | party_values(case, signers[0])
    schedule = None
    if case.terms:
        schedule = schedule_of(case.terms, start)
        values |= _loan(case.terms, schedule, start) | _numbers(case, MAXIMUM in papers)
    if case.collateral:
        values |= security_values(case)
    if case.mandate:
        values |= _mandate(case.mandate)
    values |= particular_values(case, start)
    if kind := facts_of(case).guarantee:
        values["guarantee_kind"] = GUARANTEE_TITLES[kind]
    lots = [Lot(item.what, collateral_values(item)) for item in case.collateral]
    return Values(schedule, values, facts_of(case, signers, papers), lots)


def _dealing(case: Case) -> str:
    """What the paper is about, in one line."""
    if case.terms is None:
        return case.product_title
    digits, words = in_digits(case.terms.amount), in_words(case.terms.amount)
    return f"{case.product_title}，金额¥{digits}元（人民币{words}）"


def schedule_of(terms: Terms, start: date) -> Schedule:
    rate, months = terms.annual_rate_percent, terms.term_months
    schedule = build_schedule(terms.repayment_method, terms.amount, rate, months, start, terms.interest)
    assert schedule.principal == terms.amount
    return schedule


def _loan(terms: Terms, schedule: Schedule, start: date) -> dict[str, str]:
    return {
        **money("amount", terms.amount),
        **money("first_amount", schedule.instalments[0].total),
        **money("last_amount", schedule.instalments[-1].total),
        **money("interest_total", schedule.interest),
        **money("repayment_total", schedule.total),
        "rate": percent(terms.annual_rate_percent),
        "monthly_rate": f"{terms.annual_rate_percent / 12:.4f}",
        "penalty_rate": percent(min(terms.annual_rate_percent * Decimal("1.5"), RATE_CEILING)),
        "misuse_rate": percent(min(terms.annual_rate_percent * 2, RATE_CEILING)),
        "term_months": str(terms.term_months),
        "start_date": chinese_date(start),
        "end_date": chinese_date(add_months(start, terms.term_months)),
        "line_months": str(terms.term_months),
        "line_until": chinese_date(add_months(start, terms.term_months)),
        "year_days": str(terms.interest.day_count),
        "interest_rule": interest.in_words(terms.interest),
        "due_day": str(start.day),
        "method": METHOD_TITLES[terms.repayment_method],
        "instalments": str(len(schedule.instalments)),
        "first_due": chinese_date(schedule.instalments[0].due),
        "repayment_speech": repayment_speech(terms.repayment_method, schedule),
        "purpose": terms.purpose,
        "account": grouped(terms.account),
    }


def money(name: str, amount: Decimal) -> dict[str, str]:
    """One amount as all the fields that print it: digits, 大写, and as it is spoken."""
    words = in_words(amount)
    assert words_agree(amount, words)
    return {name: in_digits(amount), name + IN_WORDS: words, name + SHORT: short_amount(amount)}


def _numbers(case: Case, maximum: bool) -> dict[str, str]:
    """The numbers of the case's other contracts, by which one names another."""
    codes = {"loan_no": "ZG" if maximum else "JK", "guarantee_no": "BZ", "pledge_no": "ZY", "mortgage_no": "DY"}
    title = {"loan_title": "最高额借款合同" if maximum else "个人借款合同"}
    return {name: f"{case.case_no}-{code}" for name, code in codes.items()} | title


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
    """Everyone by role; 无 where nobody is."""
    named = {name: _names(case, role) for name, role in _NAMED.items()}
    numbered = {f"{name}_with_numbers": _names(case, role, numbers=True) for name, role in _NAMED.items()}
    counts = {f"{name}_count": numeral_of(sum(p.role is role for p in case.parties)) for name, role in _NAMED.items()}
    return named | numbered | counts


_SECURED = {SecurityKind.MORTGAGE: ("mortgage", Role.MORTGAGOR), SecurityKind.PLEDGE: ("pledge", Role.PLEDGOR)}


def security_values(case: Case) -> dict[str, str]:
    """What is mortgaged and what is pledged, each by itself, and the loan in percent of both together.

    Who gives it is the mortgagor or pledgor where the case has one, else the borrower.
    """
    values: dict[str, str] = {}
    for kind, (name, role) in _SECURED.items():
        if things := [item for item in case.collateral if item.kind is kind]:
            owner = role if any(party.role is role for party in case.parties) else Role.BORROWER
            values |= money(f"{name}_value", sum((item.appraised_value for item in things), Decimal(0)))
            values |= {
                f"{name}_things": "、".join(f"{item.name}{item.quantity}" for item in things),
                f"{name}_owner": _names(case, owner),
                f"{name}_owner_with_number": _names(case, owner, numbers=True),
            }
    if case.terms:
        value = sum((item.appraised_value for item in case.collateral), Decimal(0))
        values["ratio"] = percent((case.terms.amount * 100 / value).quantize(Decimal("0.01")))
    return values


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
            **money("guaranteed_amount", amount),
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
    """What a lot's placeholders stand for; what it does not have, such as an insurance, is not there."""
    values = {
        "item_name": item.name,
        "item_quantity": item.quantity,
        "item_marks": item.marks,
        "item_condition": item.condition,
        "item_place": item.place,
        "item_subject": SUBJECT_TITLES[item.what],
        "item_register": item.register_no or "以登记机构出具的登记证明为准",
        **money("item_value", item.appraised_value),
    }
    if item.certificate_no:
        values["item_certificate"] = item.certificate_no
    if item.right_until:
        values["item_until"] = chinese_date(item.right_until)
    if insured := item.insurance:
        values |= {"insurer": insured.insurer, "policy_no": insured.policy_no}
        values |= money("sum_insured", insured.sum_insured) | {"insured_until": chinese_date(insured.valid_until)}
    return values


def institution_values(institution: Institution) -> dict[str, str]:
    """What is the same in all cases of an institution."""
    return {
        "institution": institution.name,
        "institution_address": institution.address,
        "helpline": institution.helpline,
        "representative": institution.representative,
        "credit_code": institution.credit_code,
    }
