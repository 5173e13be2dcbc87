"""The seal registry: seen by supervisor and auditor; a supervisor's approval of a use."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from signing.service import seal_commands as commands
from signing.service.registry import seal_picture, seal_registry
from signing.web.context import StaffHere, WebHere
from signing.web.present import case_display
from signing.web.routes.paths import CaseId, SealId
from signing.web.views.seals import registry_view
from signing.wire import seals as wire
from signing.wire.case import CaseView

router = APIRouter(prefix="/api")


OfOne = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")]


@router.get("/seals")
async def registry(actor: StaffHere, web: WebHere, seal_id: OfOne = "") -> wire.SealRegistry:
    found = await web.ask(seal_registry, web.services, actor, seal_id)
    return registry_view(found, web.services.clock.now())


@router.get("/seals/{seal_id}/picture", response_class=Response)
async def picture(seal_id: SealId, actor: StaffHere, web: WebHere) -> Response:
    drawn = await web.ask(seal_picture, web.services, actor, seal_id)
    return Response(drawn, media_type="image/png", headers={"Cache-Control": "no-store"})


@router.post("/seals/{seal_id}/suspend")
async def suspend(seal_id: SealId, message: wire.SuspendSeal, actor: StaffHere, web: WebHere) -> wire.SealRegistry:
    await web.execute(commands.SuspendSeal(actor, seal_id, message.reason))
    return await registry(actor, web)


@router.post("/seals/{seal_id}/resume")
async def resume(seal_id: SealId, message: wire.SuspendSeal, actor: StaffHere, web: WebHere) -> wire.SealRegistry:
    await web.execute(commands.ResumeSeal(actor, seal_id, message.reason))
    return await registry(actor, web)


@router.post("/seals/{seal_id}/amend")
async def amend(seal_id: SealId, message: wire.AmendSeal, actor: StaffHere, web: WebHere) -> wire.SealRegistry:
    change = commands.AmendSeal(actor, seal_id, message.reason, message.custodian, message.valid_until)
    await web.execute(change)
    return await registry(actor, web)


@router.post("/cases/{case_id}/seal-approval")
async def approve(case_id: CaseId, message: wire.ApproveSealing, actor: StaffHere, web: WebHere) -> CaseView:
    await web.execute(commands.ApproveSealing(actor, case_id, message.note, message.approved))
    return await case_display(web, actor, case_id)
