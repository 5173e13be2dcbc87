"""The supervisor's board as one value, and what follows from each thing that happens. Pure, like ``workspace``.

The service says which call this supervisor hears and whether they whisper; the ear follows it. A whisper goes out
only while the service has put it on record and the key is still held.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from desktop.model.state import LinkState
from media import ports
from signing.wire.base import Tone
from signing.wire.board import (
    BoardCall,
    BoardSeat,
    BoardView,
    FailedRenewals,
    MissingFilm,
    SealRequest,
    UnsealedPackage,
)
from signing.wire.figures import DayFigures
from signing.wire.risk import RiskReferral
from signing.wire.signal import Sdp
from signing.wire.staff import Presence

Need = RiskReferral | SealRequest | MissingFilm | UnsealedPackage | FailedRenewals
NOT_YET = LinkState()
REDIAL_SECONDS = 6.0
"""After an offer that led to no connection, and after a lost connection."""


@dataclass(frozen=True)
class Ear:
    """The listening engine. ``number`` counts the offers of this window: each has an id of its own."""

    call_id: str = ""
    number: int = 0
    peer: str = ""
    talking: bool = False

    @property
    def offer_id(self) -> str:
        return f"ear-{self.number}"


@dataclass(frozen=True)
class State:
    """``pressed``: the key for whispering is held down."""

    view: BoardView | None = None
    link: LinkState = NOT_YET
    ear: Ear = Ear()
    clock_offset: float = 0.0
    call_id: str = ""
    seat_id: str = ""
    referral_key: str = ""
    pressed: bool = False
    busy: str = ""
    figures: DayFigures | None = None
    """Of the day, or of the days that were chosen."""

    @property
    def call(self) -> BoardCall | None:
        """The chosen live call, else the one that is heard, else the first."""
        calls = self.view.calls if self.view else []
        by_id = {call.call_id: call for call in calls}
        for wanted in (self.call_id, self.heard):
            if wanted in by_id:
                return by_id[wanted]
        return calls[0] if calls else None

    @property
    def seat(self) -> BoardSeat | None:
        """The chosen seat."""
        seats = self.view.seats if self.view else []
        return next((seat for seat in seats if seat.seat_id == self.seat_id), None)

    @property
    def need(self) -> Need | None:
        """The chosen line of what needs a person; with only one there is nothing to choose."""
        needs = needs_of(self.view) if self.view else {}
        if len(needs) == 1:
            return next(iter(needs.values()))
        return needs.get(self.referral_key)

    @property
    def referral(self) -> RiskReferral | None:
        return self.need if isinstance(self.need, RiskReferral) else None

    @property
    def seal_request(self) -> SealRequest | None:
        return self.need if isinstance(self.need, SealRequest) else None

    @property
    def film(self) -> MissingFilm | None:
        return self.need if isinstance(self.need, MissingFilm) else None

    @property
    def heard(self) -> str:
        """The call that the service lets this supervisor hear; empty for none."""
        return self.view.listening[0] if self.view and self.view.listening else ""

    @property
    def whispering(self) -> bool:
        """The service has it on record that this supervisor whispers."""
        if self.view is None:
            return False
        own = self.view.staff.staff_id
        ears = [ear for call in self.view.calls if call.call_id == self.heard for ear in call.listeners]
        return any(ear.staff_id == own and ear.whispering for ear in ears)


def needs_of(view: BoardView) -> dict[str, Need]:
    """By key, in the order in which they are listed: what holds customers up comes first."""
    needs: list[Need] = [*view.referrals, *view.seal_requests, *view.films, *view.unsealed]
    needs += [view.renewals] if view.renewals is not None else []
    return {need_key(one): one for one in needs}


def need_key(need: Need) -> str:
    match need:
        case RiskReferral():
            return referral_key(need)
        case SealRequest():
            return f"seal/{need.case_id}"
        case MissingFilm():
            return f"film/{need.call_id}/{need.recording_id or need.since.isoformat()}"
        case UnsealedPackage():
            return f"package/{need.case_id}"
        case FailedRenewals():
            return "renewals"


def referral_key(referral: RiskReferral) -> str:
    """Tells one line of 待主管处理 from the others."""
    finding = referral.finding
    return f"{referral.case_id}/{finding.rule}/{finding.party_id or ''}"


# --- what happens -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pushed:
    view: BoardView
    at: datetime


@dataclass(frozen=True)
class LinkChanged:
    link: LinkState


@dataclass(frozen=True)
class Answered:
    sdp: Sdp


@dataclass(frozen=True)
class Happened:
    """The listening engine says something."""

    event: ports.Event


@dataclass(frozen=True)
class RedialDue:
    number: int


@dataclass(frozen=True)
class CallChosen:
    call_id: str


@dataclass(frozen=True)
class SeatChosen:
    seat_id: str


@dataclass(frozen=True)
class ReferralChosen:
    key: str


@dataclass(frozen=True)
class KeyHeld:
    """The key for whispering goes down or up."""

    down: bool


@dataclass(frozen=True)
class Reckoned:
    """The figures of the day have come."""

    figures: DayFigures


@dataclass(frozen=True)
class Busy:
    what: str


Input = (
    Pushed
    | LinkChanged
    | Answered
    | Happened
    | RedialDue
    | CallChosen
    | SeatChosen
    | ReferralChosen
    | KeyHeld
    | Busy
    | Reckoned
)


# --- what follows -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Post:
    """Hand a command to the listening engine."""

    command: ports.Command


@dataclass(frozen=True)
class SendFrame:
    frame: Sdp


@dataclass(frozen=True)
class RedialLater:
    number: int
    seconds: float


@dataclass(frozen=True)
class AskToWhisper:
    """Tell the service that a whisper begins or ends."""

    call_id: str
    on: bool


@dataclass(frozen=True)
class Say:
    tone: Tone
    text: str


Effect = Post | SendFrame | RedialLater | AskToWhisper | Say
Outcome = tuple[State, tuple[Effect, ...]]


def reduce(state: State, what: Input) -> Outcome:
    """The state after ``what``, and the effects in the order in which to carry them out."""
    match what:
        case Pushed(view=view, at=at):
            offset = (view.server_time - at).total_seconds()
            return _follow(replace(state, view=view, clock_offset=offset))
        case Answered(sdp=sdp):
            return _answered(state, sdp)
        case Happened(event=event):
            return _happened(state, event)
        case RedialDue(number=number):
            due = number == state.ear.number and state.ear.call_id != "" and state.ear.peer != "connected"
            return _redial(state) if due else (state, ())
        case KeyHeld(down=down):
            return _key(state, down)
        case _:
            return _set(state, what), ()


def _set(state: State, what: Input) -> State:
    match what:
        case LinkChanged(link=link):
            return replace(state, link=link)
        case CallChosen(call_id=call_id):
            return replace(state, call_id=call_id)
        case SeatChosen(seat_id=seat_id):
            return replace(state, seat_id=seat_id)
        case ReferralChosen(key=key):
            return replace(state, referral_key=key)
        case Busy(what=action):
            return replace(state, busy=action)
        case Reckoned(figures=figures):
            return replace(state, figures=figures)
    return state


def _follow(state: State) -> Outcome:
    """Brings the ear to the call that the service names, and the microphone to what it has on record."""
    effects: tuple[Effect, ...] = ()
    if state.heard != state.ear.call_id:
        state, effects = _hang_up(state)
        if state.heard:
            state, dialled = _dial(state, state.heard)
            effects = (*effects, *dialled)
    state, talked = _talk(state)
    return state, (*effects, *talked)


def _dial(state: State, call_id: str) -> Outcome:
    ear = Ear(call_id, state.ear.number + 1)
    servers = state.view.ice_servers if state.view else []
    ice = tuple(ports.IceServer(tuple(s.urls), s.username, s.credential) for s in servers)
    listen = Post(ports.Listen(call_id, ear.offer_id, ice))
    return replace(state, ear=ear), (listen, RedialLater(ear.number, REDIAL_SECONDS))


def _hang_up(state: State) -> Outcome:
    if not state.ear.call_id:
        return state, ()
    close = Post(ports.CloseCall(state.ear.call_id))
    return replace(state, ear=Ear(number=state.ear.number), pressed=False), (close,)


def _redial(state: State) -> Outcome:
    call_id = state.ear.call_id
    state, closed = _hang_up(state)
    state, dialled = _dial(state, call_id)
    return state, (*closed, *dialled)


def _talk(state: State) -> Outcome:
    wanted = state.pressed and state.whispering and bool(state.ear.call_id)
    if wanted is state.ear.talking or not state.ear.call_id:
        return state, ()
    post = Post(ports.SetTalking(state.ear.call_id, wanted))
    return replace(state, ear=replace(state.ear, talking=wanted)), (post,)


def _key(state: State, down: bool) -> Outcome:
    """The key up is silence at once, whatever the service has answered by then."""
    if down is state.pressed or not state.ear.call_id:
        return state, ()
    state, talked = _talk(replace(state, pressed=down))
    return state, (*talked, AskToWhisper(state.ear.call_id, down))


def _answered(state: State, sdp: Sdp) -> Outcome:
    if sdp.kind != "answer" or sdp.call_id != state.ear.call_id or sdp.offer_id != state.ear.offer_id:
        return state, ()
    return state, (Post(ports.RemoteAnswer(sdp.call_id, sdp.sdp, sdp.offer_id)),)


def _happened(state: State, event: ports.Event) -> Outcome:
    if event.call_id != state.ear.call_id:
        return state, ()
    match event:
        case ports.LocalOffer(sdp=sdp, offer_id=offer_id) if offer_id == state.ear.offer_id:
            return state, (SendFrame(Sdp(call_id=event.call_id, kind="offer", sdp=sdp, offer_id=offer_id)),)
        case ports.PeerChanged(state=peer):
            state = replace(state, ear=replace(state.ear, peer=peer))
            lost = peer in ("disconnected", "failed", "closed")
            return state, (RedialLater(state.ear.number, 2.0),) if lost else ()
        case ports.Failed(message=message):
            return state, (Say(Tone.CAUTION, message),)
        case ports.EngineRestarted():
            return replace(state, ear=replace(state.ear, peer="closed")), (RedialLater(state.ear.number, 0.0),)
        case ports.DevicesChanged(message=message) if message:
            return state, (Say(Tone.CAUTION, message),)
    return state, ()


# --- what may be done now -----------------------------------------------------------------------------------------


def may_go_on(state: State) -> str:
    """Empty where the chosen call can be heard and passed on; else why not."""
    if state.call is None:
        return "没有选中的通话"
    return "这笔业务打不开，只能终止通话" if state.call.unread else ""


def may_take_over(state: State) -> str:
    """Empty where the chosen call can be taken over; else why not."""
    if state.view is None or state.call is None or state.call.unread:
        return may_go_on(state)
    own = state.view.staff.seat_id
    if own is None:
        return "您没有自己的席位，不能接管；可以转接给空闲的席位"
    return "通话已经在您的席位上" if state.call.seat_id == own else ""


def longest_wait(view: BoardView, now: datetime) -> float:
    """Seconds that whoever waits longest has waited; 0 with nobody."""
    return max(((now - row.waiting_since).total_seconds() for row in view.waiting), default=0.0)


def free_seats(view: BoardView) -> int:
    return sum(seat.presence is Presence.AVAILABLE for seat in view.seats)
