"""A valid case of a product, worked out from the product's own data: for examples, specimens and demonstrations."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal

from signing.domain import creditcode
from signing.domain.case import RepaymentMethod, Terms
from signing.domain.money import to_fen
from signing.domain.particulars import (
    PARTNER_TITLES,
    WITH_BUSINESS,
    BorrowerKind,
    BridgedLoan,
    Business,
    Cooperation,
    CreditInquiry,
    CropCover,
    FiscalCertificate,
    GuaranteeKind,
    Mode,
    Particulars,
    Renewal,
)
from signing.domain.party import Role
from signing.domain.product import CollateralRules, LenderKind, LoanRules, Product
from signing.domain.reference import Lpr
from signing.domain.security import SUBJECT_TITLES, Collateral, Insurance, Mandate, SecurityKind, Subject

ACCOUNT = "6217000000000000000"
_BODY = "91350823MA0000000"
CODE = _BODY + creditcode.check_character(_BODY)


@dataclass(frozen=True)
class Wanted:
    """What a sample is like where its product leaves room: amount in yuan, rate in percent, term in months."""

    day: date
    amount: Decimal = Decimal("180000.00")
    rate: Decimal = Decimal("3.85")
    months: int = 12
    lpr: Lpr | None = None
    """In force on ``day``; without it a rate that is bound to the LPR comes out unbound."""
    lender: LenderKind = LenderKind.RURAL_COOPERATIVE
    mode: Mode | None = None
    """None: the product's first one."""
    method: RepaymentMethod | None = None
    """None, or one that the product has not: its first one."""
    securities: tuple[SecurityKind | Subject, ...] = ()
    """Beside what the product needs: a guarantor, the first thing of a kind, or certain things."""
    full: bool = False
    """As many people and as much security as the product admits, otherwise as few and as little as it needs."""


@dataclass(frozen=True)
class Sample:
    roles: tuple[Role, ...]
    terms: Terms | None
    collateral: tuple[Collateral, ...]
    mandate: Mandate | None
    particulars: Particulars


def sample(product: Product, wanted: Wanted) -> Sample:
    mode = wanted.mode or (product.modes[0] if product.modes else None)
    terms = _terms(product.loan, wanted) if product.loan else None
    collateral = _collateral(product, terms, mode, wanted) if terms else ()
    return Sample(
        roles_of(product, collateral, full=wanted.full, guaranteed=SecurityKind.GUARANTEE in wanted.securities),
        terms,
        collateral,
        _mandate(wanted.day) if product.mandate else None,
        _particulars(product, terms, mode, wanted),
    )


def roles_of(
    product: Product, collateral: Sequence[Collateral], *, full: bool, guaranteed: bool = False
) -> tuple[Role, ...]:
    """A guarantor at least where ``guaranteed``; a mortgagor or pledgor only where there is something of theirs; a
    custodian where something is handed over."""
    kinds = {item.kind for item in collateral}
    idle = {Role.MORTGAGOR} if SecurityKind.MORTGAGE not in kinds else set()
    idle |= {Role.PLEDGOR, Role.CUSTODIAN} if SecurityKind.PLEDGE not in kinds else set()
    counts = [(rule, 0 if rule.role in idle and not rule.min_count else None) for rule in product.roles]
    least = {Role.GUARANTOR: 1} if guaranteed else {}
    return tuple(
        rule.role
        for rule, forced in counts
        for _ in range(
            (rule.max_count if full else max(rule.min_count, least.get(rule.role, 0))) if forced is None else forced
        )
    )


def _terms(loan: LoanRules, wanted: Wanted) -> Terms:
    limits = [limit for limit in (loan.amount_max, *(one.amount_max for one in loan.industries[:1])) if limit]
    amount = max(loan.amount_min, min([wanted.amount, *limits]))
    months = max(loan.term_months_min, min(wanted.months, loan.term_months_max or wanted.months))
    if loan.revolving_months_max is not None:
        months = min(months, loan.revolving_months_max)
    purpose = f"归还示范银行编号{BRIDGED_NO}的贷款" if loan.bridging else "购买茶苗与肥料"
    rate = _rate(loan, wanted, months)
    return Terms(amount, rate, months, _method(loan, wanted), purpose, ACCOUNT, loan.interest)


def _method(loan: LoanRules, wanted: Wanted) -> RepaymentMethod:
    return wanted.method if wanted.method in loan.repayment_methods else loan.repayment_methods[0]


def _rate(loan: LoanRules, wanted: Wanted, months: int) -> Decimal:
    """As near to the one that is wanted as the product lets it be."""
    low, high = loan.rate_min or Decimal(0), loan.rate_max or Decimal(99)
    pricing = next((one for one in loan.pricing if one.binds(wanted.lender)), None)
    if pricing and wanted.lpr:
        base = wanted.lpr.one_year if pricing.one_year else wanted.lpr.for_months(months)
        low = low if pricing.points_min is None else max(low, base + pricing.points_min / 100)
        high = high if pricing.points_max is None else min(high, base + pricing.points_max / 100)
    return min(max(wanted.rate, low), high)


def _collateral(product: Product, terms: Terms, mode: Mode | None, wanted: Wanted) -> tuple[Collateral, ...]:
    rules = [rule for rule in product.collateral if rule.holds_in(mode)]
    first = {rule.kind: rule for rule in reversed(rules)}
    lots = [
        (rule, subject)
        for rule in rules
        for subject in _subjects(rule, wanted, first=rule is first[rule.kind] and rule.kind in wanted.securities)
    ]
    return tuple(_lot(rule, subject, terms, wanted.day) for rule, subject in lots)


def _subjects(rule: CollateralRules, wanted: Wanted, *, first: bool) -> tuple[Subject | None, ...]:
    """``first``: whether it is the one that a kind by itself asks for."""
    if wanted.full:
        return rule.subjects or (None,)
    if named := tuple(subject for subject in rule.subjects if subject in wanted.securities):
        return named
    return (rule.subjects[:1] or (None,)) if rule.required or first else ()


THINGS = {
    Subject.REAL_ESTATE: ("住宅用房", "1 套", "闽（2026）上杭县不动产权第0000001号", "上杭县临城镇示范路 1 号"),
    Subject.CHATTEL: ("茶叶加工设备", "6 台", "设备编号 SB-01 至 SB-06", "上杭县示范茶厂"),
    Subject.LIVESTOCK: ("肉牛", "24 头", "耳标 SH0001 至 SH0024", "上杭县临城镇富古村养殖场"),
    Subject.FOREST_RIGHT: ("杉木林", "120 亩", "林权证 闽（2026）第0000002号，小班 003", "上杭县步云乡"),
    Subject.TEA_GARDEN: ("白茶茶园", "35 亩", "土地经营权证 第0000003号，地块 A1 至 A4", "福鼎市点头镇"),
    Subject.MOVABLES: ("大红酸枝原木", "8 根", "编号 HM-01 至 HM-08", "上杭县红木监管仓 3 号库"),
    Subject.PATENT_RIGHT: ("一种茶叶萎凋装置发明专利", "1 项", "专利号 ZL 2024 1 0000001.0", "国家知识产权局登记"),
    Subject.CARBON_TICKET: ("林业碳票", "3,200 吨", "碳票编号 TP-2026-0001", "上杭县林业局登记"),
    Subject.CARBON_SINK: ("林业碳汇收益权", "5,000 吨", "项目备案号 TH-2026-0001", "福建海峡资源环境交易中心"),
}
"""Of each subject: name, quantity, marks, place. All of it is fictitious."""


def _lot(rule: CollateralRules, subject: Subject | None, terms: Terms, day: date) -> Collateral:
    """Worth enough by itself; a whole number of yuan."""
    value = (terms.amount * 100 / (rule.ratio_max or 100)).quantize(Decimal(1), ROUND_UP)
    insured = Insurance("示范财产保险股份有限公司", "YZ2026000001", to_fen(value), day + timedelta(days=730))
    name, quantity, marks, place = THINGS[subject or _usual(rule.kind)]
    return Collateral(
        rule.kind,
        name,
        quantity,
        marks,
        "完好，权属清楚",
        place,
        to_fen(value),
        insured if rule.insured else None,
        subject,
        f"DJ-2026-{SUBJECT_TITLES[subject]}-0001" if subject and rule.registered else "",
    )


def _usual(kind: SecurityKind) -> Subject:
    return Subject.CHATTEL if kind is SecurityKind.MORTGAGE else Subject.MOVABLES


def _mandate(day: date) -> Mandate:
    matter, scope = "办理信用村授信贷款的申请、签约和支取", "代为提交资料、签署借款合同和借据、办理放款"
    return Mandate(matter, scope, day, day + timedelta(days=180))


BRIDGED_NO = "JK2025000001"


def _particulars(product: Product, terms: Terms | None, mode: Mode | None, wanted: Wanted) -> Particulars:
    loan, day = product.loan, wanted.day
    kind = product.borrower_kinds[0] if product.borrower_kinds else BorrowerKind.PERSON
    named = "" if mode is None or mode not in PARTNER_TITLES else f"示范{PARTNER_TITLES[mode]}"
    given = Particulars(
        borrower_kind=kind,
        business=Business("上杭县示范茶业合作社", CODE) if kind in WITH_BUSINESS else None,
        cooperation=None if mode is None else Cooperation(mode, named),
        guarantee=_guarantee(product, wanted),
        cover=_cover(day) if product.cover else None,
        inquiry=CreditInquiry("审核贷款申请", day + timedelta(days=30)) if product.inquiry else None,
    )
    return given if loan is None or terms is None else _of_loan(given, loan, terms, wanted)


def _guarantee(product: Product, wanted: Wanted) -> GuaranteeKind | None:
    """Of several kinds the last one where as much as possible is wanted."""
    return product.guarantees[-1 if wanted.full else 0] if product.guarantees else None


def _of_loan(given: Particulars, loan: LoanRules, terms: Terms, wanted: Wanted) -> Particulars:
    day, renewal = wanted.day, Renewal("JK2024000001", loan.renewal_without_repayment)
    certificate = FiscalCertificate("CZ-2026-0001", "上杭县财政局", day, day + timedelta(days=300))
    bridged = BridgedLoan("示范银行", BRIDGED_NO, terms.account, terms.amount, day + timedelta(days=5))
    return replace(
        given,
        industry=loan.industries[0].industry if loan.industries else None,
        certificate=certificate if loan.certificate else None,
        bridged=bridged if loan.bridging else None,
        revolving_months=loan.revolving_months_max,
        renewal=renewal if wanted.full and not loan.bridging else None,
    )


def _cover(day: date) -> CropCover:
    start = day + timedelta(days=1)
    return CropCover(
        "示范财产保险股份有限公司",
        "水稻",
        "上杭县临城镇富古村",
        Decimal("12.50"),
        Decimal("15000.00"),
        Decimal("450.00"),
        start,
        start + timedelta(days=364),
    )
