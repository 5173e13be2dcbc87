"""A party of a case, and how far they have come."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from signing.domain.helper import Helper
from signing.domain.machine import Machine


class Role(StrEnum):
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


ROLE_TITLES = {
    Role.BORROWER: "借款人",
    Role.CO_BORROWER: "共同借款人",
    Role.GUARANTOR: "保证人",
    Role.PLEDGOR: "出质人",
    Role.MORTGAGOR: "抵押人",
    Role.PRINCIPAL: "委托人",
    Role.ATTORNEY: "受托人",
    Role.CUSTODIAN: "第三方监管人",
    Role.POLICYHOLDER: "投保人",
    Role.AUTHORISER: "授权人",
}


class PartyState(StrEnum):
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


class PartyEvent(StrEnum):
    CODE_PROVEN = "code_proven"
    CONSENTS_GIVEN = "consents_given"
    PRECHECK_PASSED = "precheck_passed"
    IDENTITY_ACCEPTED = "identity_accepted"
    IDENTITY_REJECTED = "identity_rejected"
    DISCLOSURE_COMPLETED = "disclosure_completed"
    READING_COMPLETED = "reading_completed"
    ALL_SIGNED = "all_signed"
    REFUSED = "refused"
    TERMS_CHANGED = "terms_changed"
    IDENTITY_CHANGED = "identity_changed"
    PHONE_CHANGED = "phone_changed"
    REMOVED = "removed"


def _table() -> dict[tuple[PartyState, PartyEvent], PartyState]:
    s, e = PartyState, PartyEvent
    way = [s.INVITED, s.ENTERED, s.CONSENTED, s.READY, s.IDENTIFIED, s.INFORMED, s.READ, s.SIGNED]
    table = {
        (s.INVITED, e.CODE_PROVEN): s.ENTERED,
        (s.ENTERED, e.CONSENTS_GIVEN): s.CONSENTED,
        (s.CONSENTED, e.PRECHECK_PASSED): s.READY,
        (s.READY, e.PRECHECK_PASSED): s.READY,
        (s.READY, e.IDENTITY_ACCEPTED): s.IDENTIFIED,
        (s.READY, e.IDENTITY_REJECTED): s.READY,
        (s.IDENTIFIED, e.DISCLOSURE_COMPLETED): s.INFORMED,
        (s.INFORMED, e.READING_COMPLETED): s.READ,
        (s.READ, e.ALL_SIGNED): s.SIGNED,
    }
    # A device change proves the code again without losing what was reached.
    table |= {(state, e.CODE_PROVEN): state for state in way[1:]}
    table |= {(state, e.REFUSED): s.REFUSED for state in way[:-1]}
    table |= _changes(way[:-1])
    return table


def _changes(unsigned: list[PartyState]) -> dict[tuple[PartyState, PartyEvent], PartyState]:
    """A change of terms takes back what rested on the old ones: what was read out, who it was about, whose phone."""
    s, e = PartyState, PartyEvent
    decided = (s.IDENTIFIED, s.INFORMED, s.READ)
    table = {(state, e.TERMS_CHANGED): s.IDENTIFIED if state in decided else state for state in unsigned}
    table |= {(state, e.IDENTITY_CHANGED): s.READY if state in decided else state for state in unsigned}
    table |= {(state, e.PHONE_CHANGED): s.INVITED for state in unsigned}
    return table | {(state, e.REMOVED): s.REMOVED for state in [*unsigned, s.REFUSED]}


PARTY = Machine(
    name="party",
    initial=PartyState.INVITED,
    table=_table(),
    titles={
        PartyState.INVITED: "已邀请",
        PartyState.ENTERED: "已验证手机",
        PartyState.CONSENTED: "已同意",
        PartyState.READY: "设备就绪",
        PartyState.IDENTIFIED: "身份已核验",
        PartyState.INFORMED: "已告知",
        PartyState.READ: "已阅读",
        PartyState.SIGNED: "已签署",
        PartyState.REFUSED: "已拒绝",
        PartyState.REMOVED: "已退出",
    },
)


@dataclass(frozen=True)
class Consent:
    """``text_sha256`` names the blob with the wording that was on the screen."""

    kind: str
    granted: bool
    text_sha256: str
    at: datetime


@dataclass(frozen=True)
class CardSide:
    """What OCR read from one side; plain values, masked only where they are shown."""

    side: str
    captured_at: datetime
    image_sha256: str
    readable: bool
    fields: dict[str, str] = field(default_factory=dict)
    """``name sex ethnicity birth address number`` of the front, ``authority valid_from valid_until`` of the back."""
    checksum_ok: bool | None = None
    name_matches: bool | None = None
    number_matches: bool | None = None
    validity_ok: bool | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class FaceComparison:
    captured_at: datetime
    image_sha256: str
    faces: int
    quality: float
    quality_issues: tuple[str, ...] = ()
    distance: float | None = None
    advice: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class NationalIdAnswer:
    matches: bool | None
    message: str
    stand_in: bool


@dataclass(frozen=True)
class IdentityDecision:
    accepted: bool
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Identity:
    """Everything an identity decision can rest on; the decision is the agent's."""

    front: CardSide | None = None
    back: CardSide | None = None
    face: FaceComparison | None = None
    national_id: NationalIdAnswer | None = None
    decision: IdentityDecision | None = None


@dataclass(frozen=True)
class DisclosureAnswer:
    line: int
    answer: str
    at: datetime


@dataclass(frozen=True)
class ReadAloud:
    """A prepared sound that reads a line into the call now, by its digest; a synthesiser's is the same each time.

    ``reading_id`` and ``call_id`` are empty where it was begun by an edition without them.
    """

    line: int
    sha256: str
    reading_id: str = ""
    call_id: str = ""


@dataclass(frozen=True)
class Party:
    party_id: str
    role: Role
    name: str
    id_number: str
    phone: str
    address: str = ""
    state: PartyState = PartyState.INVITED
    consents: tuple[Consent, ...] = ()
    precheck: dict[str, object] | None = None
    identity: Identity = Identity()
    answers: tuple[DisclosureAnswer, ...] = ()
    prompt_line: int | None = None
    """The script line the agent is reading out now."""
    read_aloud: ReadAloud | None = None
    reading: dict[str, dict[int, int]] = field(default_factory=dict)
    """document_id → page number → milliseconds on screen."""
    reading_reports: tuple[str, ...] = ()
    """Ids of the newest reports of reading that were counted: one that comes again counts no second time."""
    on_screen: dict[str, int] = field(default_factory=dict)
    """document_id → the page that was last said to be on the phone's screen."""
    share_percent: Decimal | None = None
    """A guarantor's share of the debt 保证份额; None where each answers for the whole (民法典 art. 699)."""
    dialect: str = ""
    """What they speak best, a ``Dialect``; empty where they did not say."""
    helper: Helper | None = None
    """Who stands at their side 协助人: counted nowhere and signs nothing."""
    hears_again: bool = False
    """A change of terms took back what they had been told."""
    refusal: str = ""
    """Why they refused, in their own words or the agent's; may be empty, since nobody has to give a reason."""
