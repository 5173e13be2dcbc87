"""The agent's workspace as one value. Everything on the screen is derived from it alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from desktop.model import party as parties
from desktop.model.doubtlog import DoubtLog
from desktop.model.qualitylog import Log
from media import ports
from media.core.layout import Layout
from signing.wire.call import CallParty, CallPartyState, Outcome, SeatCall, TransferOffer
from signing.wire.case import CaseView, PartyView, StepKey, StepStatus
from signing.wire.quality import LineNow
from signing.wire.signal import Sdp
from signing.wire.staff import Offer, SeatView


class Recording(StrEnum):
    """Of the present call, as this machine sees it."""

    NONE = "none"
    STARTING = "starting"
    RUNNING = "running"
    BROKEN = "broken"
    """It could not begin or does not grow any more; a further file is begun by itself."""
    ENDED = "ended"


@dataclass(frozen=True)
class Line:
    """What the engine has said about one customer's connection, and what it has been told of them."""

    peer: str = ""
    """RTCPeerConnectionState; empty before the first offer."""
    expected: bool = False
    """The engine that runs has been told that the customer has a place."""
    offered: bool = False
    """The engine that runs has been given an offer."""
    answered: bool = False
    """The engine has answered an offer: the customer has a tile."""
    tile: tuple[str, str] = ("", "")
    """The text under the tile and the word on the picture."""
    held: bool = False
    muted: bool = False
    picture: bool = False
    quality: ports.Quality | None = None
    ends: tuple[str, str] = ("", "")
    """Fingerprints of the seat's and the phone's certificate, of the connection in use."""

    @property
    def known(self) -> bool:
        """The engine that runs takes commands about the customer."""
        return self.expected or self.offered


NO_LINE = Line()


@dataclass(frozen=True)
class PageShown:
    """One page of one revision of a paper; ``sha256`` is the revision's."""

    case_id: str
    document_id: str
    sha256: str
    title: str
    page: int
    """From 1."""
    pages: int


@dataclass(frozen=True)
class Telling:
    """What the boards were told of the lines: ``last`` ``at``; ``seen``: when each party's line was measured last."""

    seen: Mapping[str, datetime] = field(default_factory=dict)
    last: tuple[LineNow, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True)
class Reading:
    """A prepared sound that reads a line into the call; ``reading_id`` is the service's, of this one time."""

    call_id: str
    case_id: str
    party_id: str
    line: int
    reading_id: str

    @property
    def sound_id(self) -> str:
        """All that another window has to know of it, should this one not live to hear its end."""
        return f"{self.case_id}:{self.party_id}:{self.line}:{self.reading_id}"

    @classmethod
    def of(cls, call_id: str, sound_id: str) -> "Reading | None":
        """Back from the engine's name of it; None where it is no line's."""
        parts = sound_id.split(":")
        if len(parts) != 4 or not parts[2].isdecimal():
            return None
        case_id, party_id, line, reading_id = parts
        return cls(call_id, case_id, party_id, int(line), reading_id)


@dataclass(frozen=True)
class Media:
    """What the engine has said about the present call. ``lines`` by party_id; listeners are in ``ears``."""

    call_id: str = ""
    opened: bool = False
    lines: Mapping[str, Line] = field(default_factory=dict)
    ears: Mapping[str, bool] = field(default_factory=dict)
    """Listeners who are connected, by party_id; True where the engine lets the agent hear them."""
    recording: Recording = Recording.NONE
    began: ports.RecordingBegan | None = None
    """The file that is being recorded."""
    written: int = 0
    """Number of the file's newest fragment on disk."""
    checked: ports.RecordingChecked | None = None
    """What the check of that file said last."""
    doubts: DoubtLog = field(default_factory=DoubtLog)
    """Of that file, for the record."""
    reported: bool = False
    attempts: int = 0
    """To begin a file since the last one that grew."""
    snapping: bool = False
    muted: bool = False
    reading: Reading | None = None
    """What a prepared sound reads into the call now."""
    alone_with: str | None = None
    """Of whom the stage says that they are talked to alone."""
    layout: Layout = Layout.AUTO
    page: PageShown | None = None
    """Of the papers, on the stage."""
    devices: tuple[str, str] = ("", "")
    log: Log = field(default_factory=Log)
    """Of the customers' lines, for the record."""
    telling: Telling = Telling()
    """Of the customers' lines, for the boards."""

    @property
    def fingerprints(self) -> tuple[str, str]:
        """Of the connection in use of who came first of those who have one."""
        return next((line.ends for line in self.lines.values() if line.ends != ("", "")), ("", ""))

    def line(self, party_id: str) -> Line:
        return self.lines.get(party_id, NO_LINE)

    def with_line(self, party_id: str, line: Line) -> "Media":
        return replace(self, lines={**self.lines, party_id: line})


class UploadStage(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    RETRYING = "retrying"
    DONE = "done"
    STUCK = "stuck"
    CURRENT = "current"
    """It still runs, and the service holds all of it up to now."""


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
    """``clock_offset`` in seconds: the service's clock less this machine's. ``focus``: a party_id, or nothing."""

    view: SeatView | None = None
    link: LinkState = LinkState()
    media: Media = Media()
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    clock_offset: float = 0.0
    focus: str = ""
    proof_open: bool = False
    outcome: Outcome | None = None
    """What the agent says became of the call, once they have; ``note`` is their word where none of the six fits."""
    note: str = ""
    busy: str = ""
    """The action now on its way to the service; its button waits."""
    pending_offers: tuple[Sdp, ...] = ()
    shown_line: tuple[str, str, int] | None = None
    left: str = ""
    """A call that an earlier window left open in the engine, until the service's view says what it is."""
    unprocessed: str = ""
    """What the agent was told last of why their voice is not processed."""

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
    def transfer_offer(self) -> TransferOffer | None:
        """A live call of another seat that rings here."""
        return self.view.transfer_offer if self.view else None

    @property
    def people(self) -> list[PartyView]:
        """The parties of the case, in its order."""
        return self.case.parties if self.case else []

    @property
    def party(self) -> PartyView | None:
        """The focused one: whom the agent chose, else the first in the call, else the case's first party."""
        by_id = {party.party_id: party for party in self.people}
        for wanted in (self.focus, self.call.party_id if self.call else ""):
            if wanted in by_id:
                return by_id[wanted]
        return self.people[0] if self.people else None

    def place(self, party_id: str) -> CallParty | None:
        """Where a party is, seen from the present call."""
        places = self.call.parties if self.call else []
        return next((place for place in places if place.party_id == party_id), None)

    def inside(self, party_id: str) -> bool:
        """In the call and not on hold."""
        place = self.place(party_id)
        return place is not None and place.state is CallPartyState.LIVE

    @property
    def line(self) -> Line:
        """The focused party's connection."""
        return self.media.line(self.party.party_id) if self.party else NO_LINE

    @property
    def step(self) -> StepKey | None:
        """The step that the focused party is at; with all of theirs done, the one the case is at."""
        own = parties.step(self.party) if self.party else None
        if own is not None:
            return own
        steps = self.case.steps if self.case else []
        now = [item.key for item in steps if item.status is StepStatus.CURRENT]
        return next((key for key in now if key in parties.OF_THE_CASE), None)


QUIET = (UploadStage.DONE, UploadStage.CURRENT)


def waiting_uploads(state: State) -> list[Upload]:
    """Recordings that the service does not hold yet."""
    return [upload for upload in state.uploads.values() if upload.stage not in QUIET]
