"""The figures of a day or several: of the institution, or of the one branch. What counts how is in
``signing.domain.figures``."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from signing.domain import figures as f
from signing.service import scope
from signing.service.commands import Actor
from signing.service.permissions import asked
from signing.service.services import Services
from signing.service.store import Unit

OUTSIDER = "其他机构席位"
NOBODY = "没有接通"


@dataclass(frozen=True)
class Headline:
    """What is compared: today so far with yesterday until the same time, whole days with as many before."""

    cases: int
    served: int
    amount: Decimal
    average_talk: float | None


@dataclass(frozen=True)
class FiguresSnapshot:
    """``branches``, ``products`` and ``agents``: by identifier, with the names beside them. ``before`` None: not
    asked for."""

    now: datetime
    institution: str
    span: f.Span
    usual: f.Target
    own: f.Target | None
    total: f.Measures
    before: Headline | None
    slots: Mapping[datetime, f.Measures]
    branches: Mapping[str, f.Measures]
    products: Mapping[str, f.Measures]
    agents: Mapping[str, f.Measures]
    refusals: Mapping[tuple[str, str, str, f.Why], int]
    names: Mapping[str, str]


@asked
def figures(
    services: Services, actor: Actor, first: date | None = None, last: date | None = None, compare: bool = True
) -> FiguresSnapshot:
    """Today where no day is given. Raises ``InputError`` for days that are none, ``NotPermitted``."""
    now = services.clock.now()
    span = f.span_of(first, last, now)
    with services.db.read() as unit:
        branches = _branches(unit, services, actor)
        limits = scope.own_limits(unit, actor)
        own = None if limits is None else limits.target
        rule = f.Rule(now, own)
        facts = _facts(unit, actor, set(branches), span.since, span.until)
        return FiguresSnapshot(
            now=now,
            institution=scope.home(unit, actor).name,
            span=span,
            usual=rule.usual,
            own=own,
            total=f.measure(facts, rule),
            before=_before(unit, actor, set(branches), span, rule) if compare else None,
            slots=f.slots(facts, span, rule),
            branches=f.measure_by(facts, f.branch_of, rule),
            products=f.measure_by(facts, f.product_of, rule),
            agents=f.measure_by(facts, f.agent_of, rule),
            refusals=f.refusals(facts),
            names=_names(unit, services, actor, branches),
        )


def _branches(unit: Unit, services: Services, actor: Actor) -> dict[str, str]:
    """Identifier → name, of those that the caller's board shows."""
    found = {one.branch_id: one.name for one in scope.branches(unit, actor)}
    if not services.limits.board_of_branch or actor.role != "supervisor":
        return found
    own = unit.people.staff(actor.actor_id).branch_id
    return {own: found[own]}


def _facts(unit: Unit, actor: Actor, branches: Collection[str], since: datetime, until: datetime) -> list[f.Fact]:
    return [fact for fact in scope.happened(unit, actor, since, until) if fact.branch_id in branches]


def _before(unit: Unit, actor: Actor, branches: Collection[str], span: f.Span, rule: f.Rule) -> Headline:
    until = min(rule.now, span.until) - (span.until - span.since)
    measured = f.measure(_facts(unit, actor, branches, span.before.since, until), rule)
    return Headline(measured.cases, measured.served, measured.amount, measured.average_talk)


def _names(unit: Unit, services: Services, actor: Actor, branches: Mapping[str, str]) -> dict[str, str]:
    """Of whatever a figure may be about."""
    staff = {one.staff_id: one.name for one in scope.all_staff(unit, actor)}
    products = {key: product.title for key, product in services.products.all().items()}
    return {"": NOBODY, **products, **branches, **staff}
