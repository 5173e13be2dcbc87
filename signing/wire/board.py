"""The supervisor's board: seats, waiting customers and live calls.

``GET /api/board/view`` → ``BoardView``; ``/api/board/ws`` pushes it after each change. Commands of the board:
``POST /api/calls/{call_id}/listen``, ``…/listen/stop``, ``…/whisper`` → ``BoardView``; ``…/takeover`` → ``SeatView``;
``POST /api/board/queue/pause``, ``…/stop`` and ``…/resume``, ``PUT /api/board/seats/{seat_id}/ability``,
``POST /api/board/seats/{seat_id}/presence``, ``/api/board/calls/{call_id}/transfer`` and ``…/hangup`` → ``BoardView``.
``POST /api/board/cases/{case_id}/risk`` decides about a referral. A listening window sends ``Sdp``
offers on this socket.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from signing.wire.accounts import RestingAccount
from signing.wire.base import IceServer, Identifier, Message, Notice
from signing.wire.call import CallParty, ListenerView, TransferView
from signing.wire.case import PartyState, Phase, RecordingState, StepView
from signing.wire.quality import LineCause
from signing.wire.queue import Appointment, Dialect, ProductChoice, QueueDoor, QueueStop, WaitAccuracy
from signing.wire.risk import RiskReferral
from signing.wire.staff import Presence, Staff


class BoardSeat(Message):
    """A seat and what it is doing."""

    seat_id: Identifier
    label: str
    branch_id: Identifier
    branch: str
    presence: Presence
    since: AwareDatetime
    reason: str = ""
    agent: str = ""
    call_id: Identifier | None = None
    products: list[Identifier] = []
    """What it may serve; everything where empty."""
    dialects: list[Dialect] = []


class BoardBranch(Message):
    """A branch of the board, with its door: open, paused, stopped."""

    branch_id: Identifier
    name: str
    door: QueueDoor = QueueDoor()


class BoardWaiting(Message):
    """A customer who waits, and for how long."""

    ticket_id: Identifier
    case_id: Identifier
    case_no: str
    product_title: str
    party_label: str
    branch_id: Identifier
    branch: str
    waiting_since: AwareDatetime
    priority: str = ""
    ringing_at: str = ""
    """The seat that rings for them; empty while none does."""
    present: bool
    """Whether their page is open; who closed it keeps the place but is not rung."""
    kept_for_call: bool = False
    """Another party of the case is in a live call or ringing, and they are to be admitted there."""


class BoardLine(Message):
    """A customer's line as the seat told last: ``bars`` 0 (nothing comes) to 4, and what is wrong most."""

    bars: Annotated[int, Field(ge=0, le=4)]
    cause: LineCause
    told_at: AwareDatetime


class BoardParty(Message):
    """A customer in a call of the board. ``line``: null where the seat told nothing of it."""

    place: CallParty
    progress: PartyState
    progress_title: str
    line: BoardLine | None = None


class BoardCall(Message):
    """A live call, with whom it is about and who hears it.

    ``unread``: its case cannot be opened. Number, title, parties and steps are empty; it can be hung up only.
    """

    call_id: Identifier
    case_id: Identifier
    case_no: str
    product_title: str
    seat_id: Identifier
    seat: str
    agent: str
    started_at: AwareDatetime
    phase: Phase
    parties: list[BoardParty]
    steps: list[StepView]
    transfer: TransferView | None = None
    listeners: list[ListenerView] = []
    follows: Identifier | None = None
    unread: bool = False


class UnsealedPackage(Message):
    """A case that is sealed and whose evidence package could not be closed.

    POST /api/cases/{case_id}/seal tries again, from a seat that may seal it.
    """

    case_id: Identifier
    case_no: str
    product_title: str
    branch: str
    sealed_at: AwareDatetime | None = None


class BoardPaper(Message):
    """A paper to be looked at before a decision: GET /api/cases/{case_id}/documents/{document_id}.pdf."""

    document_id: Identifier
    title: str


class SealRequest(Message):
    """A case all have signed, whose amount its seals need second eyes for.

    POST /api/cases/{case_id}/seal-approval decides.
    """

    case_id: Identifier
    case_no: str
    product_title: str
    amount: str
    """In yuan, as a decimal string."""
    branch: str
    opened_by: str
    why: str
    papers: list[BoardPaper]
    refused_by: str = ""
    refused_reason: str = ""
    """Where a supervisor has said no; another may still approve."""
    why_not: str = ""
    """Why this supervisor may not decide; empty where they may."""


class MissingFilm(Message):
    """A recording that has not come whole long after its call, or a stretch of the call of which none is known.

    POST /api/recordings/{recording_id}/lost declares it lost; without one, /api/calls/{call_id}/recordings/lost.
    """

    case_id: Identifier
    case_no: str
    product_title: str
    call_id: Identifier
    recording_id: Identifier | None = None
    seat: str
    agent: str
    since: AwareDatetime
    until: AwareDatetime | None = None
    state: RecordingState | None = None
    why_not: str = ""


class FailedRenewals(Message):
    """Closed packages whose time-stamps could not be renewed: how many; number, end and why of the one that ends first.

    Tried again within a day; an administrator looks at them with ``pingqian archive list``.
    """

    count: int
    case_no: str
    until: AwareDatetime | None = None
    reason: str


class BoardView(Message):
    """The board's whole display; pushed again after every change."""

    type: Literal["board.view"] = "board.view"
    server_time: AwareDatetime
    staff: Staff
    seats: list[BoardSeat]
    waiting: list[BoardWaiting]
    """As they are to be served; those ringing last."""
    calls: list[BoardCall]
    unsealed: list[UnsealedPackage] = []
    seal_requests: list[SealRequest] = []
    films: list[MissingFilm] = []
    renewals: FailedRenewals | None = None
    referrals: list[RiskReferral] = []
    """What the risk rules leave to a supervisor, oldest case first."""
    resting: list[RestingAccount] = []
    """Accounts of the institution that wait for a supervisor's or an auditor's confirmation."""
    listening: list[Identifier] = []
    """The calls that this supervisor hears."""
    ice_servers: list[IceServer] = []
    branches: list[BoardBranch] = []
    stops: list[QueueStop] = []
    """Pauses and emergency stops that hold now."""
    products: list[ProductChoice] = []
    """What a seat's ability may name."""
    appointments: list[Appointment] = []
    """Today's and tomorrow's."""
    waits: WaitAccuracy = WaitAccuracy()
    seals_mark: str = ""
    """Another one after every change of the seal register; GET /api/seals says what it is now."""
    notice: Notice | None = None
