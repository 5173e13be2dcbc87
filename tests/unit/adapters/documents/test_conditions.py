"""Papers, clauses and lines that follow from product, people and security: nobody picks them by hand."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from signing.adapters.documents import PaperDocuments, catalogue, generate, templates
from signing.adapters.documents.checking import AT, INSTITUTION, specimen_case, specimens
from signing.adapters.documents.values import facts_of
from signing.domain.case import Case
from signing.domain.particulars import GUARANTEE_TITLES, NOTHING_MORE, GuaranteeKind
from signing.domain.party import Party, Role
from signing.domain.product import documents_for
from signing.domain.security_rules import settled_guarantee
from signing.service.ports import Frozen

ALONE = {"personal_loan_contract": [[Role.BORROWER]]}
SPOUSE = {
    "personal_loan_contract": [[Role.BORROWER, Role.CO_BORROWER]],
    "joint_repayment_undertaking": [[Role.CO_BORROWER]],
}
OF_EACH = {
    "credit_inquiry_authorisation",
    "personal_information_consent",
    "electronic_delivery_address_confirmation",
    "signing_interview_record",
}
WITHOUT_SHARES = "各保证人未约定保证份额"
WITH_SHARES = "各保证人按照份额承担保证责任"


def drawn(case: Case) -> Sequence[Frozen]:
    return PaperDocuments().generate(case, INSTITUTION, AT)


def papers_of(case: Case, *kinds: str) -> dict[str, Frozen]:
    """The first of each kind that is asked for; the others are not drawn, which takes its time."""
    product = catalogue.product(case.product_id)
    plan = generate._plan(product, case, AT.date())
    wanted = {one[0]: one for one in reversed(plan) if one[0] in kinds}
    there = {kind for kind, _, _ in plan}
    draw = PaperDocuments().paper
    return {kind: draw(one, case, INSTITUTION, AT, there, product.script) for kind, one in wanted.items()}


def words(one: Frozen, folder: Path) -> str:
    path = folder / "paper.pdf"
    path.write_bytes(one.pdf)
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    return re.sub(r"\s", "", done.stdout)


def roles_of(case: Case, one: Frozen) -> list[Role]:
    by_id = {party.party_id: party.role for party in case.parties}
    return [by_id[party_id] for party_id in one.fields]


@pytest.mark.parametrize(
    ("product_id", "full", "papers"),
    [
        ("village_credit_line", False, ALONE),
        (
            "multi_guarantor_loan",
            False,
            {**ALONE, "guarantee_contract": [[Role.GUARANTOR]] * 2},
        ),
        (
            "multi_guarantor_loan",
            True,
            {
                "personal_loan_contract": [[Role.BORROWER, Role.CO_BORROWER]],
                "joint_repayment_undertaking": [[Role.CO_BORROWER]],
                "guarantee_contract": [[Role.GUARANTOR]] * 5,
            },
        ),
        ("rosewood_pledge_loan", False, {**ALONE, "pledge_contract": [[Role.BORROWER, Role.CUSTODIAN]]}),
        (
            "rosewood_pledge_loan",
            True,
            {**SPOUSE, "pledge_contract": [[Role.PLEDGOR, Role.PLEDGOR, Role.CUSTODIAN]]},
        ),
        ("cattle_mortgage_loan", False, {**ALONE, "mortgage_contract": [[Role.BORROWER]]}),
        ("cattle_mortgage_loan", True, {**SPOUSE, "mortgage_contract": [[Role.MORTGAGOR, Role.MORTGAGOR]]}),
        ("power_of_attorney", True, {"power_of_attorney": [[Role.PRINCIPAL, Role.ATTORNEY]]}),
    ],
)
def test_the_papers_and_their_signers_follow(product_id: str, full: bool, papers: dict[str, list[list[Role]]]) -> None:
    case = specimen_case(catalogue.product(product_id), full=full)
    if case.terms:
        case = _lent(product_id, "180000.00", full=full)
    made = drawn(case)
    for kind in templates.kinds():
        if kind not in OF_EACH:
            signed = [roles_of(case, one) for one in made if one.kind == kind]
            assert signed == papers.get(kind, signed if kind == "personal_loan_contract" else []), kind
    informed = [party_id for one in made if one.kind == "personal_information_consent" for party_id in one.fields]
    assert informed == [party.party_id for party in case.parties], "everyone consents for themself"
    asked = [role for one in made if one.kind == "credit_inquiry_authorisation" for role in roles_of(case, one)]
    assert not set(asked) & {Role.CUSTODIAN, Role.PRINCIPAL, Role.ATTORNEY}, "no credit is inquired of these"


def _lent(product_id: str, amount: str, *, full: bool = True) -> Case:
    """A sample whose loan is no matter what its security is worth."""
    case = specimen_case(catalogue.product(product_id), full=full)
    assert case.terms
    return replace(case, terms=replace(case.terms, amount=Decimal(amount)))


LOANS = sorted(product_id for product_id, product in catalogue.products().items() if product.loan)


@pytest.mark.parametrize("product_id", LOANS)
def test_who_is_liable_for_a_large_loan_signs_two_papers_more(product_id: str) -> None:
    """Above what the electronic channel may conclude alone; a custodian is not liable."""
    product = catalogue.product(product_id)
    assert product.loan
    limit = product.loan.electronic_only_up_to
    cases: list[tuple[Decimal, set[str]]] = [(limit, set()), (limit + Decimal("0.01"), set(OF_LARGE))]
    for amount, more in cases:
        facts = facts_of(_lent(product_id, str(amount)))
        planned = {one.kind: one.signers for one in documents_for(product, facts)}
        assert set(OF_LARGE) & set(planned) == more
        for paper in more:
            assert set(planned[paper]) == set(facts.roles) - {Role.CUSTODIAN}
    assert list(planned)[-2:] == OF_LARGE, "after the contracts that they are about"


def test_a_guarantor_of_a_small_loan_signs_three_papers() -> None:
    """Each paper more is one that somebody of sixty-five has to read."""
    case = _lent("multi_guarantor_loan", "180000.00")
    first = next(party for party in case.parties if party.role is Role.GUARANTOR)
    plan = generate._plan(catalogue.product(case.product_id), case, AT.date())
    signed = [kind for kind, signers, _ in plan if first in signers]
    assert signed == ["credit_inquiry_authorisation", "personal_information_consent", "guarantee_contract"]


def test_the_schedule_is_signed_once_with_its_contract(tmp_path: Path) -> None:
    for product_id in LOANS:
        kinds = {rule.kind for rule in catalogue.product(product_id).documents}
        assert ("personal_loan_contract" in kinds) != ("repayment_schedule" in kinds), product_id
    case = specimen_case(catalogue.product("white_tea_loan"), full=False)
    wanted = ("maximum_amount_loan_contract", "repayment_schedule", "mortgage_contract")
    made = {kind: words(one, tmp_path) for kind, one in papers_of(case, *wanted).items()}
    assert "循环使用" in made["maximum_amount_loan_contract"]
    assert "按照一次用足最高借款额度计算" in made["repayment_schedule"]
    assert "最高额抵押合同" in made["mortgage_contract"]


OF_LARGE = ["electronic_delivery_address_confirmation", "signing_interview_record"]


def test_shares_are_stated_to_all_guarantors_or_to_none(tmp_path: Path) -> None:
    shared = specimen_case(catalogue.product("multi_guarantor_loan"))
    whole = replace(shared, parties=tuple(replace(party, share_percent=None) for party in shared.parties))
    for case, said, unsaid, amount in (
        (shared, WITH_SHARES, WITHOUT_SHARES, "100,000.00"),
        (whole, WITHOUT_SHARES, WITH_SHARES, "500,000.00"),
    ):
        text = words(papers_of(case, "guarantee_contract")["guarantee_contract"], tmp_path)
        assert said in text
        assert unsaid not in text
        assert amount in text
        assert "连带责任保证" in text
        told = [line.text for line in PaperDocuments().script(case, INSTITUTION)]
        assert any(amount in line for line in told)


def test_each_guarantor_is_told_their_own_share() -> None:
    case = specimen_case(catalogue.product("multi_guarantor_loan"))
    shares = iter([Decimal(10), Decimal(15), Decimal(20), Decimal(25), Decimal(30)])
    people = tuple(
        replace(party, share_percent=next(shares)) if party.role is Role.GUARANTOR else party for party in case.parties
    )
    lines = PaperDocuments().script(replace(case, parties=people), INSTITUTION)
    for party, amount in zip(people[2:], ("50,000", "75,000", "100,000", "125,000", "150,000"), strict=True):
        own = [line.text for line in lines if line.party_ids == (party.party_id,)]
        assert any(f"{amount}.00元" in text and "您的份额" in text for text in own), party.name


def test_articles_refer_to_each_other_by_the_number_they_are_printed_with(tmp_path: Path) -> None:
    """The security's article stands between others only where there is security."""
    for product_id, article in (("village_credit_line", "第五条"), ("multi_guarantor_loan", "第五条")):
        case = specimen_case(catalogue.product(product_id))
        text = words(papers_of(case, "personal_loan_contract")["personal_loan_contract"], tmp_path)
        assert f"{article}借款的发放与支付" in text
        assert f"在{article}所列账户内存足" in text
        assert ("条担保" in text) == (product_id == "multi_guarantor_loan")
        assert "{" not in text
    consent = next(
        one for one in specimens(catalogue.product("power_of_attorney")) if one.kind == "personal_information_consent"
    )
    assert "撤回的方法见第六条" in words(consent, tmp_path)


def test_each_lot_is_listed_with_its_own_marks(tmp_path: Path) -> None:
    case = specimen_case(catalogue.product("cattle_mortgage_loan"))
    (lot,) = case.collateral
    two = replace(case, collateral=(lot, replace(lot, name="母牛", marks="耳标 B1 至 B9")))
    text = words(papers_of(two, "mortgage_contract")["mortgage_contract"], tmp_path)
    for wanted in ("抵押财产清单（一）", "抵押财产清单（二）", "耳标SH0001至SH0024", "耳标B1至B9", "第一受益人"):
        assert wanted in text


def test_lines_are_read_to_those_they_are_for() -> None:
    case = specimen_case(catalogue.product("rosewood_pledge_loan"))
    by_role: dict[Role, Party] = {party.role: party for party in case.parties}
    lines = PaperDocuments().script(case, INSTITUTION)
    custodian, borrower = by_role[Role.CUSTODIAN].party_id, by_role[Role.BORROWER].party_id
    watched = [line for line in lines if "监管人" in line.text]
    assert watched
    assert all(line.party_ids == (custodian,) for line in watched)
    assert any(line.expected == "no" and line.is_for(custodian) for line in lines), "a question to think about"
    assert not any("只能用于" in line.text and line.is_for(custodian) for line in lines)
    assert any("只能用于" in line.text and line.is_for(borrower) for line in lines)


def test_what_is_mortgaged_and_what_is_pledged_go_into_contracts_of_their_own(tmp_path: Path) -> None:
    case = specimen_case(catalogue.product("sci_tech_commissioner_loan"))
    kinds = ("mortgage_contract", "pledge_contract", "personal_loan_contract")
    made = papers_of(case, *kinds)
    mortgage, pledge, loan = (words(made[kind], tmp_path) for kind in kinds)
    assert mortgage.count("附件抵押财产清单（") == 5, "each lot once"
    assert pledge.count("附件质押财产清单（") == 4
    assert "大红酸枝原木" in pledge
    assert "大红酸枝原木" not in mortgage
    assert "杉木林" not in pledge
    owners = {party.role: party.name for party in case.parties}
    assert f"抵押人{owners[Role.MORTGAGOR]}" in mortgage
    assert f"出质人{owners[Role.PLEDGOR]}" in pledge
    assert f"由{owners[Role.MORTGAGOR]}以住宅用房" in loan
    assert f"由{owners[Role.PLEDGOR]}以大红酸枝原木" in loan


@pytest.mark.parametrize(
    ("kind", "said", "unsaid"),
    [
        (GuaranteeKind.JOINT, "可以直接请求保证人", "先诉抗辩权），但是有下列情形之一的除外"),
        (GuaranteeKind.GENERAL, "先诉抗辩权），但是有下列情形之一的除外", "可以直接请求保证人"),
    ],
)
def test_the_guarantee_is_of_the_kind_that_the_case_states(
    kind: GuaranteeKind, said: str, unsaid: str, tmp_path: Path
) -> None:
    """民法典 arts. 686 to 688 and 693; in the contract, in the loan's, and in what is read out."""
    case = specimen_case(catalogue.product("sci_tech_commissioner_loan"))
    case = replace(case, particulars=replace(case.particulars, guarantee=kind))
    title, (other,) = GUARANTEE_TITLES[kind], set(GuaranteeKind) - {kind}
    made = papers_of(case, "guarantee_contract", "personal_loan_contract")
    contract = words(made["guarantee_contract"], tmp_path)
    assert f"本合同的保证方式为{title}" in contract
    assert f"知道这是{title}" in contract
    assert f"签署前请您务必阅读（{title}）" in contract
    assert said in contract
    assert unsaid not in contract
    assert f"提供{title}" in words(made["personal_loan_contract"], tmp_path)
    told = "".join(line.text for line in PaperDocuments().script(case, INSTITUTION))
    assert f"保证方式是{title}" in told
    assert f"保证方式是{GUARANTEE_TITLES[other]}" not in told


def test_a_product_that_knows_one_kind_of_guarantee_states_it_for_the_case() -> None:
    product = catalogue.product("multi_guarantor_loan")
    roles = [Role.BORROWER, Role.GUARANTOR]
    assert settled_guarantee(product, NOTHING_MORE, roles).guarantee is GuaranteeKind.JOINT
    assert settled_guarantee(product, NOTHING_MORE, roles[:1]).guarantee is None
    either = catalogue.product("sci_tech_commissioner_loan")
    assert settled_guarantee(either, NOTHING_MORE, roles).guarantee is None, "this one has to be chosen"
