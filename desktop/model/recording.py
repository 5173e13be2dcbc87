"""The recording of the present call: begun by itself, begun again when it breaks, delivered at its end. Pure."""

from dataclasses import replace

from desktop.model import doubtlog
from desktop.model.doubtlog import DoubtLog
from desktop.model.happenings import (
    BeginRecording,
    Deliver,
    Effect,
    Outcome,
    Post,
    ReportRecording,
    RetryRecording,
    Say,
    SendReport,
)
from desktop.model.state import Media, Recording, State
from media import ports
from media.core.doubts import newly
from signing.wire.base import Tone

LONGEST_RETRY = 30.0


def begin(state: State) -> Outcome:
    media = replace(state.media, recording=Recording.STARTING)
    case_no = state.case.case_no if state.case else ""
    return replace(state, media=media), (BeginRecording(media.call_id, case_no),)


def connected(state: State) -> Outcome:
    """Recording starts by itself, once, with the first connection of the call."""
    due = state.media.recording in (Recording.NONE, Recording.BROKEN)
    return begin(state) if due else (state, ())


def due(state: State, call_id: str) -> Outcome:
    """It is time to try again."""
    mine = call_id == state.media.call_id and state.media.recording is Recording.BROKEN
    return begin(state) if mine else (state, ())


def grown(state: State, index: int) -> Outcome:
    """Segment 0 is only the file's header."""
    media = replace(state.media, written=index)
    state = replace(state, media=media)
    if index == 0 or media.began is None or media.reported or media.recording is not Recording.RUNNING:
        return state, ()
    report = ReportRecording(media.began, media.fingerprints)
    return replace(state, media=replace(media, reported=True, attempts=0)), (report,)


def checked(state: State, event: ports.RecordingChecked) -> Outcome:
    """The file was read back up to there; what was not wrong before is said once, and stands until it is good again."""
    media = state.media
    if media.began is None or event.path != media.began.path:
        return state, ()
    fresh = newly(event.doubts, media.checked.doubts if media.checked else ())
    said = tuple(Say(Tone.STOP, f"{doubt.words}。{doubt.kind.remedy}") for doubt in fresh)
    log, reports = doubtlog.noted(media.doubts, event.doubts, event.until_seconds, media.began.started_at)
    told = (SendReport(f"/api/calls/{event.call_id}/doubt", message) for message in reports)
    return replace(state, media=replace(media, checked=event, doubts=log)), (*said, *told)


def over(media: Media) -> tuple[SendReport, ...]:
    """What is on record as still wrong, where the recording or the call ends."""
    if media.began is None or media.checked is None:
        return ()
    reports = doubtlog.closed(media.doubts, media.checked.until_seconds, media.began.started_at)[1]
    return tuple(SendReport(f"/api/calls/{media.call_id}/doubt", message) for message in reports)


def ended(state: State, event: ports.RecordingEnded) -> Outcome:
    """Acted on whichever call is open by then."""
    mine = state.media.began is not None and event.path == state.media.began.path
    done = mine and state.media.recording is not Recording.BROKEN
    if not done:
        return state, (Deliver(event),)
    media = replace(state.media, recording=Recording.ENDED, doubts=DoubtLog())
    return replace(state, media=media), (Deliver(event), *over(state.media))


def failed(state: State, event: ports.Failed) -> Outcome:
    """A recording that broke is closed for what it holds, and a further one is begun: no call goes unrecorded."""
    say = Say(Tone.STOP if event.fatal else Tone.CAUTION, event.message)
    if event.call_id != state.media.call_id:
        return state, (say,)
    media = replace(state.media, snapping=False)
    broke = event.what == "recording" and event.fatal
    if not broke and event.what != "StartRecording":
        return replace(state, media=media), (say,)
    retry = RetryRecording(media.call_id, min(LONGEST_RETRY, 2.0 ** min(media.attempts, 10)))
    stop: tuple[Effect, ...] = (Post(ports.StopRecording(media.call_id)), *over(media)) if broke else ()
    media = replace(media, recording=Recording.BROKEN, attempts=media.attempts + 1, doubts=DoubtLog())
    return replace(state, media=media), (say, *stop, retry)
