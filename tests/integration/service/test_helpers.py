"""A helper at the customer's side: declared on the phone or in the call, out of the picture for the checked lines."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from signing.adapters import demo_data
from signing.bootstrap import App
from signing.domain.case import Case
from signing.domain.errors import ConflictError, InputError, NotFound, NotPermitted, RuleBroken
from signing.domain.party import Party, PartyState
from signing.service import commands as c
from signing.service import helper_commands as h
from signing.service.case_json import case_json
from signing.service.commands import Actor
from signing.web.views.audit import audit_case
from tests.integration.service.office import enter, in_call, log_in, open_case, put_at, stored, types_of

SON = {"name": "王小田", "relation": "子女", "id_number": "350823198209174138", "phone": "13900139000"}


async def declared_in_a_call(app: App) -> tuple[Actor, Actor, Case]:
    """→ agent, customer, case; the customer identified, with the son beside them."""
    agent, customer, case, _ = await in_call(app)
    put_at(app, case.case_id, PartyState.IDENTIFIED)
    forget_answers(app, case)
    await app.bus.execute(h.DeclareHelper(agent, **SON, case_id=case.case_id, party_id=customer.actor_id))
    return agent, customer, stored(app, case.case_id)


def forget_answers(app: App, case: Case) -> None:
    with app.services.db.write() as unit:
        kept = unit.cases.get(case.case_id)
        unit.cases.save(replace(kept, parties=tuple(replace(party, answers=()) for party in kept.parties)))


def party_in(app: App, case: Case) -> Party:
    return stored(app, case.case_id).parties[0]


async def test_the_customer_declares_on_the_phone_and_takes_it_back(app: App) -> None:
    case, capability = await open_case(app, await log_in(app))
    customer = await enter(app, capability)
    await app.bus.execute(h.DeclareHelper(customer, "李建强", "村干部"))
    helper = party_in(app, case).helper
    assert helper is not None
    assert (helper.name, helper.relation, helper.declared_by, helper.aside_at) == ("李建强", "村干部", "customer", None)
    await app.bus.execute(h.DeclareHelper(customer, **SON))
    await app.bus.execute(h.DismissHelper(customer))
    assert party_in(app, case).helper is None
    assert types_of(app, case.case_id)[-3:] == ["helper.declared", "helper.declared", "helper.dismissed"]
    with pytest.raises(NotFound):
        await app.bus.execute(h.DismissHelper(customer))


async def test_what_must_be_answered_alone_waits_for_the_helper_to_step_aside(app: App) -> None:
    agent, customer, case = await declared_in_a_call(app)
    checked = next(line for line in case.script if line.alone)
    answer = c.AnswerLine(agent, case.case_id, customer.actor_id, checked.number, checked.expected or "yes")
    with pytest.raises(RuleBroken) as refused:
        await app.bus.execute(answer)
    assert refused.value.rule == "helper_aside"
    assert party_in(app, case).answers == ()
    await app.bus.execute(h.MoveHelper(agent, case.case_id, customer.actor_id, True))
    await app.bus.execute(answer)
    await app.bus.execute(h.MoveHelper(agent, case.case_id, customer.actor_id, False))
    with pytest.raises(RuleBroken):
        await app.bus.execute(answer)
    kinds = [kind for kind in types_of(app, case.case_id) if kind.startswith(("helper", "disclosure"))]
    assert kinds == ["helper.declared", "helper.stepped_aside", "disclosure.answered", "helper.returned"]


async def test_every_checked_line_of_the_script_is_flagged(app: App) -> None:
    case, _ = await open_case(app, await log_in(app))
    assert [line.alone for line in case.script] == [line.expected is not None for line in case.script]
    assert any(line.alone for line in case.script)


async def test_the_chain_the_record_and_the_audit_name_the_helper_masked(app: App) -> None:
    _, _, case = await declared_in_a_call(app)
    auditor = await log_in(app, "lin", "demo-audit-2026")
    shown = audit_case(app.queries.audit_case(auditor, case.case_id))
    (event,) = [event for event in shown.events if event.type == "helper.declared"]
    assert event.title == "坐席登记借款人王*兰的协助人：子女王*田"
    whole = shown.model_dump_json()
    assert all(secret not in whole for secret in (SON["name"], SON["id_number"], SON["phone"]))
    helper = shown.case.parties[0].helper
    assert helper is not None
    assert (helper.name_masked, helper.relation, helper.declared_by, helper.aside) == ("王*田", "子女", "agent", False)
    with app.services.db.read() as unit:
        institution = unit.people.institution(case.institution_id)
    record = json.loads(case_json(case, institution))["case"]["parties"][0]["helper"]
    assert record["name"] == SON["name"]


async def test_a_helper_opens_no_link_and_signs_nothing(app: App) -> None:
    _, customer, case = await declared_in_a_call(app)
    assert [party.party_id for party in case.parties] == [customer.actor_id]
    assert all(set(document.signer_party_ids) == {customer.actor_id} for document in case.documents)
    assert types_of(app, case.case_id).count("party.invited") == len(case.parties)


async def test_who_may_not_and_what_is_wrong(app: App) -> None:
    agent, customer, case = await declared_in_a_call(app)
    other_seat = await log_in(app, "chen", "demo-super-2026")
    auditor = await log_in(app, "lin", "demo-audit-2026")
    at = {"case_id": case.case_id, "party_id": customer.actor_id}
    for actor in (other_seat, auditor):
        with pytest.raises(NotPermitted):
            await app.bus.execute(h.MoveHelper(actor, **at, aside=True))
    with pytest.raises(RuleBroken, match="当事人"):
        await app.bus.execute(h.DeclareHelper(agent, "王秀兰", "本人", demo_data.BORROWER.id_number, **at))
    with pytest.raises(InputError):
        await app.bus.execute(h.DeclareHelper(agent, "李", "子女", **at))
    put_at(app, case.case_id, PartyState.SIGNED)
    with pytest.raises(ConflictError):
        await app.bus.execute(h.DeclareHelper(agent, "李建强", "子女", **at))
    assert party_in(app, case).helper == case.parties[0].helper


async def test_in_a_call_only_the_seat_says_that_the_helper_has_gone(app: App) -> None:
    agent, customer, case = await declared_in_a_call(app)
    with pytest.raises(ConflictError, match="不能自行取消"):
        await app.bus.execute(h.DismissHelper(customer))
    assert party_in(app, case).helper is not None
    await app.bus.execute(h.DismissHelper(agent, case_id=case.case_id, party_id=customer.actor_id))
    assert party_in(app, case).helper is None


async def test_a_new_helper_is_in_the_picture_again(app: App) -> None:
    agent, customer, case = await declared_in_a_call(app)
    at = {"case_id": case.case_id, "party_id": customer.actor_id}
    await app.bus.execute(h.MoveHelper(agent, **at, aside=True))
    first = party_in(app, case).helper
    assert first is not None
    assert first.aside_at is not None
    assert first.aside_at - case.opened_at < timedelta(minutes=5)
    await app.bus.execute(h.DeclareHelper(agent, "李建强", "村干部", **at))
    second = party_in(app, case).helper
    assert second is not None
    assert second.aside_at is None
