"""What the seat reports about its customers' lines: onto the chain, by the call's own agent, and not without end."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from signing.bootstrap import App
from signing.domain import events
from signing.domain.call import Call
from signing.domain.errors import ConflictError, InputError, NotPermitted
from signing.domain.quality import MOST, Cause, Figures, Stretch, Told
from signing.service import commands as c
from signing.service import permissions
from signing.service.commands import Actor
from signing.service.quality_commands import ReportQuality
from signing.web.views.audit import audit_case
from tests.integration.service.office import Film, bodies_of, in_call, log_in, sealed, stored
from tests.integration.service.test_seal_later import signed


def stretch(call: Call, begin: float = 0, seconds: float = 1, **changes: object) -> Stretch:
    since = call.started_at + timedelta(seconds=begin)
    figures = Figures(round_trip_ms=180.0, loss_up=0.2, frozen_up=0.16, concealed_up=0.05, pictures_up=9.0)
    made = Stretch(since, since + timedelta(seconds=seconds), 1, Cause.LOSSY, 2.9, 2.2, figures)
    return replace(made, **changes)  # type: ignore[arg-type]


async def report(app: App, agent: Actor, customer: Actor, call: Call, one: Stretch) -> bool:
    return cast(bool, await app.bus.execute(ReportQuality(agent, call.call_id, customer.actor_id, one)))


def kept(app: App, case_id: str) -> list[events.Body]:
    return bodies_of(app, case_id, events.QUALITY)


async def test_a_report_is_on_the_chain_and_the_auditor_reads_it_with_its_figures(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    assert await report(app, agent, customer, call, stretch(call))
    (body,) = kept(app, case.case_id)
    assert (body["call_id"], body["party_id"], body["cause"]) == (call.call_id, customer.actor_id, "lossy")
    auditor = await log_in(app, "lin", "demo-audit-2026")
    page = audit_case(app.queries.audit_case(auditor, case.case_id))
    (row,) = [row for row in page.events if row.type == events.QUALITY]
    assert "线路很差，丢包多：平均 2.9 分，最低 2.2 分，往返 180 毫秒，丢包 20%，卡顿 16%，声音缺失 5%" in row.title
    assert row.title.startswith("借款人")


async def test_what_the_phone_told_is_on_the_chain_and_in_the_audit_as_told_by_it(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    fine = stretch(call, bars=4, cause=Cause.FINE, mean=4.3, least=4.2, figures=Figures())
    claim = Told(1, Cause.UNSTEADY, 1.2, 1.0, frozen_down=1.0, concealed_down=1.0)
    assert await report(app, agent, customer, call, replace(fine, told_by_phone=claim))
    (body,) = kept(app, case.case_id)
    assert (body["bars"], body["cause"], body["least"]) == (4, "fine", 4.2)
    assert not {"concealed_down", "frozen_down"} & cast(dict[str, object], body["figures"]).keys()
    assert cast(dict[str, object], body["told_by_phone"])["bars"] == 1
    auditor = await log_in(app, "lin", "demo-audit-2026")
    (row,) = [
        row for row in audit_case(app.queries.audit_case(auditor, case.case_id)).events if row.type == events.QUALITY
    ]
    own, claimed = row.title.split("；据客户手机自报：")
    assert "线路良好" in own
    assert "缺失" not in own
    assert claimed == "线路很差，网络时快时慢，卡顿 100%，声音缺失 100%"


async def test_a_report_that_comes_twice_is_kept_once(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    one = stretch(call)
    told = [await report(app, agent, customer, call, one) for _ in range(3)]
    assert told == [True, False, False]
    assert await report(app, agent, customer, call, stretch(call, 1))
    assert len(kept(app, case.case_id)) == 2


async def test_a_call_can_leave_only_so_many(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    with app.services.db.write() as unit:
        for number in range(MOST - 1):
            one = stretch(call, number * 0.1, 0.1)
            happening = events.quality_measured(case.parties[0], call, one)
            unit.cases.append(case.case_id, happening, agent, app.services.clock.now())
    told = [await report(app, agent, customer, call, stretch(call, 20 + number)) for number in range(3)]
    assert told == [True, False, False]
    assert len(kept(app, case.case_id)) == MOST


async def test_only_the_agent_of_the_call_reports(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    supervisor, auditor = await log_in(app, "chen", "demo-super-2026"), await log_in(app, "lin", "demo-audit-2026")
    for other in (supervisor, auditor, customer):
        with pytest.raises(NotPermitted):
            await report(app, other, customer, call, stretch(call))
    assert not kept(app, case.case_id)
    assert permissions.ALLOWED[ReportQuality] == {"agent", "supervisor"}
    assert agent.role == "agent"


async def test_a_report_that_was_held_up_still_comes_after_the_call_until_the_case_is_over(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    await app.bus.execute(c.HangUp(agent, call.call_id, "信号太差"))
    assert await report(app, agent, customer, call, stretch(call))
    await app.bus.execute(c.FinishWrapUp(agent, None))
    assert await report(app, agent, customer, call, stretch(call, 1))
    await app.bus.execute(c.AbortCase(agent, case.case_id, "改日再办"))
    with pytest.raises(ConflictError):
        await report(app, agent, customer, call, stretch(call, 2))


@pytest.mark.parametrize(("begin", "seconds"), [(-120, 1), (0, 3600), (3600, 10), (5, 0), (5, -1)])
async def test_times_outside_the_call_are_refused(app: App, begin: float, seconds: float) -> None:
    agent, customer, case, call = await in_call(app)
    with pytest.raises(InputError, match="时间"):
        await report(app, agent, customer, call, stretch(call, begin, seconds))
    assert not kept(app, case.case_id)


async def test_a_break_is_no_longer_than_the_stretch_that_it_is_in(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    with pytest.raises(InputError, match="中断"):
        await report(app, agent, customer, call, stretch(call, broken_seconds=1.5))
    assert await report(app, agent, customer, call, stretch(call, broken_seconds=1.0))
    (body,) = kept(app, case.case_id)
    assert body["broken_seconds"] == 1.0


async def test_a_party_who_was_never_in_the_call_has_no_line(app: App) -> None:
    agent, _, case, call = await in_call(app)
    with pytest.raises(InputError, match="不在这次通话"):
        await app.bus.execute(ReportQuality(agent, call.call_id, "party_other", stretch(call)))
    assert not kept(app, case.case_id)


async def test_nothing_of_the_case_changes_by_a_report(app: App) -> None:
    agent, customer, case, call = await in_call(app)
    before = stored(app, case.case_id)
    await report(app, agent, customer, call, stretch(call))
    assert stored(app, case.case_id) == before


@pytest.mark.timeout(480)
async def test_a_package_with_stretches_in_it_verifies_and_its_chain_has_them(app: App, shot: Film) -> None:
    room = await signed(app, shot)
    for begin, cause in ((0, Cause.UPLINK_THIN), (0.2, Cause.BROKEN), (0.4, Cause.FINE)):
        one = stretch(room.call, begin, 0.2, cause=cause)
        assert await app.bus.execute(ReportQuality(room.agent, room.call.call_id, room.customer.actor_id, one))
    found, lines = await sealed(app, room.agent, room.case_id)
    assert found.verdict == "valid", found.headline
    assert lines.count('"type":"call.quality"') == 3
    one = stretch(room.call, 0.6, 0.2)
    with pytest.raises(ConflictError):
        await app.bus.execute(ReportQuality(room.agent, room.call.call_id, room.customer.actor_id, one))
