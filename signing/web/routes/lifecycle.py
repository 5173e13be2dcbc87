"""A case as a whole: found, refused, withdrawn, changed."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query

from signing.domain.case import RepaymentMethod
from signing.domain.revision import PartyCorrection, TermsChange
from signing.service import lifecycle_commands as commands
from signing.service.branch_cases import branch_cases
from signing.service.commands import Actor
from signing.service.links import link_expiry
from signing.web.context import PartyHere, StaffHere, WebHere
from signing.web.present import case_display, phone_display
from signing.web.routes.cases import collateral_of, drafts, mandate_of
from signing.web.routes.particulars import particulars_of
from signing.web.routes.paths import CaseId, PartyId
from signing.web.views.case import found_case, invitations
from signing.wire import lifecycle as wire
from signing.wire.case import CaseView
from signing.wire.phone import PhoneView
from signing.wire.staff import CaseOpened

router = APIRouter(prefix="/api")


@router.post("/phone/refuse")
async def refuse(message: wire.Refuse, actor: PartyHere, web: WebHere) -> PhoneView:
    await web.execute(commands.Refuse(actor, message.reason))
    return await phone_display(web, actor)


@router.post("/cases/{case_id}/parties/{party_id}/refusal")
async def record_refusal(
    case_id: CaseId, party_id: PartyId, message: wire.RecordRefusal, actor: StaffHere, web: WebHere
) -> CaseView:
    await web.execute(commands.RecordRefusal(actor, case_id, party_id, message.reason))
    return await case_display(web, actor, case_id)


@router.post("/cases/{case_id}/withdraw")
async def withdraw(case_id: CaseId, message: wire.WithdrawCase, actor: StaffHere, web: WebHere) -> CaseView:
    await web.execute(commands.WithdrawCase(actor, case_id, message.reason))
    return await case_display(web, actor, case_id)


@router.post("/cases/{case_id}/terms")
async def change_terms(case_id: CaseId, message: wire.ChangeTerms, actor: StaffHere, web: WebHere) -> CaseOpened:
    case, capabilities = await web.execute(_change(actor, case_id, message))
    view = await case_display(web, actor, case_id)
    expires_at = link_expiry(case, case.drawn_up_at, web.services.limits)
    return CaseOpened(case=view, invitations=invitations(case, capabilities, web.services.base_url, expires_at))


def _change(actor: Actor, case_id: str, message: wire.ChangeTerms) -> commands.ChangeTerms:
    method = message.repayment_method
    terms = TermsChange(
        _decimal(message.amount),
        _decimal(message.annual_rate_percent),
        message.term_months,
        None if method is None else RepaymentMethod(method),
        message.purpose,
        message.account,
    )
    collateral = message.collateral
    return commands.ChangeTerms(
        actor,
        case_id,
        message.reason,
        terms,
        tuple(_correction(one) for one in message.corrected),
        drafts(message.added),
        tuple(message.removed),
        None if collateral is None else tuple(collateral_of(item) for item in collateral),
        mandate_of(message.mandate),
        None if message.particulars is None else particulars_of(message.particulars),
        message.in_person_reason,
    )


def _correction(one: wire.CorrectParty) -> PartyCorrection:
    share = one.share_percent
    return PartyCorrection(
        one.party_id,
        one.name,
        one.id_number,
        one.phone,
        one.address,
        _decimal(share or None),
        changes_share=share is not None,
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@router.get("/seat/cases")
async def find_cases(actor: StaffHere, web: WebHere, q: Annotated[str, Query(max_length=60)] = "") -> wire.FoundCases:
    found = await web.ask(branch_cases, web.services, actor, q)
    return wire.FoundCases(rows=[found_case(row) for row in found])
