"""What the seat's check of its recording found: onto the chain, by the call's own agent, once each."""

from datetime import timedelta
from typing import cast

import pytest

from signing.bootstrap import App
from signing.domain import events
from signing.domain.call import Call
from signing.domain.doubt import MOST, Doubt, Kind
from signing.domain.errors import ConflictError, InputError, NotPermitted
from signing.service import commands as c
from signing.service.commands import Actor
from signing.service.quality_commands import ReportDoubt
from signing.web.views.audit import audit_case
from tests.integration.service.office import in_call, log_in, stored


def black(call: Call, after: float = 0, until: float | None = None) -> Doubt:
    end = None if until is None else call.started_at + timedelta(seconds=until)
    return Doubt(Kind.BLACK, call.started_at + timedelta(seconds=after, microseconds=700), end)


async def report(app: App, agent: Actor, call: Call, doubt: Doubt, party_id: str | None = None) -> bool:
    return cast(bool, await app.bus.execute(ReportDoubt(agent, call.call_id, party_id, doubt)))


def kept(app: App, case_id: str) -> list[events.Body]:
    with app.services.db.read() as unit:
        return [event.body for event in unit.cases.events(case_id) if event.type == events.DOUBT]


async def test_a_doubt_is_on_the_chain_and_the_auditor_reads_of_it(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    assert await report(app, agent, call, black(call), customer.actor_id)
    assert await report(app, agent, call, black(call, until=5), customer.actor_id)
    assert await report(app, agent, call, Doubt(Kind.SILENT, call.started_at))
    first, second, third = kept(app, case.case_id)
    assert (first["kind"], first["party_id"], first["until"]) == ("black", customer.actor_id, None)
    assert second["until"] is not None
    assert (third["party_id"], third["of_agent"]) == (None, False)
    auditor = await log_in(app, "lin", "demo-audit-2026")
    page = audit_case(app.queries.audit_case(auditor, case.case_id))
    titles = [row.title for row in page.events if row.type == events.DOUBT]
    assert titles[0].startswith("录像检查：借款人")
    assert "的画面全黑，" in titles[0]
    assert " 至 " in titles[1]
    assert titles[2].startswith("录像检查：有人说话而没有声音，")


async def test_one_that_comes_again_is_kept_once_and_a_call_leaves_only_so_many(app: App) -> None:
    agent, _, case, call = await in_call(app)
    told = [await report(app, agent, call, black(call, until=until)) for until in (None, None, 3, 3, None)]
    assert told == [True, False, True, False, False]
    with app.services.db.write() as unit:
        for number in range(MOST - 3):
            happening = events.recording_doubted(None, call, black(call, number + 1))
            unit.cases.append(case.case_id, happening, agent, app.services.clock.now())
    told = [await report(app, agent, call, black(call, until=until)) for until in (4, 5, 6)]
    assert told == [True, False, False]


async def test_only_the_agent_of_the_call_reports_and_only_of_who_was_in_it(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    supervisor, auditor = await log_in(app, "chen", "demo-super-2026"), await log_in(app, "lin", "demo-audit-2026")
    for other in (supervisor, auditor, customer):
        with pytest.raises(NotPermitted):
            await report(app, other, call, black(call))
    with pytest.raises(InputError, match="不在这次通话"):
        await report(app, agent, call, black(call), "party_other")
    assert not kept(app, case.case_id)


async def test_a_report_that_was_held_up_still_comes_after_the_call_until_the_case_is_over(app: App) -> None:
    agent, _, case, call = await in_call(app)
    await app.bus.execute(c.HangUp(agent, call.call_id, "信号太差"))
    assert await report(app, agent, call, black(call))
    await app.bus.execute(c.FinishWrapUp(agent, None))
    await app.bus.execute(c.AbortCase(agent, case.case_id, "改日再办"))
    with pytest.raises(ConflictError):
        await report(app, agent, call, black(call, until=1))


@pytest.mark.parametrize(("after", "until"), [(-120, None), (3600, None), (0, 3600), (5, 2)])
async def test_a_time_that_cannot_be_is_refused(app: App, after: float, until: float | None) -> None:
    agent, _, case, call = await in_call(app)
    with pytest.raises(InputError, match="时间"):
        await report(app, agent, call, black(call, after, until))
    assert not kept(app, case.case_id)


async def test_nothing_of_the_case_changes_by_a_report(app: App) -> None:
    agent, _, case, call = await in_call(app)
    before = stored(app, case.case_id)
    await report(app, agent, call, black(call))
    assert stored(app, case.case_id) == before
