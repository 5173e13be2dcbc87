"""Cases as the rules see them: one borrower of forty, a year's loan, nothing against it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from signing.domain.case import Terms
from signing.domain.idcard import check_character
from signing.domain.party import Role
from signing.domain.risk.engine import evaluate
from signing.domain.risk.facts import Elsewhere, Facts, Subject
from signing.domain.risk.model import Finding, Outcome, Stage
from signing.domain.risk.settings import DEFAULTS, Settings
from signing.domain.rules import RosterEntry
from tests.unit.domain.factories import make_product, make_terms

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
"""Noon in Beijing."""
TODAY = date(2026, 11, 26)
YEAR = 12
LATER = NOW + timedelta(days=400)
ENTRY = RosterEntry("王建国", Decimal("200000.00"), LATER)


def number_of(born: date, serial: int = 11) -> str:
    digits = f"350823{born:%Y%m%d}{serial:03d}"
    return digits + check_character(digits)


def subject(born: date = date(1986, 5, 20), role: Role = Role.BORROWER, **change: Any) -> Subject:
    label = "保证人李*梅" if role is Role.GUARANTOR else "借款人王*国"
    one = Subject("p1", role, label, "王建国", number_of(born), "13800138000", roster=ENTRY)
    return replace(one, **change)


def facts(*subjects: Subject, terms: Terms | None = None, **change: Any) -> Facts:
    people = subjects or (subject(),)
    return replace(Facts(NOW, NOW, people, terms or make_terms("50000.00", YEAR), make_product().loan), **change)


def other(number: int = 1, **change: Any) -> Elsewhere:
    """Another case, opened an hour ago, that has nothing in common yet."""
    return replace(Elsewhere(f"case_{number}", NOW - timedelta(hours=1), True, False), **change)


def same_person(number: int = 1, **change: Any) -> Elsewhere:
    known: dict[str, Any] = {
        "same_number": True,
        "related": True,
        "role": Role.BORROWER,
        "same_name": True,
        "amount": Decimal("100000.00"),
    }
    return other(number, **(known | change))


def found(given: Facts, stage: Stage = Stage.CREATION, settings: Settings = DEFAULTS) -> dict[str, Finding]:
    """Rule → what it found."""
    return {finding.rule: finding for finding in evaluate(settings, given, stage)}


def changed(rule: str, **numbers: object) -> Settings:
    """The defaults with other numbers of one rule."""
    own = {key: Decimal(str(value)) for key, value in numbers.items()}
    return {**DEFAULTS, rule: replace(DEFAULTS[rule], numbers={**DEFAULTS[rule].numbers, **own})}


def a_finding(rule: str = "same_phone", outcome: Outcome = Outcome.REFER, **change: Any) -> Finding:
    one = Finding(rule, "同一手机号", outcome, "理由一", "", Stage.CREATION, Stage.DISCLOSURE, NOW, "p1", "借款人王*国")
    return replace(one, **change)
