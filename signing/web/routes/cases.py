"""A case at the seat: opening it, identity, disclosure, seal; its pictures and papers."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import AwareDatetime
from starlette.responses import Response

from signing.domain.case import RepaymentMethod, Terms
from signing.domain.helper import HelperDraft
from signing.domain.party import Role
from signing.domain.security import Collateral, Insurance, Mandate, SecurityKind, Subject
from signing.service import commands
from signing.service.links import link_expiry
from signing.service.opening_commands import OpenCaseOnce, OpenedOnce
from signing.web.bodies import read_picture
from signing.web.context import StaffHere, WebHere
from signing.web.files import image_kind, pdf_answer
from signing.web.present import case_display
from signing.web.routes.particulars import particulars_of
from signing.web.routes.paths import CaseId, DocumentId, PartyId, Sha256
from signing.web.views.case import invitations
from signing.web.views.identity import face_check
from signing.wire.case import CaseView, FaceCheck, Reveal, Revealed
from signing.wire.helper import DeclareHelper
from signing.wire.staff import (
    AbortCase,
    AnswerLine,
    CaseOpened,
    DecideIdentity,
    Invitation,
    NewCase,
    NewCollateral,
    NewInsurance,
    NewMandate,
    NewParty,
    SealCase,
    ShowLine,
)

router = APIRouter(prefix="/api/cases")

IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=180, pattern=r"^[!-~]+$")]


def drafts(parties: Sequence[NewParty]) -> tuple[commands.PartyDraft, ...]:
    return tuple(
        commands.PartyDraft(
            Role(party.role),
            party.name,
            party.id_number,
            party.phone,
            party.address,
            None if party.share_percent is None else Decimal(party.share_percent),
            party.dialect.value if party.dialect else "",
            _helper(party.helper),
        )
        for party in parties
    )


def _helper(helper: DeclareHelper | None) -> HelperDraft | None:
    if helper is None:
        return None
    return HelperDraft(helper.name, helper.relation, helper.id_number, helper.phone)


def open_case_command(actor: commands.Actor, message: NewCase, branch_id: str = "") -> commands.OpenCase:
    return commands.OpenCase(
        actor,
        message.product_id,
        _terms(message),
        drafts(message.parties),
        collateral=tuple(collateral_of(item) for item in message.collateral),
        mandate=mandate_of(message.mandate),
        particulars=particulars_of(message.particulars),
        branch_id=branch_id,
    )


def _terms(message: NewCase) -> Terms | None:
    """None where the message names none of a loan's terms; the message itself is whole or has none."""
    if message.amount is None or message.annual_rate_percent is None:
        return None
    if message.term_months is None or message.repayment_method is None:
        return None
    return Terms(
        Decimal(message.amount),
        Decimal(message.annual_rate_percent),
        message.term_months,
        RepaymentMethod(message.repayment_method),
        message.purpose or "",
        message.account or "",
    )


def collateral_of(item: NewCollateral) -> Collateral:
    return Collateral(
        SecurityKind(item.kind),
        item.name,
        item.quantity,
        item.marks,
        item.condition,
        item.place,
        Decimal(item.appraised_value),
        _insurance(item.insurance),
        Subject(item.subject) if item.subject else None,
        item.register_no.strip(),
        item.certificate_no.strip(),
        item.right_until,
    )


def _insurance(item: NewInsurance | None) -> Insurance | None:
    if item is None:
        return None
    sum_insured = Decimal(item.sum_insured)
    return Insurance(item.insurer, item.policy_no, sum_insured, item.valid_until, item.beneficiary.strip())


def mandate_of(item: NewMandate | None) -> Mandate | None:
    if item is None:
        return None
    return Mandate(item.matter, item.scope, item.valid_from, item.valid_until, item.may_delegate)


@router.post("", status_code=201)
async def open_case(
    message: NewCase, actor: StaffHere, web: WebHere, idempotency_key: IdempotencyKey = None
) -> CaseOpened:
    """With the header ``Idempotency-Key`` a repetition gets the same case, and new links; another content is a 409."""
    order = open_case_command(actor, message)
    if idempotency_key:
        once = OpenCaseOnce(actor, order, idempotency_key, message.model_dump_json().encode())
        opened: OpenedOnce = await web.execute(once)
        case, capabilities = opened.case, opened.capabilities
    else:
        case, capabilities = await web.execute(order)
    view = await case_display(web, actor, case.case_id)
    expires_at = link_expiry(case, case.opened_at, web.services.limits)
    name = (await web.ask(web.queries.staff, actor)).institution.name
    return CaseOpened(case=view, invitations=invitations(case, capabilities, web.services.base_url, expires_at, name))


@router.post("/{case_id}/parties/{party_id}/link")
async def renew_link(case_id: CaseId, party_id: PartyId, actor: StaffHere, web: WebHere) -> Invitation:
    """A new personal link; the old one and whatever is open by it ends."""
    capability, expires_at = await web.execute(commands.RenewLink(actor, case_id, party_id))
    case = (await web.ask(web.queries.case, actor, case_id)).case
    name = (await web.ask(web.queries.staff, actor)).institution.name
    made = invitations(case, {party_id: capability}, web.services.base_url, expires_at, name)
    return made[0]


@router.get("/{case_id}")
async def read_case(case_id: CaseId, actor: StaffHere, web: WebHere) -> CaseView:
    """The look is recorded before it is shown."""
    view = await case_display(web, actor, case_id)
    await web.execute(commands.RecordView(actor, "case", case_id))
    return view


@router.post("/{case_id}/parties/{party_id}/snapshot")
async def submit_snapshot(
    case_id: CaseId,
    party_id: PartyId,
    request: Request,
    actor: StaffHere,
    web: WebHere,
    x_captured_at: Annotated[AwareDatetime, Header()],
) -> FaceCheck:
    image = await read_picture(request, ["image/jpeg"])
    taken: datetime = x_captured_at
    command = commands.SubmitSnapshot(actor, case_id, party_id, image, taken)
    return face_check(await web.looking.once(command, lambda: web.execute(command)))


@router.post("/{case_id}/parties/{party_id}/identity")
async def decide_identity(
    case_id: CaseId, party_id: PartyId, message: DecideIdentity, actor: StaffHere, web: WebHere
) -> CaseView:
    await web.execute(commands.DecideIdentity(actor, case_id, party_id, message.accepted, message.reason))
    return await case_display(web, actor, case_id)


@router.post("/{case_id}/parties/{party_id}/prompt")
async def show_line(case_id: CaseId, party_id: PartyId, message: ShowLine, actor: StaffHere, web: WebHere) -> CaseView:
    await web.execute(commands.ShowLine(actor, case_id, party_id, message.line))
    return await case_display(web, actor, case_id)


@router.post("/{case_id}/parties/{party_id}/disclosure")
async def answer_line(
    case_id: CaseId, party_id: PartyId, message: AnswerLine, actor: StaffHere, web: WebHere
) -> CaseView:
    await web.execute(commands.AnswerLine(actor, case_id, party_id, message.line, message.answer.value))
    return await case_display(web, actor, case_id)


@router.post("/{case_id}/parties/{party_id}/reveal")
async def reveal(case_id: CaseId, party_id: PartyId, message: Reveal, actor: StaffHere, web: WebHere) -> Revealed:
    """What is masked everywhere else; the look is on record before the value is given."""
    value = await web.execute(commands.Reveal(actor, case_id, party_id, message.what.value, message.reason))
    return Revealed(what=message.what, value=value)


@router.post("/{case_id}/seal")
async def seal(case_id: CaseId, message: SealCase, actor: StaffHere, web: WebHere) -> CaseView:
    await web.execute(commands.SealCase(actor, case_id))
    return await case_display(web, actor, case_id)


@router.post("/{case_id}/abort")
async def abort(case_id: CaseId, message: AbortCase, actor: StaffHere, web: WebHere) -> CaseView:
    await web.execute(commands.AbortCase(actor, case_id, message.reason))
    return await case_display(web, actor, case_id)


@router.get("/{case_id}/images/{sha256}")
async def image(case_id: CaseId, sha256: Sha256, actor: StaffHere, web: WebHere) -> Response:
    """A card or face picture; the look is recorded before it is shown."""
    data = await web.fetch(web.queries.image, actor, case_id, sha256)
    await web.execute(commands.RecordView(actor, "image", case_id, sha256))
    return Response(data, media_type=image_kind(data))


@router.get("/{case_id}/documents/{document_id}.pdf")
async def document(case_id: CaseId, document_id: DocumentId, actor: StaffHere, web: WebHere) -> Response:
    """The current revision; the look is recorded before it is shown."""
    pdf = await web.fetch(web.queries.document_pdf, actor, case_id, document_id)
    await web.execute(commands.RecordView(actor, "document", case_id, document_id))
    return pdf_answer(pdf, f"{document_id}.pdf")
