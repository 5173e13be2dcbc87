"""Masked values are shown only once the look is on record, and only to whoever may."""

import json
from dataclasses import replace

import pytest

from signing.adapters import demo_data
from signing.bootstrap import App
from signing.domain import events
from signing.domain.errors import InputError, NotFound, NotPermitted
from signing.service import commands as c
from signing.service.commands import Actor
from tests.integration.service.office import in_call, log_in, open_case, types_of

BORROWER = demo_data.BORROWER


def last_event(app: App, case_id: str) -> dict[str, object]:
    with app.services.db.read() as unit:
        event = unit.cases.events(case_id)[-1]
    return {"type": event.type, "actor": event.actor["id"], **event.body}


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("name", BORROWER.name),
        ("id_number", BORROWER.id_number),
        ("phone", BORROWER.phone),
        ("address", BORROWER.address),
    ],
)
async def test_the_seat_in_the_call_sees_at_a_click_and_that_is_chained(app: App, what: str, value: str) -> None:
    agent, _, case, _ = await in_call(app)
    party = case.parties[0]
    assert await app.bus.execute(c.Reveal(agent, case.case_id, party.party_id, what)) == value
    event = last_event(app, case.case_id)
    assert (event["type"], event["actor"], event["what"]) == ("personal.revealed", agent.actor_id, what)
    assert value not in json.dumps(event, ensure_ascii=False)
    assert events.title_of(str(event["type"]), event).startswith("查看借款人")


async def test_away_from_the_desk_a_reason_is_asked_for(app: App) -> None:
    agent = await log_in(app)
    case, _ = await open_case(app, agent)
    party_id = case.parties[0].party_id
    auditor, supervisor = await log_in(app, "lin", "demo-audit-2026"), await log_in(app, "chen", "demo-super-2026")
    for actor in (agent, auditor, supervisor):
        before = types_of(app, case.case_id)
        for reason in ("", " x "):
            with pytest.raises(InputError, match="原因"):
                await app.bus.execute(c.Reveal(actor, case.case_id, party_id, "phone", reason))
        assert types_of(app, case.case_id) == before
        shown = await app.bus.execute(c.Reveal(actor, case.case_id, party_id, "phone", "回访客户"))
        assert shown == BORROWER.phone
        event = last_event(app, case.case_id)
        assert (event["actor"], event["reason"]) == (actor.actor_id, "回访客户")


async def test_after_the_chain_is_closed_the_look_is_on_the_access_log(app: App) -> None:
    agent = await log_in(app)
    case, _ = await open_case(app, agent)
    with app.services.db.write() as unit:
        unit.cases.append(case.case_id, events.package_closed(case.case_no, "3" * 64), agent, app.services.clock.now())
    auditor, before = await log_in(app, "lin", "demo-audit-2026"), types_of(app, case.case_id)
    command = c.Reveal(auditor, case.case_id, case.parties[0].party_id, "id_number", "核对证件")
    assert await app.bus.execute(command) == BORROWER.id_number
    assert types_of(app, case.case_id) == before
    with app.services.db.read() as unit:
        line = json.loads(unit.logs.views()[-1])
    assert (line["body"]["what"], line["body"]["case_id"]) == ("reveal", case.case_id)
    assert "证件号" in line["body"]["detail"]
    assert BORROWER.id_number not in json.dumps(line, ensure_ascii=False)


async def test_who_may_not_sees_nothing_and_leaves_nothing(app: App) -> None:
    agent = await log_in(app)
    case, _ = await open_case(app, agent)
    party_id, before = case.parties[0].party_id, types_of(app, case.case_id)
    administrator = await log_in(app, "admin", "demo-admin-2026")
    customer = Actor("party", party_id, "customer", agent.institution_id, "x", case_id=case.case_id)
    for actor in (administrator, customer):
        with pytest.raises(NotPermitted):
            await app.bus.execute(c.Reveal(actor, case.case_id, party_id, "phone", "好奇得很"))
    foreign = replace(await log_in(app, "lin", "demo-audit-2026"), institution_id="inst_other")
    with pytest.raises(NotFound):
        await app.bus.execute(c.Reveal(foreign, case.case_id, party_id, "phone", "好奇得很"))
    with pytest.raises(NotFound):
        await app.bus.execute(c.Reveal(agent, case.case_id, "party_x", "phone", "好奇得很"))
    with pytest.raises(InputError, match="没有这一项"):
        await app.bus.execute(c.Reveal(agent, case.case_id, party_id, "password", "好奇得很"))
    assert types_of(app, case.case_id) == before


async def test_what_cannot_be_put_on_record_is_not_shown(app: App) -> None:
    agent, _, case, _ = await in_call(app)
    with app.engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(Exception, match="full"):
        await app.bus.execute(c.Reveal(agent, case.case_id, case.parties[0].party_id, "phone"))
