"""Proving templates and products on a specimen case before anybody is lent money by them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from signing.adapters import reference_file
from signing.adapters.documents import catalogue, citations, dialects, proving, template, templates
from signing.adapters.documents.generate import PaperDocuments
from signing.adapters.documents.templaterules import is_reference, place
from signing.adapters.documents.values import collateral_values, contract_values, facts_of
from signing.domain.case import Case
from signing.domain.errors import InputError
from signing.domain.particulars import Mode
from signing.domain.party import Party, Role
from signing.domain.product import LoanRules, Product, documents_for
from signing.domain.reference import Lpr
from signing.domain.sample import Wanted, sample
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


LARGE, LONG = Decimal("1000000.00"), 36
"""A specimen's amount and term where its product sets no limit."""
SURNAMES = "甲乙丙丁戊己庚辛壬癸"


def specimen_case(product: Product, *, full: bool = True, mode: Mode | None = None) -> Case:
    """The largest and longest loan of a product, to as many people as it admits, or to as few as it needs."""
    made = sample(product, _wanted(product.loan, full=full, mode=mode))
    roles = made.roles
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
        terms=made.terms,
        opened_at=AT,
        opened_by="",
        parties=parties,
        collateral=made.collateral,
        mandate=made.mandate,
        particulars=made.particulars,
    )


def _wanted(loan: LoanRules | None, *, full: bool, mode: Mode | None) -> Wanted:
    day = AT.date()
    if loan is None:
        return Wanted(day, full=full)
    amount, rate = loan.amount_max or LARGE, loan.rate_max or Wanted.rate
    months = loan.term_months_max or LONG
    lpr = Lpr(day, Decimal("3.00"), Decimal("3.50"))
    return Wanted(day, amount, rate, months, lpr, mode=mode, full=full)


def _share(roles: Sequence[Role], index: int) -> Decimal:
    """Equal shares; the last guarantor's absorbs the rounding."""
    places = [place for place, role in enumerate(roles) if role is Role.GUARANTOR]
    equal = (Decimal(100) / len(places)).quantize(Decimal("0.01"))
    return 100 - equal * (len(places) - 1) if index == places[-1] else equal


def specimens(product: Product, *, full: bool = True) -> Sequence[Frozen]:
    """All documents of the product, filled with the specimen."""
    return PaperDocuments().generate(specimen_case(product, full=full), INSTITUTION, AT)


def faults() -> Iterator[str]:
    """What is wrong with any template or product, in Chinese; nothing where all is sound."""
    tables = [*reference_file.faults(), *citations.own_faults()]
    yield from tables
    if tables:
        return
    broken: list[str] = []
    for kind in templates.kinds():
        for name, text in templates.sources(kind).items():
            for fault in proving.template_faults(kind, text, name):
                broken.append(templates.file_of(kind, name))
                yield fault
    wrong = catalogue.faults()
    # A product of a broken paper would say the same once more.
    yield from (fault for fault in wrong if not any(file in fault for file in broken))
    if wrong:
        return
    yield from product_faults()
    editions = [one for known in catalogue.editions().values() for one in known]
    yield from dialects.unmatched(line.text for one in editions for line in one.script)


def product_faults() -> Iterator[str]:
    """What is wrong with what a product reads out or prints; the files themselves are sound."""
    for product in catalogue.products().values():
        yield from _product_faults(product)


Drawn = tuple[str, tuple[template.Part, ...], tuple[Role, ...]]
"""A paper's kind, what of its template is printed, and who signs: papers that share these differ in figures alone."""


def drawings(product: Product, case: Case) -> set[Drawn]:
    """What is drawn for the papers of a case."""
    planned = documents_for(product, facts_of(case))
    kinds = {one.kind for one in planned}
    found: set[Drawn] = set()
    for one in planned:
        paper = templates.load(one.kind)
        signers = [party for party in case.parties if party.role in one.signers]
        for people in [[party] for party in signers] if paper.each_signer else [signers]:
            roles = tuple(party.role for party in people)
            found.add((one.kind, paper.for_case(facts_of(case, people, kinds)), roles))
    return found


def _product_faults(product: Product) -> Iterator[str]:
    """With as many people as the product admits, and with as few as it needs, in each mode: conditions differ.

    Papers are proven by their templates' own samples, so that only their placeholders are looked at here.
    """
    modes = product.modes or (None,)
    cases = [specimen_case(product, full=full, mode=mode) for full in (True, False) for mode in modes]
    told = {fault for case in cases for fault in _unknown(product, case)}
    yield from sorted(told)
    if told:
        return
    for case in cases:
        try:
            PaperDocuments().script(case, INSTITUTION)
        except InputError as error:
            yield f"{product.product_id}：{error.message}"
            return


def _unknown(product: Product, case: Case) -> Iterator[str]:
    """Placeholders that stand for nothing in this case, each with where it stands."""
    lots = {name for item in case.collateral for name in collateral_values(item)}
    everybody = facts_of(case)
    for number, line in enumerate(product.script, 1):
        readers = [party for party in case.parties if line.is_for(party.role, everybody)]
        where = f"{_file_of(product, line.text)} 话术第 {number} 条"
        yield from _without_value(case, readers, (line.text,), set(), where)
    for planned in documents_for(product, everybody):
        paper = templates.load(planned.kind)
        signers = [party for party in case.parties if party.role in planned.signers]
        for people in [[party] for party in signers] if paper.each_signer else [signers]:
            facts = facts_of(case, people, {one.kind for one in documents_for(product, everybody)})
            texts = [text for part in paper.for_case(facts) for text in part.texts()]
            lots |= {name for name, field in paper.data.items() if field.optional}
            where = f"{product.title}的文书 {templates.file_of(planned.kind)}"
            yield from _without_value(case, people[:1], texts, lots, where)


def _file_of(product: Product, line: str) -> str:
    """``产品文件 NAME.toml 第 12 行``, where a file of the product has the line."""
    for name, text in catalogue.sources(product.product_id).items():
        if (found := place(text, line)) != "全文":
            return f"产品文件 {name} {found}"
    return product.product_id


def _without_value(
    case: Case, people: Sequence[Party], texts: Sequence[str], more: set[str], where: str
) -> Iterator[str]:
    names = [name for text in texts for name in template.PLACEHOLDER.findall(text)]
    for party in people:
        known = set(contract_values(case, INSTITUTION, (party,), AT, "").values) | more
        for name in names:
            if name not in known and not is_reference(name) and name.removesuffix("_in_words") not in known:
                yield f"{where}：不认识的占位符 {{{name}}}"
