"""A live call: who is in it, and where it goes."""

from fastapi import APIRouter

from signing.domain.case import CallMode
from signing.domain.connection import Ends, InUse
from signing.domain.doubt import Doubt, Kind
from signing.domain.line import LineNow
from signing.domain.quality import Cause, Figures, Stretch, Told
from signing.service import commands, quality_commands, recording_commands
from signing.web.context import StaffHere, WebHere
from signing.web.present import case_display, seat_display
from signing.web.routes.paths import CallId, CaseId, PartyId, TransferId
from signing.wire.call import (
    DeclareRecordingLost,
    HoldParty,
    MuteParty,
    RemoveParty,
    SetCallMode,
    TakeOver,
    TalkAlone,
    TransferCall,
)
from signing.wire.case import CaseView
from signing.wire.quality import ReportConnection, ReportDoubt, ReportQuality, TellLines
from signing.wire.staff import SeatView

router = APIRouter(prefix="/api")


@router.post("/cases/{case_id}/callmode")
async def set_call_mode(case_id: CaseId, message: SetCallMode, actor: StaffHere, web: WebHere) -> CaseView:
    await web.execute(commands.SetCallMode(actor, case_id, CallMode(message.mode)))
    return await case_display(web, actor, case_id)


@router.post("/calls/{call_id}/parties/{party_id}/admit")
async def admit(call_id: CallId, party_id: PartyId, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.AdmitParty(actor, call_id, party_id))
    return await seat_display(web, actor)


@router.post("/calls/{call_id}/parties/{party_id}/hold")
async def hold(call_id: CallId, party_id: PartyId, message: HoldParty, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.HoldParty(actor, call_id, party_id, message.held))
    return await seat_display(web, actor)


@router.post("/calls/{call_id}/parties/{party_id}/mute")
async def mute(call_id: CallId, party_id: PartyId, message: MuteParty, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.MuteParty(actor, call_id, party_id, message.muted))
    return await seat_display(web, actor)


@router.post("/calls/{call_id}/alone")
async def alone(call_id: CallId, message: TalkAlone, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.TalkAlone(actor, call_id, message.party_id))
    return await seat_display(web, actor)


@router.post("/calls/{call_id}/parties/{party_id}/remove")
async def remove(call_id: CallId, party_id: PartyId, message: RemoveParty, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.RemoveParty(actor, call_id, party_id, message.reason, message.requeue))
    return await seat_display(web, actor)


@router.post("/calls/{call_id}/parties/{party_id}/quality", status_code=204)
async def quality(call_id: CallId, party_id: PartyId, message: ReportQuality, actor: StaffHere, web: WebHere) -> None:
    await web.execute(quality_commands.ReportQuality(actor, call_id, party_id, _stretch(message)))


@router.post("/calls/{call_id}/lines", status_code=204)
async def lines(call_id: CallId, message: TellLines, actor: StaffHere, web: WebHere) -> None:
    told = tuple(LineNow(one.party_id, one.bars, Cause(one.cause)) for one in message.lines)
    await web.execute(quality_commands.TellLines(actor, call_id, told))


def _stretch(message: ReportQuality) -> Stretch:
    marks = (message.bars, Cause(message.cause), message.mean, message.least)
    figures, told = Figures(**message.figures.model_dump()), message.told_by_phone
    phone = None if told is None else Told(**{**told.model_dump(), "cause": Cause(told.cause)})
    return Stretch(message.since, message.until, *marks, figures, message.broken_seconds, phone)


@router.post("/calls/{call_id}/parties/{party_id}/connection", status_code=204)
async def connection(
    call_id: CallId, party_id: PartyId, message: ReportConnection, actor: StaffHere, web: WebHere
) -> None:
    in_use = InUse(message.since, Ends(message.seat_fingerprint, message.phone_fingerprint))
    await web.execute(quality_commands.ReportConnection(actor, call_id, party_id, in_use))


@router.post("/calls/{call_id}/doubt", status_code=204)
async def doubt(call_id: CallId, message: ReportDoubt, actor: StaffHere, web: WebHere) -> None:
    found = Doubt(Kind(message.kind), message.since, message.until, message.of_agent)
    await web.execute(quality_commands.ReportDoubt(actor, call_id, message.party_id, found))


@router.post("/calls/{call_id}/transfer")
async def transfer(call_id: CallId, message: TransferCall, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.TransferCall(actor, call_id, message.reason, message.to_seat_id))
    return await seat_display(web, actor)


@router.post("/calls/{call_id}/takeover")
async def take_over(call_id: CallId, message: TakeOver, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.TakeOver(actor, call_id, message.reason))
    return await seat_display(web, actor)


@router.post("/transfers/{transfer_id}/accept")
async def accept(transfer_id: TransferId, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.AcceptTransfer(actor, transfer_id))
    return await seat_display(web, actor)


@router.post("/transfers/{transfer_id}/reject")
async def reject(transfer_id: TransferId, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.RejectTransfer(actor, transfer_id))
    return await seat_display(web, actor)


@router.post("/transfers/{transfer_id}/cancel")
async def cancel(transfer_id: TransferId, actor: StaffHere, web: WebHere) -> SeatView:
    await web.execute(commands.CancelTransfer(actor, transfer_id))
    return await seat_display(web, actor)


@router.post("/calls/{call_id}/recordings/lost", status_code=204)
async def unrecorded(call_id: CallId, message: DeclareRecordingLost, actor: StaffHere, web: WebHere) -> None:
    """Where no recording of a call, or of a part of it, is known."""
    await web.execute(recording_commands.DeclareCallUnrecorded(actor, call_id, message.reason))
