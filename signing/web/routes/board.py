"""What a supervisor does at the board: look, listen, whisper, set a stuck seat right, decide about risks."""

from typing import Annotated

from fastapi import APIRouter, Depends

from signing.service import commands
from signing.service.commands import Actor
from signing.service.permissions import check_question
from signing.web.context import StaffHere, WebHere
from signing.web.present import board_display
from signing.web.routes.paths import CallId, CaseId, SeatId
from signing.wire.board import BoardView
from signing.wire.call import SetSeatPresence, TransferCall, Whisper
from signing.wire.risk import DecideRisk
from signing.wire.staff import HangUp

router = APIRouter(prefix="/api")


async def _supervisor(actor: StaffHere) -> Actor:
    check_question(actor, "board")
    return actor


SupervisorHere = Annotated[Actor, Depends(_supervisor)]


@router.get("/board/view")
async def view(actor: SupervisorHere, web: WebHere) -> BoardView:
    return await board_display(web, actor)


@router.post("/board/seats/{seat_id}/presence")
async def set_seat_presence(
    seat_id: SeatId, message: SetSeatPresence, actor: SupervisorHere, web: WebHere
) -> BoardView:
    await web.execute(commands.SetSeatPresence(actor, seat_id, message.available, message.reason))
    return await board_display(web, actor)


@router.post("/board/cases/{case_id}/risk")
async def decide_risk(case_id: CaseId, message: DecideRisk, actor: SupervisorHere, web: WebHere) -> BoardView:
    party_id = message.party_id or ""
    command = commands.OverrideRisk(actor, case_id, message.rule, message.reason, party_id, message.released)
    await web.execute(command)
    return await board_display(web, actor)


@router.post("/board/calls/{call_id}/transfer")
async def transfer(call_id: CallId, message: TransferCall, actor: SupervisorHere, web: WebHere) -> BoardView:
    await web.execute(commands.TransferCall(actor, call_id, message.reason, message.to_seat_id))
    return await board_display(web, actor)


@router.post("/board/calls/{call_id}/hangup")
async def hang_up(call_id: CallId, message: HangUp, actor: SupervisorHere, web: WebHere) -> BoardView:
    await web.execute(commands.HangUp(actor, call_id, message.reason))
    return await board_display(web, actor)


@router.post("/calls/{call_id}/listen")
async def listen(call_id: CallId, actor: SupervisorHere, web: WebHere) -> BoardView:
    await web.execute(commands.ListenIn(actor, call_id))
    return await board_display(web, actor)


@router.post("/calls/{call_id}/listen/stop")
async def stop_listening(call_id: CallId, actor: SupervisorHere, web: WebHere) -> BoardView:
    await web.execute(commands.StopListening(actor, call_id))
    return await board_display(web, actor)


@router.post("/calls/{call_id}/whisper")
async def whisper(call_id: CallId, message: Whisper, actor: SupervisorHere, web: WebHere) -> BoardView:
    await web.execute(commands.Whisper(actor, call_id, message.on))
    return await board_display(web, actor)
