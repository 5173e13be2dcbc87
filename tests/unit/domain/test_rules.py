"""Each rule refuses by its own name, and the demonstration's loan passes them all."""

from dataclasses import replace
from decimal import Decimal

import pytest

from signing.domain import rules
from signing.domain.case import RepaymentMethod
from signing.domain.errors import RuleBroken
from signing.domain.party import Role
from signing.domain.rules import Person, RosterEntry
from tests.unit.domain.factories import NOW, VALID_NUMBER, later, make_product, make_terms

BORROWER = Person(Role.BORROWER, "王建国", VALID_NUMBER)
ENTRY = RosterEntry("王建国", Decimal("200000.00"), later(60))
PRODUCT = make_product()


def test_the_demonstrations_loan_passes() -> None:
    terms = make_terms()
    rules.check_terms(PRODUCT, terms)
    rules.check_people(PRODUCT, [BORROWER])
    rules.check_roster(PRODUCT, BORROWER, terms.amount, ENTRY, NOW)
    rules.check_channel(PRODUCT, terms.amount, "")
    assert rules.check_product(PRODUCT) == []


@pytest.mark.parametrize(
    ("terms", "rule"),
    [
        (make_terms("999.99"), "amount"),
        (make_terms("300000.01"), "amount"),
        (make_terms(months=37), "term"),
        (make_terms(rate="2.99"), "rate"),
        (make_terms(rate="12.01"), "rate"),
        (replace(make_terms(), repayment_method=RepaymentMethod.BULLET), "repayment_method"),
    ],
)
def test_terms(terms: object, rule: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_terms(PRODUCT, terms)  # type: ignore[arg-type]
    assert refused.value.rule == rule
    assert refused.value.code == f"rule.{rule}"


def test_limits_are_inclusive() -> None:
    for terms in (make_terms("1000.00", 1, "3.00"), make_terms("300000.00", 36, "12.00")):
        rules.check_terms(PRODUCT, terms)


@pytest.mark.parametrize(
    ("people", "rule"),
    [
        ([replace(BORROWER, id_number="110105194912310021")], "id_number"),
        ([replace(BORROWER, role=Role.GUARANTOR)], "roles"),
        ([], "roles"),
        ([replace(BORROWER, role=Role.CO_BORROWER)], "roles"),
        ([BORROWER, replace(BORROWER, id_number="440524188001010014")], "roles"),
        ([BORROWER, Person(Role.CO_BORROWER, "王建国", VALID_NUMBER.lower())], "same_person"),
    ],
)
def test_people(people: list[Person], rule: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_people(PRODUCT, people)
    assert refused.value.rule == rule


@pytest.mark.parametrize(
    ("entry", "amount", "rule"),
    [
        (None, "1000", "roster"),
        (replace(ENTRY, name="李四"), "1000", "roster"),
        (replace(ENTRY, valid_until=later(-1)), "1000", "roster"),
        (ENTRY, "200000.01", "roster_line"),
    ],
)
def test_roster(entry: RosterEntry | None, amount: str, rule: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_roster(PRODUCT, BORROWER, Decimal(amount), entry, NOW)
    assert refused.value.rule == rule


def test_a_product_without_roster_asks_for_none() -> None:
    rules.check_roster(replace(PRODUCT, roster_line_required=False), BORROWER, Decimal(1), None, NOW)


def test_two_hundred_thousand_is_the_electronic_channels_limit() -> None:
    rules.check_channel(PRODUCT, Decimal("200000.00"), "")
    with pytest.raises(RuleBroken) as refused:
        rules.check_channel(PRODUCT, Decimal("200000.01"), "")
    assert refused.value.rule == "electronic_channel"
    rules.check_channel(PRODUCT, Decimal("200000.01"), "客户已在上杭支行当面签字")
    with pytest.raises(RuleBroken):
        rules.check_channel(PRODUCT, Decimal("50000.01"), "", Decimal("50000"))
    with pytest.raises(RuleBroken):  # an institution may be stricter than the product, never laxer
        rules.check_channel(PRODUCT, Decimal("250000"), "", Decimal("900000"))


def test_a_products_own_faults_are_named() -> None:
    broken = replace(PRODUCT, amount_min=Decimal(9), amount_max=Decimal(1), term_months_min=0, documents={})
    assert len(rules.check_product(replace(broken, repayment_methods=()))) == 5
