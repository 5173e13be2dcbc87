"""Each product of the catalogue: a case worked out from its own data passes, and one just beyond a limit does not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from signing.adapters.documents import catalogue
from signing.domain.beijing import BEIJING
from signing.domain.case import RepaymentMethod, Terms
from signing.domain.errors import RuleBroken
from signing.domain.idcard import check_character
from signing.domain.particulars import (
    NOTHING_MORE,
    BorrowerKind,
    BridgedLoan,
    Business,
    Cooperation,
    CreditInquiry,
    CropCover,
    FiscalCertificate,
    GuaranteeKind,
    Industry,
    Mode,
    Particulars,
    Renewal,
)
from signing.domain.party import Role
from signing.domain.product import LenderKind, Product
from signing.domain.reference import Lpr
from signing.domain.risk.catalogue import BY_KEY
from signing.domain.risk.facts import Facts, Subject
from signing.domain.sample import CODE, Wanted, sample
from signing.domain.security import Mandate, SecurityKind
from signing.domain.security import Subject as What
from signing.service.commands import SYSTEM, OpenCase, PartyDraft
from signing.service.handlers.cases import check_facts, settled
from tests.paper import INSTITUTION

NOW = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
DAY = NOW.astimezone(BEIJING).date()
LPR = Lpr(date(2026, 11, 20), Decimal("3.00"), Decimal("3.50"))
FEN = Decimal("0.01")
PRODUCTS = sorted(catalogue.products())

Change = Callable[[OpenCase], OpenCase]


def number(serial: int) -> str:
    body = f"35082319800101{serial:03d}"
    return body + check_character(body)


def valid(product: Product, *, full: bool = False, mode: Mode | None = None) -> OpenCase:
    made = sample(product, Wanted(DAY, lpr=LPR, full=full, mode=mode))
    parties = tuple(
        PartyDraft(role, "丁大山", number(serial), "13800138000") for serial, role in enumerate(made.roles, 1)
    )
    return OpenCase(
        SYSTEM,
        product.product_id,
        made.terms,
        parties,
        collateral=made.collateral,
        mandate=made.mandate,
        particulars=made.particulars,
    )


MIXES = (
    (SecurityKind.GUARANTEE, SecurityKind.MORTGAGE, SecurityKind.PLEDGE),
    (What.TEA_GARDEN, What.CARBON_SINK),
    (SecurityKind.GUARANTEE, What.CARBON_TICKET),
    (What.CARBON_TICKET, What.CARBON_SINK, What.PATENT_RIGHT),
)


@pytest.mark.parametrize("securities", MIXES)
def test_a_mix_of_securities_passes(securities: tuple[SecurityKind | What, ...]) -> None:
    product = catalogue.product("sci_tech_commissioner_loan")
    made = sample(product, Wanted(DAY, lpr=LPR, securities=securities))
    parties = tuple(
        PartyDraft(role, "丁大山", number(serial), "13800138000") for serial, role in enumerate(made.roles, 1)
    )
    command = OpenCase(
        SYSTEM, product.product_id, made.terms, parties, collateral=made.collateral, particulars=made.particulars
    )
    check(command)
    given = {item.kind for item in made.collateral} | {item.subject for item in made.collateral}
    given |= {SecurityKind.GUARANTEE} if Role.GUARANTOR in made.roles else set()
    assert set(securities) <= given


def unguaranteed(change: Change) -> Change:
    def make(command: OpenCase) -> OpenCase:
        changed = change(command)
        return replace(changed, parties=tuple(one for one in changed.parties if one.role is not Role.GUARANTOR))

    return make


def check(command: OpenCase, lender: LenderKind = LenderKind.RURAL_COOPERATIVE) -> None:
    """The rules of the product, then those of risk that its data feed."""
    product, institution = catalogue.product(command.product_id), replace(INSTITUTION, lender_kind=lender)
    command = settled(command, product, institution)
    check_facts(command, product, institution, NOW)
    listed = frozenset({product.loan.list_kind} if product.loan else ())
    people = tuple(
        Subject(str(place), one.role, one.name, one.name, one.id_number, one.phone, list_kinds=listed)
        for place, one in enumerate(command.parties)
    )
    facts = Facts(NOW, NOW, people, command.terms, product.loan, lpr=LPR, lender=lender)
    for key in ("list_membership", "lpr_cap", "lpr_floor"):
        for hit in BY_KEY[key].judge(facts, {}):
            raise RuleBroken(key, hit.reason, hit.hint)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("product_id", PRODUCTS)
def test_a_case_from_the_products_own_data_passes(product_id: str, full: bool) -> None:
    product = catalogue.product(product_id)
    for mode in product.modes or (None,):
        check(valid(product, full=full, mode=mode))


def terms(**change: Any) -> Change:
    def changed(command: OpenCase) -> OpenCase:
        assert command.terms
        return replace(command, terms=replace(command.terms, **change))

    return changed


def stated(**change: Any) -> Change:
    return lambda command: replace(command, particulars=replace(command.particulars, **change))


def things(**change: Any) -> Change:
    return lambda command: replace(command, collateral=tuple(replace(item, **change) for item in command.collateral))


def certificate(issued: int, until: int) -> FiscalCertificate:
    return FiscalCertificate("CZ1", "财政局", DAY + timedelta(days=issued), DAY + timedelta(days=until))


def bridged(**change: Any) -> Change:
    def changed(command: OpenCase) -> OpenCase:
        assert command.particulars.bridged
        return stated(bridged=replace(command.particulars.bridged, **change))(command)

    return changed


def covered(**change: Any) -> Change:
    def changed(command: OpenCase) -> OpenCase:
        assert command.particulars.cover
        return stated(cover=replace(command.particulars.cover, **change))(command)

    return changed


def without_collateral(command: OpenCase) -> OpenCase:
    return replace(command, collateral=())


def one_guarantor(command: OpenCase) -> OpenCase:
    """All but the last one go."""
    return replace(command, parties=command.parties[:1] + command.parties[-1:])


def whole(change: Change) -> Change:
    """Of a case with all people and all security that the product admits."""
    return lambda command: change(valid(catalogue.product(command.product_id), full=True))


def only(subject: What, value: Decimal) -> Change:
    def changed(command: OpenCase) -> OpenCase:
        (lot,) = (item for item in command.collateral if item.subject is subject)
        return replace(command, collateral=(replace(lot, appraised_value=value),))

    return changed


def bought_back(command: OpenCase) -> OpenCase:
    return valid(catalogue.product(command.product_id), mode=Mode.MORTGAGE_BUYBACK)


BEYOND: dict[str, list[tuple[Change, str]]] = {
    "village_credit_line": [
        (terms(amount=Decimal("300000.01")), "amount"),
        (terms(term_months=37), "term"),
        (terms(annual_rate_percent=Decimal("12.01")), "rate"),
        (stated(renewal=Renewal(" ")), "renewal"),
        (stated(renewal=Renewal("JK1", True)), "renewal_without_repayment"),
        (stated(renewal=Renewal("JK1"), first_time=True), "first_time"),
        (stated(guarantee=GuaranteeKind.JOINT), "guarantee_kind"),
    ],
    "multi_guarantor_loan": [
        (terms(amount=Decimal("500000.01")), "amount"),
        (one_guarantor, "roles"),
        (stated(guarantee=GuaranteeKind.GENERAL), "guarantee_kind"),
    ],
    "rural_revitalisation_loan": [
        (terms(amount=Decimal("10000000.01")), "amount"),
        (terms(annual_rate_percent=Decimal("4.0001")), "lpr_cap"),
        (stated(cooperation=None), "mode"),
        (stated(cooperation=Cooperation(Mode.UNSECURED)), "mode"),
        (stated(cooperation=Cooperation(Mode.BANK_GOVERNMENT_GUARANTEE)), "mode_partner"),
        (stated(borrower_kind=BorrowerKind.PERSON), "borrower_kind"),
        (stated(borrower_kind=BorrowerKind.COOPERATIVE), "business"),
        (stated(borrower_kind=BorrowerKind.COOPERATIVE, business=Business("社", CODE[:-1] + "I")), "business"),
        (stated(business=Business("社", CODE)), "business"),
    ],
    "fiscal_quick_loan": [
        (terms(amount=Decimal("10000000.01")), "amount"),
        (terms(annual_rate_percent=Decimal("3.5999")), "rate"),
        (stated(certificate=None), "fiscal_certificate"),
        (stated(certificate=certificate(-9, -1)), "fiscal_certificate"),
        (stated(certificate=certificate(1, 9)), "fiscal_certificate"),
    ],
    "taiwan_farmer_loan": [
        (terms(term_months=37), "term"),
        (terms(amount=Decimal("4000000.01")), "industry_amount"),
        (stated(industry=None), "industry"),
        (stated(borrower_kind=BorrowerKind.FARMER), "borrower_kind"),
    ],
    "bridging_loan": [
        (stated(bridged=None), "bridged_loan"),
        (bridged(account="6228000000000000000"), "bridged_account"),
        (bridged(outstanding=Decimal("179999.99")), "bridged_amount"),
        (bridged(contract_no="JK999"), "bridged_purpose"),
        (stated(renewal=Renewal("JK1")), "renewal"),
        (terms(repayment_method=RepaymentMethod.EQUAL_INSTALMENT), "repayment_method"),
    ],
    "tea_chain_loan": [
        (terms(amount=Decimal("5000000.01")), "amount"),
        (terms(annual_rate_percent=Decimal("2.5001")), "lpr_cap"),
        (terms(annual_rate_percent=Decimal("2.4999")), "lpr_floor"),
    ],
    "cattle_mortgage_loan": [
        (things(appraised_value=Decimal("299999.99")), "collateral_ratio"),
        (things(insurance=None), "insurance"),
        (lambda command: things(insurance=insured_for(command, "示范饲料公司"))(command), "insurance_beneficiary"),
        (things(kind=SecurityKind.PLEDGE), "collateral"),
        (without_collateral, "collateral"),
    ],
    "rosewood_pledge_loan": [
        (things(appraised_value=Decimal("299999.99")), "collateral_ratio"),
        (without_collateral, "collateral"),
        (lambda command: replace(command, parties=command.parties[:1]), "roles"),
    ],
    "crop_wildlife_insurance": [
        (stated(cover=None), "cover"),
        (covered(area_mu=Decimal(0)), "cover_area"),
        (covered(premium=Decimal("15000.01")), "cover_sum"),
        (covered(valid_from=DAY - timedelta(days=1)), "cover_term"),
        (covered(valid_until=DAY + timedelta(days=367)), "cover_term"),
        (stated(first_time=True), "renewal"),
        (lambda command: replace(command, terms=some_terms()), "terms"),
    ],
    "ip_pledge_loan": [
        (things(register_no=" "), "register"),
        (things(subject=What.CARBON_TICKET), "collateral_subject"),
        (things(kind=SecurityKind.MORTGAGE), "collateral"),
        (without_collateral, "collateral"),
        (stated(borrower_kind=BorrowerKind.TAIWAN_FARMER), "borrower_kind"),
    ],
    "sci_tech_commissioner_loan": [
        (whole(stated(guarantee=None)), "guarantee_kind"),
        (whole(things(subject=None)), "collateral_subject"),
        (whole(unguaranteed(only(What.CARBON_TICKET, Decimal("257142.85")))), "collateral_ratio"),
        (whole(lambda command: replace(command, parties=command.parties + command.parties[-1:])), "roles"),
        (stated(cooperation=Cooperation(Mode.UNSECURED)), "mode"),
    ],
    "white_tea_loan": [
        (terms(amount=Decimal("2000000.01")), "amount"),
        (terms(annual_rate_percent=Decimal("3.8499")), "rate"),
        (terms(term_months=37), "term"),
        (stated(revolving_months=37), "revolving_term"),
        (stated(revolving_months=None), "revolving_term"),
        (stated(revolving_months=11), "revolving_term"),
        (things(subject=What.FOREST_RIGHT), "collateral_subject"),
        (without_collateral, "collateral"),
    ],
    "forest_prosperity_loan": [
        (stated(cooperation=None), "mode"),
        (stated(cooperation=Cooperation(Mode.BANK_GOVERNMENT, "财政局")), "mode"),
        (stated(cooperation=Cooperation(Mode.GOVERNMENT_BACKED)), "mode_partner"),
        (stated(cooperation=Cooperation(Mode.UNSECURED, "收储公司")), "mode_partner"),
        (stated(cooperation=Cooperation(Mode.MORTGAGE_BUYBACK)), "mode_partner"),
        (stated(cooperation=Cooperation(Mode.MORTGAGE_BUYBACK, "收储公司")), "collateral"),
        (lambda command: stated(cooperation=Cooperation(Mode.UNSECURED))(bought_back(command)), "collateral"),
        (lambda command: things(subject=What.REAL_ESTATE)(bought_back(command)), "collateral_subject"),
    ],
    "forest_right_mortgage_loan": [
        (without_collateral, "collateral"),
        (things(subject=What.TEA_GARDEN), "collateral_subject"),
        (things(kind=SecurityKind.PLEDGE, subject=What.CARBON_SINK), "collateral"),
        (stated(revolving_months=12), "revolving_term"),
    ],
    "forest_carbon_ticket_loan": [
        (things(appraised_value=Decimal("257142.85")), "collateral_ratio"),
        (terms(annual_rate_percent=Decimal("2.4999")), "lpr_floor"),
        (things(subject=What.CARBON_SINK), "collateral_subject"),
        (without_collateral, "collateral"),
    ],
    "carbon_sink_pledge_loan": [
        (things(appraised_value=Decimal("257142.85")), "collateral_ratio"),
        (things(subject=What.CARBON_TICKET), "collateral_subject"),
        (without_collateral, "collateral"),
    ],
    "credit_inquiry_only": [
        (stated(inquiry=None), "inquiry"),
        (stated(inquiry=CreditInquiry(" ", DAY)), "inquiry"),
        (stated(inquiry=CreditInquiry("审核", DAY + timedelta(days=180))), "inquiry"),
        (stated(inquiry=CreditInquiry("审核", DAY - timedelta(days=1))), "inquiry"),
    ],
    "power_of_attorney": [
        (lambda command: replace(command, mandate=None), "mandate"),
        (lambda command: replace(command, mandate=Mandate("事", "权", DAY, DAY + timedelta(days=365))), "mandate"),
        (lambda command: replace(command, terms=some_terms()), "terms"),
    ],
}
"""Product → what is changed in a valid case, and the rule that must refuse it."""


def insured_for(command: OpenCase, beneficiary: str) -> object:
    insurance = command.collateral[0].insurance
    assert insurance
    return replace(insurance, beneficiary=beneficiary)


def some_terms() -> Terms:
    return Terms(Decimal(10_000), Decimal(3), 12, RepaymentMethod.BULLET, "购买茶苗", "6217000000000000000")


@pytest.mark.parametrize("product_id", PRODUCTS)
def test_one_just_beyond_a_limit_is_refused_by_that_rule(product_id: str) -> None:
    product = catalogue.product(product_id)
    assert BEYOND[product_id], "every product has limits"
    for change, rule in BEYOND[product_id]:
        with pytest.raises(RuleBroken) as refused:
            check(change(valid(product)))
        assert refused.value.rule == rule, refused.value.message
        assert refused.value.hint, "it says what to do"
        assert not set("abcdefghijklmnopqrstuvwxyz") & set(refused.value.message.replace("LPR", "")), "in Chinese"


NEVER_ASKED = [
    (stated(industry=Industry.FARMING), "industry"),
    (stated(cooperation=Cooperation(Mode.UNSECURED)), "mode"),
    (stated(certificate=certificate(0, 1)), "fiscal_certificate"),
    (stated(bridged=BridgedLoan("银行", "JK1", "6217000000000000000", Decimal(1), DAY)), "bridged_loan"),
    (stated(revolving_months=12), "revolving_term"),
    (stated(cover=CropCover("保险", "稻", "村", Decimal(1), Decimal(1), Decimal(1), DAY, DAY)), "cover"),
    (stated(inquiry=CreditInquiry("审核", DAY)), "inquiry"),
]


@pytest.mark.parametrize(("change", "rule"), NEVER_ASKED, ids=[rule for _, rule in NEVER_ASKED])
def test_what_a_product_does_not_ask_about_must_not_be_stated(change: Change, rule: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        check(change(valid(catalogue.product("village_credit_line"))))
    assert refused.value.rule == rule


def test_only_the_lenders_it_is_for_lend_it() -> None:
    command = valid(catalogue.product("village_credit_line"))
    with pytest.raises(RuleBroken, match="只由农村信用社") as refused:
        check(command, LenderKind.LARGE_BANK)
    assert refused.value.rule == "lender_kind"


@pytest.mark.parametrize(
    ("lender", "rate", "allowed"),
    [
        (LenderKind.RURAL_COOPERATIVE, "4.00", True),
        (LenderKind.OTHER, "4.0001", False),
        (LenderKind.LARGE_BANK, "3.00", True),
        (LenderKind.LARGE_BANK, "3.0001", False),
        (LenderKind.POLICY_BANK, "3.0001", False),
    ],
)
def test_the_revitalisation_loan_is_priced_by_the_kind_of_lender(lender: LenderKind, rate: str, allowed: bool) -> None:
    """One-year LPR even for more than five years: the five years' is 3.50."""
    command = terms(annual_rate_percent=Decimal(rate), term_months=72)(
        valid(catalogue.product("rural_revitalisation_loan"))
    )
    if allowed:
        check(command, lender)
        return
    with pytest.raises(RuleBroken) as refused:
        check(command, lender)
    assert refused.value.rule == "lpr_cap"


def test_a_carbon_ticket_is_lent_on_for_half_a_point_below_the_quote() -> None:
    command = valid(catalogue.product("forest_carbon_ticket_loan"))
    check(terms(annual_rate_percent=Decimal("2.50"))(command))
    check(things(appraised_value=Decimal("257142.86"))(command))


def test_one_loan_may_have_every_kind_of_security_or_none() -> None:
    product = catalogue.product("sci_tech_commissioner_loan")
    assert not valid(product).collateral
    command = valid(product, full=True)
    assert {item.kind for item in command.collateral} == {SecurityKind.MORTGAGE, SecurityKind.PLEDGE}
    for kept in SecurityKind.MORTGAGE, SecurityKind.PLEDGE:
        check(replace(command, collateral=tuple(item for item in command.collateral if item.kind is kept)))
    for kind in GuaranteeKind:
        check(stated(guarantee=kind)(command))


def test_a_taiwan_farmer_who_manufactures_may_have_more() -> None:
    command = stated(industry=Industry.AGRI_MANUFACTURING)(valid(catalogue.product("taiwan_farmer_loan")))
    check(terms(amount=Decimal("15000000.00"))(command))
    with pytest.raises(RuleBroken, match="15,000,000"):
        check(terms(amount=Decimal("15000000.01"))(command))


def test_a_power_of_attorney_says_nothing_of_a_loan() -> None:
    power = valid(catalogue.product("power_of_attorney"))
    assert power.particulars == NOTHING_MORE
    for given in (Particulars(first_time=True), Particulars(borrower_kind=BorrowerKind.FARMER)):
        with pytest.raises(RuleBroken):
            check(replace(power, particulars=given))


def test_every_product_is_told_apart_by_its_limits_and_its_papers() -> None:
    """The table of products: no row is there twice, and none lends above the electronic limit unseen."""
    found = catalogue.products()
    assert len({product.title for product in found.values()}) == len(found)
    for product in found.values():
        assert product.documents
        if product.loan:
            assert product.loan.electronic_only_up_to == Decimal("200000.00")
        consented = [rule for rule in product.documents if rule.kind == "personal_information_consent"]
        assert {role for rule in consented for role in rule.signers} == {rule.role for rule in product.roles}
        inquired = {
            r for rule in product.documents if rule.kind == "credit_inquiry_authorisation" for r in rule.signers
        }
        assert not inquired & {Role.CUSTODIAN, Role.ATTORNEY, Role.PRINCIPAL}
