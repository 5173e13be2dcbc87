"""The agent's workspace as one value, and what follows from each thing that happens.

``reduce(state, input) -> (state, effects)`` is pure: pushes of the service, events of the media engine and the
agent's own switches go in; the new state and the effects to carry out come out.
"""

from dataclasses import replace
from datetime import datetime

from desktop.model import calling, linesnow, paging, reading, recording, resuming
from desktop.model import party as parties
from desktop.model.calling import carried, unreported
from desktop.model.doubtlog import DoubtLog
from desktop.model.happenings import (
    BeginRecording,
    Busy,
    Deliver,
    Effect,
    Focused,
    Happened,
    Input,
    LayoutTurned,
    LeafThrough,
    LinkChanged,
    MuteToggled,
    Offered,
    Outcome,
    OutcomeStated,
    Post,
    ProofToggled,
    Pushed,
    ReadingStopped,
    RecordingDue,
    ReportRecording,
    RetryRecording,
    Ring,
    Salvage,
    Say,
    SendFrame,
    SendLine,
    SendReport,
    SendSnapshot,
    SnapshotAsked,
    SoundCame,
    StopRinging,
    TellBoard,
    UploadMoved,
)
from desktop.model.news import news, terms_changed
from desktop.model.state import (
    Line,
    LinkState,
    Media,
    PageShown,
    Reading,
    Recording,
    State,
    Upload,
    UploadStage,
    waiting_uploads,
)
from media import ports
from media.core.layout import Layout
from signing.wire.case import StepKey
from signing.wire.staff import Presence, SeatView

__all__ = [
    "BeginRecording", "Busy", "Deliver", "Effect", "Focused", "Happened", "Input", "LayoutTurned", "LeafThrough",
    "Line", "LinkChanged", "LinkState", "Media", "MuteToggled", "Offered", "Outcome", "OutcomeStated", "PageShown",
    "Post", "ProofToggled", "Pushed", "Reading", "ReadingStopped", "Recording", "RecordingDue", "ReportRecording",
    "RetryRecording", "Ring", "Salvage", "Say", "SendFrame", "SendLine", "SendReport", "SendSnapshot", "SnapshotAsked",
    "SoundCame", "State", "StopRinging", "TellBoard", "Upload", "UploadMoved", "UploadStage", "carried", "reduce",
    "unreported", "waiting_uploads",
]  # fmt: skip


def reduce(state: State, what: Input) -> Outcome:
    """The state after ``what``, and the effects in the order in which to carry them out."""
    match what:
        case Pushed():
            return _pushed(state, what)
        case Offered(sdp=sdp):
            return calling.offered(state, sdp)
        case Happened(event=event, at=at):
            return _happened(state, event, at)
        case Focused(party_id=party_id):
            return _turned_to(replace(state, focus=party_id))
        case SnapshotAsked():
            return _snapshot_asked(state)
        case MuteToggled():
            return _mute_toggled(state)
        case LayoutTurned():
            return _layout_turned(state)
        case SoundCame():
            return reading.came(state, what)
        case ReadingStopped():
            return reading.stopped(state)
        case RecordingDue(call_id=call_id):
            return recording.due(state, call_id)
        case _:
            return _set(state, what), ()


def _set(state: State, what: Input) -> State:
    match what:
        case LinkChanged(link=link):
            return replace(state, link=link)
        case UploadMoved(upload=upload):
            return replace(state, uploads={**state.uploads, upload.item_id: upload})
        case ProofToggled(open=is_open):
            return replace(state, proof_open=is_open)
        case OutcomeStated(outcome=outcome, note=note):
            return replace(state, outcome=outcome, note=note)
        case Busy(what=action):
            return replace(state, busy=action)
    return state


def _pushed(state: State, what: Pushed) -> Outcome:
    offset = (what.view.server_time - what.at).total_seconds()
    after = replace(state, view=what.view, clock_offset=offset)
    if terms_changed(state.view, what.view):
        after = replace(after, shown_line=None)
    if what.view.presence is not Presence.WRAP_UP:
        after = replace(after, outcome=None, note="")
    after, leaving = resuming.settled(after)
    after, calls = calling.follow(after)
    after, turned = _turned_to(after)
    after, read = reading.follow(after)
    return after, (*_ringing(state.view, what.view), *leaving, *calls, *turned, *read, *news(state.view, what.view))


def _turned_to(state: State) -> Outcome:
    """What the one before the agent is shown, and what all are shown of them."""
    state, line = _line_changed(state)
    state, page = paging.follow(state)
    return state, (*line, *page)


def _ringing(before: SeatView | None, now: SeatView) -> list[Effect]:
    if _ring(now) == (_ring(before) if before else ""):
        return []
    return [Ring()] if _ring(now) else [StopRinging()]


def _ring(view: SeatView) -> str:
    """What rings: a customer's ticket or another seat's transfer."""
    if view.offer is not None:
        return view.offer.ticket.ticket_id
    return view.transfer_offer.transfer_id if view.transfer_offer is not None else ""


def _line_changed(state: State) -> Outcome:
    """The phone of whom the agent is talking to shows the line that the agent has before them, once per line."""
    case, party = state.case, state.party
    if case is None or party is None or not state.inside(party.party_id) or state.step is not StepKey.DISCLOSURE:
        return state, ()
    line = parties.line_now(case, party)
    if line is None or state.shown_line == (case.case_id, party.party_id, line.number):
        return state, ()
    shown = (case.case_id, party.party_id, line.number)
    return replace(state, shown_line=shown), (SendLine(*shown),)


def _snapshot_asked(state: State) -> Outcome:
    party = state.party
    if state.call is None or party is None or state.media.snapping or state.line.peer != "connected":
        return state, ()
    media = replace(state.media, snapping=True)
    return replace(state, media=media), (Post(ports.TakeSnapshot(state.call.call_id, party.party_id)),)


def _mute_toggled(state: State) -> Outcome:
    if state.call is None:
        return state, ()
    media = replace(state.media, muted=not state.media.muted)
    return replace(state, media=media), (Post(ports.SetMuted(state.call.call_id, media.muted)),)


def _layout_turned(state: State) -> Outcome:
    if state.call is None:
        return state, ()
    order = list(Layout)
    layout = order[(order.index(state.media.layout) + 1) % len(order)]
    media = replace(state.media, layout=layout)
    return replace(state, media=media), (Post(ports.SetLayout(state.call.call_id, layout)),)


def _happened(state: State, event: ports.Event, at: datetime | None) -> Outcome:
    """The end of a recording or of a sound is acted on whichever call is open by then; all else is of the present."""
    if isinstance(event, ports.RecordingEnded):
        return recording.ended(state, event)
    if isinstance(event, ports.Failed):
        return _failed(state, event)
    if isinstance(event, ports.CallLeft):
        return resuming.left(state, event)
    if isinstance(event, ports.EngineRestarted):
        return resuming.restarted(state, event)
    if isinstance(event, ports.SoundEnded):
        return reading.ended(state, event)
    if event.call_id != state.media.call_id:
        return state, ()
    if isinstance(event, ports.Quality):
        return _told(calling.measured(state, event, at), event.party_id, at)
    if isinstance(event, ports.ConnectionInUse):
        return calling.in_use(state, event, at)
    if isinstance(event, ports.PeerChanged):
        return _told(_of_this_call(state, event), event.party_id, at)
    return _of_this_call(state, event)


def _told(outcome: Outcome, party_id: str, at: datetime | None) -> Outcome:
    """What the supervisors' boards are to know of the lines, beside what follows anyway."""
    state, effects = outcome
    if at is None or party_id not in state.media.lines:
        return outcome
    state, message = linesnow.noted(state, party_id, at)
    return state, effects if message is None else (*effects, TellBoard(state.media.call_id, message))


def _failed(state: State, event: ports.Failed) -> Outcome:
    state, effects = recording.failed(state, event)
    if event.what != ports.PlaySound.__name__ or event.call_id != state.media.call_id:
        return state, effects
    state, told = reading.failed(state)
    return state, (*effects, *told)


def _of_this_call(state: State, event: ports.Event) -> Outcome:
    match event:
        case ports.LocalAnswer():
            return calling.answered(state, event)
        case ports.Resumed():
            return resuming.resumed(state, event)
        case ports.PeerChanged(party_id=party_id, state=peer):
            state = calling.line_changed(state, party_id, peer=peer)
            first = peer == "connected" and party_id in state.media.lines
            return recording.connected(state) if first else (state, ())
        case ports.FirstPicture(party_id=party_id):
            return calling.line_changed(state, party_id, picture=True), ()
        case ports.SegmentClosed(index=index):
            return recording.grown(state, index)
        case ports.DevicesChanged():
            return calling.devices_changed(state, event)
        case ports.RecordingChecked():
            return recording.checked(state, event)
        case ports.SnapshotTaken():
            media = replace(state.media, snapping=False)
            sent = (SendSnapshot(state.case.case_id, event),) if state.case else ()
            return replace(state, media=media), sent
    return _of_the_engine(state, event), ()


def _of_the_engine(state: State, event: ports.Event) -> State:
    match event:
        case ports.CallOpened(camera=camera, microphone=microphone):
            return replace(state, media=replace(state.media, opened=True, devices=(camera, microphone)))
        case ports.RecordingBegan():
            running = replace(state.media, recording=Recording.RUNNING, began=event, reported=False)
            return replace(state, media=replace(running, written=0, checked=None, doubts=DoubtLog()))
    return state
