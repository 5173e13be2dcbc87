"""A line that a prepared sound reads into the call: begun, stopped, ended, and told for the record. Pure."""

from dataclasses import replace

from desktop.model import party as parties
from desktop.model.happenings import Outcome, Post, SendReport, SoundCame
from desktop.model.state import Media, Reading, State
from media import ports
from signing.wire.case import ScriptLineView, StepKey
from signing.wire.staff import ReadAloudEnded


def line_now(state: State) -> ScriptLineView | None:
    """The line that may be read to the focused party now; None where it is not the time."""
    case, party = state.case, state.party
    if case is None or party is None or state.step is not StepKey.DISCLOSURE or not state.inside(party.party_id):
        return None
    return parties.line_now(case, party)


def may_play(state: State) -> bool:
    """Whether there is a line to be played, and somebody to hear it."""
    return line_now(state) is not None and state.line.peer == "connected" and not state.busy


def came(state: State, what: SoundCame) -> Outcome:
    """The service has put on record that it is read: where it is too late for it by now, that too."""
    reading = what.reading
    if state.call is None or state.media.call_id != reading.call_id or not _due(state, reading):
        return state, (_ended(reading, whole=False, seconds=0.0),)
    play = Post(ports.PlaySound(reading.call_id, reading.sound_id, what.sound))
    return replace(state, media=replace(state.media, reading=reading)), (play,)


def stopped(state: State) -> Outcome:
    """``SoundEnded`` follows, and with it the report."""
    return state, (Post(ports.StopSound(state.media.call_id)),) if state.media.reading else ()


def follow(state: State) -> Outcome:
    """Who has answered, or has gone, is not read to any more."""
    reading = state.media.reading
    return (state, ()) if reading is None or _due(state, reading) else stopped(state)


def ended(state: State, event: ports.SoundEnded) -> Outcome:
    """Also of a call that is over, and of what an earlier window began: the service takes each end once."""
    reading = Reading.of(event.call_id, event.sound_id)
    if reading is None:
        return state, ()
    if reading == state.media.reading:
        state = replace(state, media=replace(state.media, reading=None))
    return state, (_ended(reading, whole=event.whole, seconds=event.seconds),)


def failed(state: State) -> Outcome:
    """The engine could not play it."""
    return replace(state, media=replace(state.media, reading=None)), over(state.media)


def over(media: Media) -> tuple[SendReport, ...]:
    """The engine is gone, and with it whatever it played: how much of it was heard, nobody knows."""
    return (_ended(media.reading, whole=False, seconds=0.0),) if media.reading is not None else ()


def _due(state: State, reading: Reading) -> bool:
    """Whether the line still waits for its answer."""
    case = state.case
    party = next((one for one in state.people if one.party_id == reading.party_id), None)
    if case is None or case.case_id != reading.case_id or party is None or not state.inside(party.party_id):
        return False
    line = parties.line_now(case, party)
    return line is not None and line.number == reading.line


def _ended(reading: Reading, *, whole: bool, seconds: float) -> SendReport:
    path = f"/api/cases/{reading.case_id}/parties/{reading.party_id}/read-aloud/ended"
    heard = ReadAloudEnded(reading_id=reading.reading_id, whole=whole, seconds=seconds)
    return SendReport(path, heard)
