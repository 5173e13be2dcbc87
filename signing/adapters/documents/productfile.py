"""The shape of a product's TOML file. What it does not know it refuses: a slip of the pen must not be overlooked."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from signing.adapters.documents import dialects
from signing.domain.case import RepaymentMethod
from signing.domain.interest import InterestBasis, InterestRule
from signing.domain.particulars import BorrowerKind, GuaranteeKind, Industry, Mode
from signing.domain.party import Role
from signing.domain.product import (
    CollateralRules,
    Condition,
    CoverRules,
    DocumentRule,
    IndustryLimit,
    InquiryRules,
    LenderKind,
    LoanRules,
    MandateRules,
    Pricing,
    Product,
    Retention,
    RoleRule,
    ScriptTemplate,
)
from signing.domain.security import SecurityKind, Subject


def _decimal(value: object) -> object:
    """Amounts and rates are written in quotes, since TOML reads bare ones as floats."""
    if not isinstance(value, str):
        raise ValueError("金额和利率须写在引号里")
    return value


def _several(value: object) -> object:
    """One may stand without brackets."""
    return [value] if isinstance(value, str) else value


Number = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0)]
Points = Annotated[Decimal, BeforeValidator(_decimal)]
"""Basis points, below zero too."""
Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z_]+$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ConditionTable(_Table):
    """The keys of a ``when``; as ``Condition``."""

    products: tuple[Name, ...] = ()
    roles: tuple[Role, ...] = ()
    without: tuple[Role, ...] = ()
    securities: tuple[SecurityKind, ...] = ()
    unsecured: bool | None = None
    amount_above: Number | None = None
    shares: bool | None = None
    signers: tuple[Role, ...] = ()
    subjects: tuple[Subject, ...] = ()
    papers: tuple[Name, ...] = ()
    lent: bool | None = None
    modes: tuple[Mode, ...] = ()
    first_time: bool | None = None
    renewal: bool | None = None
    guarantee: GuaranteeKind | None = None
    co_guarantors: bool | None = None

    def built(self) -> Condition:
        return Condition(**dict(self))


class _Pricing(_Table):
    points_max: Points | None = None
    points_min: Points | None = None
    lenders: tuple[LenderKind, ...] = ()
    one_year: bool = False


class _Industry(_Table):
    industry: Industry
    amount_max: Number


class _Interest(_Table):
    basis: InterestBasis = InterestBasis.MONTHS
    day_count: Literal[360, 365] = 360


class _Loan(_Table):
    amount_min: Number
    amount_max: Number | None = None
    term_months_min: int
    term_months_max: int | None = None
    rate_min: Number | None = None
    rate_max: Number | None = None
    repayment_methods: tuple[RepaymentMethod, ...]
    roster_line_required: bool
    electronic_only_up_to: Number
    list_kind: str = ""
    pricing: tuple[_Pricing, ...] = ()
    industries: tuple[_Industry, ...] = ()
    revolving_months_max: int | None = None
    certificate: bool = False
    bridging: bool = False
    renewal_without_repayment: bool = False
    interest: _Interest = _Interest()

    def built(self) -> LoanRules:
        pricing = tuple(Pricing(**dict(one)) for one in self.pricing)
        industries = tuple(IndustryLimit(**dict(one)) for one in self.industries)
        interest = InterestRule(self.interest.basis, self.interest.day_count)
        return LoanRules(**{**dict(self), "pricing": pricing, "industries": industries, "interest": interest})


class _Role(_Table):
    role: Role
    min: int
    max: int


class _Document(_Table):
    kind: Name
    signers: Annotated[tuple[Role, ...], Field(min_length=1)]
    when: ConditionTable = ConditionTable()


class _Line(_Table):
    text: Text
    expected: Literal["yes", "no"] | None = None
    roles: tuple[Role, ...] = ()
    when: ConditionTable = ConditionTable()


class _Collateral(_Table):
    kind: Literal[SecurityKind.MORTGAGE, SecurityKind.PLEDGE]
    ratio_max: Number | None = None
    insured: bool = False
    subjects: tuple[Subject, ...] = ()
    registered: bool = False
    required: bool = True
    modes: tuple[Mode, ...] = ()


class _Days(_Table):
    days_max: int


class _Cover(_Days):
    area_max: Number | None = None
    per_mu_max: Number | None = None


class ProductFile(_Table):
    """One file of ``pdf_templates/products``."""

    id: Name
    title: Text
    version: Text
    effective: date
    sources: Annotated[tuple[Text, ...], Field(min_length=1)]
    lender_kinds: Annotated[tuple[LenderKind, ...], Field(min_length=1)]
    roles: tuple[_Role, ...]
    documents: tuple[_Document, ...]
    script: tuple[_Line, ...]
    loan: _Loan | None = None
    collateral: tuple[_Collateral, ...] = ()
    mandate: _Days | None = None
    cover: _Cover | None = None
    inquiry: _Days | None = None
    borrower_kinds: tuple[BorrowerKind, ...] = ()
    modes: tuple[Mode, ...] = ()
    guarantee: Annotated[tuple[GuaranteeKind, ...], BeforeValidator(_several)] = ()
    retention: Retention
    valid_days: int | None = None

    def built(self) -> Product:
        return Product(
            product_id=self.id,
            title=self.title,
            version=self.version,
            effective=self.effective,
            lender_kinds=self.lender_kinds,
            roles=tuple(RoleRule(rule.role, rule.min, rule.max) for rule in self.roles),
            documents=tuple(DocumentRule(rule.kind, rule.signers, rule.when.built()) for rule in self.documents),
            script=tuple(
                ScriptTemplate(line.text, line.expected, line.roles, line.when.built(), dialects.of(line.text))
                for line in self.script
            ),
            loan=self.loan.built() if self.loan else None,
            collateral=tuple(CollateralRules(**dict(rule)) for rule in self.collateral),
            mandate=MandateRules(**dict(self.mandate)) if self.mandate else None,
            cover=CoverRules(**dict(self.cover)) if self.cover else None,
            inquiry=InquiryRules(**dict(self.inquiry)) if self.inquiry else None,
            borrower_kinds=self.borrower_kinds,
            modes=self.modes,
            guarantees=self.guarantee,
            retention=self.retention,
            valid_days=self.valid_days,
            sources=self.sources,
        )
