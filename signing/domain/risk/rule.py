"""What a rule is: a name, a place, numbers an institution may set, and a judgement."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from signing.domain.risk.facts import Facts, Subject
from signing.domain.risk.model import Outcome, Stage


@dataclass(frozen=True)
class Hit:
    """One thing a rule found. ``reason`` is made from the facts, with personal data masked; ``facts`` likewise.

    ``size`` where there can be more or less of it: cases, yuan. What was let pass covers what is no larger.
    """

    reason: str
    subject: Subject | None = None
    hint: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    size: Decimal | None = None


@dataclass(frozen=True)
class Number:
    """A threshold. ``default`` None: not set unless the institution sets it; ``money``: yuan, written in quotes."""

    key: str
    title: str
    default: Decimal | None
    least: Decimal = Decimal(1)
    money: bool = False


Numbers = Mapping[str, Decimal | None]
Judge = Callable[[Facts, Numbers], Iterator[Hit]]


@dataclass(frozen=True)
class Rule:
    """``outcome`` and ``blocks`` are defaults; ``softest`` is the mildest outcome an institution may choose.

    A rule whose ``softest`` is more than ``ALLOW`` cannot be switched off.
    """

    key: str
    title: str
    stages: tuple[Stage, ...]
    outcome: Outcome
    judge: Judge
    numbers: tuple[Number, ...] = ()
    blocks: Stage = Stage.DISCLOSURE
    softest: Outcome = Outcome.ALLOW


def whole(numbers: Numbers, key: str) -> int:
    """A number that always has a value."""
    value = numbers[key]
    assert value is not None
    return int(value)
