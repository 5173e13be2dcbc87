"""Each rule refuses by its own name, and the demonstration's loan passes them all."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from signing.domain import rules
from signing.domain.case import RepaymentMethod
from signing.domain.errors import RuleBroken
from signing.domain.party import Role
from signing.domain.product import CollateralRules, MandateRules, Product, RoleRule
from signing.domain.product_faults import check_product
from signing.domain.rules import Person
from signing.domain.security import Collateral, Insurance, Mandate, SecurityKind, Subject
from signing.domain.security_rules import check_collateral, cover_of
from tests.unit.domain.factories import NOW, VALID_NUMBER, make_product, make_terms

BORROWER = Person(Role.BORROWER, "王建国", VALID_NUMBER)
PRODUCT = make_product()
assert PRODUCT.loan
LOAN = PRODUCT.loan


def test_the_demonstrations_loan_passes() -> None:
    terms = make_terms()
    rules.check_terms(PRODUCT, terms)
    rules.check_people(PRODUCT, [BORROWER])
    assert check_product(PRODUCT) == []


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


def test_a_products_own_faults_are_named() -> None:
    loan = replace(LOAN, amount_min=Decimal(9), amount_max=Decimal(1), term_months_min=0, repayment_methods=())
    broken = replace(PRODUCT, loan=loan, documents=(), script=())
    assert check_product(broken) == [
        "loan.amount_min：金额上下限不成立",
        "loan.term_months_min：期限上下限不成立",
        "loan.repayment_methods：没有还款方式",
        "roles[0]：借款人没有要签的文件",
        "roles[1]：共同借款人没有要签的文件",
        "script：没有告知话术",
    ]


GUARANTORS = replace(PRODUCT, roles=(RoleRule(Role.BORROWER, 1, 1), RoleRule(Role.GUARANTOR, 2, 3)))
NUMBERS = ("110105194912310046", "110105194912310062", "110105194912310089", "11010519491231010X")


def _guaranteed(*shares: str | None) -> list[Person]:
    rest = [
        Person(Role.GUARANTOR, "保证人", number, None if share is None else Decimal(share))
        for number, share in zip(NUMBERS, shares, strict=False)
    ]
    return [BORROWER, *rest]


@pytest.mark.parametrize("shares", [(None, None), ("50", "50"), ("33.33", "33.33", "33.34")])
def test_shares_add_up(shares: tuple[str | None, ...]) -> None:
    rules.check_people(GUARANTORS, _guaranteed(*shares))


@pytest.mark.parametrize(
    ("people", "rule", "said"),
    [
        (_guaranteed(None), "roles", "保证人须至少 2 名"),
        (_guaranteed(None, None, None, None), "roles", "保证人最多 3 名"),
        (_guaranteed("50", None), "shares", "份额"),
        (_guaranteed("50", "49.99"), "shares", "100%"),
        (_guaranteed("100", "0"), "shares", "大于零"),
        ([replace(BORROWER, share_percent=Decimal(1)), *_guaranteed(None, None)[1:]], "shares", "只有保证人"),
    ],
)
def test_counts_and_shares(people: list[Person], rule: str, said: str) -> None:
    with pytest.raises(RuleBroken, match=said) as refused:
        rules.check_people(GUARANTORS, people)
    assert refused.value.rule == rule


PLEDGE = replace(PRODUCT, collateral=(CollateralRules(SecurityKind.PLEDGE, Decimal(50), insured=True),))
INSURED = Insurance("保险公司", "P1", Decimal(400_000), NOW.date())
THING = Collateral(SecurityKind.PLEDGE, "红木", "一件", "HM1", "完好", "仓库", Decimal("360000.00"), INSURED)


def test_the_pledge_rate_is_inclusive() -> None:
    check_collateral(PLEDGE, make_terms("180000.00"), [THING])
    check_collateral(PRODUCT, make_terms(), [])


@pytest.mark.parametrize(
    ("product", "amount", "things", "rule"),
    [
        (PLEDGE, "180000.01", [THING], "collateral_ratio"),
        (PLEDGE, "1000", [], "collateral"),
        (PLEDGE, "1000", [replace(THING, kind=SecurityKind.MORTGAGE)], "collateral"),
        (PLEDGE, "1000", [replace(THING, insurance=None)], "insurance"),
        (PRODUCT, "1000", [THING], "collateral"),
    ],
)
def test_collateral(product: Product, amount: str, things: list[Collateral], rule: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        check_collateral(product, make_terms(amount), things)
    assert refused.value.rule == rule


CARBON = replace(THING, name="碳票", insurance=None, subject=Subject.CARBON_TICKET, appraised_value=Decimal(100_000))
HOUSE = replace(
    CARBON, kind=SecurityKind.MORTGAGE, name="房屋", subject=Subject.REAL_ESTATE, appraised_value=Decimal(50_000)
)
MIXED = replace(
    PRODUCT,
    collateral=(
        CollateralRules(SecurityKind.MORTGAGE, subjects=(Subject.REAL_ESTATE,), required=False),
        CollateralRules(SecurityKind.PLEDGE, Decimal(70), subjects=(Subject.CARBON_TICKET,), required=False),
    ),
)


@pytest.mark.parametrize(
    ("things", "guaranteed", "most"),
    [
        ([CARBON], False, "70000.00"),
        ([CARBON, CARBON], False, "140000.00"),
        ([CARBON, HOUSE], False, "120000.00"),
        ([HOUSE, CARBON], False, "120000.00"),
        ([CARBON], True, None),
        ([CARBON, HOUSE], True, None),
        ([HOUSE], False, None),
    ],
)
def test_a_ratio_binds_what_its_own_things_secure(things: list[Collateral], guaranteed: bool, most: str | None) -> None:
    """Beside things without a ratio these carry the rest up to their value, and a guarantor any; credit never does."""
    cover = cover_of(MIXED, things, guaranteed=guaranteed)
    assert (None if cover is None or cover.most is None else cover.most) == (None if most is None else Decimal(most))
    allowed = most or "300000.00"
    check_collateral(MIXED, make_terms(allowed), things, guaranteed=guaranteed)
    if most is None:
        return
    with pytest.raises(RuleBroken, match="70%") as refused:
        check_collateral(MIXED, make_terms(str(Decimal(most) + Decimal("0.01"))), things, guaranteed=guaranteed)
    assert refused.value.rule == "collateral_ratio"
    assert ("其他担保财产的评估价值 50,000 元" in refused.value.message) is (HOUSE in things)


def test_no_loan_bears_more_than_the_law_protects() -> None:
    dear = replace(PRODUCT, loan=replace(LOAN, rate_max=None))
    rules.check_terms(dear, make_terms("180000", 12, "24"))
    with pytest.raises(RuleBroken, match="24%") as refused:
        rules.check_terms(dear, make_terms("180000", 12, "24.01"))
    assert refused.value.rule == "rate"


MANDATE = Mandate("代办取款", "代为签字", date(2026, 1, 1), date(2026, 1, 30))
POWER = replace(PRODUCT, loan=None, mandate=MandateRules(30))


def test_a_power_of_attorney_has_no_terms() -> None:
    rules.check_terms(POWER, None)
    rules.check_mandate(POWER, MANDATE)
    rules.check_mandate(PRODUCT, None)
    for product, terms in ((POWER, make_terms()), (PRODUCT, None)):
        with pytest.raises(RuleBroken) as refused:
            rules.check_terms(product, terms)
        assert refused.value.rule == "terms"


@pytest.mark.parametrize(
    ("product", "mandate"),
    [
        (POWER, None),
        (POWER, replace(MANDATE, scope=" ")),
        (POWER, replace(MANDATE, valid_until=date(2026, 1, 31))),
        (POWER, replace(MANDATE, valid_until=date(2025, 12, 31))),
        (PRODUCT, MANDATE),
    ],
)
def test_mandate(product: Product, mandate: Mandate | None) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_mandate(product, mandate)
    assert refused.value.rule == "mandate"
