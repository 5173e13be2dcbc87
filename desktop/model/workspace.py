"""The agent's workspace as one value, and what follows from each thing that happens.

``reduce(state, input) -> (state, effects)`` is pure: pushes of the service, events of the media engine and the
agent's own switches go in; the new state and the effects to carry out come out. Everything on the screen is derived
from the state alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from desktop.model import script
from media import ports
from signing.wire.base import Tone
from signing.wire.call import SeatCall
from signing.wire.case import CaseView, PartyView, StepKey, StepStatus
from signing.wire.signal import Sdp
from signing.wire.staff import Offer, SeatView

LONGEST_RETRY = 30.0


class Recording(StrEnum):
    """Of the present call, as this machine sees it."""

    NONE = "none"
    STARTING = "starting"
    RUNNING = "running"
    BROKEN = "broken"
    """It could not begin or does not grow any more; a further file is begun by itself."""
    ENDED = "ended"


@dataclass(frozen=True)
class Media:
    """What the engine has said about the present call."""

    call_id: str = ""
    opened: bool = False
    peer: str = ""
    """RTCPeerConnectionState of the customer's connection; empty before the first offer."""
    answered: bool = False
    """The engine has answered an offer: the customer has a tile."""
    tile: str = ""
    fingerprints: tuple[str, str] = ("", "")
    picture: bool = False
    recording: Recording = Recording.NONE
    began: ports.RecordingBegan | None = None
    """The file that is being recorded."""
    reported: bool = False
    attempts: int = 0
    """To begin a file since the last one that grew."""
    quality: ports.Quality | None = None
    snapping: bool = False
    muted: bool = False
    devices: tuple[str, str] = ("", "")


class UploadStage(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    RETRYING = "retrying"
    DONE = "done"
    STUCK = "stuck"


@dataclass(frozen=True)
class Upload:
    """A recording on its way to the service."""

    item_id: str
    case_no: str
    stage: UploadStage = UploadStage.WAITING
    done: int = 0
    total: int = 0
    message: str = ""


@dataclass(frozen=True)
class LinkState:
    up: bool = False
    message: str = "正在连接服务"
    retry_seconds: float | None = None
    final: bool = False


@dataclass(frozen=True)
class State:
    """``clock_offset`` in seconds: the service's clock less this machine's."""

    view: SeatView | None = None
    link: LinkState = LinkState()
    media: Media = Media()
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    clock_offset: float = 0.0
    proof_open: bool = False
    busy: str = ""
    """The action now on its way to the service; its button waits."""
    pending_offers: tuple[Sdp, ...] = ()
    shown_line: tuple[str, str, int] | None = None

    @property
    def call(self) -> SeatCall | None:
        return self.view.call if self.view else None

    @property
    def case(self) -> CaseView | None:
        return self.view.case if self.view else None

    @property
    def offer(self) -> Offer | None:
        return self.view.offer if self.view else None

    @property
    def party(self) -> PartyView | None:
        """The customer of the present call, or the case's first party."""
        case, call = self.case, self.call
        if case is None or not case.parties:
            return None
        wanted = call.party_id if call else case.parties[0].party_id
        return next((party for party in case.parties if party.party_id == wanted), None)

    @property
    def step(self) -> StepKey | None:
        """The step that is under way."""
        steps = self.case.steps if self.case else []
        return next((step.key for step in steps if step.status is StepStatus.CURRENT), None)


# --- what happens -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pushed:
    """A view, and this machine's UTC when it came."""

    view: SeatView
    at: datetime


@dataclass(frozen=True)
class LinkChanged:
    link: LinkState


@dataclass(frozen=True)
class Offered:
    sdp: Sdp


@dataclass(frozen=True)
class Happened:
    event: ports.Event


@dataclass(frozen=True)
class UploadMoved:
    upload: Upload


@dataclass(frozen=True)
class ProofToggled:
    open: bool


@dataclass(frozen=True)
class MuteToggled:
    pass


@dataclass(frozen=True)
class SnapshotAsked:
    pass


@dataclass(frozen=True)
class RecordingDue:
    """It is time to try again."""

    call_id: str


@dataclass(frozen=True)
class Busy:
    """``what`` is an action's name while its request is under way, else empty."""

    what: str


Input = (
    Pushed | LinkChanged | Offered | Happened | UploadMoved | ProofToggled | MuteToggled | SnapshotAsked
    | RecordingDue | Busy
)  # fmt: skip


# --- what follows -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Post:
    """Hand a command to the engine."""

    command: ports.Command


@dataclass(frozen=True)
class SendFrame:
    frame: Sdp


@dataclass(frozen=True)
class BeginRecording:
    """The call is connected: choose a file and tell the engine."""

    call_id: str
    case_no: str


@dataclass(frozen=True)
class RetryRecording:
    """Feed ``RecordingDue`` after that many seconds."""

    call_id: str
    seconds: float


@dataclass(frozen=True)
class ReportRecording:
    """Tell the service that the recording runs: its first second is on disk, so that a file will come."""

    event: ports.RecordingBegan
    fingerprints: tuple[str, str]


@dataclass(frozen=True)
class Deliver:
    event: ports.RecordingEnded


@dataclass(frozen=True)
class SendSnapshot:
    case_id: str
    event: ports.SnapshotTaken


@dataclass(frozen=True)
class SendLine:
    """Show a script line on the customer's phone."""

    case_id: str
    party_id: str
    line: int


@dataclass(frozen=True)
class Ring:
    offer: Offer


@dataclass(frozen=True)
class StopRinging:
    pass


@dataclass(frozen=True)
class Say:
    tone: Tone
    text: str


Effect = (
    Post | SendFrame | BeginRecording | RetryRecording | ReportRecording | Deliver | SendSnapshot | SendLine | Ring
    | StopRinging | Say
)  # fmt: skip
Outcome = tuple[State, tuple[Effect, ...]]


def reduce(state: State, what: Input) -> Outcome:
    """The state after ``what``, and the effects in the order in which to carry them out."""
    match what:
        case Pushed():
            return _pushed(state, what)
        case Offered(sdp=sdp):
            return _offered(state, sdp)
        case Happened(event=event):
            return _happened(state, event)
        case SnapshotAsked():
            return _snapshot_asked(state)
        case MuteToggled():
            return _mute_toggled(state)
        case RecordingDue(call_id=call_id):
            due = call_id == state.media.call_id and state.media.recording is Recording.BROKEN
            return _begin_recording(state) if due else (state, ())
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
        case Busy(what=action):
            return replace(state, busy=action)
    return state


def _pushed(state: State, what: Pushed) -> Outcome:
    offset = (what.view.server_time - what.at).total_seconds()
    after = replace(state, view=what.view, clock_offset=offset)
    effects = [*_ringing(state, what.view)]
    after, calling = _call_changed(after)
    after, line = _line_changed(after)
    after, tile = _tile(after)
    return after, (*effects, *calling, *line, *tile)


def _ringing(state: State, view: SeatView) -> list[Effect]:
    before = state.offer.ticket.ticket_id if state.offer else ""
    now = view.offer.ticket.ticket_id if view.offer else ""
    if now == before:
        return []
    return [Ring(view.offer)] if view.offer else [StopRinging()]


def _call_changed(state: State) -> Outcome:
    """Opens and closes the engine's call as the service's call comes and goes."""
    call, media = state.call, state.media
    effects: list[Effect] = []
    if media.call_id and (call is None or call.call_id != media.call_id):
        effects.append(Post(ports.CloseCall(media.call_id)))
        state = replace(state, media=Media(), proof_open=False)
    if call is None or call.call_id == state.media.call_id:
        return state, tuple(effects)
    effects.append(Post(_opening(state, call)))
    effects += [Post(_remote(call, sdp)) for sdp in state.pending_offers if sdp.call_id == call.call_id]
    return replace(state, media=Media(call_id=call.call_id), pending_offers=()), tuple(effects)


def _opening(state: State, call: SeatCall) -> ports.OpenCall:
    staff = state.view.staff if state.view else None
    servers = (ports.IceServer(tuple(s.urls), s.username, s.credential) for s in call.ice_servers)
    return ports.OpenCall(
        call_id=call.call_id,
        case_no=state.case.case_no if state.case else "",
        seat_label=staff.seat_label if staff else "",
        agent_label=staff.name if staff else "",
        clock_offset_seconds=state.clock_offset,
        ice_servers=tuple(servers),
    )


def _remote(call: SeatCall, sdp: Sdp) -> ports.RemoteOffer:
    party = call.party_id if sdp.party_id == "self" else sdp.party_id
    return ports.RemoteOffer(call.call_id, party, call.party_label, sdp.sdp, sdp.offer_id or "")


def _offered(state: State, sdp: Sdp) -> Outcome:
    """An offer may overtake the view that names its call; it then waits (four at most)."""
    if sdp.kind != "offer":
        return state, ()
    if state.call is None or sdp.call_id != state.media.call_id:
        return replace(state, pending_offers=(*state.pending_offers, sdp)[-4:]), ()
    return state, (Post(_remote(state.call, sdp)),)


def _line_changed(state: State) -> Outcome:
    """The phone shows the line that the agent has before them, once per line."""
    case, party = state.case, state.party
    if state.call is None or case is None or party is None or state.step is not StepKey.DISCLOSURE:
        return state, ()
    line = script.current_line(case.script)
    if line is None or state.shown_line == (case.case_id, party.party_id, line.number):
        return state, ()
    shown = (case.case_id, party.party_id, line.number)
    return replace(state, shown_line=shown), (SendLine(*shown),)


def _tile(state: State) -> Outcome:
    """The text under the customer's tile, once they are in the engine's call and whenever it changes."""
    call, party, case, step = state.call, state.party, state.case, state.step
    if call is None or party is None or case is None or not state.media.answered:
        return state, ()
    title = next((item.title for item in case.steps if item.key is step), "")
    text = f"{party.role_title} · {title}" if title else party.role_title
    if text == state.media.tile:
        return state, ()
    media = replace(state.media, tile=text)
    return replace(state, media=media), (Post(ports.SetPartyLine(call.call_id, party.party_id, text)),)


def _snapshot_asked(state: State) -> Outcome:
    if state.call is None or state.media.snapping or state.media.peer != "connected":
        return state, ()
    media = replace(state.media, snapping=True)
    return replace(state, media=media), (Post(ports.TakeSnapshot(state.call.call_id, state.call.party_id)),)


def _mute_toggled(state: State) -> Outcome:
    if state.call is None:
        return state, ()
    media = replace(state.media, muted=not state.media.muted)
    return replace(state, media=media), (Post(ports.SetMuted(state.call.call_id, media.muted)),)


def _happened(state: State, event: ports.Event) -> Outcome:
    """A recording's end is acted on whichever call is open by then; all else belongs to the present call only."""
    if isinstance(event, ports.RecordingEnded):
        mine = state.media.began is not None and event.path == state.media.began.path
        over = mine and state.media.recording is not Recording.BROKEN
        media = replace(state.media, recording=Recording.ENDED) if over else state.media
        return replace(state, media=media), (Deliver(event),)
    if isinstance(event, ports.Failed):
        return _failed(state, event)
    if event.call_id != state.media.call_id:
        return state, ()
    return _of_this_call(state, event)


def _failed(state: State, event: ports.Failed) -> Outcome:
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


def _of_this_call(state: State, event: ports.Event) -> Outcome:
    media = state.media
    effects: tuple[Effect, ...] = ()
    match event:
        case ports.CallOpened(camera=camera, microphone=microphone):
            media = replace(media, opened=True, devices=(camera, microphone))
        case ports.LocalAnswer():
            return _answered(state, event)
        case ports.PeerChanged(state=peer):
            return _peer_changed(state, peer)
        case ports.FirstPicture():
            media = replace(media, picture=True)
        case ports.Quality():
            media = replace(media, quality=event)
        case ports.RecordingBegan():
            media = replace(media, recording=Recording.RUNNING, began=event, reported=False)
        case ports.SegmentClosed(index=index):
            return _grown(state, index)
        case ports.SnapshotTaken():
            media = replace(media, snapping=False)
            effects = (SendSnapshot(state.case.case_id, event),) if state.case else ()
    return replace(state, media=media), effects


def _grown(state: State, index: int) -> Outcome:
    """Segment 0 is only the file's header."""
    media = state.media
    if index == 0 or media.began is None or media.reported or media.recording is not Recording.RUNNING:
        return state, ()
    report = ReportRecording(media.began, media.fingerprints)
    return replace(state, media=replace(media, reported=True, attempts=0)), (report,)


def _answered(state: State, event: ports.LocalAnswer) -> Outcome:
    prints = (event.local_fingerprint, event.remote_fingerprint)
    state = replace(state, media=replace(state.media, answered=True, tile="", fingerprints=prints))
    frame = Sdp(
        call_id=event.call_id,
        party_id=event.party_id,
        kind="answer",
        sdp=event.sdp,
        offer_id=event.offer_id or None,
    )
    state, tile = _tile(state)
    return state, (SendFrame(frame), *tile)


def _peer_changed(state: State, peer: str) -> Outcome:
    """Recording starts by itself, once, with the first connection of the call."""
    state = replace(state, media=replace(state.media, peer=peer))
    due = peer == "connected" and state.media.recording in (Recording.NONE, Recording.BROKEN)
    return _begin_recording(state) if due else (state, ())


def _begin_recording(state: State) -> Outcome:
    media = replace(state.media, recording=Recording.STARTING)
    case_no = state.case.case_no if state.case else ""
    return replace(state, media=media), (BeginRecording(media.call_id, case_no),)


def waiting_uploads(state: State) -> list[Upload]:
    """Recordings that the service does not hold yet."""
    return [upload for upload in state.uploads.values() if upload.stage is not UploadStage.DONE]
