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


class Asset(StrEnum):
    """What is mortgaged or pledged: which clauses its contract has, and which register makes the right."""

    REAL_ESTATE = "real_estate"
    CHATTEL = "chattel"
    LIVESTOCK = "livestock"
    FOREST_RIGHT = "forest_right"
    LAND_RIGHT = "land_right"
    MOVABLES = "movables"
    PATENT = "patent"
    CARBON_TICKET = "carbon_ticket"
    CARBON_SINK = "carbon_sink"


ASSET_TITLES = {
    Asset.REAL_ESTATE: "不动产",
    Asset.CHATTEL: "动产",
    Asset.LIVESTOCK: "活体畜禽",
    Asset.FOREST_RIGHT: "林权",
    Asset.LAND_RIGHT: "土地经营权",
    Asset.MOVABLES: "动产",
    Asset.PATENT: "专利权",
    Asset.CARBON_TICKET: "林业碳票",
    Asset.CARBON_SINK: "碳汇权益",
}
ASSET_SECURITY = {
    Asset.REAL_ESTATE: SecurityKind.MORTGAGE,
    Asset.CHATTEL: SecurityKind.MORTGAGE,
    Asset.LIVESTOCK: SecurityKind.MORTGAGE,
    Asset.FOREST_RIGHT: SecurityKind.MORTGAGE,
    Asset.LAND_RIGHT: SecurityKind.MORTGAGE,
    Asset.MOVABLES: SecurityKind.PLEDGE,
    Asset.PATENT: SecurityKind.PLEDGE,
    Asset.CARBON_TICKET: SecurityKind.PLEDGE,
    Asset.CARBON_SINK: SecurityKind.PLEDGE,
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
    asset: Asset | None = None
    """None in cases opened before it was kept; see ``what``."""
    certificate_no: str = ""
    """Of the right: 不动产权证书, 林权证, patent, carbon ticket."""
    register_no: str = ""
    """Under which the mortgage or pledge is registered, where that has been done."""
    right_until: date | None = None
    """Last day of a right that ends by itself: use of the land, patent, carbon ticket."""

    @property
    def what(self) -> Asset:
        """Before ``asset`` was kept, only livestock was mortgaged and only movables were pledged."""
        return self.asset or (Asset.LIVESTOCK if self.kind is SecurityKind.MORTGAGE else Asset.MOVABLES)


@dataclass(frozen=True)
class Mandate:
    """A power of attorney: matter, scope and term (民法典 art. 165). Both days are inside."""

    matter: str
    scope: str
    valid_from: date
    valid_until: date
    may_delegate: bool = False
    """Whether the attorney may appoint another in their place (民法典 art. 169)."""
