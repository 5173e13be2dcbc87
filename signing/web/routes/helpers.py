"""A customer's helper, as the agent declares them and sees them come and go."""

from fastapi import APIRouter

from signing.service import helper_commands as commands
from signing.web.context import StaffHere, WebHere
from signing.web.present import case_display
from signing.web.routes.paths import CaseId, PartyId
from signing.wire.case import CaseView
from signing.wire.helper import DeclareHelper, MoveHelper

router = APIRouter(prefix="/api/cases/{case_id}/parties/{party_id}/helper")


@router.post("")
async def declare(
    case_id: CaseId, party_id: PartyId, message: DeclareHelper, actor: StaffHere, web: WebHere
) -> CaseView:
    await web.execute(
        commands.DeclareHelper(
            actor, message.name, message.relation, message.id_number, message.phone, case_id, party_id
        )
    )
    return await case_display(web, actor, case_id)


@router.delete("")
async def dismiss(case_id: CaseId, party_id: PartyId, actor: StaffHere, web: WebHere) -> CaseView:
    await web.execute(commands.DismissHelper(actor, case_id, party_id))
    return await case_display(web, actor, case_id)


@router.put("/aside")
async def move(case_id: CaseId, party_id: PartyId, message: MoveHelper, actor: StaffHere, web: WebHere) -> CaseView:
    await web.execute(commands.MoveHelper(actor, case_id, party_id, message.aside))
    return await case_display(web, actor, case_id)
