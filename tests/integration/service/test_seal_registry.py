"""Sealing through the registry: refused with the reason, opened by second eyes, every use in a log that stays."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from signing.adapters import demo_data
from signing.bootstrap import App
from signing.domain.errors import ConflictError, NotPermitted, RuleBroken
from signing.domain.seals import SealKind
from signing.service import commands as c
from signing.service import seal_commands as sc
from signing.service.registry import seal_registry
from signing.wire.audit import Verdict
from tests.integration.service.office import Film, bodies_of, log_in, sealed, stored
from tests.integration.service.test_seal_later import signed

HOUSE = demo_data.INSTITUTION.institution_id


@pytest.mark.timeout(480)
async def test_a_paper_is_sealed_by_the_registry_and_by_two_pairs_of_eyes(app: App, shot: Film) -> None:
    do, room = app.bus.execute, await signed(app, shot)
    seal, supervisor = c.SealCase(room.agent, room.case_id), await log_in(app, "chen", "demo-super-2026")
    first = next(one for one in _registry(app) if one.kind is SealKind.CONTRACT)
    await do(sc.RetireSeal(c.SYSTEM, first.seal_id, "印章遗失"))
    await room.refused(seal, RuleBroken, "没有登记在用的公章")
    assert app.queries.case(room.agent, room.case_id).seal_blocked_by
    again = sc.RegisterSeal(
        c.SYSTEM, HOUSE, SealKind.CONTRACT, first.text, "运营管理部", first.valid_from, first.valid_until,
        first.number, second_above=Decimal(100_000),
    )  # fmt: skip
    made = await do(again)
    with pytest.raises(ConflictError, match="已登记"):
        await do(again)
    await room.refused(seal, RuleBroken, "须由未经办的主管复核")
    blocked = app.queries.case(room.agent, room.case_id).seal_blocked_by
    assert len(blocked) == 1
    assert "100,000.00" in blocked[0]
    await room.refused(sc.ApproveSealing(room.agent, room.case_id, "同意用印"), NotPermitted, "角色")
    await do(sc.ApproveSealing(supervisor, room.case_id, "金额与授信一致"))
    await room.refused(sc.ApproveSealing(supervisor, room.case_id, "再复核一次"), ConflictError, "已经复核")
    assert app.queries.case(room.agent, room.case_id).seal_blocked_by == []
    with pytest.raises(NotPermitted):
        await do(c.SealCase(supervisor, room.case_id))
    report, chain = await sealed(app, room.agent, room.case_id)
    assert report.verdict is Verdict.VALID, report
    assert "seal.approved" in chain
    _check_log(app, supervisor, room.case_id, made.seal_id)


def _registry(app: App) -> list:  # type: ignore[type-arg]
    with app.services.db.read() as unit:
        return unit.seals.of(HOUSE)


def _check_log(app: App, supervisor: c.Actor, case_id: str, seal_id: str) -> None:
    case, registry = stored(app, case_id), seal_registry(app.services, supervisor)
    used = [use for use in registry.uses if not use.refused]
    assert {use.sha256 for use in used} == {document.current_sha256 for document in case.documents}
    assert len(used) == 2 * len(case.documents), "the round seal and the representative's on each"
    assert {use.approved_by for use in used} == {"陈主管"}
    assert {use.by for use in used} == {"张秀英"}
    refused = [use.refused for use in registry.uses if use.refused]
    assert len(refused) == 2
    assert "没有登记" in refused[-1]
    assert "复核" in refused[0]
    for body in bodies_of(app, case_id, "document.sealed"):
        assert body["seals"][0]["seal_id"] == seal_id  # type: ignore[index]
    with app.engine.connect() as connection, pytest.raises(DatabaseError):
        connection.execute(text("UPDATE seal_use SET refused = ''"))
    other = replace(supervisor, institution_id="inst_other")
    assert seal_registry(app.services, other).seals == []
