"""Other terms before the first signature: rules again, new papers, everybody hears again; and the package after."""

import asyncio
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from signing.bootstrap import App
from signing.domain.case import Case, DocumentState, party_of
from signing.domain.document import all_read
from signing.domain.errors import ConflictError, InputError, NotFound, NotLoggedIn, NotPermitted, RuleBroken
from signing.domain.party import PartyState, Role
from signing.domain.phone_step import PhoneStep
from signing.domain.readable import whole_of
from signing.domain.revision import PartyCorrection, TermsChange
from signing.evidence.verify import verify_package
from signing.service import commands as c
from signing.service import lifecycle_commands as lc
from signing.service.commands import BEARER, Actor, PartyDraft
from signing.service.content import package_file
from signing.web.views.phone import phone_view
from tests.integration.service.endings import assert_nothing_open
from tests.integration.service.family import OTHERS, another_seat, family, number, open_family_case
from tests.integration.service.office import (
    Film,
    connect,
    deliver,
    enter,
    finish_command,
    get_ready,
    handwriting,
    last_code,
    log_in,
    start_command,
    stored,
    types_of,
)
from tests.integration.service.steps import serve, sign_next
from tests.postgres import both_databases

LESS = TermsChange(amount=Decimal("90000.00"))
NEWCOMER = PartyDraft(Role.CO_BORROWER, "赵小草", number("19880808", 33), "13800138033", "示范村 9 号")


async def change(app: App, agent: Actor, case: Case, **facts: object) -> tuple[Case, dict[str, str]]:
    command = lc.ChangeTerms(agent, case.case_id, "客户少借一些", **facts)  # type: ignore[arg-type]
    result: tuple[Case, dict[str, str]] = await app.bus.execute(command)
    return result


async def test_in_a_call_everything_is_made_anew_and_everybody_hears_again(app: App) -> None:
    agent = await log_in(app)
    case, (first, second, third) = await family(app, agent)
    call = await connect(app, agent, first)
    await app.bus.execute(c.JoinQueue(second))
    await app.bus.execute(c.AdmitParty(agent, call.call_id, second.actor_id))
    await serve(app, agent, first, case.case_id, PartyState.READ)
    await serve(app, agent, second, case.case_id, PartyState.IDENTIFIED)
    before = stored(app, case.case_id)
    after, links = await change(app, agent, case, terms=LESS)
    assert links == {}, "nobody needs a new link"
    assert after == stored(app, case.case_id)
    assert after.terms is not None
    assert after.terms.amount == Decimal("90000.00")
    same = [document for document in after.documents if document in before.documents]
    new = [document for document in after.documents if document not in before.documents]
    assert "personal_information_consent" in {document.kind for document in same}, "it speaks of no amount"
    assert "personal_loan_contract" in {document.kind for document in new}
    assert [document.state for document in after.superseded] == [DocumentState.VOID] * len(new)
    assert {document.document_id for document in (*same, *after.superseded)} == {
        document.document_id for document in before.documents
    }
    assert any("90,000.00" in line.text for line in after.script)
    assert [party.state for party in after.parties] == [PartyState.IDENTIFIED, PartyState.IDENTIFIED, PartyState.READY]
    assert [party.consents for party in after.parties] == [party.consents for party in before.parties]
    assert [(party.answers, party.reading) for party in after.parties] == [((), {})] * 3
    phone = app.queries.phone(first)
    assert (phone.step, phone.call) == (PhoneStep.DISCLOSURE, call)
    assert phone.party.hears_again
    assert not app.queries.phone(third).party.hears_again, "who had been told nothing hears nothing again"
    for old in before.documents:
        assert app.services.blobs.get(case.case_id, old.frozen_sha256), "no revision is lost"
    for old in after.superseded:
        with pytest.raises(NotFound):
            await app.bus.execute(c.SignDocument(first, old.document_id, old.frozen_sha256, handwriting(), 70, 0.6))
    told = types_of(app, case.case_id)
    papers = len(new)
    mine = told[-(1 + 2 * papers + 1) :]
    assert mine == ["case.terms_changed", *["document.voided"] * papers, *["document.frozen"] * papers, "party.changed"]
    with app.services.db.read() as unit:
        said = next(event for event in unit.cases.events(case.case_id) if event.type == "case.terms_changed")
    listed = said.body["papers"]
    assert isinstance(listed, list)
    assert [(row["old_sha256"], row["new_sha256"]) for row in listed] == [
        (old.frozen_sha256, new.frozen_sha256) for old, new in zip(before.documents, after.documents, strict=True)
    ]
    await serve(app, agent, first, case.case_id)
    with pytest.raises(ConflictError, match="签过的内容不能再改"):
        await change(app, agent, case, terms=LESS)


async def test_people_come_leave_and_are_put_right(app: App) -> None:
    agent = await log_in(app)
    case, links = await open_family_case(app, agent)
    customers = [await enter(app, link) for link in links]
    for customer in customers:
        await get_ready(app, customer)
    first, second, third = customers
    call = await connect(app, agent, first)
    for other in (second, third):
        await app.bus.execute(c.JoinQueue(other))
        await app.bus.execute(c.AdmitParty(agent, call.call_id, other.actor_id))
    await serve(app, agent, third, case.case_id, PartyState.INFORMED)
    corrections = (PartyCorrection(third.actor_id, name="王小禾"),)
    after, fresh = await change(app, agent, case, removed=(second.actor_id,), added=(NEWCOMER,), corrected=corrections)
    newcomer = after.parties[-1]
    assert set(fresh) == {newcomer.party_id}
    assert [party.name for party in after.parties] == ["王秀兰", "王小禾", "赵小草"]
    assert [party.party_id for party in after.former_parties] == [second.actor_id]
    assert [(party.party_id, party.name) for party in after.put_right] == [(third.actor_id, "王小河")]
    auditor = await log_in(app, "lin", "demo-audit-2026")
    left = after.former_parties[0]
    for text in (left.name, left.id_number, left.phone):
        assert [row.case.case_id for row in app.queries.audit_list(auditor, text).rows] == [case.case_id], text
    gone = app.queries.phone(second)
    assert (gone.step, gone.call, gone.may_refuse) == (PhoneStep.ENDED, None, False)
    with pytest.raises(NotLoggedIn, match="不再需要您办理"):
        app.queries.opened_link(links[1])
    with pytest.raises(ConflictError, match="不再需要您办理"):
        await app.bus.execute(c.JoinQueue(second))
    with pytest.raises(ConflictError, match="已不是"):
        await app.bus.execute(c.RenewLink(agent, case.case_id, second.actor_id))
    wrong_name = app.queries.phone(third)
    assert (wrong_name.party.state, wrong_name.step) == (PartyState.READY, PhoneStep.ID_FRONT)
    assert wrong_name.party.identity.decision is None
    entered = await enter(app, fresh[newcomer.party_id])
    assert app.queries.phone(entered).step is PhoneStep.CONSENT_RECORDING
    signers = {one for document in after.documents for one in document.signer_party_ids}
    assert signers == {party.party_id for party in after.parties}
    await app.bus.execute(c.AbortCase(agent, case.case_id, "x"))
    assert_nothing_open(app, case.case_id)


async def test_a_wrong_phone_begins_again_with_a_link_of_its_own(app: App) -> None:
    agent = await log_in(app)
    case, (first, second, third) = await family(app, agent)
    call = await connect(app, agent, first)
    await app.bus.execute(c.JoinQueue(second))
    await app.bus.execute(c.AdmitParty(agent, call.call_id, second.actor_id))
    correction = PartyCorrection(second.actor_id, phone="13900139000")
    after, fresh = await change(app, agent, case, corrected=(correction,))
    assert set(fresh) == {second.actor_id}
    with pytest.raises(NotLoggedIn):
        app.queries.authenticate(second.session_id)
    assert party_of(after, second.actor_id).state is PartyState.INVITED
    again = await enter(app, fresh[second.actor_id])
    assert app.queries.phone(again).step is PhoneStep.CONSENT_RECORDING
    assert app.queries.phone(first).call == call
    assert app.queries.phone(third).step is PhoneStep.QUEUE


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"terms": TermsChange(amount=Decimal("300000.01"))}, "amount"),
        ({"terms": TermsChange(amount=Decimal("200000.01"))}, "roster_line"),
        ({"terms": TermsChange(term_months=37)}, "term"),
        ({"added": (replace(NEWCOMER, id_number="110105194912310021"),)}, "id_number"),
        ({"added": (replace(NEWCOMER, id_number=OTHERS[0].id_number),)}, "same_person"),
        ({"added": (replace(NEWCOMER, role=Role.GUARANTOR),)}, "roles"),
        ({"removed": "borrower"}, "roles"),
    ],
)
async def test_the_rules_of_opening_hold_again_and_nothing_changes(
    app: App, facts: dict[str, object], rule: str
) -> None:
    agent = await log_in(app)
    case, _ = await open_family_case(app, agent)
    if facts.get("removed") == "borrower":
        facts = {"removed": (case.parties[0].party_id,)}
    before = types_of(app, case.case_id)
    with pytest.raises(RuleBroken) as refused:
        await change(app, agent, case, **facts)
    assert refused.value.rule == rule
    assert stored(app, case.case_id) == case
    assert types_of(app, case.case_id) == before


async def test_who_may_change_terms_and_when(app: App) -> None:
    agent, other = await log_in(app), await another_seat(app, "08")
    chen = await log_in(app, "chen", "demo-super-2026")
    case, (first, second, _) = await family(app, agent)
    await connect(app, agent, first)
    with pytest.raises(NotPermitted, match="其他席位通话"):
        await change(app, other, case, terms=LESS)
    with pytest.raises(InputError, match="变更的原因"):
        await app.bus.execute(lc.ChangeTerms(agent, case.case_id, "  "))
    before = types_of(app, case.case_id)
    with pytest.raises(InputError, match="没有要变更的内容"):
        await change(app, agent, case)
    assert types_of(app, case.case_id) == before
    with pytest.raises(NotPermitted):
        await change(app, agent, case, terms=LESS, in_person_reason="已现场面签")
    await app.bus.execute(lc.Refuse(second))
    with pytest.raises(ConflictError, match=r"李\*山不再办理"):
        await change(app, agent, case, terms=LESS)
    after, _ = await change(app, chen, case, removed=(second.actor_id,))
    assert after.former_parties[0].state is PartyState.REMOVED
    assert app.queries.phone(first).step is PhoneStep.ID_FRONT


@both_databases
async def test_who_is_none_any_more_is_told_so_in_their_open_session(app: App) -> None:
    agent = await log_in(app)
    case, links = await open_family_case(app, agent)
    await app.bus.execute(c.SendCode(BEARER, links[1]))
    token, _ = await app.bus.execute(c.RedeemCode(BEARER, links[1], last_code(app)))
    second = app.queries.authenticate(token)
    await change(app, agent, case, removed=(second.actor_id,))
    async with asyncio.timeout(60):  # it hung for ever
        assert await app.bus.run(app.queries.authenticate, token) == second
    gone = app.queries.phone(second)
    assert (gone.step, gone.party.state) == (PhoneStep.ENDED, PartyState.REMOVED)
    notice = phone_view(gone, (), None).notice
    assert notice is not None
    assert "不再需要您办理" in notice.text


async def test_a_worker_that_runs_out_of_items_is_an_error_and_no_silence(app: App) -> None:
    """A future cannot hold a ``StopIteration``: whoever waits would wait for ever."""
    nothing: Iterator[str] = iter(())
    with pytest.raises(RuntimeError, match="StopIteration"):
        async with asyncio.timeout(60):
            await app.bus.run(next, nothing)


async def test_an_override_holds_for_less_and_is_asked_for_again_for_more(app: App) -> None:
    agent, chen = await log_in(app), await log_in(app, "chen", "demo-super-2026")
    case, _ = await open_family_case(app, agent)
    with app.services.db.write() as unit:
        unit.cases.save(replace(unit.cases.get(case.case_id), in_person_reason="已现场面签"))
    after, _ = await change(app, agent, case, terms=LESS)
    assert after.in_person_reason == "已现场面签"
    after, _ = await change(app, agent, case, terms=TermsChange(amount=Decimal("95000.00")))
    assert after.in_person_reason == ""
    with pytest.raises(NotPermitted, match="自己的变更"):
        await change(app, chen, case, terms=LESS, in_person_reason="再次面签")
    for blank in (" ", " 签 "):
        with pytest.raises(InputError, match="理由"):
            await change(app, chen, case, in_person_reason=blank)
    after, _ = await change(app, chen, case, in_person_reason=" 再次面签 ")
    assert after.in_person_reason == "再次面签"
    after, _ = await change(app, agent, case, in_person_reason="")
    assert after.in_person_reason == "", "whoever keeps the case may take it back"
    await change(app, chen, case, in_person_reason="再次面签")
    assert stored(app, case.case_id).terms_changers == (agent.actor_id,), "who noted a signature changed nothing"


async def test_nobody_notes_a_signature_in_person_for_what_is_their_own(app: App) -> None:
    """The same eyes that may not release a referral: who opened it, ever changed its terms, or talked."""
    agent, chen = await log_in(app), await log_in(app, "chen", "demo-super-2026")
    he = await another_seat(app, "he", "supervisor")
    own, _ = await open_family_case(app, chen)
    with pytest.raises(NotPermitted, match="由您建立"):
        await change(app, chen, own, in_person_reason="已现场面签")
    case, (first, *_) = await family(app, agent)
    await change(app, chen, case, terms=LESS)
    await change(app, agent, case, terms=TermsChange(amount=Decimal("95000.00")))
    with pytest.raises(NotPermitted, match="由您变更"):
        await change(app, chen, case, in_person_reason="已现场面签")
    await connect(app, he, first)
    with pytest.raises(NotPermitted, match="接待过"):
        await change(app, he, case, in_person_reason="已现场面签")
    assert stored(app, case.case_id).in_person_reason == ""


@pytest.mark.parametrize("what", ["name", "number", "phone", "gone", "come"])
async def test_an_override_was_for_those_who_signed(app: App, what: str) -> None:
    agent, chen = await log_in(app), await log_in(app, "chen", "demo-super-2026")
    case, _ = await open_family_case(app, agent)
    await change(app, chen, case, in_person_reason="已现场面签")
    second = case.parties[1].party_id
    address, _ = await change(app, agent, case, corrected=(PartyCorrection(second, address="示范村 10 号"),))
    assert address.in_person_reason == "已现场面签", "an address is no other person"
    facts: dict[str, dict[str, object]] = {
        "name": {"corrected": (PartyCorrection(second, name="李远山"),)},
        "number": {"corrected": (PartyCorrection(second, id_number=number("19880808", 35)),)},
        "phone": {"corrected": (PartyCorrection(second, phone="13900139000"),)},
        "gone": {"removed": (second,)},
        "come": {"added": (NEWCOMER,)},
    }
    after, _ = await change(app, agent, case, **facts[what])
    assert after.in_person_reason == ""


@pytest.mark.timeout(480)
async def test_a_package_closed_after_a_change_holds_the_void_papers_and_verifies(app: App, shot: Film) -> None:
    agent = await log_in(app)
    case, (first, second, third) = await family(app, agent)
    call = await connect(app, agent, first)
    recording_id = await app.bus.execute(start_command(agent, call))
    await app.bus.execute(c.JoinQueue(second))
    await app.bus.execute(c.AdmitParty(agent, call.call_id, second.actor_id))
    await serve(app, agent, first, case.case_id, PartyState.READ)
    await app.bus.execute(lc.Refuse(third, "不想担责任"))
    await change(app, agent, case, terms=LESS, removed=(third.actor_id,))
    for customer in (first, second):
        await serve(app, agent, customer, case.case_id)
    await app.bus.execute(c.HangUp(agent, call.call_id))
    await app.bus.execute(finish_command(agent, recording_id, shot, call.started_at))
    await deliver(app, agent, recording_id, shot)
    closed: Case = await app.bus.execute(c.SealCase(agent, case.case_id))
    assert closed.package is not None
    data = whole_of(package_file(case.case_id, closed.package, app.services.blobs))
    report = verify_package(
        data, app.services.signer.trust_pem(), app.services.signer.inspect, app.services.clock.now()
    )
    assert report.verdict == "valid", report.headline
    void = {f"documents/{document.document_id}.pdf" for document in closed.superseded}
    rows = {row.name: row.detail for row in report.items if row.name in void}
    assert set(rows) == void
    assert all("已作废" in detail for detail in rows.values())
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        record = json.loads(box.read("case.json"))["case"]
    assert [one["state"] for one in record["superseded"]] == ["void"] * len(void)
    assert [one["name"] for one in record["former_parties"]] == ["王小河"]
    assert all(all_read(one, party.reading[one.document_id]) for party in closed.parties for one in closed.documents
               if party.party_id in one.signer_party_ids)  # fmt: skip


async def test_signing_and_changing_at_once_never_leaves_a_void_paper_signed(app: App) -> None:
    agent = await log_in(app)
    case, (first, *_) = await family(app, agent)
    await connect(app, agent, first)
    await serve(app, agent, first, case.case_id, PartyState.READ)
    results = await asyncio.gather(
        sign_next(app, first, case.case_id), change(app, agent, case, terms=LESS), return_exceptions=True
    )
    after = stored(app, case.case_id)
    assert sum(isinstance(one, BaseException) for one in results) == 1
    assert not any(document.signatures for document in after.superseded)
    assert bool(after.superseded) is not any(document.signatures for document in after.documents)
