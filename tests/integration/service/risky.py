"""Cases with something against them, and a second supervisor to decide about it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from signing.adapters import demo_data
from signing.adapters.identity import VisionIdentityReader
from signing.bootstrap import App, ProductCatalogue
from signing.domain.case import Case
from signing.domain.party import Role
from signing.domain.product import Pricing, Product, RoleRule
from signing.domain.risk.model import Finding
from signing.service import commands as c
from signing.service.commands import SYSTEM, Actor, PartyDraft
from signing.service.ports import Household
from tests.integration.service.family import another_seat, number
from tests.integration.service.office import SteppedClock, log_in, open_app, stored

HOUSE = demo_data.INSTITUTION.institution_id


class WithGuarantors(ProductCatalogue):
    """``Products``: ours, with guarantors who sign nothing."""

    def get(self, product_id: str) -> Product:
        product = super().get(product_id)
        return replace(product, roles=(*product.roles, RoleRule(Role.GUARANTOR, 0, 3)))


class Listed(ProductCatalogue):
    """``Products``: ours, for borrowers on a list and at no more than LPR + 100 BP."""

    def get(self, product_id: str) -> Product:
        product = super().get(product_id)
        assert product.loan
        return replace(product, loan=replace(product.loan, list_kind="乡村振兴名单", pricing=(Pricing(Decimal(100)),)))


async def set_rules(app: App, toml: str = "") -> None:
    """The demonstration's institution with rules of its own; empty: the shipped defaults."""
    await app.bus.execute(c.SetRiskRules(SYSTEM, HOUSE, toml))


def person(serial: int, born: str = "19860520", role: Role = Role.BORROWER, **change: Any) -> PartyDraft:
    """Somebody of forty with a phone of their own."""
    draft = PartyDraft(role, "丁小明", number(born, serial), f"139{serial:08d}", "福建省龙岩市上杭县示范村 9 号")
    return replace(draft, **change)


def enlist(app: App, draft: PartyDraft, line: str = "1000000.00", days: int = 100) -> None:
    """Puts a household on the village roster."""
    until = app.services.clock.now().replace(year=2099)
    with app.services.db.write() as unit:
        household = Household(draft.id_number, draft.name, "示范村", Decimal(line), until)
        unit.people.save_household(HOUSE, household)


def opening(app: App, agent: Actor, *parties: PartyDraft, amount: str = "50000.00", months: int = 12) -> c.OpenCase:
    """The first party is the borrower and on the roster."""
    enlist(app, parties[0])
    demo = demo_data.demo_case(agent)
    assert demo.terms
    terms = replace(demo.terms, amount=Decimal(amount), term_months=months)
    return replace(demo, terms=terms, parties=parties)


async def opened(app: App, agent: Actor, *parties: PartyDraft, **terms: Any) -> Case:
    case, _ = await app.bus.execute(opening(app, agent, *parties, **terms))
    return stored(app, case.case_id)


def findings(app: App, case: Case) -> dict[str, Finding]:
    """Rule → the finding the case has now."""
    return {finding.rule: finding for finding in stored(app, case.case_id).findings}


def told(app: App, case_id: str) -> list[tuple[str, str]]:
    """(event, rule) of all that the chain says of risk rules."""
    with app.services.db.read() as unit:
        events = [event for event in unit.cases.events(case_id) if event.type.startswith("risk.")]
    return [(event.type, str(event.body["rule"])) for event in events]


@dataclass
class Chief:
    """A supervisor with no part in any case."""

    app: App
    actor: Actor

    async def decide(self, case: Case, rule: str, reason: str = "已电话核实", **change: Any) -> Case:
        command = c.OverrideRisk(self.actor, case.case_id, rule, reason, **change)
        decided: Case = await self.app.bus.execute(command)
        return decided


@pytest.fixture
async def app(tmp_path: Path, database: str, clock: SteppedClock, reader: VisionIdentityReader) -> AsyncIterator[App]:
    """With the shipped defaults, and a product that knows guarantors."""
    app = open_app(tmp_path / "data", database, clock=clock, identity=reader, products=WithGuarantors())
    await set_rules(app)
    yield app
    await app.close()


@pytest.fixture
async def agent(app: App) -> Actor:
    return await log_in(app)


@pytest.fixture
async def chief(app: App) -> Chief:
    return Chief(app, await another_seat(app, "he", "supervisor"))
