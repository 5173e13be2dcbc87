"""Another institution's seat serves a customer only by agreement of both, and sees the one case for so long."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from signing.domain.agreement import Side
from signing.domain.errors import ConflictError, NotFound, NotPermitted, SigningError
from signing.domain.queue import TicketState
from signing.domain.seat import SeatState
from signing.service import commands as c
from signing.service import queue_commands as q
from signing.service import track_commands as tc
from signing.service.board import board
from signing.service.commands import SYSTEM, Actor
from tests.integration.service.county import EAST, FAR, HELPER, HOME, County, opened_county
from tests.integration.service.office import deliver, finish_command, start_command
from tests.integration.service.office import film as make_film


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    async with opened_county(tmp_path / "data") as county:
        yield county


async def agree(county: County, after: int = 120) -> tuple[Actor, Actor]:
    """→ the two administrators."""
    home = county.staff("admin", EAST, "administrator", seated=False)
    helper = county.staff("other_admin", FAR, "administrator", seated=False)
    await county.do(q.DeclareOverflow(home, HELPER, Side.SENDS, after))
    await county.do(q.DeclareOverflow(helper, HOME, Side.ACCEPTS))
    return home, helper


async def test_one_side_alone_sends_nobody_and_either_ends_it(county: County) -> None:
    far = county.staff("far", FAR)
    home = county.staff("admin", EAST, "administrator", seated=False)
    helper = county.staff("other_admin", FAR, "administrator", seated=False)
    await county.join(county.customer("first"))
    await county.free(far)
    await county.do(q.DeclareOverflow(home, HELPER, Side.SENDS, 120))
    assert await county.rings(minutes=10) == {}
    await county.do(q.DeclareOverflow(helper, HOME, Side.ACCEPTS))
    await county.do(q.EndOverflow(home, HELPER, Side.SENDS))
    assert await county.rings() == {}
    with pytest.raises(ConflictError):
        await county.do(q.EndOverflow(home, HELPER, Side.SENDS))
    await county.do(q.DeclareOverflow(home, HELPER, Side.SENDS, 120))
    await county.do(q.EndOverflow(helper, HOME, Side.ACCEPTS))
    assert await county.rings() == {}
    await county.do(q.DeclareOverflow(helper, HOME, Side.ACCEPTS))
    assert await county.rings() == {"first": "far"}
    told = [line for line in county.log() if "overflow." in line]
    assert len(told) == 6
    assert all(admin.actor_id in "".join(told) for admin in (home, helper))


async def test_the_home_side_says_how_long_its_customer_waits_and_own_seats_come_first(county: County) -> None:
    await agree(county)
    near, far = county.staff("near"), county.staff("far", FAR)
    first, second = county.customer("first"), county.customer("second")
    await county.join(first, second)
    await county.free(far)
    assert await county.rings(seconds=110) == {}
    assert county.app.queries.phone(first).expected_wait_seconds is not None, "help is in sight"
    await county.free(near)
    assert await county.rings(seconds=20) == {"first": "near", "second": "far"}
    waiting = board(county.app.services, county.staff("chief", role="supervisor", seated=False)).waiting
    assert {row.ringing_at for row in waiting} == {"near号席", "武平示范农村信用合作联社 far号席"}


async def guest_in_call(county: County) -> tuple[Actor, Actor, Any]:
    """→ a customer of the home institution, the helper's agent, their live call."""
    await agree(county)
    far, first = county.staff("far", FAR), county.customer("first")
    await county.join(first)
    await county.free(far)
    assert await county.rings(minutes=3) == {"first": "far"}
    return first, far, await county.answer(far)


async def test_the_guest_sees_the_one_case_until_wrap_up_ends_and_nothing_after(county: County) -> None:
    first, far, call = await guest_in_call(county)
    county.customer("second")
    queries = county.app.queries
    assert queries.case(far, "case_first").case.case_id == "case_first"
    shown = queries.seat(far)
    assert shown.case is not None
    assert shown.case.case.case_id == "case_first"
    await county.do(c.RecordView(far, "case", "case_first"))
    with pytest.raises(NotFound):
        queries.case(far, "case_second")
    await county.do(c.HangUp(far, call.call_id, "改日继续"))
    assert queries.case(far, "case_first").case.case_id == "case_first", "wrapping up"
    await county.do(c.FinishWrapUp(far))
    assert queries.seat(far).case is None
    for refused in (
        lambda: queries.case(far, "case_first"),
        lambda: queries.image(far, "case_first", "0" * 64),
        lambda: queries.document_pdf(far, "case_first", "doc"),
    ):
        with pytest.raises(NotFound):
            refused()
    with pytest.raises(NotFound):
        await county.do(c.RecordView(far, "case", "case_first"))
    with pytest.raises(NotFound):
        await county.do(c.HangUp(far, call.call_id, "x"))
    assert first.case_id == "case_first"


async def test_a_dropped_call_ends_the_look_and_the_customer_returns_to_the_same_guest(county: County) -> None:
    first, far, call = await guest_in_call(county)
    await county.do(c.SetPhonePresence(first, False))
    await county.do(c.DropLeg(SYSTEM, call.call_id, first.actor_id))
    assert county.app.queries.seat(far).case is None
    with pytest.raises(NotFound):
        county.app.queries.case(far, "case_first")
    await county.do(c.SetPhonePresence(first, True))
    assert await county.rings() == {"first": "far"}


async def test_sealing_ending_and_booking_stay_with_the_home_institution(county: County) -> None:
    _, far, _ = await guest_in_call(county)
    soon = county.clock.now() + timedelta(hours=1)
    for command in (
        c.SealCase(far, "case_first"),
        c.AbortCase(far, "case_first", "x"),
        c.TakeCase(far, "case_first"),
        q.MakeAppointment(far, "case_first", "party_first", soon, soon + timedelta(minutes=30)),
    ):
        with pytest.raises(SigningError) as refused:
            await county.do(command)
        assert isinstance(refused.value, NotFound) or command.__class__ is c.TakeCase


async def test_events_and_phone_name_the_institution_and_the_agent_who_serve(county: County) -> None:
    first, far, call = await guest_in_call(county)
    (body,) = [body for type_, body in county.events(first) if type_ == "call.connected"]
    assert body["seat"] == "武平示范农村信用合作联社 far号席"
    assert str(body["agent"]).startswith("f")
    assert county.app.queries.phone(first).seat_label == "武平示范农村信用合作联社 far号席"
    other = county.staff("other", FAR)
    await county.free(other)
    transfer = await county.do(c.TransferCall(far, call.call_id, "方言", other.seat_id))
    await county.do(c.AcceptTransfer(other, transfer.transfer_id))
    (handed,) = [body for type_, body in county.events(first) if type_ == "call.handed_over"]
    assert handed["seat"] == "武平示范农村信用合作联社 other号席"
    with pytest.raises(NotFound):
        await county.do(c.TransferCall(other, county.seat(other).call_id or "", "x", "seat_07"))


async def test_the_serving_side_supervises_the_call_and_the_home_side_reads_its_case(county: County) -> None:
    _, _, call = await guest_in_call(county)
    home, helper = county.staff("chief", EAST, "supervisor"), county.staff("other_chief", FAR, "supervisor")
    assert [one.talk.call.call_id for one in board(county.app.services, helper).calls] == [call.call_id]
    assert board(county.app.services, home).calls == []
    with pytest.raises(NotFound):
        await county.do(c.ListenIn(home, call.call_id))
    await county.do(c.ListenIn(helper, call.call_id))
    assert county.app.queries.case(home, "case_first").case.case_id == "case_first"
    with pytest.raises(NotFound):
        county.app.queries.audit_case(helper, "case_first")
    assert county.app.queries.audit_list(helper).rows == []


async def test_the_guest_still_delivers_the_recording_after_the_wrap_up(county: County) -> None:
    _, far, call = await guest_in_call(county)
    shot = make_film(1)
    recording_id = await county.do(start_command(far, call))
    county.clock.pass_by(seconds=5)
    await county.do(c.HangUp(far, call.call_id, "改日继续"))
    await county.do(c.FinishWrapUp(far))
    stranger = county.staff("stranger", FAR)
    with pytest.raises(NotFound):
        await county.do(finish_command(stranger, recording_id, shot, call.started_at))
    await county.do(finish_command(far, recording_id, shot, call.started_at))
    stored = await deliver(county.app, far, recording_id, shot)
    assert stored.sha256 == shot.sha256


async def test_the_guest_still_tells_a_track_of_a_customer_who_has_gone(county: County) -> None:
    """Nobody else has what their seat recorded, and with the call the guest's look at the case is over."""
    first, far, call = await guest_in_call(county)
    await county.do(start_command(far, call))
    await county.do(c.DropLeg(SYSTEM, call.call_id, first.actor_id))
    assert county.app.queries.seat(far).case is None
    begun = call.started_at + timedelta(milliseconds=1)
    track = tc.StartTrack(far, call.call_id, first.actor_id, begun, "VP8")
    assert await county.do(track) == await county.do(track)
    with pytest.raises(NotPermitted, match="不是本席位"):
        await county.do(tc.StartTrack(county.staff("stranger", FAR), call.call_id, first.actor_id, begun, "VP8"))


async def test_ending_the_agreement_lets_the_live_call_go_on(county: County) -> None:
    first, far, call = await guest_in_call(county)
    await county.do(q.EndOverflow(SYSTEM, HELPER, Side.SENDS, HOME))
    assert county.app.queries.case(far, "case_first").case.case_id == "case_first"
    await county.do(c.SetPhonePresence(first, False))
    await county.do(c.DropLeg(SYSTEM, call.call_id, first.actor_id))
    await county.do(c.SetPhonePresence(first, True))
    assert await county.rings(seconds=5) == {}, "but nobody new is sent"
    near = county.staff("near")
    await county.free(near)
    assert await county.rings(minutes=3) == {"first": "near"}
    assert county.ticket(first).state is TicketState.OFFERED


async def test_an_emergency_of_either_side_ends_what_rings_between_them(county: County) -> None:
    await agree(county)
    far, first = county.staff("far", FAR), county.customer("first")
    await county.join(first)
    await county.free(far)
    assert await county.rings(minutes=3) == {"first": "far"}
    await county.do(q.StopQueue(SYSTEM, None, "请稍后再来", "停电", institution_id=HELPER))
    assert await county.rings() == {}
    assert county.ticket(first).state is TicketState.WAITING
    assert county.seat(far).state is SeatState.AVAILABLE


async def test_nobody_agrees_with_themselves_or_for_another(county: County) -> None:
    home, _ = await agree(county)
    with pytest.raises(SigningError):
        await county.do(q.DeclareOverflow(home, HOME, Side.SENDS))
    with pytest.raises(NotFound):
        await county.do(q.DeclareOverflow(home, "inst_none", Side.SENDS))
    made = await county.do(q.DeclareOverflow(home, HELPER, Side.ACCEPTS, institution_id=HELPER))
    assert made.institution_id == HOME, "whoever is named, it is the caller's own side"
