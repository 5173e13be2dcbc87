"""A customer's own track on its way. Its segments come by the route of a recording's."""

from fastapi import APIRouter

from signing.domain.case import Segment, Track
from signing.service import track_commands
from signing.web.context import StaffHere, WebHere
from signing.web.routes.paths import CallId, RecordingId
from signing.wire.staff import RecordingOpened, TrackFinished, TrackHeld, TrackLost, TrackStarted

router = APIRouter(prefix="/api")


@router.post("/calls/{call_id}/tracks")
async def start(call_id: CallId, message: TrackStarted, actor: StaffHere, web: WebHere) -> RecordingOpened:
    """Again for the same party and beginning: the same answer."""
    started = track_commands.StartTrack(actor, call_id, message.party_id, message.started_at, message.video_codec)
    return RecordingOpened(recording_id=await web.execute(started))


@router.post("/recordings/{recording_id}/track/finish", status_code=204)
async def finish(recording_id: RecordingId, message: TrackFinished, actor: StaffHere, web: WebHere) -> None:
    await web.execute(
        track_commands.FinishTrack(
            actor,
            recording_id,
            message.ended_at,
            message.duration_seconds,
            message.size,
            message.sha256,
            tuple(Segment(s.index, s.offset, s.size, s.start_seconds, s.sha256, s.chain) for s in message.segments),
            tuple((gap.start, gap.end, gap.lack) for gap in message.gaps),
            message.given_up,
        )
    )


@router.post("/recordings/{recording_id}/track/assemble")
async def assemble(recording_id: RecordingId, actor: StaffHere, web: WebHere) -> TrackHeld:
    """All segments are there and the end is reported: they are checked."""
    command = track_commands.AssembleTrack(actor, recording_id)
    return _held(await web.reading_back.once(command, lambda: web.execute(command)))


@router.post("/recordings/{recording_id}/track/lost")
async def lost(recording_id: RecordingId, message: TrackLost, actor: StaffHere, web: WebHere) -> TrackHeld:
    """The seat gives it up; one that is here whole stays."""
    return _held(await web.execute(track_commands.GiveUpTrack(actor, recording_id, message.reason)))


def _held(track: Track) -> TrackHeld:
    return TrackHeld(track_id=track.track_id, state=track.state.value, findings=list(track.findings))
