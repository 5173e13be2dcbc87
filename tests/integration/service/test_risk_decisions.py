"""Who decides about a referral, and an institution's own rules."""

import asyncio
import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from signing.adapters import demo_data
from signing.bootstrap import App
from signing.domain.case import Case
from signing.domain.errors import ConflictError, InputError, NotFound, NotPermitted, RuleBroken, SigningError
from signing.domain.party import Role
from signing.domain.revision import PartyCorrection, TermsChange
from signing.service import commands as c
from signing.service import lifecycle_commands as lc
from signing.service.board import board
from signing.service.commands import BEARER, Actor
from tests.integration.service.family import number
from tests.integration.service.office import (
    connect,
    enter,
    get_ready,
    last_code,
    log_in,
    open_app,
    stored,
)
from tests.integration.service.risky import (
    Chief,
    agent,
    app,
    chief,
    enlist,
    opened,
    opening,
    person,
    set_rules,
    told,
)
from tests.postgres import both_databases

__all__ = ["agent", "app", "chief"]


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


# --- other terms ----------------------------------------------------------------------------------------------------


def changed(actor: Actor, case: Case, **facts: Any) -> lc.ChangeTerms:
    return lc.ChangeTerms(actor, case.case_id, "客户要求", **facts)


async def test_what_was_sent_back_can_be_put_right_by_other_terms(app: App, agent: Actor, chief: Chief) -> None:
    case = await opened(app, agent, person(1), amount="200000.01")
    await chief.decide(case, "electronic_channel", "须到柜面办理", released=False)
    assert stored(app, case.case_id).findings[0].closes
    await app.bus.execute(changed(agent, case, terms=TermsChange(amount=Decimal("200000.00"))))
    assert stored(app, case.case_id).findings == ()
    assert told(app, case.case_id)[-1] == ("risk.cleared", "electronic_channel")


async def test_more_money_is_referred_anew_and_not_to_whoever_asked_for_it(app: App, agent: Actor) -> None:
    chen = Chief(app, await log_in(app, "chen", "demo-super-2026"))
    case = await opened(app, agent, person(1), amount="200000.01")
    await chen.decide(case, "electronic_channel")
    await app.bus.execute(changed(chen.actor, case, terms=TermsChange(amount=Decimal("250000.00"))))
    (finding,) = stored(app, case.case_id).findings
    assert finding.pending, "what was let pass was less"
    assert finding.facts["amount"] == "250000.00"
    with pytest.raises(NotPermitted, match="由您变更"):
        await chen.decide(case, "electronic_channel")


async def test_who_leaves_takes_their_findings_along(app: App, agent: Actor, chief: Chief) -> None:
    case = await opened(app, agent, person(1), person(2, "19500101", Role.CO_BORROWER))
    await chief.decide(case, "age_at_maturity", "年龄太大", released=False)
    await app.bus.execute(changed(agent, case, removed=(case.parties[1].party_id,)))
    assert stored(app, case.case_id).findings == ()


async def test_who_ever_changed_the_terms_does_not_decide(app: App, agent: Actor, chief: Chief) -> None:
    """Not only the last one: a colleague's change after it makes nobody impartial."""
    chen = Chief(app, await log_in(app, "chen", "demo-super-2026"))
    case = await opened(app, agent, person(1), amount="190000.00")
    await app.bus.execute(changed(chen.actor, case, terms=TermsChange(amount=Decimal("250000.00"))))
    await app.bus.execute(changed(agent, case, terms=TermsChange(purpose="购买肥料")))
    with pytest.raises(NotPermitted, match="由您变更"):
        await chen.decide(case, "electronic_channel")
    (item,) = board(app.services, chen.actor).referrals
    assert "由您变更" in item.why_not
    await chief.decide(case, "electronic_channel")


@pytest.mark.parametrize(
    "correction", [{"name": "丁大明"}, {"id_number": number("19500101", 77)}, {"phone": "13900139000"}]
)
async def test_a_release_holds_for_nobody_else(
    app: App, agent: Actor, chief: Chief, correction: dict[str, str]
) -> None:
    case = await opened(app, agent, person(1), person(2, "19500101", Role.CO_BORROWER))
    await chief.decide(case, "age_at_maturity")
    old = PartyCorrection(case.parties[1].party_id, address="示范村 10 号")
    await app.bus.execute(changed(agent, case, corrected=(old,)))
    assert stored(app, case.case_id).findings[0].decision, "the same person"
    right = PartyCorrection(case.parties[1].party_id, **correction)  # type: ignore[arg-type]
    await app.bus.execute(changed(agent, case, corrected=(right,)))
    (finding,) = stored(app, case.case_id).findings
    assert finding.pending
    assert told(app, case.case_id)[-2:] == [("risk.cleared", "age_at_maturity"), ("risk.found", "age_at_maturity")]


async def test_another_borrower_makes_the_limit_a_question_again(app: App, agent: Actor, chief: Chief) -> None:
    case = await opened(app, agent, person(1), amount="250000.00")
    await chief.decide(case, "electronic_channel")
    enlist(app, person(5))
    stranger = {"removed": (case.parties[0].party_id,), "added": (person(5),)}
    await app.bus.execute(changed(agent, case, **stranger))
    (finding,) = stored(app, case.case_id).findings
    assert finding.pending


async def test_what_a_step_that_is_over_found_is_decided_again(app: App, agent: Actor, chief: Chief) -> None:
    """A right name sends nobody back to the door, where the shared device was noticed."""
    await set_rules(app, "[same_device]\ncases = 1")
    for serial in (1, 2):
        case, capabilities = await app.bus.execute(opening(app, agent, person(serial)))
        (capability,) = capabilities.values()
        await app.bus.execute(c.SendCode(BEARER, capability))
        await app.bus.execute(c.RedeemCode(BEARER, capability, last_code(app), device="phone-a", user_agent="Chrome"))
    await chief.decide(case, "same_device")
    enlist(app, person(2, name="丁大明"))
    right = PartyCorrection(case.parties[0].party_id, name="丁大明")
    await app.bus.execute(changed(agent, case, corrected=(right,)))
    (finding,) = stored(app, case.case_id).findings
    assert (finding.rule, finding.pending, finding.party) == ("same_device", True, "借款人丁*明")


async def test_terms_that_a_rule_refuses_change_nothing(app: App, agent: Actor) -> None:
    case = await opened(app, agent, person(1))
    enlist(app, person(1), line="60000.00")
    with pytest.raises(RuleBroken) as error:
        await app.bus.execute(changed(agent, case, terms=TermsChange(amount=Decimal("60000.01"))))
    assert error.value.rule == "roster_line"
    assert stored(app, case.case_id) == case


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
    with pytest.raises(NotFound):
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
