"""``case.json`` of the evidence package: the whole case as it was when the package was closed."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from signing.domain.case import Case
from signing.domain.ledger import canonical, timestamp_text
from signing.service.ports import Institution


def case_json(case: Case, institution: Institution) -> bytes:
    """Canonical JSON (RFC 8785). Amounts and rates are decimal strings, times UTC, days ISO dates.

    Personal data is in the clear.
    """
    return canonical({"format": 1, "institution": plain(institution), "case": plain(case)})


def plain(value: object) -> object:
    """Dataclasses, times, decimals and enumerations as what JSON has."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, datetime):
        return timestamp_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value
