"""The seal registry: seen by supervisor and auditor; a supervisor's approval of a use."""

from fastapi import APIRouter

from signing.service import seal_commands as commands
from signing.service.registry import seal_registry
from signing.web.context import StaffHere, WebHere
from signing.web.present import case_display
from signing.web.routes.paths import CaseId
from signing.web.views.seals import registry_view
from signing.wire import seals as wire
from signing.wire.case import CaseView

router = APIRouter(prefix="/api")


@router.get("/seals")
async def registry(actor: StaffHere, web: WebHere) -> wire.SealRegistry:
    found = await web.ask(seal_registry, web.services, actor)
    return registry_view(found, web.services.clock.now())


@router.post("/cases/{case_id}/seal-approval")
async def approve(case_id: CaseId, message: wire.ApproveSealing, actor: StaffHere, web: WebHere) -> CaseView:
    await web.execute(commands.ApproveSealing(actor, case_id, message.note, message.approved))
    return await case_display(web, actor, case_id)
