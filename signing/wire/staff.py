"""Log-in and the seat: what the desktop sends and what it is shown."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from signing.wire.base import Digest, IceServer, Identifier, Message, Notice
from signing.wire.call import SeatCall, TransferOffer
from signing.wire.case import Answer, CaseView, Role
from signing.wire.helper import DeclareHelper
from signing.wire.particulars import NewParticulars, Words, Yuan
from signing.wire.queue import Appointment, Dialect, QueueDoor


class StaffRole(StrEnum):
    """What a member of staff may do."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


Username = Annotated[str, Field(min_length=1, max_length=64)]
Password = Annotated[str, Field(min_length=1, max_length=256)]


class LogIn(Message):
    """POST /api/staff/login"""

    username: Username
    password: Password
    code: Annotated[str, Field(pattern=r"^([0-9]{6})?$")] = ""
    """Of the authenticator; asked for by a refusal with code ``totp_required``."""


class Staff(Message):
    """Who is logged in, and where they sit."""

    staff_id: Identifier
    name: str
    role: StaffRole
    institution: str
    branch: str
    seat_id: Identifier | None = None
    seat_label: str = ""


class LoggedIn(Message):
    """The token of the session, and whose it is."""

    token: str
    expires_at: AwareDatetime
    staff: Staff


class Presence(StrEnum):
    """The same names as ``signing.domain.seat.SeatState``."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    RINGING = "ringing"
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"
    AWAY = "away"


class SetPresence(Message):
    """POST /api/seat/presence"""

    presence: Literal[Presence.AVAILABLE, Presence.AWAY]
    reason: Annotated[str, Field(max_length=100)] = ""


class TicketState(StrEnum):
    """The same names as ``signing.domain.queue.TicketState``."""

    WAITING = "waiting"
    OFFERED = "offered"
    CONNECTED = "connected"
    DONE = "done"
    LEFT = "left"


class TicketRow(Message):
    """A customer in the queue, masked."""

    ticket_id: Identifier
    case_no: str
    product_title: str
    party_name_masked: str
    role: Role
    role_title: str
    state: TicketState
    waiting_since: AwareDatetime
    priority: str = ""
    """Why this customer comes first, in Chinese; empty where they do not."""
    dialect: str = ""
    """What they asked to be served in, in Chinese; empty where they did not."""


class Offer(Message):
    """A customer who rings at this seat, until when."""

    ticket: TicketRow
    expires_at: AwareDatetime


class AwaitingSeal(Message):
    """A case of the branch that all have signed and nobody has sealed.

    POST /api/seat/cases/{case_id}/take → ``SeatView``: puts it back on the seat's desk.
    """

    case_id: Identifier
    case_no: str
    product_title: str
    amount: str
    """In yuan, as a decimal string."""
    party_name_masked: str
    signed_at: AwareDatetime | None = None


class SeatView(Message):
    """The seat's whole display; pushed again after every change."""

    type: Literal["seat.view"] = "seat.view"
    server_time: AwareDatetime
    staff: Staff
    presence: Presence
    presence_since: AwareDatetime
    presence_reason: str = ""
    wrap_up_until: AwareDatetime | None = None
    """When the wrap-up ends by itself; None outside one."""
    queue: list[TicketRow] = []
    offer: Offer | None = None
    transfer_offer: TransferOffer | None = None
    """A live call of another seat that rings here."""
    call: SeatCall | None = None
    case: CaseView | None = None
    awaiting_seal: list[AwaitingSeal] = []
    awaiting_package: list[AwaitingSeal] = []
    """Sealed, but the evidence package could not be closed: POST /api/cases/{case_id}/seal tries again."""
    door: QueueDoor = QueueDoor()
    appointments: list[Appointment] = []
    """Of the branch, today's and tomorrow's."""
    handled_today: int = 0
    average_call_seconds: float | None = None
    notice: Notice | None = None
    log_in_again: bool = False
    """The session is over by time and holds only for this call: no command is taken until the password is given."""


class Colleague(Message):
    """A seat of the institution, other than one's own, as it may be chosen for a transfer."""

    seat_id: Identifier
    label: str
    branch: str
    agent: str = ""
    presence: Presence


class Colleagues(Message):
    """GET /api/seat/colleagues"""

    seats: list[Colleague]


class Relays(Message):
    """GET /api/seat/relays: the servers that a call of this seat would use, for its self-test."""

    servers: list[IceServer]


class RecordingStarted(Message):
    """POST /api/calls/{call_id}/recordings → ``RecordingOpened``"""

    started_at: AwareDatetime
    """On the service's clock: file time zero."""
    width: int
    height: int
    frame_rate: int
    video_codec: str
    audio_codec: str
    seat_fingerprint: Annotated[str, Field(max_length=200)] = ""
    """DTLS fingerprints, as ``sha-256 AB:CD:…``."""
    phone_fingerprint: Annotated[str, Field(max_length=200)] = ""


class RecordingOpened(Message):
    """The new recording's identifier."""

    recording_id: Identifier


class Segment(Message):
    """One fragment of the recording. ``chain`` = SHA-256(previous chain as 32 bytes ‖ sha256 as 32 bytes)."""

    index: int = Field(ge=0)
    offset: int = Field(ge=0)
    size: int = Field(gt=0)
    start_seconds: float
    sha256: Digest
    chain: Digest


class SegmentHeld(Message):
    """The answer to a segment, and of GET /api/recordings/{recording_id}/segments: stored durably, as all before it.

    ``next_index`` is the segment to go on with; digest and chain are of the newest, empty where there is none.
    """

    next_index: int = Field(ge=0)
    sha256: Digest | Literal[""] = ""
    chain: Digest | Literal[""] = ""


class SpoolKey(Message):
    """POST /api/calls/{call_id}/spool-key → what the seat keeps the keys of this call's recordings under; 32 bytes in
    hexadecimal. Never written down on the seat."""

    key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", repr=False)]


class RecordingFinished(Message):
    """POST /api/recordings/{recording_id}/finish: all that there will be; its segments may have come or follow."""

    ended_at: AwareDatetime
    duration_seconds: float = Field(ge=0)
    size: int = Field(gt=0)
    sha256: Digest | None
    """Of the whole. None after a crash of the seat, which then has no more than the chain."""
    segments: list[Segment]
    gaps: list[tuple[float, float]] = []
    """Seconds from file start in which the customer's picture was missing."""


class TrackStarted(Message):
    """POST /api/calls/{call_id}/tracks → ``RecordingOpened``: a customer's own picture and sound, as they came."""

    party_id: Identifier
    started_at: AwareDatetime
    """On the service's clock: file time zero."""
    video_codec: Literal["VP8", "H264", ""]
    """Empty where only sound came."""


class TrackGap(Message):
    """Seconds from file start in which something is missing, and what: ``muted``, ``held``, ``picture``, ``sound``,
    ``damaged`` or ``behind``."""

    start: float = Field(ge=0)
    end: float = Field(ge=0)
    lack: Annotated[str, Field(max_length=20)]


class TrackFinished(Message):
    """POST /api/recordings/{recording_id}/track/finish: all that there will be."""

    ended_at: AwareDatetime
    duration_seconds: float = Field(ge=0)
    size: int = Field(gt=0)
    sha256: Digest | None
    segments: Annotated[list[Segment], Field(min_length=1)]
    gaps: Annotated[list[TrackGap], Field(max_length=20_000)] = []
    given_up: Annotated[str, Field(max_length=200)] = ""
    """Why the seat stopped keeping it before the call's end; empty where it did not."""


class TrackLost(Message):
    """POST /api/recordings/{recording_id}/track/lost: the seat cannot deliver it any more."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


class TrackHeld(Message):
    """How a track stands at the service."""

    track_id: Identifier
    state: str
    findings: list[str] = []


class AnswerLine(Message):
    """POST /api/cases/{case_id}/parties/{party_id}/disclosure"""

    line: int = Field(ge=1)
    answer: Answer


READING_ID = "X-Reading-Id"


class ReadAloud(Message):
    """POST /api/cases/{case_id}/parties/{party_id}/read-aloud → the sound, to be played into the call at once; the
    reading's id is in the header ``READING_ID``."""

    line: int = Field(ge=1)


class ReadAloudEnded(Message):
    """POST /api/cases/{case_id}/parties/{party_id}/read-aloud/ended: ``seconds`` of the sound were heard."""

    reading_id: str = Field(max_length=64)
    whole: bool
    seconds: float = Field(ge=0, le=600)


class ShowLine(Message):
    """POST /api/cases/{case_id}/parties/{party_id}/prompt: what the agent is reading out now."""

    line: int = Field(ge=1)


class DecideIdentity(Message):
    """POST /api/cases/{case_id}/parties/{party_id}/identity"""

    accepted: bool
    reason: Annotated[str, Field(max_length=500)] = ""


class HangUp(Message):
    """POST /api/calls/{call_id}/hangup. A reason is needed where the proof is not complete."""

    reason: Annotated[str, Field(max_length=500)] = ""


class AbortCase(Message):
    """POST /api/cases/{case_id}/abort"""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class NewParty(Message):
    """A party of the case to be opened."""

    role: Role
    name: Annotated[str, Field(min_length=1, max_length=60)]
    id_number: Annotated[str, Field(min_length=18, max_length=18)]
    phone: Annotated[str, Field(pattern=r"^1[3-9][0-9]{9}$")]
    address: Annotated[str, Field(max_length=200)] = ""
    share_percent: Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,2})?$")] | None = None
    """A guarantor's share of the debt; for all guarantors or for none."""
    dialect: Dialect | None = None
    helper: DeclareHelper | None = None
    """Who will stand at their side; declared by the agent who opens the case."""


class NewInsurance(Message):
    """The insurance of a piece of collateral."""

    insurer: Words
    policy_no: Annotated[str, Field(min_length=1, max_length=60)]
    sum_insured: Yuan
    valid_until: date
    beneficiary: Annotated[str, Field(max_length=200)] = ""
    """The first one, by its full name; empty where it is the lender."""


Subject = Literal[
    "real_estate",
    "chattel",
    "livestock",
    "forest_right",
    "tea_garden",
    "movables",
    "patent_right",
    "carbon_ticket",
    "carbon_sink",
]


class NewCollateral(Message):
    """One lot of things that are pledged or mortgaged; ``marks`` are piece numbers or ear tags."""

    kind: Literal["mortgage", "pledge"]
    name: Words
    quantity: Words
    marks: Words
    condition: Words
    place: Words
    appraised_value: Yuan
    insurance: NewInsurance | None = None
    subject: Subject | None = None
    """What it is; may be left out where the product knows only one."""
    register_no: Annotated[str, Field(max_length=100)] = ""
    """Under which the register knows the security."""
    certificate_no: Annotated[str, Field(max_length=100)] = ""
    """Of the right itself: 不动产权证书, 林权证, patent, carbon ticket."""
    right_until: date | None = None
    """Last day of a right that ends by itself."""


class NewMandate(Message):
    """A power of attorney: both days are inside."""

    matter: Words
    scope: Annotated[str, Field(min_length=1, max_length=500)]
    valid_from: date
    valid_until: date
    may_delegate: bool = False


class NewCase(Message):
    """POST /api/cases → ``CaseOpened``. Amount in yuan, rate in percent a year, both decimal strings.

    A loan has all of amount, rate, term, repayment method, purpose and account; a power of attorney has none of them.
    """

    product_id: Identifier
    amount: Yuan | None = None
    annual_rate_percent: Annotated[str, Field(pattern=r"^[0-9]{1,2}(\.[0-9]{1,4})?$")] | None = None
    term_months: Annotated[int, Field(ge=1, le=360)] | None = None
    repayment_method: Literal["equal_instalment", "equal_principal", "interest_first", "bullet"] | None = None
    purpose: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    account: Annotated[str, Field(pattern=r"^[0-9]{10,25}$")] | None = None
    """The account the loan is paid to."""
    parties: Annotated[list[NewParty], Field(min_length=1, max_length=8)]
    collateral: Annotated[list[NewCollateral], Field(max_length=20)] = []
    mandate: NewMandate | None = None
    particulars: NewParticulars | None = None
    """What single products ask for beside the terms."""

    @model_validator(mode="after")
    def _whole_or_none(self) -> Self:
        terms = ("amount", "annual_rate_percent", "term_months", "repayment_method", "purpose", "account")
        missing = [name for name in terms if getattr(self, name) is None]
        if 0 < len(missing) < len(terms):
            raise PydanticCustomError("terms_incomplete", "a loan has all of its terms")
        return self


class Invitation(Message):
    """A party's personal link, told once. ``text``: it in words for a text message, ready to be copied."""

    party_id: Identifier
    name_masked: str
    url: str
    expires_at: AwareDatetime
    text: str = ""


class CaseOpened(Message):
    """The new case, and each party's personal link."""

    case: CaseView
    invitations: list[Invitation]


class SealCase(Message):
    """POST /api/cases/{case_id}/seal"""

    proof_sha256: Digest | None = None
