"""Risk rules at the seat and on the phone: what is refused, what waits, what is acknowledged."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desktop.demo.specimen import Person, card_back, card_front, photograph
from signing.bootstrap import App
from signing.domain import events
from signing.domain.case import Case
from signing.domain.errors import RuleBroken
from signing.domain.party import CardSide, Identity, PartyState
from signing.domain.risk.model import Outcome
from signing.service import commands as c
from signing.service.commands import Actor
from signing.service.handlers.common import with_party
from tests.integration.service.office import (
    SteppedClock,
    in_call,
    put_at,
    sign_command,
    stored,
    types_of,
    whole_document,
)
from tests.integration.service.risky import (
    Chief,
    agent,
    app,
    chief,
    findings,
    set_rules,
    told,
)

__all__ = ["agent", "app", "chief"]


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
    assert reasons["disclosure"] == "待主管处理：借款人到期年龄"
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
