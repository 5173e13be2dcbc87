"""Proving templates and products on a specimen case before anybody is lent money by them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from signing.adapters.documents import catalogue, proving, template, templates
from signing.adapters.documents.generate import PaperDocuments
from signing.adapters.documents.templaterules import is_reference
from signing.adapters.documents.values import collateral_values, contract_values, facts_of
from signing.domain.case import Case, Terms
from signing.domain.errors import InputError
from signing.domain.money import to_fen
from signing.domain.party import Party, Role
from signing.domain.product import LoanRules, Product, documents_for
from signing.domain.security import Collateral, Insurance, Mandate
from signing.service.ports import Frozen, Institution

AT = datetime(2026, 1, 31, 4, 0, tzinfo=UTC)
INSTITUTION = Institution(
    institution_id="specimen",
    name="样本农村信用合作联社",
    seal_name="样本农村信用合作联社",
    address="样本省样本市样本县样本路1号",
    helpline="0000-0000000",
    representative="样本",
    credit_code="91350000MA00000000",
)


SURNAMES = "甲乙丙丁戊己庚辛壬癸"


def specimen_case(product: Product, *, full: bool = True) -> Case:
    """The largest and longest loan of a product, to as many people as it admits, or to as few as it needs."""
    counts = [(rule.role, rule.max_count if full else rule.min_count) for rule in product.roles]
    roles = [role for role, count in counts for _ in range(count)]
    shares = product.count(Role.GUARANTOR)[1] > 1 and full
    parties = tuple(
        Party(
            f"specimen_{number}",
            role,
            f"样本{SURNAMES[number - 1]}",
            "11010519491231002X",
            "13800000000",
            share_percent=_share(roles, number - 1) if shares and role is Role.GUARANTOR else None,
        )
        for number, role in enumerate(roles, 1)
    )
    return Case(
        case_id="specimen",
        case_no="样本-00001",
        institution_id="specimen",
        branch_id="specimen",
        product_id=product.product_id,
        product_title=product.title,
        terms=_terms(product.loan) if product.loan else None,
        opened_at=AT,
        opened_by="",
        parties=parties,
        collateral=(_collateral(product),) if product.collateral else (),
        mandate=_mandate() if product.mandate else None,
    )


def _share(roles: Sequence[Role], index: int) -> Decimal:
    """Equal shares; the last guarantor's absorbs the rounding."""
    places = [place for place, role in enumerate(roles) if role is Role.GUARANTOR]
    equal = (Decimal(100) / len(places)).quantize(Decimal("0.01"))
    return 100 - equal * (len(places) - 1) if index == places[-1] else equal


def _terms(loan: LoanRules) -> Terms:
    return Terms(
        amount=loan.amount_max,
        annual_rate_percent=loan.rate_max,
        term_months=loan.term_months_max,
        repayment_method=loan.repayment_methods[0],
        purpose="样本用途",
        account="6200000000000000000",
    )


def _collateral(product: Product) -> Collateral:
    assert product.collateral is not None
    assert product.loan is not None
    value = to_fen(product.loan.amount_max * 100 / product.collateral.ratio_max)
    insurance = Insurance("样本财产保险公司", "样本0001", value, AT.date())
    return Collateral(
        product.collateral.kind, "样本财产", "壹批", "样本0001至样本0009", "完好", "样本存放地", value, insurance
    )


def _mandate() -> Mandate:
    return Mandate("样本事项", "样本权限", AT.date(), AT.date())


def specimens(product: Product, *, full: bool = True) -> Sequence[Frozen]:
    """All documents of the product, filled with the specimen."""
    return PaperDocuments().generate(specimen_case(product, full=full), INSTITUTION, AT)


def faults() -> Iterator[str]:
    """What is wrong with any template or product, in Chinese; nothing where all is sound."""
    for kind in templates.kinds():
        yield from proving.template_faults(kind, templates.source(kind))
    try:
        products = catalogue.products()
    except InputError as error:
        yield error.message
        return
    for product in products.values():
        yield from _product_faults(product)


def _product_faults(product: Product) -> Iterator[str]:
    """With as many people as the product admits, and with as few as it needs: conditions differ."""
    told: set[str] = set()
    for full in (True, False):
        case = specimen_case(product, full=full)
        told |= set(_unknown(product, case))
    yield from sorted(told)
    if told:
        return
    for full in (True, False):
        try:
            specimens(product, full=full)
            PaperDocuments().script(specimen_case(product, full=full), INSTITUTION)
        except InputError as error:
            yield f"{product.product_id}：{error.message}"
            return


def _unknown(product: Product, case: Case) -> Iterator[str]:
    """Placeholders that stand for nothing in this case, each with where it stands."""
    lots = {name for item in case.collateral for name in collateral_values(item)}
    everybody = facts_of(case)
    for number, line in enumerate(product.script, 1):
        readers = [party for party in case.parties if line.is_for(party.role, everybody)]
        yield from _without_value(case, readers, (line.text,), set(), f"{product.product_id} 话术第 {number} 条")
    for planned in documents_for(product, everybody):
        paper = templates.load(planned.kind)
        signers = [party for party in case.parties if party.role in planned.signers]
        for people in [[party] for party in signers] if paper.each_signer else [signers]:
            facts = facts_of(case, people, {one.kind for one in documents_for(product, everybody)})
            texts = [text for part in paper.for_case(facts) for text in part.texts()]
            lots |= {name for name, field in paper.data.items() if field.optional}
            yield from _without_value(case, people[:1], texts, lots, f"{product.product_id} {planned.kind}")


def _without_value(
    case: Case, people: Sequence[Party], texts: Sequence[str], more: set[str], where: str
) -> Iterator[str]:
    names = [name for text in texts for name in template.PLACEHOLDER.findall(text)]
    for party in people:
        known = set(contract_values(case, INSTITUTION, (party,), AT, "").values) | more
        for name in names:
            if name not in known and not is_reference(name) and name.removesuffix("_in_words") not in known:
                yield f"{where}：不认识的占位符 {{{name}}}"
