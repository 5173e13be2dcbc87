"""The recording of the present call: begun by itself, begun again when it breaks, delivered at its end. Pure."""

from dataclasses import replace

from desktop.model.happenings import (
    BeginRecording,
    Deliver,
    Effect,
    Outcome,
    Post,
    ReportRecording,
    RetryRecording,
    Say,
)
from desktop.model.state import Recording, State
from media import ports
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
    media = state.media
    if index == 0 or media.began is None or media.reported or media.recording is not Recording.RUNNING:
        return state, ()
    report = ReportRecording(media.began, media.fingerprints)
    return replace(state, media=replace(media, reported=True, attempts=0)), (report,)


def ended(state: State, event: ports.RecordingEnded) -> Outcome:
    """Acted on whichever call is open by then."""
    mine = state.media.began is not None and event.path == state.media.began.path
    over = mine and state.media.recording is not Recording.BROKEN
    media = replace(state.media, recording=Recording.ENDED) if over else state.media
    return replace(state, media=media), (Deliver(event),)


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
    media = replace(media, recording=Recording.BROKEN, attempts=media.attempts + 1)
    stop: tuple[Effect, ...] = (Post(ports.StopRecording(media.call_id)),) if broke else ()
    return replace(state, media=media), (say, *stop, retry)
