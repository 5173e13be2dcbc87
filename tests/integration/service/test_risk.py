"""Every rule through the real service at its step; who may decide; what stays when nothing may be opened."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desktop.demo.specimen import Person, card_back, card_front, photograph
from signing.adapters import demo_data
from signing.adapters.identity import VisionIdentityReader
from signing.bootstrap import App
from signing.domain import events
from signing.domain.case import Case
from signing.domain.errors import ConflictError, InputError, NotFound, NotPermitted, RuleBroken, SigningError
from signing.domain.party import CardSide, Identity, PartyState, Role
from signing.domain.reference import ListEntry, Lpr, NamedList
from signing.domain.risk.model import Outcome, Stage
from signing.service import commands as c
from signing.service.board import board
from signing.service.commands import BEARER, Actor
from signing.service.handlers.common import with_party
from signing.service.recovery import index_old
from tests.integration.service.family import another_seat
from tests.integration.service.office import (
    SteppedClock,
    connect,
    enter,
    get_ready,
    in_call,
    last_code,
    log_in,
    open_app,
    put_at,
    sign_command,
    stored,
    types_of,
    whole_document,
)
from tests.integration.service.risky import (
    HOUSE,
    Chief,
    Listed,
    WithGuarantors,
    enlist,
    findings,
    opened,
    opening,
    person,
    set_rules,
    told,
)
from tests.postgres import both_databases


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


# --- at creation: refused -----------------------------------------------------------------------------------------


async def refused(app: App, command: c.OpenCase, rule: str) -> None:
    """Nothing is stored, nobody invited; the access log knows that somebody tried, and no name or number."""
    with app.services.db.read() as unit:
        before = len(unit.cases.recent(None, None))
    with pytest.raises(RuleBroken) as error:
        await app.bus.execute(command)
    assert error.value.rule == rule
    assert error.value.hint
    with app.services.db.read() as unit:
        assert len(unit.cases.recent(None, None)) == before
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
    in_person = opening(app, supervisor, person(3), amount="200000.01")
    signed, _ = await app.bus.execute(replace(in_person, in_person_reason="客户已在上杭支行当面签字"))
    assert signed.findings == ()


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
async def test_a_device_is_known_again(app: App, agent: Actor) -> None:
    cases = [await opened(app, agent, person(n)) for n in (1, 2)]
    third, capabilities = await app.bus.execute(opening(app, agent, person(3)))
    with app.services.db.write() as unit:
        for case in (*cases, third):
            unit.risk.note_device(case.case_id, case.parties[0].party_id, "d" * 64)
    (capability,) = capabilities.values()
    await enter(app, capability)
    assert findings(app, third)["same_device"].facts["cases"] == "2"


async def test_cases_from_before_the_index_are_found_after_a_start(app: App, agent: Actor) -> None:
    case = await opened(app, agent, person(1))
    with app.engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM risk_index")
    await asyncio.to_thread(index_old, app.services)
    with app.services.db.read() as unit:
        assert unit.risk.unindexed() == []
    again = await opened(app, agent, person(2, phone=person(1).phone))
    assert "same_phone" in findings(app, again)
    assert case.case_id != again.case_id


# --- at the seat --------------------------------------------------------------------------------------------------


async def talking(app: App, agent: Actor) -> tuple[Actor, Case]:
    """The demonstration's borrower in a call; the age of 76 is let pass."""
    await set_rules(app, "[age_at_maturity]\nage = 90")
    _, customer, case, _ = await in_call(app)
    return customer, case


def back_of_card(until: str) -> bytes:
    return photograph(card_back(Person(valid_from="2016.08.12", valid_until=until)), 2)


async def test_an_expired_card_is_refused_until_another_is_shown(app: App, agent: Actor) -> None:
    customer, case = await talking(app, agent)
    do, party_id = app.bus.execute, customer.actor_id
    await do(c.SubmitCard(customer, "back", back_of_card("2026.08.12")))
    assert findings(app, case)["id_expired"].outcome is Outcome.REFUSE
    before = stored(app, case.case_id)
    with pytest.raises(RuleBroken, match="到期") as error:
        await do(c.DecideIdentity(agent, case.case_id, party_id, True, "认识本人"))
    assert error.value.rule == "id_expired"
    assert stored(app, case.case_id) == before, "the finding was there already, nothing else has changed"
    await do(c.SubmitCard(customer, "back", back_of_card("长期")))
    assert findings(app, case) == {}
    assert told(app, case.case_id) == [("risk.found", "id_expired"), ("risk.cleared", "id_expired")]
    await do(c.DecideIdentity(agent, case.case_id, party_id, False, "请再核对"))


async def test_a_warning_is_shown_and_acknowledged_with_the_next_step(
    app: App, agent: Actor, clock: SteppedClock
) -> None:
    customer, case = await talking(app, agent)
    soon = (clock.now() + timedelta(days=200)).date()
    with app.services.db.write() as unit:
        kept = unit.cases.get(case.case_id)
        back = CardSide("back", clock.now(), "0" * 64, True, {"valid_until": soon.isoformat()}, validity_ok=True)
        unit.cases.save(with_party(kept, replace(kept.parties[0], identity=Identity(back=back))))
    await app.bus.execute(c.SubmitCard(customer, "front", photograph(card_front(Person()), 1)))
    warning = findings(app, case)["id_expires_in_term"]
    assert (warning.outcome, warning.acknowledged) == (Outcome.WARN, None)
    put_at(app, case.case_id, PartyState.IDENTIFIED)
    with app.services.db.write() as unit:
        kept = unit.cases.get(case.case_id)
        unit.cases.save(with_party(kept, replace(kept.parties[0], answers=())))
    await app.bus.execute(c.ShowLine(agent, case.case_id, customer.actor_id, 1))
    seen = findings(app, case)["id_expires_in_term"].acknowledged
    assert seen is not None
    assert seen.by == agent.name
    assert told(app, case.case_id)[-1] == ("risk.acknowledged", "id_expires_in_term")
    await app.bus.execute(c.ShowLine(agent, case.case_id, customer.actor_id, 2))
    assert [kind for kind, _ in told(app, case.case_id)].count("risk.acknowledged") == 1


async def test_disclosure_waits_for_the_supervisor(app: App, agent: Actor, chief: Chief) -> None:
    _, customer, case, _ = await in_call(app)  # 76 years old, under the shipped rules
    case = put_back_to_disclosure(app, case)
    for command in (
        c.ShowLine(agent, case.case_id, customer.actor_id, 1),
        c.AnswerLine(agent, case.case_id, customer.actor_id, 1, "yes"),
    ):
        with pytest.raises(RuleBroken, match="等待主管处理“借款人到期年龄”") as error:
            await app.bus.execute(command)
        assert error.value.rule == "age_at_maturity"
    snapshot = app.queries.case(agent, case.case_id)
    reasons = {step.key.value: step.reason for step in snapshot.steps}
    assert "等待主管处理" in reasons["disclosure"]
    assert any("等待主管处理" in reason for reason in snapshot.seal_blocked_by)
    await chief.decide(case, "age_at_maturity")
    await app.bus.execute(c.ShowLine(agent, case.case_id, customer.actor_id, 1))
    await app.bus.execute(c.AnswerLine(agent, case.case_id, customer.actor_id, 1, "yes"))
    assert not [why for why in app.queries.case(agent, case.case_id).seal_blocked_by if "主管" in why]


def put_back_to_disclosure(app: App, case: Case) -> Case:
    put_at(app, case.case_id, PartyState.IDENTIFIED)
    with app.services.db.write() as unit:
        kept = unit.cases.get(case.case_id)
        return unit.cases.save(with_party(kept, replace(kept.parties[0], answers=())))


async def test_what_was_sent_back_stays_closed(app: App, agent: Actor, chief: Chief) -> None:
    _, customer, case, _ = await in_call(app)
    case = put_back_to_disclosure(app, case)
    await chief.decide(case, "age_at_maturity", "年龄太大，不予办理", released=False)
    with pytest.raises(RuleBroken, match="主管已退回“借款人到期年龄”（年龄太大，不予办理）"):
        await app.bus.execute(c.ShowLine(agent, case.case_id, customer.actor_id, 1))
    await app.bus.execute(c.AbortCase(agent, case.case_id, "主管退回"))


async def test_signing_waits_and_the_customer_is_told_no_more_than_that(app: App, agent: Actor, chief: Chief) -> None:
    await set_rules(app, '[age_at_maturity]\nage = 90\n[electronic_channel]\nlimit = "179999.99"')
    _, customer, case, _ = await in_call(app)
    put_at(app, case.case_id, PartyState.INFORMED)
    case = stored(app, case.case_id)
    await app.bus.execute(c.ReportReading(customer, case.documents[0].document_id, whole_document(case)))
    sign = sign_command(customer, case)
    before, revisions = types_of(app, case.case_id), stored(app, case.case_id).documents
    with pytest.raises(RuleBroken) as error:
        await app.bus.execute(sign)
    assert error.value.rule == "electronic_channel"
    assert "限额" not in error.value.message + error.value.hint
    assert types_of(app, case.case_id) == before
    assert stored(app, case.case_id).documents == revisions
    await chief.decide(case, "electronic_channel", "已电话核实用途")
    with app.services.db.write() as unit:  # the identity event that the signature is bound to
        party = stored(app, case.case_id).parties[0]
        decision = party.identity.decision
        assert decision
        unit.cases.append(case.case_id, events.identity_decided(party, decision, []), agent, decision.at)
    await app.bus.execute(sign)
    assert "document.signed" in types_of(app, case.case_id)


async def test_a_card_that_expires_before_the_seal_stops_it(app: App, agent: Actor, clock: SteppedClock) -> None:
    customer, case = await talking(app, agent)
    last_day = (clock.now() + timedelta(hours=8)).date()
    with app.services.db.write() as unit:
        kept = unit.cases.get(case.case_id)
        back = CardSide("back", clock.now(), "0" * 64, True, {"valid_until": last_day.isoformat()}, validity_ok=True)
        unit.cases.save(with_party(kept, replace(kept.parties[0], identity=Identity(back=back))))
    with pytest.raises(RuleBroken) as error:
        await app.bus.execute(c.SealCase(agent, case.case_id))
    assert error.value.rule == "seal", "on its last day only the unfinished steps are in the way"
    clock.pass_by(days=1)
    with pytest.raises(RuleBroken) as error:
        await app.bus.execute(c.SealCase(agent, case.case_id))
    assert error.value.rule == "id_expired"
    assert told(app, case.case_id) == [("risk.found", "id_expired")]
    assert customer.case_id == case.case_id


# --- who decides --------------------------------------------------------------------------------------------------


@pytest.fixture
async def referred(app: App, agent: Actor) -> Case:
    return await opened(app, agent, person(1, "19500101"), person(2, "19500101", Role.CO_BORROWER))


async def test_a_supervisor_with_no_part_in_the_case_decides_for_one_party_or_all(
    app: App, referred: Case, chief: Chief
) -> None:
    first, second = referred.parties
    await chief.decide(referred, "age_at_maturity", party_id=second.party_id)
    left = [finding.party_id for finding in stored(app, referred.case_id).findings if finding.pending]
    assert left == [first.party_id]
    await chief.decide(referred, "age_at_maturity")
    with app.services.db.read() as unit:
        event = unit.cases.events(referred.case_id)[-1]
    assert event.type == "risk.released"
    assert event.body["decision_reason"] == "已电话核实"
    assert event.actor["id"] == chief.actor.actor_id
    with pytest.raises(ConflictError, match="没有等待处理"):
        await chief.decide(referred, "age_at_maturity")


@pytest.mark.parametrize("username", ["zhang", "lin", "admin"])
async def test_nobody_else_decides(app: App, referred: Case, username: str) -> None:
    passwords = {"zhang": "demo-agent-2026", "lin": "demo-audit-2026", "admin": "demo-admin-2026"}
    actor = await log_in(app, username, passwords[username])
    with pytest.raises(NotPermitted):
        await app.bus.execute(c.OverrideRisk(actor, referred.case_id, "age_at_maturity", "已核实"))


async def test_four_eyes(app: App, chief: Chief) -> None:
    """Neither who opened the case nor who talked with its customers, be they a supervisor."""
    own = await opened(app, chief.actor, person(1, "19500101"))
    with pytest.raises(NotPermitted, match="由您建立"):
        await chief.decide(own, "age_at_maturity")
    agent = await log_in(app)
    case, capabilities = await app.bus.execute(opening(app, agent, person(3, "19500101")))
    customer = await enter(app, capabilities[case.parties[0].party_id])
    await get_ready(app, customer)
    await connect(app, chief.actor, customer)
    with pytest.raises(NotPermitted, match="接待过"):
        await chief.decide(case, "age_at_maturity")
    other = Chief(app, await log_in(app, "chen", "demo-super-2026"))
    assert (await other.decide(case, "age_at_maturity")).findings[0].decision
    with pytest.raises(NotPermitted):
        await Chief(app, await log_in(app)).decide(own, "age_at_maturity")


async def test_what_cannot_be_decided(app: App, agent: Actor, referred: Case, chief: Chief) -> None:
    stranger = replace(chief.actor, institution_id="inst_other")
    refusals: list[tuple[Actor, dict[str, object], type[SigningError]]] = [
        (chief.actor, {"reason": " 好 "}, InputError),
        (chief.actor, {"reason": "长" * 501}, InputError),
        (chief.actor, {"rule": "same_phone"}, ConflictError),
        (chief.actor, {"rule": "nothing"}, ConflictError),
        (chief.actor, {"party_id": "party_x"}, ConflictError),
        (stranger, {}, NotFound),
    ]
    for actor, change, kind in refusals:
        command = replace(c.OverrideRisk(actor, referred.case_id, "age_at_maturity", "已核实"), **change)  # type: ignore[arg-type]
        with pytest.raises(kind):
            await app.bus.execute(command)
    assert stored(app, referred.case_id) == referred
    await app.bus.execute(c.AbortCase(agent, referred.case_id, "客户改变主意"))
    with pytest.raises(ConflictError, match="终止"):
        await chief.decide(referred, "age_at_maturity")


@both_databases
async def test_two_supervisors_at_once_decide_once(app: App, referred: Case, chief: Chief) -> None:
    other = Chief(app, await log_in(app, "chen", "demo-super-2026"))
    done = await asyncio.gather(
        chief.decide(referred, "age_at_maturity", "一号意见"),
        other.decide(referred, "age_at_maturity", "二号意见", released=False),
        return_exceptions=True,
    )
    assert sorted(isinstance(one, ConflictError) for one in done) == [False, True]
    assert len([kind for kind, _ in told(app, referred.case_id) if kind != "risk.found"]) == 2, "one for each party"


@both_databases
async def test_the_board_lists_what_waits_and_who_may_decide(
    app: App, agent: Actor, referred: Case, chief: Chief
) -> None:
    chen = await log_in(app, "chen", "demo-super-2026")
    shown = board(app.services, chen).referrals
    assert [(one.case.case_id, one.finding.rule) for one in shown] == [(referred.case_id, "age_at_maturity")] * 2
    assert {one.why_not for one in shown} == {""}
    own = await opened(app, chen, person(7, "19500101"))
    (mine,) = [one for one in board(app.services, chen).referrals if one.case.case_id == own.case_id]
    assert "由您建立" in mine.why_not
    await chief.decide(referred, "age_at_maturity")
    await app.bus.execute(c.AbortCase(agent, own.case_id, "客户改变主意"))
    assert board(app.services, chen).referrals == []


# --- an institution's own rules -----------------------------------------------------------------------------------


@both_databases
async def test_rules_are_set_whole_or_not_at_all(app: App) -> None:
    admin = await log_in(app, "admin", "demo-admin-2026")
    house = admin.institution_id
    await app.bus.execute(c.SetRiskRules(admin, house, "[same_phone]\ndays = 30"))
    with pytest.raises(InputError, match=re.escape("第 5 行 same_phone.days：须为整数")):
        await app.bus.execute(c.SetRiskRules(admin, house, '\n# 说明\n[same_phone]\ncases = 2\ndays = "30"'))
    with pytest.raises(InputError, match="不是正确的 TOML"):
        await app.bus.execute(c.SetRiskRules(admin, house, "[same_phone"))
    with pytest.raises(NotPermitted):
        await app.bus.execute(c.SetRiskRules(replace(admin, institution_id="inst_other"), house, ""))
    with app.services.db.read() as unit:
        assert unit.risk.settings(house)["same_phone"].numbers["days"] == 30
        last = json.loads(unit.logs.views()[-1])["body"]
    assert last["what"] == "risk.rules"
    assert house in last["detail"]


async def test_the_demonstration_has_rules_of_its_own(tmp_path: Path) -> None:
    app = open_app(tmp_path / "demo")
    agent = await log_in(app)
    case, _ = await app.bus.execute(demo_data.demo_case(agent))
    assert case.findings == (), "a borrower of 76 passes where the limit is 80"
    await app.close()
