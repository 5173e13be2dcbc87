"""The auditor's desk. Every look is on record before anything of it is shown."""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.responses import Response

from signing.service import commands
from signing.service.commands import Actor
from signing.service.queries import PAGE
from signing.web.context import StaffHere, Web, WebHere
from signing.web.files import pdf_answer
from signing.web.handing import package_answer, record_answer
from signing.web.ranges import ranged
from signing.web.routes.paths import CaseId, DocumentId, MediaId, RecordingId
from signing.web.views.audit import audit_case, session_list
from signing.wire.audit import AuditCase, SearchCases, SessionList, VerificationReport

router = APIRouter(prefix="/api/audit")


@router.get("/cases")
async def newest(actor: StaffHere, web: WebHere, after: Annotated[str, Query(max_length=200)] = "") -> SessionList:
    """Everything, page by page."""
    return await _page(actor, web, "", after)


@router.post("/cases/search")
async def search(message: SearchCases, actor: StaffHere, web: WebHere) -> SessionList:
    """On record is by what was searched and how much was found, never what was searched for."""
    return await _page(actor, web, message.text, message.after)


async def _page(actor: Actor, web: Web, text: str, after: str) -> SessionList:
    page = await web.ask(web.queries.audit_list, actor, text, PAGE, after)
    by = f"按{page.searched}查询，" if page.searched else ""
    await web.execute(commands.RecordView(actor, "list", detail=f"{by}{len(page.rows)} 条"))
    return session_list(page)


@router.get("/cases/{case_id}")
async def read(case_id: CaseId, actor: StaffHere, web: WebHere) -> AuditCase:
    snapshot = await web.ask(web.queries.audit_case, actor, case_id)
    await web.execute(commands.RecordView(actor, "case", case_id))
    return audit_case(snapshot)


@router.get("/recordings/{recording_id}")
async def recording(
    recording_id: RecordingId,
    actor: StaffHere,
    web: WebHere,
    wanted: Annotated[str | None, Header(alias="Range", max_length=100)] = None,
) -> Response:
    """The video, whole or in part; a player's many parts of one look are one line of the access log a minute."""
    content = await web.ask(web.queries.recording, actor, recording_id)
    now = web.monotonic()
    if web.looks.is_new(actor.session_id, recording_id, now):
        await web.execute(commands.RecordView(actor, "recording", content.case_id, recording_id))
    web.looks.seen(actor.session_id, recording_id, now)
    return await web.fetch(ranged, content.size, content.part, wanted, "video/mp4")


@router.get("/cases/{case_id}/media/{media_id}")
async def media(
    case_id: CaseId,
    media_id: MediaId,
    actor: StaffHere,
    web: WebHere,
    wanted: Annotated[str | None, Header(alias="Range", max_length=100)] = None,
) -> Response:
    """One party's own track, or what their phone brought; like a recording, one look is one line of the access log."""
    stored, kind = await web.ask(web.queries.kept_media, actor, case_id, media_id)
    now = web.monotonic()
    if web.looks.is_new(actor.session_id, media_id, now):
        await web.execute(commands.RecordView(actor, "media", case_id, media_id))
    web.looks.seen(actor.session_id, media_id, now)
    return await web.fetch(ranged, len(stored), stored.part, wanted, kind)


@router.get("/cases/{case_id}/documents/{document_id}.pdf")
async def document(case_id: CaseId, document_id: DocumentId, actor: StaffHere, web: WebHere) -> Response:
    pdf = await web.fetch(web.queries.document_pdf, actor, case_id, document_id)
    await web.execute(commands.RecordView(actor, "document", case_id, document_id))
    return pdf_answer(pdf, f"{document_id}.pdf")


@router.get("/cases/{case_id}/package")
async def package(
    case_id: CaseId,
    actor: StaffHere,
    web: WebHere,
    wanted: Annotated[str | None, Header(alias="Range", max_length=100)] = None,
) -> Response:
    """The evidence package, to hand over."""
    return await package_answer(web, actor, case_id, wanted)


@router.get("/cases/{case_id}/package.ers")
async def package_record(case_id: CaseId, actor: StaffHere, web: WebHere) -> Response:
    """The renewals of the package's time-stamp (RFC 4998), to be kept beside it; 404 before the first."""
    return await record_answer(web, actor, case_id)


@router.post("/cases/{case_id}/verify")
async def verify(case_id: CaseId, actor: StaffHere, web: WebHere) -> VerificationReport:
    """The same check as ``pingqian verify``, on the stored package."""
    data = await web.fetch(web.queries.package, actor, case_id)
    await web.execute(commands.RecordView(actor, "verify", case_id))
    record = await web.fetch(web.queries.package_record, actor, case_id)
    return await web.fetch(web.verify, data, record)
