"""The credit system's door: cases in, states and sealed papers out. Every look at a paper is on record first."""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from signing.domain.core_state import CoreState as State
from signing.domain.errors import ConflictError
from signing.service import commands
from signing.service.core_commands import CoreOpened, OpenCoreCase
from signing.service.core_queries import core_appointment, core_appointments, core_case, core_changes, core_document
from signing.service.lifecycle_commands import WithdrawCase
from signing.service.queue_commands import CancelAppointment, MakeAppointment
from signing.web.context import CoreHere, WebHere
from signing.web.files import pdf_answer
from signing.web.handing import package_answer, record_answer
from signing.web.routes.cases import open_case_command
from signing.web.routes.paths import AppointmentId, CaseId, DocumentId
from signing.web.views.core import appointment_view, core_case_view, core_cases_view, core_opened_view
from signing.wire.audit import VerificationReport
from signing.wire.core import (
    CoreAppointment,
    CoreAppointments,
    CoreCancel,
    CoreCase,
    CoreCaseOpened,
    CoreCases,
    CoreNewAppointment,
    CoreNewCase,
    CoreState,
)

router = APIRouter(prefix="/api/core/v1")

IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=180, pattern=r"^[!-~]+$")]


@router.post("/cases", status_code=201, responses={200: {"model": CoreCaseOpened}})
async def create_case(
    message: CoreNewCase, response: Response, actor: CoreHere, web: WebHere, idempotency_key: IdempotencyKey = None
) -> CoreCaseOpened:
    """201 for the order that made the case, 200 with the same answer for its repetitions.

    Give the header ``Idempotency-Key`` or the body's ``reference``. The same one with another content is a 409.
    """
    key = f"key:{idempotency_key}" if idempotency_key else f"ref:{message.reference}" if message.reference else ""
    order = open_case_command(actor, message, message.branch_id)
    body = message.model_dump_json().encode()
    opened: CoreOpened = await web.execute(OpenCoreCase(actor, order, key, body, message.reference or ""))
    if not opened.first:
        response.status_code = 200
    return core_opened_view(opened, web.services.base_url)


@router.get("/cases")
async def list_cases(
    actor: CoreHere,
    web: WebHere,
    reference: Annotated[str, Query(max_length=100)] = "",
    state: CoreState | None = None,
    changed_since: AwareDatetime | None = None,
    cursor: Annotated[str, Query(max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> CoreCases:
    """In the order of their last change; ``reference`` finds the one case of that number. A cursor goes before
    ``changed_since``. With PostgreSQL a change is listed ten seconds late."""
    wanted = None if state is None else State(state)
    page = await web.ask(core_changes, web.services, actor, reference, wanted, changed_since, cursor, limit)
    return core_cases_view(page)


@router.get("/cases/{case_id}")
async def read_case(case_id: CaseId, actor: CoreHere, web: WebHere) -> CoreCase:
    return core_case_view(await web.ask(core_case, web.services, actor, case_id))


@router.post("/cases/{case_id}/cancel")
async def cancel_case(case_id: CaseId, message: CoreCancel, actor: CoreHere, web: WebHere) -> CoreCase:
    """Ends it before the institution has sealed: papers void, links dead. Again changes nothing."""
    await web.execute(WithdrawCase(actor, case_id, message.reason))
    return core_case_view(await web.ask(core_case, web.services, actor, case_id))


@router.post("/cases/{case_id}/appointments", status_code=201, responses={200: {"model": CoreAppointment}})
async def make_appointment(
    case_id: CaseId, message: CoreNewAppointment, response: Response, actor: CoreHere, web: WebHere
) -> CoreAppointment:
    """201 for a new one, which takes the place of the party's earlier one; 200 where just this one stands already."""
    before = await web.ask(core_appointments, web.services, actor, case_id)
    made = await web.execute(MakeAppointment(actor, case_id, message.party_id, message.starts_at, message.ends_at))
    if any(one.appointment_id == made.appointment_id for one in before):
        response.status_code = 200
    return appointment_view(made)


@router.get("/cases/{case_id}/appointments")
async def list_appointments(case_id: CaseId, actor: CoreHere, web: WebHere) -> CoreAppointments:
    """Also those that are over or cancelled. What stands is in the case too."""
    found = await web.ask(core_appointments, web.services, actor, case_id)
    return CoreAppointments(appointments=[appointment_view(one) for one in found])


@router.get("/cases/{case_id}/appointments/{appointment_id}")
async def read_appointment(
    case_id: CaseId, appointment_id: AppointmentId, actor: CoreHere, web: WebHere
) -> CoreAppointment:
    return appointment_view(await web.ask(core_appointment, web.services, actor, case_id, appointment_id))


@router.post("/cases/{case_id}/appointments/{appointment_id}/cancel", status_code=204)
async def cancel_appointment(
    case_id: CaseId, appointment_id: AppointmentId, message: CoreCancel, actor: CoreHere, web: WebHere
) -> None:
    """Again changes nothing."""
    await web.ask(core_appointment, web.services, actor, case_id, appointment_id)
    try:
        await web.execute(CancelAppointment(actor, appointment_id, message.reason))
    except ConflictError:
        now = await web.ask(core_appointment, web.services, actor, case_id, appointment_id)
        if now.cancelled_at is None:
            raise


@router.get("/cases/{case_id}/documents/{document_id}.pdf")
async def sealed_document(case_id: CaseId, document_id: DocumentId, actor: CoreHere, web: WebHere) -> Response:
    """The sealed paper; 409 before that."""
    document, pdf = await web.fetch(core_document, web.services, actor, case_id, document_id)
    await web.execute(commands.RecordView(actor, "document", case_id, document_id))
    return pdf_answer(pdf, f"{document.title}.pdf", download=True)


@router.get("/cases/{case_id}/package")
async def package(
    case_id: CaseId,
    actor: CoreHere,
    web: WebHere,
    wanted: Annotated[str | None, Header(alias="Range", max_length=100)] = None,
) -> Response:
    """The evidence package (ASiC-E), once the case is closed."""
    return await package_answer(web, actor, case_id, wanted)


@router.get("/cases/{case_id}/package.ers")
async def package_record(case_id: CaseId, actor: CoreHere, web: WebHere) -> Response:
    """The renewals of the package's time-stamp (RFC 4998), to be kept beside it; 404 before the first."""
    return await record_answer(web, actor, case_id)


@router.get("/cases/{case_id}/verdict")
async def verdict(case_id: CaseId, actor: CoreHere, web: WebHere) -> VerificationReport:
    """The verifier's judgement of the package, made now: in words (``headline``) and item by item."""
    web.limits.core_verdict.use(actor.actor_id, web.monotonic())
    data = await web.fetch(web.queries.package, actor, case_id)
    await web.execute(commands.RecordView(actor, "verify", case_id))
    record = await web.fetch(web.queries.package_record, actor, case_id)
    return await web.fetch(web.verify, data, record)
