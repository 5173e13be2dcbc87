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


@dataclass(frozen=True)
class Insurance:
    """On the collateral; the lender is its first beneficiary. ``sum_insured`` in yuan."""

    insurer: str
    policy_no: str
    sum_insured: Decimal
    valid_until: date


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


@dataclass(frozen=True)
class Mandate:
    """A power of attorney: matter, scope and term (民法典 art. 165). Both days are inside."""

    matter: str
    scope: str
    valid_from: date
    valid_until: date
    may_delegate: bool = False
    """Whether the attorney may appoint another in their place (民法典 art. 169)."""
