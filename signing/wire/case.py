"""A case as staff see it. Personal data arrives masked; amounts are decimal strings in yuan."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from signing.wire.base import Digest, Identifier, Message
from signing.wire.helper import HelperView
from signing.wire.risk import RiskFinding


class Phase(StrEnum):
    """Where a case as a whole stands; derived from its parts."""

    PREPARED = "prepared"
    INVITED = "invited"
    WAITING = "waiting"
    IN_CALL = "in_call"
    SIGNED = "signed"
    SEALED = "sealed"
    CLOSED = "closed"
    STOPPED = "stopped"
    """A party has refused: staff end the case, or go on without that party."""
    ABORTED = "aborted"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    EXPIRED = "expired"


class PartyState(StrEnum):
    """How far one customer has come; the same names as ``signing.domain.party.PartyState``."""

    INVITED = "invited"
    ENTERED = "entered"
    CONSENTED = "consented"
    READY = "ready"
    IDENTIFIED = "identified"
    INFORMED = "informed"
    READ = "read"
    SIGNED = "signed"
    REFUSED = "refused"
    REMOVED = "removed"
    """No longer a party, by a change of terms."""


class Role(StrEnum):
    """What a person is in a case."""

    BORROWER = "borrower"
    CO_BORROWER = "co_borrower"
    GUARANTOR = "guarantor"
    PLEDGOR = "pledgor"
    MORTGAGOR = "mortgagor"
    PRINCIPAL = "principal"
    ATTORNEY = "attorney"
    CUSTODIAN = "custodian"
    POLICYHOLDER = "policyholder"
    AUTHORISER = "authoriser"


class CardSide(StrEnum):
    """A side of the resident identity card."""

    FRONT = "front"
    BACK = "back"


class CardCheck(Message):
    """What OCR read from one side of an ID card, compared with the case. Advice, never a decision."""

    side: CardSide
    captured_at: AwareDatetime
    readable: bool
    name_masked: str = ""
    number_masked: str = ""
    checksum_ok: bool | None = None
    name_matches: bool | None = None
    number_matches: bool | None = None
    valid_until: str = ""
    validity_ok: bool | None = None
    warnings: list[str] = []
    image_sha256: Digest


class FaceCheck(Message):
    """The live face against the card's portrait. ``distance`` is Euclidean in a 128-dimensional embedding."""

    captured_at: AwareDatetime
    image_sha256: Digest
    faces: int
    quality: float = Field(ge=0, le=1)
    quality_issues: list[str] = []
    distance: float | None = None
    advice: str
    warnings: list[str] = []


class NationalIdCheck(Message):
    """The register's answer about name and number."""

    matches: bool | None
    message: str
    stand_in: bool


class IdentityDecision(Message):
    """The agent's decision about who the customer is."""

    accepted: bool
    reason: str
    by: str
    at: AwareDatetime


class IdentityView(Message):
    """Everything known about who the customer is: cards, face, register, decision."""

    front: CardCheck | None = None
    back: CardCheck | None = None
    face: FaceCheck | None = None
    national_id: NationalIdCheck | None = None
    decision: IdentityDecision | None = None


class ConsentKind(StrEnum):
    """What is agreed to, each on a screen of its own."""

    RECORDING = "recording"
    FACE = "face"
    PERSONAL_INFORMATION = "personal_information"
    CREDIT_INQUIRY = "credit_inquiry"


class ConsentView(Message):
    """A consent that was given or refused."""

    kind: ConsentKind
    granted: bool
    at: AwareDatetime


class PartyView(Message):
    """A party as staff see it, masked."""

    party_id: Identifier
    role: Role
    role_title: str
    name_masked: str
    id_number_masked: str
    phone_masked: str
    state: PartyState
    consents: list[ConsentView] = []
    identity: IdentityView = IdentityView()
    helper: HelperView | None = None
    refusal: str = ""
    """Why they refused; may be empty where they did not say."""
    share_percent: str | None = None


class Personal(StrEnum):
    """What of a party is masked, and may be shown once the look is on record."""

    NAME = "name"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    ADDRESS = "address"


class Reveal(Message):
    """POST /api/cases/{case_id}/parties/{party_id}/reveal. Without the case on one's own desk, with a reason."""

    what: Personal
    reason: Annotated[str, Field(max_length=500)] = ""


class Revealed(Message):
    """The value; not to be kept."""

    what: Personal
    value: str


class StepKey(StrEnum):
    """The six steps of a call."""

    IDENTITY = "identity"
    DISCLOSURE = "disclosure"
    READING = "reading"
    SIGNING = "signing"
    PROOF = "proof"
    SEALING = "sealing"


class StepStatus(StrEnum):
    """How a step stands."""

    LOCKED = "locked"
    CURRENT = "current"
    DONE = "done"


class StepView(Message):
    """A step, how it stands and what it waits for."""

    key: StepKey
    title: str
    status: StepStatus
    reason: str = ""
    """Why the step is locked, or what is missing, in Chinese."""


class DocumentState(StrEnum):
    """How far a paper has come."""

    FROZEN = "frozen"
    SIGNED = "signed"
    SEALED = "sealed"
    VOID = "void"


class DocumentView(Message):
    """A paper as staff see it: who signs, who has read and signed."""

    document_id: Identifier
    kind: str
    title: str
    pages: int
    state: DocumentState
    frozen_sha256: Digest
    current_sha256: Digest
    signers: list[Identifier]
    signed_by: list[Identifier] = []
    pages_read: list[int] = []
    """What every signer has had on the screen; ``pages_read_by`` is each one's own, by party_id."""
    pages_read_by: dict[Identifier, list[int]] = {}
    on_screen_by: dict[Identifier, int] = {}
    """The page that is on each signer's screen, as their phone last said, by party_id."""


class Answer(StrEnum):
    """What a customer said to a line."""

    YES = "yes"
    NO = "no"
    REPEAT = "repeat"
    NODDED = "nodded"


class LineAnswer(Message):
    """The last answer of one party to a line."""

    party_id: Identifier
    answer: Answer
    at: AwareDatetime


class DialectReference(Message):
    """How a line may be put in a dialect, to explain it; never in the line's place."""

    dialect: str
    text: str


class ScriptLineView(Message):
    """A line that is read out, with the answers to it."""

    number: int
    text: str
    party_ids: list[Identifier] = []
    """Whom the line is read to; everyone where empty."""
    expected: Answer | None = None
    """The answer without which disclosure cannot be completed; None where any answer will do."""
    references: list[DialectReference] = []
    alone: bool = False
    """Whether a helper must be out of the picture for it."""
    answer: Answer | None = None
    answered_at: AwareDatetime | None = None
    answers: list[LineAnswer] = []
    """Of each party who has given one; ``answer`` stands once all have."""


class RecordingState(StrEnum):
    """How far a recording has come."""

    RECORDING = "recording"
    FINISHED = "finished"
    UPLOADED = "uploaded"
    VERIFIED = "verified"
    DAMAGED = "damaged"
    LOST = "lost"
    """A supervisor declared that the file is destroyed."""


class RecordingView(Message):
    """A recording as staff see it."""

    recording_id: Identifier
    call_id: Identifier
    state: RecordingState
    started_at: AwareDatetime
    duration_seconds: float | None = None
    sha256: Digest | None = None
    size: int | None = None
    findings: list[str] = []
    advice: list[str] = []
    """Stretches that are black, frozen or silent: to be looked at, no damage."""
    lost_reason: str = ""


class ProofItem(Message):
    """One line of the proof before hang-up."""

    key: str
    title: str
    ok: bool
    remedy: str = ""


class PackageView(Message):
    """The evidence package."""

    sha256: Digest
    size: int
    closed_at: AwareDatetime


class CallMode(StrEnum):
    """joint: parties who wait while a call of the case is live are kept for it. separate: each is served alone."""

    JOINT = "joint"
    SEPARATE = "separate"


class Stated(Message):
    """A fact of the case with its name, both in Chinese."""

    title: str
    words: str


class CaseView(Message):
    """A case as staff see it."""

    case_id: Identifier
    case_no: str
    product_id: str
    product_title: str
    amount: str
    """Empty, as are words, rate and term, where nothing is lent."""
    amount_in_words: str
    term_months: int | None = None
    annual_rate_percent: str
    phase: Phase
    abort_reason: str = ""
    """Why it ended, however that was: the phase says how."""
    expires_at: AwareDatetime | None = None
    """When it ends by itself unless all have signed by then; None once they have, and once it is over."""
    locked: dict[str, str] = {}
    """``signing.wire.lifecycle.Operation`` → why it cannot be done now, in Chinese; what is not here may be done."""
    repayment_method: str = ""
    purpose: str = ""
    particulars: list[Stated] = []
    """What the product asked for beside the terms."""
    account_masked: str = ""
    parties: list[PartyView]
    steps: list[StepView]
    documents: list[DocumentView]
    script: list[ScriptLineView]
    proof: list[ProofItem] = []
    seal_blocked_by: list[str] = []
    recordings: list[RecordingView] = []
    package: PackageView | None = None
    call_mode: CallMode = CallMode.JOINT
    findings: list[RiskFinding] = []
    """Of the risk rules, in the order in which they were found."""
    stand_ins: list[str] = []
    """Parts that stand in for something outside the building, each in words for the screen."""
