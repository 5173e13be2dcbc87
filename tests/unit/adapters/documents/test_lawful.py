"""What the contracts say where the law leaves no choice, printed from cases of the products that use them."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from signing.adapters.documents import catalogue, checking, templates
from signing.adapters.documents.checking import AT, INSTITUTION, specimen_case
from signing.adapters.documents.template import fill
from signing.adapters.documents.values import contract_values, facts_of
from signing.domain.case import Case
from signing.domain.errors import InputError
from signing.domain.particulars import Renewal
from signing.domain.party import Party, Role
from signing.domain.product import documents_for

LOANS = ("personal_loan_contract", "maximum_amount_loan_contract")


def printed(case: Case, kind: str, role: Role = Role.BORROWER) -> str:
    """All clauses that the paper has for the first one of ``role``; references to articles stay as they are."""
    template = templates.load(kind)
    planned = documents_for(catalogue.product(case.product_id), facts_of(case))
    papers = {one.kind for one in planned} | {kind}
    people = [party for party in case.parties if party.role is role][:1]
    facts = facts_of(case, people, papers)
    values = dict(contract_values(case, INSTITUTION, people, AT, template.code, papers).values)
    values |= {name: f"<{name}>" for name in template.placeholders() if name not in values}
    clauses = [clause.text for part in template.for_case(facts) for clause in part.clauses]
    return "\n".join(fill(text, values) for text in clauses).replace("**", "")


def case_of(product_id: str, *, full: bool = True) -> Case:
    return specimen_case(catalogue.product(product_id), full=full)


def people(case: Case, *roles: Role) -> Case:
    made = [
        Party(f"p{number}", role, f"样本{number}", "11010519491231002X", "13800000000")
        for number, role in enumerate(roles)
    ]
    return replace(case, parties=tuple(made))


@pytest.mark.parametrize("kind", LOANS)
def test_a_co_borrower_owes_the_whole(kind: str) -> None:
    case = case_of("white_tea_loan", full=False)
    alone, both = people(case, Role.BORROWER), people(case, Role.BORROWER, Role.CO_BORROWER)
    assert "连带责任" not in printed(alone, kind)
    assert "共同借款人样本1与借款人对本合同项下的全部债务承担连带责任" in printed(both, kind)


@pytest.mark.parametrize("kind", LOANS)
@pytest.mark.parametrize(
    ("rate", "late", "misused"), [("3.85", "5.775", "7.70"), ("15", "22.50", "24.00"), ("24", "24.00", "24.00")]
)
def test_no_penalty_is_above_what_is_protected(kind: str, rate: str, late: str, misused: str) -> None:
    case = case_of("white_tea_loan", full=False)
    assert case.terms
    text = printed(replace(case, terms=replace(case.terms, annual_rate_percent=Decimal(rate))), kind)
    assert f"按年利率{late}%（在借款利率基础上加收50%，最高不超过年利率24%）计收罚息" in text
    assert f"按年利率{misused}%（在借款利率基础上加收100%，最高不超过年利率24%）计收罚息" in text
    assert "不超过以未还本金按年利率24%计算的数额" in text


@pytest.mark.parametrize(
    ("product_id", "kind", "role"),
    [
        ("fiscal_quick_loan", "guarantee_contract", Role.GUARANTOR),
        ("sci_tech_commissioner_loan", "mortgage_contract", Role.MORTGAGOR),
        ("sci_tech_commissioner_loan", "pledge_contract", Role.PLEDGOR),
    ],
)
def test_whoever_stands_for_a_renewal_says_that_they_know(product_id: str, kind: str, role: Role) -> None:
    """担保制度的解释 art. 16: who did not know that new money repays old answers for nothing."""
    case = case_of(product_id)
    fresh = replace(case, particulars=replace(case.particulars, renewal=None))
    renewed = replace(case, particulars=replace(case.particulars, renewal=Renewal("JK2024000001")))
    assert "知道并同意：主合同是编号JK2024000001的借款合同的续贷" in printed(renewed, kind, role)
    assert "知道并同意" not in printed(fresh, kind, role)


def test_a_guarantor_of_a_bridging_loan_knows_which_loan_it_repays() -> None:
    case = case_of("bridging_loan")
    bridged = case.particulars.bridged
    assert bridged
    text = printed(case, "guarantee_contract", Role.GUARANTOR)
    assert f"只用于归还{bridged.lender}编号{bridged.contract_no}的贷款，保证人仍然自愿提供保证" in text
    assert text.count("知道并同意") == 1, "of one purpose only, whatever the sample could say besides"
    assert not [line for line in catalogue.product("bridging_loan").script if line.when.renewal]


@pytest.mark.parametrize("product_id", sorted(catalogue.products()))
def test_whoever_stands_for_a_renewal_is_asked_about_it(product_id: str) -> None:
    product = catalogue.product(product_id)
    lines = [line for line in product.script if line.when.renewal]
    stand = {Role.GUARANTOR, Role.MORTGAGOR, Role.PLEDGOR} & {rule.role for rule in product.roles}
    for role in stand if lines else ():
        assert any(role in line.roles and line.expected == "yes" for line in lines), role


def test_a_guarantor_owes_no_more_than_the_debtor() -> None:
    """担保制度的解释 art. 3: no penalty of the guarantor's own."""
    text = printed(case_of("multi_guarantor_loan"), "guarantee_contract", Role.GUARANTOR)
    assert "在任何情形下都不超过债务人应当承担的责任范围" in text
    assert "迟延履行责任" not in text


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("shares", [True, False])
def test_one_guarantor_is_not_spoken_of_as_several(count: int, shares: bool) -> None:
    case = people(case_of("sci_tech_commissioner_loan", full=False), Role.BORROWER, *[Role.GUARANTOR] * count)
    share = Decimal(100) / count if shares else None
    given = [replace(one, share_percent=share if one.role is Role.GUARANTOR else None) for one in case.parties]
    text = printed(replace(case, parties=tuple(given)), "guarantee_contract", Role.GUARANTOR)
    assert ("各保证人" in text) is (count > 1)
    assert ("保证人样本1一人提供保证" in text) is (count == 1)
    assert ("只能向债务人追偿，不能要求其他保证人分担" in text) is (count > 1)
    assert ("按照份额承担" in text) is (count > 1 and shares)


def test_only_one_person_is_married_to_the_borrower() -> None:
    """The undertaking says 配偶 of whoever signs it."""
    text = (templates.root() / "products" / "bridging_loan.toml").read_text(encoding="utf-8")
    two = re.sub(r'(role = "co_borrower"\nmin = 0\nmax = )1', r"\g<1>2", text)
    assert two != text
    with pytest.raises(InputError, match=r"第 \d+ 行 documents\[4\].kind：配偶只有一位"):
        catalogue.read("bridging_loan.toml", two)


def test_what_ships_is_lawful_as_far_as_a_program_can_tell() -> None:
    assert list(checking.faults()) == []


@pytest.mark.parametrize("kind", templates.kinds())
def test_people_sign_right_beneath_what_they_declare(kind: str) -> None:
    """The signatures keep company with the last paragraph: it has to be the declaration, not a remark about papers."""
    before = templates.load(kind).parts[-2]
    last = before.clauses[-1].text if before.clauses else before.text.strip().split("\n")[-1]
    assert "声明：" in last
