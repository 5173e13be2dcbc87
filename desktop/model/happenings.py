"""What happens at the seat, and what follows from it: the inputs and the effects of ``desktop.model.workspace``."""

from dataclasses import dataclass, field
from datetime import datetime

from desktop.model.state import LinkState, PageShown, Reading, State, Upload
from media import ports
from signing.wire.base import Message, Tone
from signing.wire.call import Outcome as CallOutcome
from signing.wire.quality import TellLines
from signing.wire.signal import Sdp
from signing.wire.staff import SeatView


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
    """``at``: this machine's UTC when it was told; without it nothing of the event goes on record."""

    event: ports.Event
    at: datetime | None = None


@dataclass(frozen=True)
class UploadMoved:
    upload: Upload


@dataclass(frozen=True)
class Focused:
    """The agent turns to another party of the case."""

    party_id: str


@dataclass(frozen=True)
class OutcomeStated:
    outcome: CallOutcome
    note: str


@dataclass(frozen=True)
class ProofToggled:
    open: bool


@dataclass(frozen=True)
class MuteToggled:
    pass


@dataclass(frozen=True)
class LayoutTurned:
    """The agent wants the next arrangement of the stage."""


@dataclass(frozen=True)
class SnapshotAsked:
    pass


@dataclass(frozen=True)
class SoundCame:
    """What is to be read into the call, as the service made or kept it."""

    reading: Reading
    sound: bytes = field(repr=False)


@dataclass(frozen=True)
class ReadingStopped:
    """The agent wants no more of it."""


@dataclass(frozen=True)
class RecordingDue:
    """It is time to try again."""

    call_id: str


@dataclass(frozen=True)
class Busy:
    """``what`` is an action's name while its request is under way, else empty."""

    what: str


Input = (
    Pushed | LinkChanged | Offered | Happened | UploadMoved | Focused | OutcomeStated | ProofToggled | MuteToggled
    | LayoutTurned | SnapshotAsked | SoundCame | ReadingStopped | RecordingDue | Busy
)  # fmt: skip


# --- what follows -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Post:
    """Hand a command to the engine."""

    command: ports.Command


@dataclass(frozen=True)
class LeafThrough:
    """Fetch and draw that page, and hand it to the engine unless another is wanted by then."""

    call_id: str
    page: PageShown


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
class Salvage:
    """The engine is gone: what it was recording is closed for what it holds, and delivered."""


@dataclass(frozen=True)
class SendSnapshot:
    case_id: str
    event: ports.SnapshotTaken


@dataclass(frozen=True)
class SendLine:
    """Show a script line on a customer's phone."""

    case_id: str
    party_id: str
    line: int


@dataclass(frozen=True)
class SendReport:
    """For the record, and no hurry: kept while the service cannot be reached."""

    path: str
    message: Message


@dataclass(frozen=True)
class TellBoard:
    """How the lines are just now: worth nothing later, so that it is not kept where the service cannot be reached."""

    call_id: str
    message: TellLines


@dataclass(frozen=True)
class Ring:
    """A customer, or another seat's call, rings here."""


@dataclass(frozen=True)
class StopRinging:
    pass


@dataclass(frozen=True)
class Say:
    """``stays``: until it has been read, since whoever looks away would never know."""

    tone: Tone
    text: str
    stays: bool = False


Effect = (
    Post | LeafThrough | SendFrame | BeginRecording | RetryRecording | ReportRecording | Deliver | Salvage
    | SendSnapshot | SendLine | SendReport | TellBoard | Ring | StopRinging | Say
)  # fmt: skip
Outcome = tuple[State, tuple[Effect, ...]]
