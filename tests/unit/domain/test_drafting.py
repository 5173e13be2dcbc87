"""A draft against the rules: every product's valid sample passes, and each fault is told however much is missing."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from signing.adapters.documents import catalogue
from signing.domain.case import RepaymentMethod
from signing.domain.drafting import PLACES, TERMS, Against, Problem, problems, stand_in
from signing.domain.particulars import BorrowerKind, BridgedLoan, GuaranteeKind, Particulars
from signing.domain.party import Role
from signing.domain.product import LenderKind
from signing.domain.reference import Lpr
from signing.domain.rules import Person
from signing.domain.sample import Wanted, sample
from signing.domain.security import Collateral, SecurityKind

DAY = date(2026, 11, 24)
LPR = Lpr(date(2026, 11, 20), Decimal("3.00"), Decimal("3.50"))
PRODUCTS = catalogue.products()
NUMBERS = ["11010519491231002X", "350823198209174138", "350823197803053027", "350823197408115152", "350823196904306164"]


def against(product_id: str) -> Against:
    product = PRODUCTS[product_id]
    return Against(product, sample(product, Wanted(DAY, lpr=LPR)), DAY, LenderKind.RURAL_COOPERATIVE, "示范联社")


def whole(product_id: str) -> dict[str, object]:
    """All that a valid case of it has, by path."""
    made = against(product_id).spare
    typed: dict[str, object] = {name: getattr(made.terms, name) for name in TERMS} if made.terms else {}
    bare = Particulars()
    for name in bare.__dataclass_fields__:
        if getattr(made.particulars, name) != getattr(bare, name):
            typed[f"particulars.{name}"] = getattr(made.particulars, name)
    if made.collateral:
        typed["collateral"] = made.collateral
    if made.mandate:
        typed["mandate"] = made.mandate
    typed["parties"] = tuple(Person(role, "某某", number) for role, number in zip(made.roles, NUMBERS, strict=False))
    return typed


def found(product_id: str, typed: dict[str, object]) -> list[Problem]:
    held = against(product_id)
    return problems(stand_in(held.product, held.spare, typed), held)


def told(product_id: str, typed: dict[str, object]) -> set[tuple[str, str]]:
    return {(one.path, one.rule) for one in found(product_id, typed)}


@pytest.mark.parametrize("product_id", PRODUCTS)
def test_a_valid_case_of_every_product_has_nothing_against_it(product_id: str) -> None:
    assert found(product_id, whole(product_id)) == []


@pytest.mark.parametrize("product_id", PRODUCTS)
def test_of_nothing_typed_only_people_are_missing(product_id: str) -> None:
    empty = found(product_id, {})
    assert {(one.path, one.rule) for one in empty} <= {("parties", "roles")}
    assert all(one.missing for one in empty)


@pytest.mark.parametrize("product_id", PRODUCTS)
def test_any_part_alone_is_never_held_against_what_stands_in(product_id: str) -> None:
    typed = whole(product_id)
    for path in typed:
        wrong = [one for one in found(product_id, {path: typed[path]}) if not one.missing]
        assert wrong == [], path


def test_each_limit_is_told_though_the_others_are_broken_too() -> None:
    typed = {
        **whole("village_credit_line"), "amount": Decimal(1), "term_months": 100,
        "annual_rate_percent": Decimal(50),
    }  # fmt: skip
    assert told("village_credit_line", typed) == {
        ("amount", "amount"), ("term_months", "term"), ("annual_rate_percent", "rate"),
    }  # fmt: skip


def test_a_method_that_the_product_has_not_is_told() -> None:
    typed = {**whole("bridging_loan"), "repayment_method": RepaymentMethod.EQUAL_PRINCIPAL}
    assert told("bridging_loan", typed) == {("repayment_method", "repayment_method")}


def test_rules_between_two_parts_wait_for_both() -> None:
    made = whole("bridging_loan")
    bridged = made["particulars.bridged"]
    assert isinstance(bridged, BridgedLoan)
    other = replace(bridged, account="6217000000000009999", outstanding=Decimal(1), contract_no="JK-9")
    alone: dict[str, object] = {"particulars.bridged": other}
    assert {one for one in told("bridging_loan", alone) if one[0] != "parties"} == set()
    assert told("bridging_loan", {**made, **alone}) == {("account", "bridged_account")}
    settled = {**made, **alone, "account": other.account}
    assert told("bridging_loan", settled) == {("amount", "bridged_amount")}, "one after the other: they hang together"


def test_a_business_is_asked_for_once_it_is_known_that_there_is_one() -> None:
    held = whole("fiscal_quick_loan")
    del held["particulars.business"]
    held["particulars.borrower_kind"] = BorrowerKind.PERSON
    assert told("fiscal_quick_loan", held) == {("particulars.borrower_kind", "borrower_kind")}


def test_half_of_a_security_is_told_with_its_remedy() -> None:
    lot = Collateral(SecurityKind.PLEDGE, "红木", "1 根", "1", "好", "库", Decimal(1000))
    (problem,) = found("rosewood_pledge_loan", {**whole("rosewood_pledge_loan"), "collateral": (lot,)})
    assert (problem.path, problem.rule) == ("collateral", "collateral_ratio")
    assert problem.remedy
    assert not problem.missing


def test_people_are_judged_one_by_one_and_then_together() -> None:
    bad = Person(Role.BORROWER, "王", "110105194912310021")
    assert told("village_credit_line", {"parties": (bad,)}) == {("parties.0.id_number", "id_number")}
    good = Person(Role.BORROWER, "王", NUMBERS[0])
    assert told("village_credit_line", {"parties": (good, good)}) == {("parties", "roles")}
    twin = Person(Role.CO_BORROWER, "王", NUMBERS[0].lower())
    assert told("village_credit_line", {"parties": (good, None, twin)}) == {("parties.2.id_number", "same_person")}
    stranger = Person(Role.PLEDGOR, "王", NUMBERS[1])
    assert told("village_credit_line", {"parties": (good, stranger)}) == {("parties", "roles")}


def test_somebody_of_whom_only_the_role_is_known_counts() -> None:
    assert found("village_credit_line", {"parties": (Role.BORROWER,)}) == []
    (few,) = found("multi_guarantor_loan", {"parties": (Role.BORROWER, Role.GUARANTOR)})
    assert (few.rule, few.missing) == ("roles", True)


def test_shares_wait_until_everybody_can_be_read() -> None:
    people = (Role.BORROWER, *(Person(Role.GUARANTOR, "丁", number, Decimal(40)) for number in NUMBERS[1:3]))
    assert found("multi_guarantor_loan", {"parties": people}) == []
    read = (Person(Role.BORROWER, "王", NUMBERS[0]), *people[1:])
    assert told("multi_guarantor_loan", {"parties": read}) == {("parties", "shares")}


def test_what_a_guarantor_is_has_to_be_chosen_where_there_are_two_kinds() -> None:
    people: dict[str, object] = {"parties": (Role.BORROWER, Role.GUARANTOR)}
    (unsaid,) = found("sci_tech_commissioner_loan", people)
    assert (unsaid.path, unsaid.rule, unsaid.missing) == ("particulars.guarantee", "guarantee_kind", True)
    for kind in GuaranteeKind:
        assert found("sci_tech_commissioner_loan", people | {"particulars.guarantee": kind}) == []
    assert found("fiscal_quick_loan", people) == [], "one kind only"


def test_a_lender_that_may_not_is_told_of_the_case_as_a_whole() -> None:
    held = replace(against("village_credit_line"), lender=LenderKind.LARGE_BANK)
    told_of = {one.rule for one in problems(stand_in(held.product, held.spare, {}), held)}
    assert "lender_kind" in told_of


def test_every_place_is_one_that_a_draft_can_have() -> None:
    own = {*TERMS, "collateral", "mandate", "product_id", *(f"particulars.{one}" for one in Particulars().__dict__)}
    for place in PLACES.values():
        assert {place.path, *place.needs, *place.mends} <= own
