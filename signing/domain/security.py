"""What stands behind a debt besides the debtor's word, and what a power of attorney is about."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class SecurityKind(StrEnum):
    GUARANTEE = "guarantee"
    MORTGAGE = "mortgage"
    PLEDGE = "pledge"


SECURITY_TITLES = {
    SecurityKind.GUARANTEE: "保证",
    SecurityKind.MORTGAGE: "抵押",
    SecurityKind.PLEDGE: "质押",
}


class Subject(StrEnum):
    """What is mortgaged or pledged: which contract is drawn up, and which register knows it, follow from it."""

    REAL_ESTATE = "real_estate"
    CHATTEL = "chattel"
    LIVESTOCK = "livestock"
    FOREST_RIGHT = "forest_right"
    TEA_GARDEN = "tea_garden"
    MOVABLES = "movables"
    PATENT_RIGHT = "patent_right"
    CARBON_TICKET = "carbon_ticket"
    CARBON_SINK = "carbon_sink"


SUBJECT_TITLES = {
    Subject.REAL_ESTATE: "不动产",
    Subject.CHATTEL: "动产",
    Subject.LIVESTOCK: "活体畜禽",
    Subject.FOREST_RIGHT: "林权",
    Subject.TEA_GARDEN: "茶园",
    Subject.MOVABLES: "出质交付的动产",
    Subject.PATENT_RIGHT: "专利权",
    Subject.CARBON_TICKET: "林业碳票",
    Subject.CARBON_SINK: "碳汇权益",
}
SUBJECTS_OF = {
    SecurityKind.MORTGAGE: frozenset(
        {Subject.REAL_ESTATE, Subject.CHATTEL, Subject.LIVESTOCK, Subject.FOREST_RIGHT, Subject.TEA_GARDEN}
    ),
    SecurityKind.PLEDGE: frozenset(
        {Subject.MOVABLES, Subject.PATENT_RIGHT, Subject.CARBON_TICKET, Subject.CARBON_SINK}
    ),
}


@dataclass(frozen=True)
class Insurance:
    """On the collateral. ``sum_insured`` in yuan; an empty ``beneficiary`` is the lender."""

    insurer: str
    policy_no: str
    sum_insured: Decimal
    valid_until: date
    beneficiary: str = ""
    """The first one 第一受益人, by its full name."""


@dataclass(frozen=True)
class Collateral:
    """One lot of things that are pledged or mortgaged. ``appraised_value`` of the whole lot, in yuan.

    ``marks`` tells the things from others of their kind: piece numbers, ear tags (民法典 arts. 400 and 427).
    """

    kind: SecurityKind
    name: str
    quantity: str
    marks: str
    condition: str
    place: str
    appraised_value: Decimal
    insurance: Insurance | None = None
    subject: Subject | None = None
    """None where the product knows only one."""
    register_no: str = ""
    """Under which the register (动产融资统一登记公示系统, 国家知识产权局, 碳票登记) knows the security."""
    certificate_no: str = ""
    """Of the right itself: 不动产权证书, 林权证, patent, carbon ticket."""
    right_until: date | None = None
    """Last day of a right that ends by itself: use of the land, patent, carbon ticket."""

    @property
    def what(self) -> Subject:
        """Where it is not said: livestock is what was mortgaged and movables what was pledged before it was asked."""
        return self.subject or (Subject.LIVESTOCK if self.kind is SecurityKind.MORTGAGE else Subject.MOVABLES)


@dataclass(frozen=True)
class Mandate:
    """A power of attorney: matter, scope and term (民法典 art. 165). Both days are inside."""

    matter: str
    scope: str
    valid_from: date
    valid_until: date
    may_delegate: bool = False
    """Whether the attorney may appoint another in their place (民法典 art. 169)."""
