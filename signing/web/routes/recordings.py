"""A recording after the call: what the seat promises about it, then its bytes."""

import asyncio

from fastapi import APIRouter, Request

from signing.domain.case import Segment
from signing.domain.errors import NotPermitted
from signing.service import commands, permissions
from signing.web.context import StaffHere, WebHere
from signing.web.routes.paths import RecordingId
from signing.web.spool import spool
from signing.web.views.case import recording_view
from signing.wire.call import DeclareRecordingLost
from signing.wire.case import RecordingView
from signing.wire.staff import RecordingFinished

router = APIRouter(prefix="/api/recordings")


@router.post("/{recording_id}/finish", status_code=204)
async def finish(recording_id: RecordingId, message: RecordingFinished, actor: StaffHere, web: WebHere) -> None:
    segments = tuple(Segment(s.index, s.offset, s.size, s.start_seconds, s.sha256, s.chain) for s in message.segments)
    await web.execute(
        commands.FinishRecording(
            actor,
            recording_id,
            message.ended_at,
            message.duration_seconds,
            message.size,
            message.sha256,
            segments,
            tuple(message.gaps),
        )
    )


@router.post("/{recording_id}/lost")
async def lost(
    recording_id: RecordingId, message: DeclareRecordingLost, actor: StaffHere, web: WebHere
) -> RecordingView:
    return recording_view(await web.execute(commands.DeclareRecordingLost(actor, recording_id, message.reason)))


@router.put("/{recording_id}/content")
async def store(recording_id: RecordingId, request: Request, actor: StaffHere, web: WebHere) -> RecordingView:
    """Streamed to a private file first, so that a broken upload costs no memory and leaves nothing behind."""
    if not permissions.allows(actor.role, commands.StoreRecording):
        raise NotPermitted("您的角色不能上传录像", "请由接听的坐席上传")
    spooled = await spool(request, web.uploads)
    try:
        data = await asyncio.to_thread(spooled.read)
    finally:
        await asyncio.to_thread(spooled.remove)
    return recording_view(await web.execute(commands.StoreRecording(actor, recording_id, data)))
