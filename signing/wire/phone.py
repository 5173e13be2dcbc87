"""The customer's page: what it sends and what it is shown."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from signing.wire.base import Digest, IceServer, Identifier, Message, Notice
from signing.wire.case import ConsentKind, DocumentState
from signing.wire.helper import HelperView
from signing.wire.queue import Dialect, OwnAppointment, QueueDoor

Capability = Annotated[str, Field(min_length=20, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")]
"""The secret in a personal link's fragment (``/s#CAPABILITY``)."""


class PhoneStep(StrEnum):
    """One screen of the page each, in their order; ``ended`` may follow any."""

    CODE = "code"
    CONSENT_RECORDING = "consent_recording"
    CONSENT_FACE = "consent_face"
    CONSENT_PERSONAL = "consent_personal"
    CONSENT_CREDIT = "consent_credit"
    PRECHECK = "precheck"
    QUEUE = "queue"
    ID_FRONT = "id_front"
    ID_BACK = "id_back"
    AWAIT_IDENTITY = "await_identity"
    DISCLOSURE = "disclosure"
    READING = "reading"
    SIGNING = "signing"
    AWAIT_SEAL = "await_seal"
    DONE = "done"
    STOPPED = "stopped"
    """Somebody else has refused: nothing to be done until the agent says how it goes on."""
    ENDED = "ended"


class OpenLink(Message):
    """POST /api/phone/open → ``LinkOpened``. Uses nothing up."""

    capability: Capability


class LinkOpened(Message):
    """What a personal link is for; opening it uses nothing up."""

    institution: str
    name_masked: str
    phone_masked: str
    product_title: str
    expires_at: AwareDatetime
    helpline: str
    step_total: int
    """As in ``PhoneView``; proving the phone is step 1."""


class RequestCode(Message):
    """POST /api/phone/code → ``CodeSent``"""

    capability: Capability


class CodeSent(Message):
    """A one-time code is on its way."""

    phone_masked: str
    valid_seconds: int
    resend_after_seconds: int
    stand_in: bool = False
    """True where no real SMS gateway is attached; the page says so."""


class RedeemCode(Message):
    """POST /api/phone/redeem → ``PhoneSession``"""

    capability: Capability
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    device: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""
    """A random name that the page keeps in this phone's browser."""


class PhoneSession(Message):
    """The token of the phone's session."""

    token: str
    expires_at: AwareDatetime


class GiveConsent(Message):
    """POST /api/phone/consents. ``granted=False`` takes the other way where there is one (face), else ends."""

    kind: ConsentKind
    granted: bool
    text_sha256: Digest
    """Digest of the text that was shown, so that it cannot be disputed later which one it was."""


class PrecheckReport(Message):
    """POST /api/phone/precheck"""

    camera: bool
    microphone: bool
    loudspeaker: bool
    network: bool
    round_trip_ms: float | None = Field(default=None, ge=0, le=3_600_000)
    width: int | None = Field(default=None, ge=0, le=100_000)
    height: int | None = Field(default=None, ge=0, le=100_000)
    user_agent: Annotated[str, Field(max_length=400)] = ""


class PageTime(Message):
    """How long a page was on the screen."""

    page: int = Field(ge=1)
    milliseconds: int = Field(ge=0, le=86_400_000)


class ReportReading(Message):
    """POST /api/phone/documents/{document_id}/reading"""

    pages: Annotated[list[PageTime], Field(min_length=1, max_length=200)]
    on_screen: int | None = Field(default=None, ge=1, le=200)
    """The page that is on the screen now: the agent's stage shows the same."""
    report_id: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9_-]*$")
    """Made by the page, anew for each report: one that is sent again is counted once."""


class StrokePoint(Message):
    """``x``, ``y`` in CSS pixels of the drawing area; ``t`` in milliseconds from the first touch."""

    x: float = Field(ge=-10_000, le=20_000)
    y: float = Field(ge=-10_000, le=20_000)
    t: float = Field(ge=0, le=86_400_000)
    pressure: float = Field(ge=0, le=1, default=0.5)


class Strokes(Message):
    """A signature as it was drawn."""

    width: float = Field(gt=0, le=10_000)
    height: float = Field(gt=0, le=10_000)
    strokes: Annotated[list[Annotated[list[StrokePoint], Field(max_length=5000)]], Field(max_length=300)]


class SignDocument(Message):
    """POST /api/phone/documents/{document_id}/sign"""

    sha256: Digest
    """Digest of the frozen document the customer confirmed."""
    strokes: Strokes


class SignaturePlace(Message):
    """Where on a paper the customer's signature will stand: shares of the page, from its upper left corner."""

    page: int
    x: float
    y: float
    w: float
    h: float


class ConsentText(Message):
    """The words of one consent, with their digest."""

    kind: ConsentKind
    title: str
    paragraphs: list[str]
    accept: str
    decline: str
    sha256: Digest


class QueuePlace(Message):
    """The customer's place in the queue and the wait that is expected."""

    position: int = Field(ge=0)
    expected_wait_seconds: int | None = None
    message: str = ""
    paused: bool = False
    """Nobody is rung now; ``message`` says why."""
    ticket_id: Identifier | None = None
    """Under which the record has it; services before this field did not say it."""


class PhoneCall(Message):
    """The call as the customer's page sees it."""

    call_id: Identifier
    agent_name: str
    seat_label: str
    ice_servers: list[IceServer] = []
    held: bool = False
    """On hold: the page says so and sends neither picture nor sound."""
    muted: bool = False
    """The page says so and sends no sound; it is heard by nobody and recorded nowhere."""
    transferring: bool = False
    """Another seat rings for this call; it goes on until then. A new ``call_id`` means: offer anew."""
    ticket_id: Identifier | None = None
    """The place in the queue that led here."""


class Prompt(Message):
    """The line the agent is reading out, shown as a caption."""

    number: int
    total: int
    text: str


class PhoneDocument(Message):
    """A paper as the customer's page sees it."""

    document_id: Identifier
    title: str
    pages: int
    state: DocumentState
    sha256: Digest
    read: bool
    signed: bool
    copy_available: bool
    pages_seen: list[int] = []
    """That have been on this customer's screen, so that no page is asked for twice after a lost browser."""


class PhoneView(Message):
    """The page's whole display; pushed again after every change."""

    type: Literal["phone.view"] = "phone.view"
    server_time: AwareDatetime
    step: PhoneStep
    step_number: int
    step_total: int
    """Stages as people count them; several screens make one."""
    institution: str
    branch: str
    helpline: str
    case_no: str
    product_title: str
    amount: str
    amount_in_words: str
    role_title: str
    name_masked: str
    consent: ConsentText | None = None
    queue: QueuePlace | None = None
    let_go: bool = False
    """The last call was ended by the institution with steps left: joining again is the customer's choice."""
    door: QueueDoor = QueueDoor()
    appointment: OwnAppointment | None = None
    dialect: Dialect | None = None
    call: PhoneCall | None = None
    prompt: Prompt | None = None
    documents: list[PhoneDocument] = []
    current_document_id: Identifier | None = None
    helper: HelperView | None = None
    notice: Notice | None = None
    may_refuse: bool = False
    """Whether the page offers the way out, POST /api/phone/refuse."""
    stand_ins: list[str] = []
