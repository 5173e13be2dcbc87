"""What an agent does at the seat: presence, rings, calls."""

from fastapi import APIRouter

from signing.domain.call import Outcome
from signing.service import commands, recording_commands
from signing.service.colleagues import colleagues, own_seat
from signing.web.context import StaffHere, WebHere
from signing.web.present import seat_display
from signing.web.routes.paths import CallId, CaseId, TicketId
from signing.web.views.seat import colleague
from signing.wire.call import FinishWrapUp
from signing.wire.staff import (
    Colleagues,
    HangUp,
    Presence,
    RecordingOpened,
    RecordingStarted,
    Relays,
    SeatView,
    SetPresence,
    SpoolKey,
)

router = APIRouter(prefix="/api")


@router.get("/seat/colleagues")
async def colleague_seats(actor: StaffHere, web: WebHere) -> Colleagues:
    found = await web.ask(colleagues, web.services, actor)
    return Colleagues(seats=[colleague(one) for one in found])


@router.get("/seat/relays")
async def relays(actor: StaffHere, web: WebHere) -> Relays:
    seat_id, now = await web.ask(own_seat, web.services, actor)
    return Relays(servers=web.ice.servers(seat_id, now))


@router.post("/seat/presence")
async def set_presence(message: SetPresence, actor: StaffHere, web: WebHere) -> SeatView:
    available = message.presence is Presence.AVAILABLE
    await web.execute(commands.SetPresence(actor, available, message.reason))
    return await seat_display(web, actor)


@router.post("/seat/offers/{ticket_id}/accept")
async def accept(ticket_id: TicketId, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.AcceptOffer(actor, ticket_id))
    return await seat_display(web, actor)


@router.post("/seat/offers/{ticket_id}/reject")
async def reject(ticket_id: TicketId, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.RejectOffer(actor, ticket_id))
    return await seat_display(web, actor)


@router.post("/seat/wrapup/finish")
async def finish_wrap_up(actor: StaffHere, web: WebHere, message: FinishWrapUp | None = None) -> SeatView:
    stated = message or FinishWrapUp()
    outcome = None if stated.outcome is None else Outcome(stated.outcome)
    await web.execute(commands.FinishWrapUp(actor, outcome, stated.note))
    return await seat_display(web, actor)


@router.post("/seat/cases/{case_id}/take")
async def take_case(case_id: CaseId, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.TakeCase(actor, case_id))
    return await seat_display(web, actor)


@router.post("/calls/{call_id}/hangup")
async def hang_up(call_id: CallId, message: HangUp, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.HangUp(actor, call_id, message.reason))
    return await seat_display(web, actor)


@router.post("/calls/{call_id}/recordings")
async def start_recording(
    call_id: CallId, message: RecordingStarted, actor: StaffHere, web: WebHere
) -> RecordingOpened:
    started = commands.StartRecording(
        actor,
        call_id,
        message.started_at,
        message.width,
        message.height,
        message.frame_rate,
        message.video_codec,
        message.audio_codec,
        message.seat_fingerprint,
        message.phone_fingerprint,
    )
    return RecordingOpened(recording_id=await web.execute(started))


@router.post("/calls/{call_id}/spool-key")
async def spool_key(call_id: CallId, actor: StaffHere, web: WebHere) -> SpoolKey:
    """For the seat's own call, now or long after: what a crash left there is opened with it. On the access log."""
    key = await web.execute(recording_commands.TakeSpoolKey(actor, call_id))
    return SpoolKey(key=key.hex())
