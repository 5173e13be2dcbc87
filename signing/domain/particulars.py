"""What single products ask about a case beside its terms: who borrows, on whose support, in place of which loan.

All of it comes from outside (agent or credit system), so each is a field of the case, and a rule refuses what lacks.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class BorrowerKind(StrEnum):
    """As what somebody borrows. All of them sign as a natural person; a business is named beside them."""

    PERSON = "person"
    FARMER = "farmer"
    SELF_EMPLOYED = "self_employed"
    FAMILY_FARM = "family_farm"
    COOPERATIVE = "cooperative"
    SMALL_BUSINESS = "small_business"
    TAIWAN_FARMER = "taiwan_farmer"


BORROWER_TITLES = {
    BorrowerKind.PERSON: "自然人",
    BorrowerKind.FARMER: "农户",
    BorrowerKind.SELF_EMPLOYED: "个体工商户",
    BorrowerKind.FAMILY_FARM: "家庭农场",
    BorrowerKind.COOPERATIVE: "农民专业合作社",
    BorrowerKind.SMALL_BUSINESS: "小微企业主",
    BorrowerKind.TAIWAN_FARMER: "台农（在大陆从事农业的台湾同胞）",
}
WITH_BUSINESS = frozenset(
    {BorrowerKind.SELF_EMPLOYED, BorrowerKind.FAMILY_FARM, BorrowerKind.COOPERATIVE, BorrowerKind.SMALL_BUSINESS}
)
"""Whose business is registered and has a unified social credit code."""


@dataclass(frozen=True)
class Business:
    """What the borrower runs. ``credit_code`` as in GB 32100-2015."""

    name: str
    credit_code: str


class Industry(StrEnum):
    FARMING = "farming"
    AGRI_MANUFACTURING = "agri_manufacturing"


INDUSTRY_TITLES = {Industry.FARMING: "种植、养殖", Industry.AGRI_MANUFACTURING: "农产品加工制造"}


class Mode(StrEnum):
    """Who stands behind a loan with the lender, where a product knows several ways."""

    UNSECURED = "unsecured"
    BANK_GOVERNMENT = "bank_government"
    BANK_GOVERNMENT_GUARANTEE = "bank_government_guarantee"
    BANK_GOVERNMENT_INSURANCE = "bank_government_insurance"
    GOVERNMENT_BACKED = "government_backed"
    MORTGAGE_BUYBACK = "mortgage_buyback"


MODE_TITLES = {
    Mode.UNSECURED: "信用",
    Mode.BANK_GOVERNMENT: "银政",
    Mode.BANK_GOVERNMENT_GUARANTEE: "银政担",
    Mode.BANK_GOVERNMENT_INSURANCE: "银政保",
    Mode.GOVERNMENT_BACKED: "政府增信",
    Mode.MORTGAGE_BUYBACK: "抵押加收储",
}
PARTNER_TITLES = {
    Mode.BANK_GOVERNMENT: "合作的政府部门",
    Mode.BANK_GOVERNMENT_GUARANTEE: "政府性融资担保机构",
    Mode.BANK_GOVERNMENT_INSURANCE: "保险公司",
    Mode.GOVERNMENT_BACKED: "提供增信的政府部门或者机构",
    Mode.MORTGAGE_BUYBACK: "承诺收储的机构",
}
"""Whom a mode names beside the lender; the others name nobody."""


@dataclass(frozen=True)
class Cooperation:
    """``partner`` is empty where the mode names nobody."""

    mode: Mode
    partner: str = ""


class GuaranteeKind(StrEnum):
    """民法典 art. 686: what is not stated is general."""

    JOINT = "joint_and_several"
    GENERAL = "general"


GUARANTEE_TITLES = {GuaranteeKind.JOINT: "连带责任保证", GuaranteeKind.GENERAL: "一般保证"}


@dataclass(frozen=True)
class Renewal:
    """Of which contract the loan is the renewal 续贷. ``without_repayment``: 无还本续贷."""

    contract_no: str
    without_repayment: bool = False


@dataclass(frozen=True)
class FiscalCertificate:
    """财政支持证明; both days are inside."""

    number: str
    issuer: str
    issued_on: date
    valid_until: date


@dataclass(frozen=True)
class BridgedLoan:
    """The one loan that a bridging loan repays. ``outstanding`` in yuan; ``account``: where it is repaid."""

    lender: str
    contract_no: str
    account: str
    outstanding: Decimal
    due: date


@dataclass(frozen=True)
class CropCover:
    """A crop insurance. ``area_mu`` in 亩, sums in yuan; both days are inside."""

    insurer: str
    crop: str
    place: str
    area_mu: Decimal
    sum_insured: Decimal
    premium: Decimal
    valid_from: date
    valid_until: date


@dataclass(frozen=True)
class CreditInquiry:
    """What a stand-alone authorisation is for and until when it holds (征信业管理条例 art. 18)."""

    purpose: str
    valid_until: date


@dataclass(frozen=True)
class Particulars:
    """None and empty: not stated, because the product does not ask."""

    borrower_kind: BorrowerKind = BorrowerKind.PERSON
    business: Business | None = None
    industry: Industry | None = None
    first_time: bool = False
    """A first loan 首贷."""
    renewal: Renewal | None = None
    cooperation: Cooperation | None = None
    guarantee: GuaranteeKind | None = None
    """None: as the product and its contract state it."""
    certificate: FiscalCertificate | None = None
    bridged: BridgedLoan | None = None
    revolving_months: int | None = None
    """How long the line may be drawn on again 循环期限."""
    cover: CropCover | None = None
    inquiry: CreditInquiry | None = None


NOTHING_MORE = Particulars()


def told(given: Particulars) -> list[tuple[str, str]]:
    """What is stated, as (title, words) for a person to read; nothing of what was left at its default."""
    rows = [
        ("借款主体", "" if given.borrower_kind is BorrowerKind.PERSON else BORROWER_TITLES[given.borrower_kind]),
        ("经营主体", f"{given.business.name}（{given.business.credit_code}）" if given.business else ""),
        ("行业", INDUSTRY_TITLES[given.industry] if given.industry else ""),
        ("首贷", "是" if given.first_time else ""),
        ("续贷", _renewal(given.renewal)),
        ("合作模式", _cooperation(given.cooperation)),
        ("保证方式", GUARANTEE_TITLES[given.guarantee] if given.guarantee else ""),
        ("财政支持证明", f"{given.certificate.number}（{given.certificate.issuer}）" if given.certificate else ""),
        ("待归还的贷款", f"{given.bridged.lender} {given.bridged.contract_no}" if given.bridged else ""),
        ("循环期限", f"{given.revolving_months} 个月" if given.revolving_months else ""),
        ("投保", f"{given.cover.crop} {given.cover.area_mu:f} 亩" if given.cover else ""),
        ("查询用途", given.inquiry.purpose if given.inquiry else ""),
    ]
    return [row for row in rows if row[1]]


def _renewal(renewal: Renewal | None) -> str:
    if renewal is None:
        return ""
    return f"原合同 {renewal.contract_no}{'，无还本' if renewal.without_repayment else ''}"


def _cooperation(cooperation: Cooperation | None) -> str:
    if cooperation is None:
        return ""
    return MODE_TITLES[cooperation.mode] + (f"（{cooperation.partner}）" if cooperation.partner else "")
