"""How the queue is run: a supervisor's pause and stop, what a seat can, appointments."""

from fastapi import APIRouter

from signing.domain.case import party_of
from signing.domain.dialect import Dialect
from signing.service import queue_commands as q
from signing.service.booking import booking
from signing.service.snapshots import BookedSnapshot
from signing.web.context import StaffHere, WebHere
from signing.web.present import board_display
from signing.web.routes.board import SupervisorHere
from signing.web.routes.paths import AppointmentId, CaseId, PartyId, SeatId
from signing.web.views import queue
from signing.wire import queue as wire
from signing.wire.board import BoardView

router = APIRouter(prefix="/api")


@router.post("/board/queue/pause")
async def pause(message: wire.PauseQueue, actor: SupervisorHere, web: WebHere) -> BoardView:
    await web.execute(q.PauseQueue(actor, message.branch_id, message.message, message.reason, message.until))
    return await board_display(web, actor)


@router.post("/board/queue/stop")
async def stop(message: wire.StopQueue, actor: SupervisorHere, web: WebHere) -> BoardView:
    await web.execute(q.StopQueue(actor, message.branch_id, message.message, message.reason, message.end_calls))
    return await board_display(web, actor)


@router.post("/board/queue/resume")
async def resume(message: wire.ResumeQueue, actor: SupervisorHere, web: WebHere) -> BoardView:
    await web.execute(q.ResumeQueue(actor, message.branch_id, message.reason))
    return await board_display(web, actor)


@router.put("/board/seats/{seat_id}/ability")
async def set_ability(seat_id: SeatId, message: wire.SetSeatAbility, actor: SupervisorHere, web: WebHere) -> BoardView:
    dialects = frozenset(Dialect(one) for one in message.dialects)
    await web.execute(q.SetSeatAbility(actor, seat_id, frozenset(message.products), dialects))
    return await board_display(web, actor)


@router.get("/cases/{case_id}/appointments")
async def booking_of(case_id: CaseId, actor: StaffHere, web: WebHere) -> wire.Booking:
    return queue.booking(await web.ask(booking, web.services, actor, case_id))


@router.post("/cases/{case_id}/parties/{party_id}/appointment")
async def book(
    case_id: CaseId, party_id: PartyId, message: wire.NewAppointment, actor: StaffHere, web: WebHere
) -> wire.Appointment:
    made = await web.execute(q.MakeAppointment(actor, case_id, party_id, message.starts_at, message.ends_at))
    case = (await web.ask(web.queries.case, actor, case_id)).case
    return queue.appointment(BookedSnapshot(made, case.case_no, case.product_title, party_of(case, party_id)))


@router.post("/appointments/{appointment_id}/cancel", status_code=204)
async def call_off(
    appointment_id: AppointmentId, message: wire.CancelAppointment, actor: StaffHere, web: WebHere
) -> None:
    await web.execute(q.CancelAppointment(actor, appointment_id, message.reason))
