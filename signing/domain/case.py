"""A case: terms, parties, documents, recordings, seal. Its phase is derived from its parts."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from signing.domain.errors import NotFound
from signing.domain.interest import BY_MONTHS, InterestRule
from signing.domain.particulars import NOTHING_MORE, Particulars
from signing.domain.party import Party
from signing.domain.risk.model import Finding
from signing.domain.seals import SealApproval
from signing.domain.security import Collateral, Mandate


class RepaymentMethod(StrEnum):
    EQUAL_INSTALMENT = "equal_instalment"
    EQUAL_PRINCIPAL = "equal_principal"
    INTEREST_FIRST = "interest_first"
    BULLET = "bullet"


@dataclass(frozen=True)
class Terms:
    """Amount in yuan, rate in percent a year."""

    amount: Decimal
    annual_rate_percent: Decimal
    term_months: int
    repayment_method: RepaymentMethod
    purpose: str
    account: str
    interest: InterestRule = BY_MONTHS
    """As product and institution had it when the case was opened."""


class DocumentState(StrEnum):
    FROZEN = "frozen"
    SIGNED = "signed"
    SEALED = "sealed"
    VOID = "void"


@dataclass(frozen=True)
class SignatureMade:
    """One customer's revision. ``binding`` is what the one-time certificate's extension binds, as hex SHA-256."""

    party_id: str
    field: str
    at: datetime
    strokes_sha256: str
    certificate_sha256: str
    binding: str
    revision_sha256: str
    key_destroyed_at: datetime


@dataclass(frozen=True)
class Document:
    """``blobs`` are SHA-256 digests of each stored revision, the frozen one first; the last is current."""

    document_id: str
    kind: str
    title: str
    pages: int
    template_version: str
    signer_party_ids: tuple[str, ...]
    revisions: tuple[str, ...]
    state: DocumentState = DocumentState.FROZEN
    signatures: tuple[SignatureMade, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    """party_id → the name of their signature field."""
    lookup_code: str = ""
    """Printed on the paper, to find it again; empty in papers of before it was kept."""

    @property
    def frozen_sha256(self) -> str:
        return self.revisions[0]

    @property
    def current_sha256(self) -> str:
        return self.revisions[-1]


class RecordingState(StrEnum):
    RECORDING = "recording"
    FINISHED = "finished"
    UPLOADED = "uploaded"
    VERIFIED = "verified"
    DAMAGED = "damaged"
    LOST = "lost"


@dataclass(frozen=True)
class Segment:
    """``chain`` = SHA-256(previous chain ‖ sha256), both as 32 bytes; the first chain starts from 32 zero bytes."""

    index: int
    offset: int
    size: int
    start_seconds: float
    sha256: str
    chain: str


@dataclass(frozen=True)
class Recording:
    recording_id: str
    call_id: str
    started_at: datetime
    state: RecordingState = RecordingState.RECORDING
    ended_at: datetime | None = None
    duration_seconds: float | None = None
    sha256: str | None = None
    size: int | None = None
    segments: tuple[Segment, ...] = ()
    gaps: tuple[tuple[float, float], ...] = ()
    findings: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    """Stretches of it that a person should look at; they block nothing."""
    lost_reason: str = ""
    """Why a supervisor declared the file lost."""
    in_segments: bool = False
    """Each segment is a stored file of its own; otherwise the whole recording is one, as it was at first."""


@dataclass(frozen=True)
class Track:
    """A customer's own picture and sound, as they came. ``file``: its name in the evidence package, by role.

    ``segments`` and ``chain`` are how many there are and the last one's chain value; they themselves are kept apart,
    for there are thousands.
    """

    track_id: str
    call_id: str
    party_id: str
    started_at: datetime
    file: str
    video_codec: str
    state: RecordingState = RecordingState.RECORDING
    ended_at: datetime | None = None
    duration_seconds: float | None = None
    sha256: str | None = None
    size: int | None = None
    segments: int = 0
    chain: str = ""
    gaps: tuple[tuple[float, float, str], ...] = ()
    """Seconds of the file, and which of ``track.LACKS``."""
    given_up: str = ""
    """Why the seat stopped keeping it; empty where it went to the end."""
    lost_reason: str = ""
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reference:
    """How a line may be put in a dialect, to explain it; what is read, answered and kept is the line itself."""

    dialect: str
    """Its name, such as 闽南话."""
    text: str


@dataclass(frozen=True)
class ScriptLine:
    """``expected`` is the only answer that completes the line, or None where any will do."""

    number: int
    text: str
    expected: str | None = None
    party_ids: tuple[str, ...] = ()
    """Whom it is read to; everyone where empty."""
    references: tuple[Reference, ...] = ()
    """With this contract's numbers, as the line has them."""

    @property
    def alone(self) -> bool:
        """Whether the answer must be the customer's own, with a helper out of the picture: whenever it is checked."""
        return self.expected is not None

    def is_for(self, party_id: str) -> bool:
        return not self.party_ids or party_id in self.party_ids


@dataclass(frozen=True)
class Package:
    """``pieces_sha256``: of the list of stored pieces that it consists of; empty where it is one stored file."""

    sha256: str
    size: int
    closed_at: datetime
    pieces_sha256: str = ""


class CallMode(StrEnum):
    """Joint: parties who wait while a call of the case is live are kept for it. Separate: each is served alone."""

    JOINT = "joint"
    SEPARATE = "separate"


CALL_MODE_TITLES = {CallMode.JOINT: "共同办理", CallMode.SEPARATE: "分别办理"}


class Ending(StrEnum):
    """How a case ended before its seal. In all of them its papers are void and its links dead.

    aborted: staff stopped it while it was under way. withdrawn: the institution took back what it had offered.
    refused: a customer did not want it. expired: not all had signed in the time it was open for.
    """

    ABORTED = "aborted"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    EXPIRED = "expired"


ENDING_TITLES = {
    Ending.ABORTED: "已终止",
    Ending.WITHDRAWN: "已撤回",
    Ending.REFUSED: "客户拒绝",
    Ending.EXPIRED: "已过期",
}
ENDING_SENTENCES = {
    Ending.ABORTED: "这笔业务已终止",
    Ending.WITHDRAWN: "这笔业务已由办理机构撤回",
    Ending.REFUSED: "有当事人不再办理，这笔业务已结束",
    Ending.EXPIRED: "这笔业务已过有效期",
}


@dataclass(frozen=True)
class Case:
    """``version`` counts the commits; a commit against an older version is a conflict.

    ``terms`` is None where nothing is lent, as in a power of attorney; ``mandate`` is None in a loan.
    """

    case_id: str
    case_no: str
    institution_id: str
    branch_id: str
    product_id: str
    product_title: str
    terms: Terms | None
    opened_at: datetime
    opened_by: str
    parties: tuple[Party, ...]
    documents: tuple[Document, ...] = ()
    script: tuple[ScriptLine, ...] = ()
    recordings: tuple[Recording, ...] = ()
    tracks: tuple[Track, ...] = ()
    package: Package | None = None
    abort_reason: str = ""
    """Why it ended, however that was; empty while it has not."""
    in_person_reason: str = ""
    """Why the case may exceed the electronic channel's limit; empty where it does not."""
    seal_requested_at: datetime | None = None
    seal_requested_by: str = ""
    collateral: tuple[Collateral, ...] = ()
    mandate: Mandate | None = None
    particulars: Particulars = NOTHING_MORE
    call_mode: CallMode = CallMode.JOINT
    findings: tuple[Finding, ...] = ()
    """Of the risk rules, with what was decided about each."""
    ending: Ending | None = None
    expires_at: datetime | None = None
    """When it ends by itself unless all have signed; None for one that never does."""
    terms_changed_at: datetime | None = None
    terms_changed_by: str = ""
    """Of cases changed before ``terms_changers`` was kept: the last one."""
    terms_changers: tuple[str, ...] = ()
    """Everybody who ever did: none of them decides about the case."""
    superseded: tuple[Document, ...] = ()
    """The void papers of earlier terms; ``documents`` are those of the present ones."""
    former_parties: tuple[Party, ...] = ()
    """Who was a party before a change of terms and is none now."""
    put_right: tuple[Party, ...] = ()
    """Name, number and phone of parties as they were before they were put right: never to be shown either."""
    seal_approval: SealApproval | None = None
    """Of a supervisor, where the amount is above what the seals allow alone."""
    seal_refusal: SealApproval | None = None
    """A supervisor's no to the same; an approval by another one, later, takes it back."""
    order_digest: str = ""
    """Keyed, of what a seat sent to open it; empty where it was not sent to be opened once."""
    version: int = 0

    @property
    def everybody(self) -> tuple[Party, ...]:
        """Who is or was a party."""
        return (*self.parties, *self.former_parties)

    @property
    def drawn_up_at(self) -> datetime:
        """When the present papers were made."""
        return self.terms_changed_at or self.opened_at


def party_of(case: Case, party_id: str) -> Party:
    """Also one who is none any more. Raises ``NotFound``."""
    for party in (*case.parties, *case.former_parties):
        if party.party_id == party_id:
            return party
    raise NotFound("没有找到这位当事人")
