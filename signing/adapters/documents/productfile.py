"""The shape of a product's TOML file. What it does not know it refuses: a slip of the pen must not be overlooked."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from signing.domain.case import RepaymentMethod
from signing.domain.party import Role
from signing.domain.product import (
    CollateralRules,
    Condition,
    DocumentRule,
    LenderKind,
    LoanRules,
    MandateRules,
    Product,
    RoleRule,
    ScriptTemplate,
)
from signing.domain.security import SecurityKind, Subject


def _decimal(value: object) -> object:
    """Amounts and rates are written in quotes, since TOML reads bare ones as floats."""
    if not isinstance(value, str):
        raise ValueError("金额和利率须写在引号里")
    return value


Number = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0)]
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

    def built(self) -> Condition:
        return Condition(**dict(self))


class _Loan(_Table):
    amount_min: Number
    amount_max: Number
    term_months_min: int
    term_months_max: int
    rate_min: Number
    rate_max: Number
    repayment_methods: tuple[RepaymentMethod, ...]
    roster_line_required: bool
    electronic_only_up_to: Number
    list_kind: str = ""
    lpr_points_max: Annotated[Decimal, BeforeValidator(_decimal)] | None = None


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
    ratio_max: Number
    insured: bool = False


class _Mandate(_Table):
    days_max: int


class ProductFile(_Table):
    """One file of ``pdf_templates/products``."""

    id: Name
    title: Text
    version: Text
    sources: Annotated[tuple[Text, ...], Field(min_length=1)]
    lender_kinds: Annotated[tuple[LenderKind, ...], Field(min_length=1)]
    roles: tuple[_Role, ...]
    documents: tuple[_Document, ...]
    script: tuple[_Line, ...]
    loan: _Loan | None = None
    collateral: _Collateral | None = None
    mandate: _Mandate | None = None
    valid_days: int | None = None

    def built(self) -> Product:
        return Product(
            product_id=self.id,
            title=self.title,
            version=self.version,
            lender_kinds=self.lender_kinds,
            roles=tuple(RoleRule(rule.role, rule.min, rule.max) for rule in self.roles),
            documents=tuple(DocumentRule(rule.kind, rule.signers, rule.when.built()) for rule in self.documents),
            script=tuple(
                ScriptTemplate(line.text, line.expected, line.roles, line.when.built()) for line in self.script
            ),
            loan=LoanRules(**dict(self.loan)) if self.loan else None,
            collateral=CollateralRules(**dict(self.collateral)) if self.collateral else None,
            mandate=MandateRules(**dict(self.mandate)) if self.mandate else None,
            valid_days=self.valid_days,
            sources=self.sources,
        )
