"""A product of the catalogue: what may be lent, to whom, on which security, with which documents and which script.

The people, the papers and the lines of a case follow from its product and its facts: nobody picks them by hand.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from signing.domain.case import Reference, RepaymentMethod
from signing.domain.interest import BY_MONTHS, InterestRule
from signing.domain.particulars import BorrowerKind, GuaranteeKind, Industry, Mode
from signing.domain.party import Role
from signing.domain.security import SecurityKind, Subject


class LenderKind(StrEnum):
    POLICY_BANK = "policy_bank"
    LARGE_BANK = "large_bank"
    RURAL_COOPERATIVE = "rural_cooperative"
    OTHER = "other"


LENDER_TITLES = {
    LenderKind.POLICY_BANK: "政策性银行",
    LenderKind.LARGE_BANK: "大型商业银行",
    LenderKind.RURAL_COOPERATIVE: "农村信用社、农村商业银行、农村合作银行",
    LenderKind.OTHER: "其他银行业金融机构",
}


@dataclass(frozen=True)
class CaseFacts:
    """What documents, clauses and lines depend on. ``roles`` has one entry a person; ``amount`` in yuan."""

    product_id: str
    roles: tuple[Role, ...]
    securities: frozenset[SecurityKind] = frozenset()
    amount: Decimal | None = None
    shares: bool = False
    """Whether the guarantors answer for stated shares (民法典 art. 699)."""
    signers: tuple[Role, ...] = ()
    """The roles of those who sign the paper at hand."""
    subjects: frozenset[Subject] = frozenset()
    """What is mortgaged or pledged."""
    papers: frozenset[str] = frozenset()
    """The kinds of all papers of the case."""
    mode: Mode | None = None
    first_time: bool = False
    renewal: bool = False
    guarantee: GuaranteeKind | None = None
    """What its guarantors are; None where it has none."""


@dataclass(frozen=True)
class Condition:
    """Holds where everything it names is so; an empty one always holds."""

    products: tuple[str, ...] = ()
    """One of them is the case's."""
    roles: tuple[Role, ...] = ()
    """All of them are present."""
    without: tuple[Role, ...] = ()
    """None of them is present."""
    securities: tuple[SecurityKind, ...] = ()
    """All of them are given."""
    unsecured: bool | None = None
    amount_above: Decimal | None = None
    shares: bool | None = None
    signers: tuple[Role, ...] = ()
    """One of them signs the paper at hand."""
    subjects: tuple[Subject, ...] = ()
    """One of them is mortgaged or pledged."""
    lent: bool | None = None
    """Whether money is lent at all."""
    papers: tuple[str, ...] = ()
    """One of them is drawn up for the case; only for what is within a paper, since it does not choose papers."""
    modes: tuple[Mode, ...] = ()
    """One of them is the case's."""
    first_time: bool | None = None
    renewal: bool | None = None
    guarantee: GuaranteeKind | None = None
    co_guarantors: bool | None = None
    """Whether several people guarantee, not one alone."""

    def holds(self, facts: CaseFacts) -> bool:
        return (
            (not self.products or facts.product_id in self.products)
            and set(self.roles) <= set(facts.roles)
            and not set(self.without) & set(facts.roles)
            and set(self.securities) <= facts.securities
            and self.unsecured in (None, not facts.securities)
            and (self.amount_above is None or (facts.amount is not None and facts.amount > self.amount_above))
            and self.shares in (None, facts.shares)
            and (not self.signers or bool(set(self.signers) & set(facts.signers)))
            and (not self.subjects or bool(set(self.subjects) & facts.subjects))
            and self.lent in (None, facts.amount is not None)
            and (not self.papers or bool(set(self.papers) & facts.papers))
            and (not self.modes or facts.mode in self.modes)
            and self.first_time in (None, facts.first_time)
            and self.renewal in (None, facts.renewal)
            and self.guarantee in (None, facts.guarantee)
            and self.co_guarantors in (None, facts.roles.count(Role.GUARANTOR) > 1)
        )


ALWAYS = Condition()


@dataclass(frozen=True)
class RoleRule:
    """How many people a case needs and may have in a role."""

    role: Role
    min_count: int
    max_count: int


@dataclass(frozen=True)
class DocumentRule:
    """A paper, who signs it, and when the case needs it."""

    kind: str
    signers: tuple[Role, ...]
    when: Condition = ALWAYS


@dataclass(frozen=True)
class PlannedDocument:
    """A paper this case needs; ``signers`` are the roles that are present, in signing order."""

    kind: str
    signers: tuple[Role, ...]


@dataclass(frozen=True)
class ScriptTemplate:
    """One line an agent reads out. ``text`` holds placeholders such as ``{amount}``; ``expected`` as in the case."""

    text: str
    expected: str | None = None
    roles: tuple[Role, ...] = ()
    """Whom it is read to; everyone where empty."""
    when: Condition = ALWAYS
    references: tuple[Reference, ...] = ()
    """With placeholders of the line's own."""

    def is_for(self, role: Role, facts: CaseFacts) -> bool:
        return (not self.roles or role in self.roles) and self.when.holds(facts)


@dataclass(frozen=True)
class Pricing:
    """How far a rate may be from the LPR, in basis points; below it where negative. None: no limit on that side.

    ``one_year``: always from the one-year LPR, otherwise from that of the loan's term. No ``lenders``: of all kinds.
    """

    points_max: Decimal | None = None
    points_min: Decimal | None = None
    lenders: tuple[LenderKind, ...] = ()
    one_year: bool = False

    def binds(self, lender: LenderKind) -> bool:
        return not self.lenders or lender in self.lenders


@dataclass(frozen=True)
class IndustryLimit:
    """The most that may be lent to an industry, in yuan."""

    industry: Industry
    amount_max: Decimal


@dataclass(frozen=True)
class LoanRules:
    """Amounts in yuan, rates in percent a year, terms in months; every limit is inside, and None where there is none.

    ``electronic_only_up_to`` is the largest amount that the electronic channel may conclude alone
    (个人贷款管理办法 art. 26).
    """

    amount_min: Decimal
    amount_max: Decimal | None
    term_months_min: int
    term_months_max: int | None
    rate_min: Decimal | None
    rate_max: Decimal | None
    repayment_methods: tuple[RepaymentMethod, ...]
    roster_line_required: bool
    electronic_only_up_to: Decimal
    list_kind: str = ""
    """The kind of list 名单 the borrower must be on, as the institution's lists name it; empty where none."""
    pricing: tuple[Pricing, ...] = ()
    industries: tuple[IndustryLimit, ...] = ()
    """Where there are any, the case says which one, and its limit holds beside ``amount_max``."""
    revolving_months_max: int | None = None
    """The longest time for which the line may be drawn on again; None where it may not."""
    certificate: bool = False
    """Whether a certificate of fiscal support is needed."""
    bridging: bool = False
    """Whether its only purpose is to repay one named loan."""
    renewal_without_repayment: bool = False
    """Whether it may be renewed with the principal unpaid 无还本续贷."""
    interest: InterestRule = BY_MONTHS
    """An institution may have another day count."""


@dataclass(frozen=True)
class CollateralRules:
    """``ratio_max``: the amount in percent of the appraised value, at most (质押率, 抵押率); None where not limited.

    ``modes``: only in these; always where empty. ``required``: whether a case must have it.
    """

    kind: SecurityKind
    ratio_max: Decimal | None = None
    insured: bool = False
    subjects: tuple[Subject, ...] = ()
    registered: bool = False
    """Whether the register's reference must be there."""
    required: bool = True
    modes: tuple[Mode, ...] = ()

    def holds_in(self, mode: Mode | None) -> bool:
        return not self.modes or mode in self.modes


@dataclass(frozen=True)
class CoverRules:
    """Of a crop insurance: area in 亩, sum insured for each of them in yuan, term in days."""

    area_max: Decimal | None
    per_mu_max: Decimal | None
    days_max: int


class Retention(StrEnum):
    """How long what belongs to a case is kept, and from when."""

    LOAN = "loan"
    INSURANCE = "insurance"
    AUTHORISATION = "authorisation"


RETENTION_TITLES = {
    Retention.LOAN: "业务关系结束后十年",
    Retention.INSURANCE: "保险期间一年以内的，自保险合同终止起五年；超过一年的，十年",
    Retention.AUTHORISATION: "授权终止后十年",
}


@dataclass(frozen=True)
class MandateRules:
    days_max: int


@dataclass(frozen=True)
class InquiryRules:
    """Of a stand-alone credit-inquiry authorisation."""

    days_max: int


@dataclass(frozen=True)
class Product:
    """``loan`` is None where nothing is lent. Documents and script lines are in the order of the call."""

    product_id: str
    title: str
    version: str
    lender_kinds: tuple[LenderKind, ...]
    roles: tuple[RoleRule, ...]
    documents: tuple[DocumentRule, ...]
    script: tuple[ScriptTemplate, ...]
    loan: LoanRules | None = None
    collateral: tuple[CollateralRules, ...] = ()
    mandate: MandateRules | None = None
    cover: CoverRules | None = None
    inquiry: InquiryRules | None = None
    borrower_kinds: tuple[BorrowerKind, ...] = ()
    """As what the borrower may borrow; anybody where empty."""
    modes: tuple[Mode, ...] = ()
    """Where there are any, the case is in one of them."""
    guarantees: tuple[GuaranteeKind, ...] = ()
    """What its guarantors may be; empty where it has none. Where there are two, a case states one (民法典 art. 686)."""
    retention: Retention = Retention.LOAN
    effective: date = date.min
    """The first day on which it may be used; until the next edition's."""
    valid_days: int | None = None
    """How long a case stays open for signing; None: as long as the institution says."""
    sources: tuple[str, ...] = ()

    @property
    def guarantee(self) -> GuaranteeKind | None:
        """What its guarantors are where the product knows one kind only."""
        return self.guarantees[0] if len(self.guarantees) == 1 else None

    def count(self, role: Role) -> tuple[int, int]:
        """(fewest, most) people in ``role``; (0, 0) for one the product does not know."""
        return next(((rule.min_count, rule.max_count) for rule in self.roles if rule.role is role), (0, 0))


def documents_for(product: Product, facts: CaseFacts) -> tuple[PlannedDocument, ...]:
    """The papers of a case in signing order, each with the roles that sign it. Empty ones are left out."""
    planned = (
        PlannedDocument(rule.kind, tuple(role for role in rule.signers if role in facts.roles))
        for rule in product.documents
        if rule.when.holds(facts)
    )
    return tuple(document for document in planned if document.signers)
