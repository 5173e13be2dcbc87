"""The public check page: anybody may drop a paper and see the verdict, or look a code up. Nothing is stored."""

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from signing.domain.errors import NotFound
from signing.service.pdf_report import PaperReport, RevisionFound
from signing.service.registry import OnRecord, papers_of_code, papers_of_digest
from signing.service.services import Services
from signing.web.context import WebHere, address_of
from signing.web.routes.paths import LookUpCode
from signing.web.static import answer, load
from signing.wire import check as wire
from signing.wire.audit import Verdict

router = APIRouter()
FOLDER = Path(__file__).parent.parent / "check"
READ = ["GET", "HEAD"]
_ASSETS = load(FOLDER)


@router.api_route("/check", methods=READ, include_in_schema=False)
async def page(request: Request) -> Response:
    return answer(_ASSETS["index.html"], request)


@router.api_route("/check/{path:path}", methods=READ, include_in_schema=False)
async def asset(path: str, request: Request) -> Response:
    if path not in _ASSETS:
        raise HTTPException(404)
    return answer(_ASSETS[path], request)


@router.post("/api/check/paper")
async def paper(request: Request, web: WebHere) -> wire.PaperChecked:
    web.limits.check.use(address_of(request), web.monotonic())
    data = await request.body()
    async with web.checking:
        return await web.ask(_checked, web.services, data)


@router.get("/api/check/codes/{code}")
async def code(code: LookUpCode, request: Request, web: WebHere) -> wire.PapersFound:
    web.limits.check.use(address_of(request), web.monotonic())
    papers = await web.ask(papers_of_code, web.services, code)
    if not papers:
        hint = "请核对页脚的查验码；没有用印的、系统升级以前用印的文书查不到，可以上传电子原件查验"
        raise NotFound("没有查到这个查验码的用印记录", hint)
    return wire.PapersFound(papers=[_on_record(one) for one in papers])


def _checked(services: Services, data: bytes) -> wire.PaperChecked:
    report: PaperReport = services.signer.examine(data)
    known = papers_of_digest(services, report.sha256)
    return wire.PaperChecked(
        verdict=Verdict(report.verdict.value),
        headline=report.headline,
        sha256=report.sha256,
        revisions=[_revision(one) for one in report.revisions],
        faults=list(report.faults),
        missing=list(report.missing),
        record=_on_record(known[0]) if known else None,
        stand_ins=[*services.stand_ins[-1:], *report.notes],
    )


def _revision(one: RevisionFound) -> wire.CheckedRevision:
    return wire.CheckedRevision(
        number=one.number,
        kind=one.kind_title,
        who=one.who,
        at=one.at,
        certificate=one.certificate,
        since=one.since,
        ok=one.ok,
        detail=one.detail,
    )


def _on_record(one: OnRecord) -> wire.PaperOnRecord:
    paper, archive = one.paper, one.archive
    return wire.PaperOnRecord(
        institution=paper.institution,
        title=paper.title,
        pages=paper.pages,
        sealed_at=paper.sealed_at,
        sha256=paper.sha256,
        renewals=0 if archive is None else archive.renewals,
        package_until=None if archive is None else archive.until,
    )
