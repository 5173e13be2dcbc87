"""Between which ends a call went: onto the chain, by the call's own agent, once each, and not without end."""

from datetime import timedelta
from typing import cast

import pytest

from signing.bootstrap import App
from signing.domain import events
from signing.domain.call import Call
from signing.domain.connection import MOST, Ends, InUse
from signing.domain.errors import ConflictError, InputError, NotPermitted
from signing.service import commands as c
from signing.service import permissions
from signing.service.commands import Actor
from signing.service.quality_commands import ReportConnection
from signing.web.views.audit import audit_case
from tests.integration.service.office import Film, bodies_of, in_call, log_in, sealed, stored
from tests.integration.service.test_seal_later import signed


def fingerprint(number: int) -> str:
    return "sha-256 " + ":".join([f"{number:02X}"] * 32)


def in_use(call: Call, number: int, after: float = 0) -> InUse:
    return InUse(call.started_at + timedelta(seconds=after), Ends(fingerprint(number), fingerprint(number + 1)))


async def report(app: App, agent: Actor, customer: Actor, call: Call, one: InUse) -> bool:
    return cast(bool, await app.bus.execute(ReportConnection(agent, call.call_id, customer.actor_id, one)))


def kept(app: App, case_id: str) -> list[events.Body]:
    return bodies_of(app, case_id, events.CONNECTION)


async def test_each_connection_is_on_the_chain_and_the_auditor_reads_of_it(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    for number in (1, 3):
        assert await report(app, agent, customer, call, in_use(call, number))
    first, second = kept(app, case.case_id)
    assert (first["seat_fingerprint"], first["phone_fingerprint"]) == (fingerprint(1), fingerprint(2))
    assert (second["seat_fingerprint"], second["phone_fingerprint"]) == (fingerprint(3), fingerprint(4))
    assert (first["party_id"], first["call_id"]) == (customer.actor_id, call.call_id)
    auditor = await log_in(app, "lin", "demo-audit-2026")
    page = audit_case(app.queries.audit_case(auditor, case.case_id))
    rows = [row for row in page.events if row.type == events.CONNECTION]
    assert len(rows) == 2
    assert rows[0].title.startswith("借款人")
    assert rows[0].title.endswith("的音视频连接启用：席位证书 01:01:01:01…，客户证书 02:02:02:02…")


async def test_one_that_comes_again_is_kept_once_also_after_another(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    told = [await report(app, agent, customer, call, in_use(call, number)) for number in (1, 1, 3, 1, 3)]
    assert told == [True, False, True, False, False]
    assert len(kept(app, case.case_id)) == 2


async def test_a_call_can_leave_only_so_many(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    with app.services.db.write() as unit:
        for number in range(MOST - 1):
            happening = events.connection_in_use(case.parties[0], call, in_use(call, number))
            unit.cases.append(case.case_id, happening, agent, app.services.clock.now())
    told = [await report(app, agent, customer, call, in_use(call, 200 + number)) for number in range(3)]
    assert told == [True, False, False]
    assert len(kept(app, case.case_id)) == MOST


async def test_only_the_agent_of_the_call_reports(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    supervisor, auditor = await log_in(app, "chen", "demo-super-2026"), await log_in(app, "lin", "demo-audit-2026")
    for other in (supervisor, auditor, customer):
        with pytest.raises(NotPermitted):
            await report(app, other, customer, call, in_use(call, 1))
    assert not kept(app, case.case_id)
    assert permissions.ALLOWED[ReportConnection] == {"agent", "supervisor"}
    assert agent.role == "agent"


async def test_a_report_that_was_held_up_still_comes_after_the_call_until_the_case_is_over(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    await app.bus.execute(c.HangUp(agent, call.call_id, "信号太差"))
    assert await report(app, agent, customer, call, in_use(call, 1))
    await app.bus.execute(c.FinishWrapUp(agent, None))
    assert await report(app, agent, customer, call, in_use(call, 3))
    await app.bus.execute(c.AbortCase(agent, case.case_id, "改日再办"))
    with pytest.raises(ConflictError):
        await report(app, agent, customer, call, in_use(call, 5))


@pytest.mark.parametrize("after", [-120, 3600])
async def test_a_time_outside_the_call_is_refused(app: App, after: float) -> None:
    agent, customer, case, call = await in_call(app)
    with pytest.raises(InputError, match="时间"):
        await report(app, agent, customer, call, in_use(call, 1, after))
    assert not kept(app, case.case_id)


async def test_a_party_who_was_never_in_the_call_has_no_connection(app: App) -> None:
    agent, _, case, call = await in_call(app)
    with pytest.raises(InputError, match="不在这次通话"):
        await app.bus.execute(ReportConnection(agent, call.call_id, "party_other", in_use(call, 1)))
    assert not kept(app, case.case_id)


async def test_nothing_of_the_case_changes_by_a_report(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    before = stored(app, case.case_id)
    await report(app, agent, customer, call, in_use(call, 1))
    assert stored(app, case.case_id) == before


@pytest.mark.timeout(480)
async def test_a_package_with_connections_in_it_verifies_and_its_chain_has_them(app: App, shot: Film) -> None:
    room = await signed(app, shot)
    for number in (1, 3):
        assert await report(app, room.agent, room.customer, room.call, in_use(room.call, number))
    found, lines = await sealed(app, room.agent, room.case_id)
    assert found.verdict == "valid", found.headline
    assert lines.count('"type":"call.connection"') == 2
    assert fingerprint(4) in lines
