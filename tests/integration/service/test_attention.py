"""What needs a person: seals above their amount, decided by second eyes, and recordings that do not come."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from signing.adapters import demo_data
from signing.domain.case import Document, DocumentState, RecordingState
from signing.domain.errors import ConflictError, NotPermitted, RuleBroken
from signing.domain.party import PartyState
from signing.domain.seals import usual_seal
from signing.service import commands as c
from signing.service import recording_commands as rc
from signing.service import seal_commands as sc
from signing.service.attention import PATIENCE, Attention
from signing.service.board import board
from signing.service.commands import Actor
from signing.service.handlers.seals import require_seals
from signing.service.registry import seals_missing
from signing.web.views.board import board_view
from tests.integration.service.county import EAST, FAR, HOME, County, opened_county
from tests.integration.service.office import start_command
from tests.unit.domain.factories import make_document

ABOVE = Decimal(100_000)


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    async with opened_county(tmp_path / "data") as made:
        with made.app.services.db.write() as unit:
            seals = unit.seals.of(HOME) or [usual_seal(HOME, "示范联社", demo_data.INSTITUTION.credit_code,
                                                       made.clock.now(), "办公室")]  # fmt: skip
            for seal in seals:
                unit.seals.save(replace(seal, second_above=ABOVE))
        yield made


def chief(county: County, branch_id: str = EAST, name: str = "chief") -> Actor:
    return county.staff(name, branch_id, "supervisor", seated=False)


async def talked(county: County, agent: Actor, name: str, minutes: float = 5.0) -> tuple[Actor, str]:
    """→ the customer and the call, which is over."""
    customer = county.customer(name)
    await county.join(customer)
    await county.free(agent)
    await county.rings()
    call = await county.answer(agent)
    county.clock.pass_by(minutes=minutes)
    await county.do(c.HangUp(agent, call.call_id, "办完"))
    await county.do(c.FinishWrapUp(agent))
    await county.do(c.SetPresence(agent, False, "休息"))
    return customer, call.call_id


def sign(county: County, customer: Actor) -> tuple[Document, ...]:
    """As the last signature leaves the case."""
    with county.app.services.db.write() as unit:
        case = unit.cases.get(customer.case_id or "")
        papers = (replace(make_document(), document_id="doc_1", state=DocumentState.SIGNED),)
        signed = tuple(replace(one, state=PartyState.SIGNED) for one in case.parties)
        unit.cases.save(replace(case, documents=papers, parties=signed))
    return papers


def needs(county: County, who: Actor) -> Attention:
    return board(county.app.services, who).attention


async def test_a_signed_case_above_the_amount_waits_for_second_eyes(county: County) -> None:
    customer, _ = await talked(county, county.staff("one"), "first")
    supervisor = chief(county)
    assert needs(county, supervisor).seals == []
    papers = sign(county, customer)
    (request,) = needs(county, supervisor).seals
    assert request.case.case_id == "case_first"
    assert "100,000.00" in request.why
    assert request.why_not == ""
    shown = board_view(board(county.app.services, supervisor), [], []).seal_requests[0]
    assert (shown.amount, shown.branch, [one.document_id for one in shown.papers]) == (
        "200000.00", "east支行", [papers[0].document_id],
    )  # fmt: skip
    await county.do(sc.ApproveSealing(supervisor, "case_first", "已看过全部文书"))
    assert needs(county, supervisor).seals == []


async def test_below_the_amount_nobody_is_asked(county: County) -> None:
    customer, _ = await talked(county, county.staff("one"), "first")
    sign(county, customer)
    with county.app.services.db.write() as unit:
        for seal in unit.seals.of(HOME):
            unit.seals.save(replace(seal, second_above=Decimal(200_000)))
    assert needs(county, chief(county)).seals == []


async def test_where_the_seal_is_of_no_use_anyway_approval_is_not_asked_for(county: County) -> None:
    customer, _ = await talked(county, county.staff("one"), "first")
    sign(county, customer)
    with county.app.services.db.write() as unit:
        for seal in unit.seals.of(HOME):
            unit.seals.save(replace(seal, valid_until=county.clock.now() - timedelta(days=1)))
    assert needs(county, chief(county)).seals == []


async def test_a_no_is_told_to_the_seat_and_can_be_taken_back_by_another(county: County) -> None:
    customer, _ = await talked(county, county.staff("one"), "first")
    sign(county, customer)
    supervisor = chief(county)
    await county.do(sc.ApproveSealing(supervisor, "case_first", "金额与审批不一致", approved=False))
    (request,) = needs(county, supervisor).seals
    assert request.case.seal_refusal is not None
    shown = board_view(board(county.app.services, supervisor), [], []).seal_requests[0]
    assert (shown.refused_by, shown.refused_reason) == ("chief经理", "金额与审批不一致")
    missing = county.look(lambda unit: seals_missing(unit, unit.cases.get("case_first"), county.app.services))
    assert missing[0] == "主管chief经理不同意用印：金额与审批不一致"
    assert ("seal.declined", "金额与审批不一致") in [(kind, body.get("note")) for kind, body in county.events(customer)]
    await county.do(sc.ApproveSealing(chief(county, name="other"), "case_first", "审批单已更正"))
    case = county.look(lambda unit: unit.cases.get("case_first"))
    assert case.seal_refusal is None
    assert case.seal_approval is not None
    with pytest.raises(ConflictError):
        await county.do(sc.ApproveSealing(supervisor, "case_first", "再说一次不", approved=False))


async def test_a_standing_no_holds_the_seal_back_whatever_the_amount(county: County) -> None:
    agent = county.staff("one")
    customer, _ = await talked(county, agent, "first")
    sign(county, customer)
    with county.app.services.db.write() as unit:
        for seal in unit.seals.of(HOME):
            unit.seals.save(replace(seal, second_above=None))
    supervisor = chief(county)
    await county.do(sc.ApproveSealing(supervisor, "case_first", "金额与审批不一致", approved=False))
    with pytest.raises(RuleBroken, match="不同意用印"):
        require_seals(county.look(lambda unit: unit.cases.get("case_first")), agent, county.app.services)
    (request,) = needs(county, supervisor).seals
    assert "不同意用印" in request.why, "who could take it back would not see it"
    await county.do(sc.ApproveSealing(chief(county, name="other"), "case_first", "审批单已更正"))
    require_seals(county.look(lambda unit: unit.cases.get("case_first")), agent, county.app.services)
    assert needs(county, supervisor).seals == []


async def test_a_no_comes_too_late_once_the_seal_is_asked_for(county: County) -> None:
    customer, _ = await talked(county, county.staff("one"), "first")
    sign(county, customer)
    with county.app.services.db.write() as unit:
        case = unit.cases.get("case_first")
        unit.cases.save(replace(case, seal_requested_at=county.clock.now(), seal_requested_by="one"))
    with pytest.raises(ConflictError, match="已经申请用印"):
        await county.do(sc.ApproveSealing(chief(county), "case_first", "金额与审批不一致", approved=False))
    with county.app.services.db.write() as unit:
        case = unit.cases.get("case_first")
        sealed = tuple(replace(one, state=DocumentState.SEALED) for one in case.documents)
        unit.cases.save(replace(case, documents=sealed))
    for approved in (True, False):
        with pytest.raises(ConflictError, match="已经用印"):
            await county.do(sc.ApproveSealing(chief(county), "case_first", "看过全部文书", approved))
    assert not {"seal.declined", "seal.approved"} & {kind for kind, _ in county.events(customer)}


async def test_who_talked_with_the_customer_is_no_second_pair_of_eyes(county: County) -> None:
    seated = county.staff("boss", EAST, "supervisor")
    customer, _ = await talked(county, seated, "first")
    sign(county, customer)
    (request,) = needs(county, seated).seals
    assert "接待过" in request.why_not
    assert "复核用印" in request.why_not
    for approved in (True, False):
        with pytest.raises(NotPermitted):
            await county.do(sc.ApproveSealing(seated, "case_first", "同意用印", approved))


async def test_another_institution_is_asked_nothing(county: County) -> None:
    customer, _ = await talked(county, county.staff("one"), "first")
    sign(county, customer)
    county.clock.pass_by(hours=1)
    assert needs(county, chief(county, FAR)) == Attention()


# --- recordings -------------------------------------------------------------------------------------------------------


async def test_a_call_without_a_recording_is_asked_about_once_it_should_have_come(county: County) -> None:
    _, call_id = await talked(county, county.staff("one"), "first")
    supervisor = chief(county)
    assert needs(county, supervisor).films == []
    county.clock.pass_by(seconds=PATIENCE.total_seconds())
    (film,) = needs(county, supervisor).films
    assert (film.call.call_id, film.recording, film.seat, film.why_not) == (call_id, None, "one号席", "")
    await county.do(rc.DeclareCallUnrecorded(supervisor, call_id, "坐席电脑损坏"))
    assert needs(county, supervisor).films == []


async def test_a_recording_that_does_not_come_is_declared_lost_from_the_list(county: County) -> None:
    one, customer = county.staff("one"), county.customer("first")
    await county.join(customer)
    await county.free(one)
    await county.rings()
    call = await county.answer(one)
    recording_id = await county.do(start_command(one, call))
    county.clock.pass_by(minutes=5)
    await county.do(c.HangUp(one, call.call_id, "办完"))
    county.clock.pass_by(minutes=30)
    supervisor = chief(county)
    films = needs(county, supervisor).films
    assert [film.recording.recording_id for film in films if film.recording] == [recording_id]
    shown = board_view(board(county.app.services, supervisor), [], []).films
    assert shown[0].recording_id == recording_id
    await county.do(c.DeclareRecordingLost(supervisor, recording_id, "坐席电脑损坏"))
    assert needs(county, supervisor).films == []
    kept = county.look(lambda unit: unit.cases.get("case_first")).recordings
    assert [one.state for one in kept] == [RecordingState.LOST]


async def test_whose_call_it_was_cannot_declare_it(county: County) -> None:
    seated = county.staff("boss", EAST, "supervisor")
    await talked(county, seated, "first")
    county.clock.pass_by(hours=1)
    (film,) = needs(county, seated).films
    assert "另一位主管" in film.why_not


async def test_a_live_call_is_not_asked_about(county: County) -> None:
    one, customer = county.staff("one"), county.customer("first")
    await county.join(customer)
    await county.free(one)
    await county.rings()
    await county.answer(one)
    county.clock.pass_by(hours=1)
    assert needs(county, chief(county)).films == []
