"""The customer's page: from the link to the signed copies."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from signing.domain.dialect import Dialect
from signing.domain.errors import ConflictError, NotFound
from signing.service import commands, helper_commands, queue_commands
from signing.web.bodies import read_picture
from signing.web.consents import read_out, shown_bytes
from signing.web.context import PartyHere, Web, WebHere, address_of, limit_key
from signing.web.files import image_kind, pdf_answer
from signing.web.limits import RateLimit
from signing.web.present import phone_display, wording_for
from signing.web.routes.paths import DocumentId
from signing.web.strokes import ink_of
from signing.web.views.identity import card_check
from signing.web.views.phone import link_opened
from signing.web.voices import consent_key
from signing.wire import phone as wire
from signing.wire.case import CardCheck, ConsentKind
from signing.wire.helper import DeclareHelper
from signing.wire.queue import ChooseDialect

router = APIRouter(prefix="/api/phone")


def _count(web: Web, request: Request, limit: RateLimit, capability: str) -> None:
    """By the link and by the address; the link itself is not kept."""
    now = web.monotonic()
    web.limits.phone_address.use(address_of(request), now)
    limit.use(limit_key(capability), now)


@router.post("/open")
async def open_link(message: wire.OpenLink, request: Request, web: WebHere) -> wire.LinkOpened:
    _count(web, request, web.limits.link, message.capability)
    return link_opened(await web.ask(web.queries.opened_link, message.capability))


@router.post("/code")
async def send_code(message: wire.RequestCode, request: Request, web: WebHere) -> wire.CodeSent:
    _count(web, request, web.limits.code, message.capability)
    issued = await web.execute(commands.SendCode(commands.BEARER, message.capability, address_of(request)))
    return wire.CodeSent(
        phone_masked=issued.phone_masked,
        valid_seconds=issued.valid_seconds,
        resend_after_seconds=issued.resend_after_seconds,
        stand_in=issued.stand_in,
    )


@router.post("/redeem")
async def redeem(message: wire.RedeemCode, request: Request, web: WebHere) -> wire.PhoneSession:
    _count(web, request, web.limits.redeem, message.capability)
    agent = request.headers.get("user-agent", "")[:400]
    command = commands.RedeemCode(
        commands.BEARER, message.capability, message.code, message.device, agent, address_of(request)
    )
    token, expires_at = await web.execute(command)
    return wire.PhoneSession(token=token, expires_at=expires_at)


@router.get("/view")
async def view(actor: PartyHere, web: WebHere) -> wire.PhoneView:
    return await phone_display(web, actor)


@router.post("/consents")
async def consent(message: wire.GiveConsent, actor: PartyHere, web: WebHere) -> wire.PhoneView:
    """Only for the wording that this service shows now."""
    phone = await web.ask(web.queries.phone, actor)
    shown = wording_for(phone, message.kind)
    if shown.sha256 != message.text_sha256:
        raise ConflictError("同意书的内容已经更新", "请刷新页面，重新阅读后再选择")
    await web.execute(commands.RecordConsent(actor, message.kind.value, message.granted, shown_bytes(shown)))
    return await phone_display(web, actor)


@router.get("/consents/{consent}/voice")
async def consent_voice(consent: ConsentKind, actor: PartyHere, web: WebHere) -> Response:
    """The words of one consent, read out. A recording is played only where it is of these very words, under their
    digest: ``consent.face.3f9a0c12ab45.mp3``."""
    wording = wording_for(await web.ask(web.queries.phone, actor), consent)
    spoken = await web.voices.aside(web.voices.said, read_out(wording), consent_key(consent, wording.sha256))
    if spoken is None:
        raise NotFound("这里没有朗读", "请家人或客户经理念给您听")
    return Response(spoken.data, media_type=spoken.kind, headers={"Cache-Control": "private, max-age=3600"})


@router.post("/precheck")
async def precheck(message: wire.PrecheckReport, actor: PartyHere, web: WebHere) -> wire.PhoneView:
    await web.execute(commands.RecordPrecheck(actor, message.model_dump(mode="json")))
    return await phone_display(web, actor)


@router.post("/queue/join")
async def join(actor: PartyHere, web: WebHere) -> wire.PhoneView:
    await web.execute(commands.JoinQueue(actor))
    return await phone_display(web, actor)


@router.post("/queue/leave")
async def leave(actor: PartyHere, web: WebHere) -> wire.PhoneView:
    await web.execute(commands.LeaveQueue(actor))
    return await phone_display(web, actor)


@router.post("/helper")
async def declare_helper(message: DeclareHelper, actor: PartyHere, web: WebHere) -> wire.PhoneView:
    await web.execute(
        helper_commands.DeclareHelper(actor, message.name, message.relation, message.id_number, message.phone)
    )
    return await phone_display(web, actor)


@router.delete("/helper")
async def dismiss_helper(actor: PartyHere, web: WebHere) -> wire.PhoneView:
    await web.execute(helper_commands.DismissHelper(actor))
    return await phone_display(web, actor)


@router.post("/dialect")
async def choose_dialect(message: ChooseDialect, actor: PartyHere, web: WebHere) -> wire.PhoneView:
    dialect = Dialect(message.dialect) if message.dialect else None
    await web.execute(queue_commands.ChooseDialect(actor, dialect))
    return await phone_display(web, actor)


@router.put("/id-card/{side}")
async def submit_card(
    side: Annotated[Literal["front", "back"], Path()], request: Request, actor: PartyHere, web: WebHere
) -> CardCheck:
    image = await read_picture(request)
    command = commands.SubmitCard(actor, side, image)
    return card_check(await web.looking.once(command, lambda: web.execute(command)))


@router.post("/documents/{document_id}/reading")
async def report_reading(
    document_id: DocumentId, message: wire.ReportReading, actor: PartyHere, web: WebHere
) -> wire.PhoneView:
    pages = tuple((time.page, time.milliseconds) for time in message.pages)
    told = commands.ReportReading(actor, document_id, pages, message.on_screen, message.report_id)
    await web.execute(told)
    return await phone_display(web, actor)


@router.post("/documents/{document_id}/sign")
async def sign(document_id: DocumentId, message: wire.SignDocument, actor: PartyHere, web: WebHere) -> wire.PhoneView:
    ink = ink_of(message.strokes)
    await web.execute(commands.SignDocument(actor, document_id, message.sha256, ink.json, ink.points, ink.extent))
    return await phone_display(web, actor)


@router.get("/documents/{document_id}/pages/{number}")
async def page_image(
    document_id: DocumentId,
    number: Annotated[int, Path(ge=1, le=200)],
    actor: PartyHere,
    web: WebHere,
    width: Annotated[int, Query(ge=1, le=10_000)] = 720,
) -> Response:
    """One page of the frozen document; a width out of 320…1600 becomes the nearest that is in."""
    image = await web.page_images.get(actor, document_id, number, width)
    return Response(image, media_type=image_kind(image), headers={"Cache-Control": "private, max-age=86400"})


@router.get("/documents/{document_id}/place")
async def signature_place(document_id: DocumentId, actor: PartyHere, web: WebHere) -> wire.SignaturePlace:
    """Where this customer's signature will stand on the paper, to show it there before it is confirmed."""
    place = await web.page_images.place(actor, document_id)
    return wire.SignaturePlace(page=place.page, x=place.x, y=place.y, w=place.w, h=place.h)


@router.get("/documents/{document_id}/copy")
async def copy(document_id: DocumentId, actor: PartyHere, web: WebHere) -> Response:
    """The sealed document, to keep."""
    document, pdf = await web.fetch(web.queries.document_copy, actor, document_id)
    return pdf_answer(pdf, f"{document.title}.pdf", download=True)
