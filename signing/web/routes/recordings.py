"""A recording on its way: its segments while the call runs, what the seat promises at its end, its assembly."""

from typing import Annotated

from fastapi import APIRouter, Header, Request

from signing.domain.case import Segment
from signing.domain.errors import NotPermitted
from signing.service import commands, permissions, recording_commands
from signing.service.commands import Actor
from signing.web.context import StaffHere, WebHere
from signing.web.routes.paths import RecordingId, SegmentIndex
from signing.web.views.case import recording_view
from signing.wire.call import DeclareRecordingLost
from signing.wire.case import RecordingView
from signing.wire.staff import RecordingFinished, SegmentHeld

router = APIRouter(prefix="/api/recordings")
_DIGEST = r"^[0-9a-f]{64}$"


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


@router.get("/{recording_id}/segments")
async def segments_held(recording_id: RecordingId, actor: StaffHere, web: WebHere) -> SegmentHeld:
    """How far it has come, for a seat that takes it up again."""
    return _held(await web.ask(web.queries.segments_held, actor, recording_id))


@router.put("/{recording_id}/segments/{index}")
async def keep_segment(
    recording_id: RecordingId,
    index: SegmentIndex,
    request: Request,
    actor: StaffHere,
    web: WebHere,
    sha256: Annotated[str, Header(alias="X-Segment-Sha256", pattern=_DIGEST)],
    chain: Annotated[str, Header(alias="X-Segment-Chain", pattern=_DIGEST)],
    start: Annotated[float, Header(alias="X-Segment-Start", ge=0, allow_inf_nan=False)],
) -> SegmentHeld:
    """One segment, answered once it is durable. Again, or after it came: the same answer."""
    _may_deliver(actor, recording_commands.KeepSegment)
    data = await request.body()
    return _held(
        await web.execute(recording_commands.KeepSegment(actor, recording_id, index, start, sha256, chain, data))
    )


def _held(segment: Segment | None) -> SegmentHeld:
    if segment is None:
        return SegmentHeld(next_index=0)
    return SegmentHeld(next_index=segment.index + 1, sha256=segment.sha256, chain=segment.chain)


@router.post("/{recording_id}/assemble")
async def assemble(recording_id: RecordingId, actor: StaffHere, web: WebHere) -> RecordingView:
    """All segments are there and the end is reported: they are checked and read back, which takes its time."""
    command = recording_commands.AssembleRecording(actor, recording_id)
    return recording_view(await web.reading_back.once(command, lambda: web.execute(command)))


def _may_deliver(actor: Actor, command: type[commands.Command]) -> None:
    """Before the body is read."""
    if not permissions.allows(actor.role, command):
        raise NotPermitted("您的角色不能上传录像", "请由接听的坐席上传")
