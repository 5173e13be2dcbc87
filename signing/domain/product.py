"""A product of the catalogue: what may be lent, to whom, with which documents and which script."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from signing.domain.case import RepaymentMethod
from signing.domain.party import Role


@dataclass(frozen=True)
class ScriptTemplate:
    """One line an agent reads out. ``text`` holds placeholders such as ``{amount}``; ``expected`` as in the case."""

    text: str
    expected: str | None = None


@dataclass(frozen=True)
class Product:
    """Amounts in yuan, rates in percent a year, terms in months.

    ``documents`` maps each role to the kinds it signs, in signing order.
    ``electronic_only_up_to`` is the largest amount that the electronic channel may conclude alone
    (个人贷款管理办法 art. 26).
    """

    product_id: str
    title: str
    version: str
    roles_required: tuple[Role, ...]
    roles_allowed: tuple[Role, ...]
    amount_min: Decimal
    amount_max: Decimal
    term_months_min: int
    term_months_max: int
    rate_min: Decimal
    rate_max: Decimal
    repayment_methods: tuple[RepaymentMethod, ...]
    roster_line_required: bool
    electronic_only_up_to: Decimal
    documents: Mapping[Role, tuple[str, ...]]
    script: tuple[ScriptTemplate, ...]
    sources: tuple[str, ...] = ()
