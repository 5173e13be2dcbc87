"""Proving templates and products on a specimen case before anybody is lent money by them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from signing.adapters.documents import catalogue, templates
from signing.adapters.documents.generate import PaperDocuments
from signing.adapters.documents.values import contract_values
from signing.domain.case import Case, Terms
from signing.domain.errors import InputError
from signing.domain.party import Party, Role
from signing.domain.product import Product
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


def specimen_case(product: Product) -> Case:
    """The largest and longest loan of a product, to one person in every role it needs."""
    parties = tuple(
        Party(f"specimen_{role}", role, "样本甲", "11010519491231002X", "13800000000")
        for role in product.roles_required or (Role.BORROWER,)
    )
    terms = Terms(
        amount=product.amount_max,
        annual_rate_percent=product.rate_max,
        term_months=product.term_months_max,
        repayment_method=product.repayment_methods[0],
        purpose="样本用途",
        account="6200000000000000000",
    )
    return Case(
        case_id="specimen",
        case_no="样本-00001",
        institution_id="specimen",
        branch_id="specimen",
        product_id=product.product_id,
        product_title=product.title,
        terms=terms,
        opened_at=AT,
        opened_by="",
        parties=parties,
    )


def specimens(product: Product) -> Sequence[Frozen]:
    """All documents of the product, filled with the specimen."""
    return PaperDocuments().generate(specimen_case(product), INSTITUTION, AT)


def faults() -> Iterator[str]:
    """What is wrong with any template or product, in Chinese; nothing where all is sound."""
    for kind in templates.kinds():
        try:
            yield from _template_faults(templates.load(kind))
        except InputError as error:
            yield error.message
    try:
        products = catalogue.products()
    except InputError as error:
        yield error.message
        return
    for product in products.values():
        yield from _product_faults(product)


def _template_faults(template: templates.Template) -> Iterator[str]:
    for text in template.texts():
        if text.count("**") % 2:
            yield f"{template.template_id}：加粗标记 ** 没有成对：{text[:20]}…"
    if not template.basis:
        yield f"{template.template_id}：没有写明法律依据 basis"


def _product_faults(product: Product) -> Iterator[str]:
    case = specimen_case(product)
    known = set(contract_values(case, INSTITUTION, case.parties[0], AT, "").values)
    texts = [(f"话术第 {number} 条", line.text) for number, line in enumerate(product.script, 1)]
    kinds = dict.fromkeys(kind for kinds in product.documents.values() for kind in kinds)
    texts += [(kind, text) for kind in kinds for text in templates.load(kind).texts()]
    used = [(where, name) for where, text in texts for name in templates.PLACEHOLDER.findall(text)]
    unknown = [(where, name) for where, name in used if name not in known]
    for where, name in unknown:
        yield f"{product.product_id} {where}：不认识的占位符 {{{name}}}"
    if not unknown:
        try:
            specimens(product)
        except InputError as error:
            yield f"{product.product_id}:{error.message}"
