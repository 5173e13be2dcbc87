"""Coming in: links, one-time codes, consents, check of the device, and opening cases."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from signing.adapters import demo_data
from signing.adapters.text_messages import StandInTextMessages
from signing.bootstrap import App
from signing.domain.errors import (
    ConflictError,
    InputError,
    NotFound,
    NotLoggedIn,
    NotPermitted,
    OutsideError,
    RuleBroken,
    TooMany,
)
from signing.domain.party import PartyState
from signing.domain.phone_step import PhoneStep
from signing.service import commands as c
from signing.service.case_list import CaseQuery
from signing.service.commands import BEARER, Actor
from tests.integration.service.office import (
    GOOD_DEVICE,
    WORDING,
    SteppedClock,
    enter,
    get_ready,
    last_code,
    log_in,
    open_case,
    stored,
    types_of,
)
from tests.postgres import both_databases

pytestmark = both_databases


async def wrong_code(app: App, capability: str) -> str:
    right = last_code(app)
    return f"{(int(right) + 1) % 1_000_000:06d}"


async def test_logging_in_tells_nothing_about_what_was_wrong(app: App) -> None:
    for username, password in (("zhang", "wrong"), ("nobody", "demo-agent-2026"), ("zhang", "")):
        with pytest.raises(NotLoggedIn, match="用户名或密码不正确"):
            await log_in(app, username, password)


async def test_a_session_ends_by_logging_out_and_by_time(app: App, clock: SteppedClock) -> None:
    first = await app.bus.execute(c.LogIn(BEARER, "zhang", "demo-agent-2026"))
    actor = app.queries.authenticate(first.token)
    await app.bus.execute(c.LogOut(actor))
    second = await app.bus.execute(c.LogIn(BEARER, "lin", "demo-audit-2026"))
    clock.pass_by(hours=12)
    for token in (first.token, second.token, "invented"):
        with pytest.raises(NotLoggedIn):
            app.queries.authenticate(token)


async def test_opening_a_link_uses_nothing_up_and_it_ends_after_72_hours(app: App, clock: SteppedClock) -> None:
    case, capability = await open_case(app, await log_in(app))
    for _ in range(3):
        assert app.queries.opened_link(capability).party == case.parties[0]
    clock.pass_by(hours=72)
    for attempt in (capability, "A" * 43):
        with pytest.raises(NotLoggedIn):
            app.queries.opened_link(attempt)
    with pytest.raises(NotLoggedIn):
        await app.bus.execute(c.SendCode(BEARER, capability))


async def test_a_code_works_once(app: App) -> None:
    _, capability = await open_case(app, await log_in(app))
    await enter(app, capability)
    with pytest.raises(NotLoggedIn, match="已使用过"):
        await app.bus.execute(c.RedeemCode(BEARER, capability, last_code(app)))


async def test_fifty_at_once_and_one_gets_in(app: App) -> None:
    case, capability = await open_case(app, await log_in(app))
    await app.bus.execute(c.SendCode(BEARER, capability))
    code = last_code(app)
    tries = (app.bus.execute(c.RedeemCode(BEARER, capability, code)) for _ in range(50))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, tuple) for result in results) == 1
    assert sum(isinstance(result, NotLoggedIn) for result in results) == 49
    assert types_of(app, case.case_id).count("party.code_proven") == 1


async def test_five_wrong_tries_end_a_code(app: App) -> None:
    _, capability = await open_case(app, await log_in(app))
    await app.bus.execute(c.SendCode(BEARER, capability))
    wrong = await wrong_code(app, capability)
    for _ in range(5):
        with pytest.raises(NotLoggedIn, match="不正确"):
            await app.bus.execute(c.RedeemCode(BEARER, capability, wrong))
    with pytest.raises(NotLoggedIn, match="次数过多"):
        await app.bus.execute(c.RedeemCode(BEARER, capability, last_code(app)))
    await enter(app, capability)


async def test_a_code_lives_five_minutes_and_only_the_newest_counts(app: App, clock: SteppedClock) -> None:
    _, capability = await open_case(app, await log_in(app))
    await app.bus.execute(c.SendCode(BEARER, capability))
    first = last_code(app)
    clock.pass_by(minutes=5)
    with pytest.raises(NotLoggedIn, match="过期"):
        await app.bus.execute(c.RedeemCode(BEARER, capability, first))
    await app.bus.execute(c.SendCode(BEARER, capability))
    if first != last_code(app):
        with pytest.raises(NotLoggedIn):
            await app.bus.execute(c.RedeemCode(BEARER, capability, first))


async def test_three_codes_in_ten_minutes(app: App, clock: SteppedClock) -> None:
    _, capability = await open_case(app, await log_in(app))
    for _ in range(3):
        await app.bus.execute(c.SendCode(BEARER, capability))
        clock.pass_by(minutes=1)
    with pytest.raises(TooMany) as refused:
        await app.bus.execute(c.SendCode(BEARER, capability))
    assert 400 < refused.value.retry_after < 430
    clock.pass_by(seconds=refused.value.retry_after)
    await app.bus.execute(c.SendCode(BEARER, capability))


async def test_a_gateway_that_fails_is_said(app: App) -> None:
    case, capability = await open_case(app, await log_in(app))
    messages = app.services.messages
    assert isinstance(messages, StandInTextMessages)
    messages.fail_next = True
    with pytest.raises(OutsideError, match="短信"):
        await app.bus.execute(c.SendCode(BEARER, capability))
    assert messages.sent() == []
    assert "party.code_sent" not in types_of(app, case.case_id)
    await app.bus.execute(c.SendCode(BEARER, capability))
    assert types_of(app, case.case_id)[-1] == "party.code_sent"


async def test_another_device_replaces_the_first_and_keeps_what_was_reached(app: App) -> None:
    case, capability = await open_case(app, await log_in(app))
    first = await enter(app, capability)
    await get_ready(app, first)
    second = await enter(app, capability)
    assert stored(app, case.case_id).parties[0].state is PartyState.READY
    assert app.queries.phone(second).step is PhoneStep.QUEUE
    with app.services.db.read() as unit:
        old = unit.access.session(first.session_id)
    assert old is not None
    assert old.revoked_at is not None


async def test_consents_come_in_their_order_and_once(app: App) -> None:
    case, capability = await open_case(app, await log_in(app))
    customer = await enter(app, capability)
    with pytest.raises(ConflictError):
        await app.bus.execute(c.RecordConsent(customer, "face", True, WORDING))
    with pytest.raises(InputError):
        await app.bus.execute(c.RecordConsent(customer, "everything", True, WORDING))
    for _ in range(2):
        await app.bus.execute(c.RecordConsent(customer, "recording", True, WORDING))
    assert types_of(app, case.case_id).count("party.consent_given") == 1


async def test_refusing_the_face_goes_on_another_way(app: App) -> None:
    case, capability = await open_case(app, await log_in(app))
    customer = await enter(app, capability)
    await get_ready(app, customer, face=False)
    assert stored(app, case.case_id).parties[0].state is PartyState.READY
    assert types_of(app, case.case_id).count("party.consent_refused") == 1


async def test_refusing_the_recording_ends_it_with_its_reason(app: App) -> None:
    case, capability = await open_case(app, await log_in(app))
    customer = await enter(app, capability)
    await app.bus.execute(c.RecordConsent(customer, "recording", False, WORDING))
    ended = stored(app, case.case_id)
    assert ended.parties[0].state is PartyState.REFUSED
    assert "不同意录音录像" in ended.abort_reason
    assert case.parties[0].name not in ended.abort_reason
    assert app.queries.phone(customer).step is PhoneStep.ENDED
    assert types_of(app, case.case_id)[-3:] == ["party.consent_refused", "party.refused", "case.refused"]
    with pytest.raises(ConflictError):
        await app.bus.execute(c.RecordPrecheck(customer, GOOD_DEVICE))


async def test_a_device_that_fails_may_try_again(app: App) -> None:
    case, capability = await open_case(app, await log_in(app))
    customer = await enter(app, capability)
    for kind in ("recording", "face", "personal_information", "credit_inquiry"):
        await app.bus.execute(c.RecordConsent(customer, kind, True, WORDING))
    assert not await app.bus.execute(c.RecordPrecheck(customer, {**GOOD_DEVICE, "microphone": False}))
    with pytest.raises(ConflictError):
        await app.bus.execute(c.JoinQueue(customer))
    assert app.queries.phone(customer).step is PhoneStep.PRECHECK
    assert await app.bus.execute(c.RecordPrecheck(customer, GOOD_DEVICE))
    assert types_of(app, case.case_id)[-2:] == ["party.precheck_failed", "party.precheck_passed"]


TERMS = demo_data.demo_case(BEARER).terms
assert TERMS is not None


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"terms": replace(TERMS, amount=Decimal("200000.01"))}, "roster_line"),
        ({"terms": replace(TERMS, term_months=37)}, "term"),
        ({"parties": (replace(demo_data.BORROWER, name="李四"),)}, "roster"),
        ({"parties": (replace(demo_data.BORROWER, id_number="110105194912310021"),)}, "id_number"),
    ],
)
async def test_a_case_that_breaks_a_rule_leaves_nothing(app: App, change: dict[str, object], rule: str) -> None:
    command = replace(demo_data.demo_case(await log_in(app)), **change)  # type: ignore[arg-type]
    with pytest.raises(RuleBroken) as refused:
        await app.bus.execute(command)
    assert refused.value.rule == rule
    with app.services.db.read() as unit:
        assert unit.cases.find(CaseQuery(), 10) == []


async def test_nobody_lifts_the_electronic_limit_of_a_case_of_their_own(app: App) -> None:
    chen = await log_in(app, "chen", "demo-super-2026")
    for reason, error in (("客户已当面签字", NotPermitted), (" ", InputError)):
        with pytest.raises(error):
            await app.bus.execute(replace(demo_data.demo_case(chen), in_person_reason=reason))
    command = replace(demo_data.demo_case(await log_in(app)), in_person_reason="客户已当面签字")
    with pytest.raises(NotPermitted):
        await app.bus.execute(command)
    with pytest.raises(NotFound):
        await app.bus.execute(replace(demo_data.demo_case(await log_in(app)), actor=STRANGER))


STRANGER = Actor("staff", "staff_x", "agent", "inst_other", "陌生人")


async def test_another_institutions_case_is_not_found(app: App) -> None:
    case, _ = await open_case(app, await log_in(app))
    with pytest.raises(NotFound):
        app.queries.case(STRANGER, case.case_id)
    with pytest.raises(NotFound):
        await app.bus.execute(c.AbortCase(STRANGER, case.case_id, "x"))


async def test_an_old_case_is_found_behind_newer_ones(app: App) -> None:
    agent, auditor = await log_in(app), await log_in(app, "lin", "demo-audit-2026")
    old, new = [(await open_case(app, agent))[0] for _ in range(2)]
    assert [row.case.case_no for row in app.queries.audit_list(auditor, limit=1).rows] == [new.case_no]
    assert [row.case.case_no for row in app.queries.audit_list(auditor, old.case_no, limit=1).rows] == [old.case_no]


async def test_aborting_needs_a_reason_and_ends_everything(app: App) -> None:
    agent = await log_in(app)
    case, capability = await open_case(app, agent)
    customer = await enter(app, capability)
    await get_ready(app, customer)
    await app.bus.execute(c.JoinQueue(customer))
    with pytest.raises(InputError):
        await app.bus.execute(c.AbortCase(agent, case.case_id, "  "))
    await app.bus.execute(c.AbortCase(agent, case.case_id, "客户改变主意"))
    ended = stored(app, case.case_id)
    assert {document.state.value for document in ended.documents} == {"void"}
    with app.services.db.read() as unit:
        assert unit.queue.open_tickets() == []
    assert app.queries.phone(customer).step is PhoneStep.ENDED


async def test_accounts_are_made_by_the_administrator_of_the_same_house(app: App) -> None:
    admin = await log_in(app, "admin", "demo-admin-2026")
    staff_id = await app.bus.execute(c.AddStaff(admin, "wu", "long-enough-1", "吴坐席", "agent", "branch_shanghang"))
    assert (await log_in(app, "wu", "long-enough-1")).actor_id == staff_id
    with pytest.raises(ConflictError):
        await app.bus.execute(c.AddStaff(admin, "wu", "long-enough-1", "吴坐席", "agent", "branch_shanghang"))
    with pytest.raises(InputError):
        await app.bus.execute(c.AddStaff(admin, "he", "short", "何", "agent", "branch_shanghang"))
    with pytest.raises(InputError):
        await app.bus.execute(c.AddStaff(admin, "he", "long-enough-1", "何", "king", "branch_shanghang"))
    elsewhere = replace(admin, institution_id="inst_other")
    with pytest.raises(NotFound):
        await app.bus.execute(c.AddStaff(elsewhere, "he", "long-enough-1", "何", "agent", "branch_shanghang"))
