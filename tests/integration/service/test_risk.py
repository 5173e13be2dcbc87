"""Every rule through the real service at its step; who may decide; what stays when nothing may be opened."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update

from signing.adapters.database import SqlDatabase
from signing.adapters.database.schema import data_key
from signing.adapters.identity import VisionIdentityReader
from signing.bootstrap import App
from signing.domain.errors import RuleBroken
from signing.domain.party import PartyState, Role
from signing.domain.reference import ListEntry, Lpr, NamedList
from signing.domain.risk.model import Outcome, Stage
from signing.service import commands as c
from signing.service import lifecycle_commands as lc
from signing.service.case_list import CaseQuery
from signing.service.commands import BEARER, Actor
from signing.service.recovery import index_old
from tests.integration.service.office import (
    SteppedClock,
    enter,
    last_code,
    log_in,
    open_app,
    stored,
    types_of,
)
from tests.integration.service.risky import (
    HOUSE,
    Chief,
    Listed,
    agent,
    app,
    chief,
    enlist,
    findings,
    opened,
    opening,
    person,
    set_rules,
    told,
)
from tests.postgres import both_databases

__all__ = ["agent", "app", "chief"]


# --- at creation: refused -----------------------------------------------------------------------------------------


async def refused(app: App, command: c.OpenCase, rule: str) -> None:
    """Nothing is stored, nobody invited; the access log knows that somebody tried, and no name or number."""
    with app.services.db.read() as unit:
        before = unit.cases.count(CaseQuery(), 1000)
    with pytest.raises(RuleBroken) as error:
        await app.bus.execute(command)
    assert error.value.rule == rule
    assert error.value.hint
    with app.services.db.read() as unit:
        assert unit.cases.count(CaseQuery(), 1000) == before
        last = json.loads(unit.logs.views()[-1])
    assert last["body"]["what"] == "risk.refused"
    assert last["body"]["detail"].startswith(f"{rule}：")
    assert last["actor"]["id"] == command.actor.actor_id
    for party in command.parties:
        assert party.name not in last["body"]["detail"]
        assert party.id_number not in last["body"]["detail"]


async def test_a_case_with_a_minor_is_refused(app: App, agent: Actor) -> None:
    child = person(2, f"{app.services.clock.now().year - 17}0101", Role.CO_BORROWER, name="丁小妹")
    await refused(app, opening(app, agent, person(1), child), "minor")


async def test_roster_and_line_refuse(app: App, agent: Actor) -> None:
    command = opening(app, agent, person(1))
    await refused(app, replace(command, parties=(person(3),)), "roster")
    enlist(app, person(1), line="49999.99")
    await refused(app, command, "roster_line")
    enlist(app, person(1), line="50000.00")
    await app.bus.execute(command)


async def test_list_and_lpr_refuse_where_the_product_asks_for_them(
    tmp_path: Path, clock: SteppedClock, reader: VisionIdentityReader
) -> None:
    app = open_app(tmp_path / "listed", clock=clock, identity=reader, products=Listed())
    await set_rules(app)
    agent, today = await log_in(app), (clock.now() + timedelta(hours=8)).date()
    command = opening(app, agent, person(1))
    await refused(app, command, "list_membership")
    with app.services.db.write() as unit:
        unit.reference.save_list(HOUSE, NamedList("上杭 2026", "乡村振兴名单"))
        unit.reference.save_entry(HOUSE, "上杭 2026", ListEntry(person(1).id_number, "丁小明", today))
    await refused(app, command, "lpr_cap")
    with app.services.db.write() as unit:
        unit.reference.save_lpr(HOUSE, Lpr(today, Decimal("2.84"), Decimal("3.50")))
    await refused(app, command, "lpr_cap")
    with app.services.db.write() as unit:
        unit.reference.save_lpr(HOUSE, Lpr(today, Decimal("2.85"), Decimal("3.50")))
    await app.bus.execute(command)
    clock.pass_by(days=1)
    await refused(app, command, "list_membership")
    await app.close()


async def test_a_rule_that_an_institution_makes_refuse_refuses(app: App, agent: Actor) -> None:
    await opened(app, agent, person(1))
    await set_rules(app, '[same_phone]\noutcome = "refuse"')
    await refused(app, opening(app, agent, person(2, phone=person(1).phone)), "same_phone")


# --- at creation: referred or told --------------------------------------------------------------------------------


async def test_an_ordinary_case_has_no_findings(app: App, agent: Actor) -> None:
    case = await opened(app, agent, person(1), person(2, role=Role.CO_BORROWER), person(3, role=Role.GUARANTOR))
    assert case.findings == ()
    assert told(app, case.case_id) == []


async def test_above_the_channels_limit_the_case_opens_and_signing_is_closed(app: App, agent: Actor) -> None:
    at_limit = await opened(app, agent, person(1), amount="200000.00")
    assert at_limit.findings == ()
    case = await opened(app, agent, person(2), amount="200000.01")
    (finding,) = case.findings
    assert (finding.rule, finding.outcome, finding.blocks) == ("electronic_channel", Outcome.REFER, Stage.SIGNING)
    assert told(app, case.case_id) == [("risk.found", "electronic_channel")]
    supervisor = await log_in(app, "chen", "demo-super-2026")
    in_person = lc.ChangeTerms(supervisor, case.case_id, "登记现场面签", in_person_reason="客户已在上杭支行当面签字")
    signed, _ = await app.bus.execute(in_person)
    assert signed.findings == ()
    assert told(app, case.case_id)[-1] == ("risk.cleared", "electronic_channel")


async def test_age_at_maturity_is_referred(app: App, agent: Actor) -> None:
    case = await opened(app, agent, person(1, "19500101"), person(2, "19500101", Role.GUARANTOR))
    assert {one.rule: one.party.startswith("保证人") for one in case.findings} == {
        "age_at_maturity": False,
        "guarantor_age": True,
    }


@both_databases
async def test_what_one_person_owes_and_stands_for(app: App, agent: Actor) -> None:
    owner, friend = person(1), person(9, role=Role.GUARANTOR)
    first = await opened(app, agent, owner, friend, amount="200000.00")
    await opened(app, agent, owner, friend, amount="200000.00")
    third = await opened(app, agent, owner, friend, amount="100000.00")
    assert third.findings == (), "exactly 500,000 and exactly three debts"
    fourth = await opened(app, agent, owner, friend, amount="1000.00")
    assert findings(app, fourth).keys() == {"exposure", "guarantor_load", "velocity_person", "velocity_phone"}
    assert findings(app, fourth)["exposure"].facts["total"] == "501000.00"
    await app.bus.execute(c.AbortCase(agent, first.case_id, "客户改变主意"))
    fifth = await opened(app, agent, owner, amount="1000.00")
    assert "exposure" not in findings(app, fifth), "what was called off is not owed"


@both_databases
async def test_one_number_under_two_names(app: App, agent: Actor) -> None:
    await opened(app, agent, person(1))
    twin = person(1, role=Role.CO_BORROWER, name="王大力")
    case = await opened(app, agent, person(2), twin)
    assert findings(app, case)["two_names"].party == "共同借款人王*力"
    assert "same_phone" not in findings(app, case), "the same person may use the same phone"


async def test_a_window_ends(app: App, agent: Actor, clock: SteppedClock) -> None:
    for _ in range(3):
        await opened(app, agent, person(1), amount="1000.00")
    clock.pass_by(hours=24, seconds=1)
    assert (await opened(app, agent, person(1), amount="1000.00")).findings == ()


@both_databases
async def test_how_much_an_agent_and_a_branch_open(app: App, agent: Actor) -> None:
    await set_rules(app, "[velocity_agent]\ncases = 1\n[velocity_branch]\ncases = 2")
    supervisor = await log_in(app, "chen", "demo-super-2026")
    assert (await opened(app, agent, person(1))).findings == ()
    assert set(findings(app, await opened(app, agent, person(2)))) == {"velocity_agent"}
    assert set(findings(app, await opened(app, supervisor, person(3)))) == {"velocity_branch"}


# --- phones: two at once, and at the next step --------------------------------------------------------------------


@both_databases
async def test_of_two_cases_at_once_the_second_sees_the_first(app: App, agent: Actor) -> None:
    """And the first one learns of it at its own next step."""
    shared = "13700000000"
    both = [opening(app, agent, person(n, phone=shared)) for n in (1, 2)]
    made = await asyncio.gather(*(app.bus.execute(one) for one in both))
    marks = ["same_phone" in findings(app, case) for case, _ in made]
    assert sorted(marks) == [False, True]
    case, capabilities = made[marks.index(False)]
    await enter(app, capabilities[case.parties[0].party_id])
    finding = findings(app, case)["same_phone"]
    assert (finding.stage, finding.blocks, finding.pending) == (Stage.ENTRY, Stage.DISCLOSURE, True)
    assert types_of(app, case.case_id)[-2:] == ["party.code_proven", "risk.found"]


@both_databases
async def test_a_family_may_share_a_phone(app: App, agent: Actor) -> None:
    wife = person(2, role=Role.CO_BORROWER)
    await opened(app, agent, person(1), wife)
    assert (await opened(app, agent, person(1, phone=wife.phone))).findings == ()


async def test_entry_can_be_closed_and_the_customer_is_not_told_why(app: App, agent: Actor, chief: Chief) -> None:
    await set_rules(app, '[same_phone]\nblocks = "entry"')
    await opened(app, agent, person(1))
    case, capabilities = await app.bus.execute(opening(app, agent, person(2, phone=person(1).phone)))
    (capability,) = capabilities.values()
    await app.bus.execute(c.SendCode(BEARER, capability))
    with pytest.raises(RuleBroken) as error:
        await app.bus.execute(c.RedeemCode(BEARER, capability, last_code(app)))
    assert "手机号" not in error.value.message
    assert "客户经理" in error.value.hint
    assert stored(app, case.case_id).parties[0].state is PartyState.INVITED
    await chief.decide(case, "same_phone")
    await enter(app, capability)
    assert stored(app, case.case_id).parties[0].state is PartyState.ENTERED


@both_databases
async def test_who_was_let_go_again_is_still_known(app: App, agent: Actor) -> None:
    """Their phone and their number count; they owe nothing, and no two cases are related through them."""
    wife, friend = person(2, role=Role.CO_BORROWER), person(3, role=Role.CO_BORROWER)
    case = await opened(app, agent, person(1), wife, friend, amount="300000.00")
    gone = (case.parties[1].party_id, case.parties[2].party_id)
    await app.bus.execute(lc.ChangeTerms(agent, case.case_id, "另行办理", removed=gone))
    assert "same_phone" in findings(app, await opened(app, agent, person(5, phone=wife.phone)))
    alone = findings(app, await opened(app, agent, person(3, phone=person(1).phone, name="丁大明"), amount="250000.00"))
    assert {"two_names", "same_phone"} <= set(alone)
    assert "exposure" not in alone


@both_databases
async def test_a_device_is_known_again(app: App, agent: Actor) -> None:
    """One phone for three customers who have nothing to do with each other; the third is noticed at the door."""
    cases = []
    for serial, device in ((1, "phone-a"), (2, "phone-a"), (3, "phone-b"), (4, "phone-a")):
        case, capabilities = await app.bus.execute(opening(app, agent, person(serial)))
        (capability,) = capabilities.values()
        await app.bus.execute(c.SendCode(BEARER, capability))
        await app.bus.execute(c.RedeemCode(BEARER, capability, last_code(app), device=device, user_agent="Chrome"))
        cases.append(case)
    assert [sorted(findings(app, case)) for case in cases] == [[], [], [], ["same_device"]]
    finding = findings(app, cases[-1])["same_device"]
    assert finding.facts["cases"] == "2"
    assert finding.stage is Stage.ENTRY
    assert types_of(app, cases[-1].case_id)[-1] == "risk.found"


async def test_cases_from_before_the_index_are_found_after_a_start(app: App, agent: Actor) -> None:
    spoilt, case = await opened(app, agent, person(3)), await opened(app, agent, person(1))
    assert isinstance(app.services.db, SqlDatabase)
    with app.engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM risk_index")
        connection.execute(update(data_key).where(data_key.c.case_id == spoilt.case_id).values(kek_id="destroyed"))
    app.services.db._keys._known.clear()
    app.services.db._shelves.cases._things.clear()
    await asyncio.to_thread(index_old, app.services)
    with app.services.db.read() as unit:
        assert unit.risk.unindexed() == [spoilt.case_id], "it stops neither the start nor the others"
    again = await opened(app, agent, person(2, phone=person(1).phone))
    assert "same_phone" in findings(app, again)
    assert case.case_id != again.case_id
