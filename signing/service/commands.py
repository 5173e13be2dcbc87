"""What the service can be asked to do. Each command is carried out by one handler in one transaction.

Who asks is part of every command; ``signing.service.permissions`` holds which kind of actor may send which command.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from signing.domain.call import Outcome
from signing.domain.case import CallMode, Segment, Terms
from signing.domain.helper import HelperDraft
from signing.domain.particulars import NOTHING_MORE, Particulars
from signing.domain.party import Role
from signing.domain.security import Collateral, Mandate


@dataclass(frozen=True)
class Actor:
    """``kind`` is ``staff``, ``party``, ``system_key`` or ``system``.

    ``role`` is a staff role, ``customer``, ``core_system`` or ``system``. Of a ``system_key`` the ``actor_id`` names
    the key, and ``name`` the system that holds it.
    """

    kind: str
    actor_id: str
    role: str
    institution_id: str
    name: str = ""
    seat_id: str | None = None
    case_id: str | None = None
    session_id: str = ""


SYSTEM = Actor("system", "system", "system", "", "系统")
"""The service itself: the clock, the sockets, the restart."""

BEARER = Actor("party", "", "bearer", "")
"""Somebody who holds a personal link or knows a staff name, not yet proven."""


@dataclass(frozen=True)
class Command:
    actor: Actor


@dataclass(frozen=True)
class LogIn(Command):
    """→ ``LoggedIn(token, expires_at, staff)``. The actor is ``BEARER``."""

    username: str
    password: str
    code: str = ""
    """Of the authenticator, where one is set up."""
    address: str = ""
    """Where it comes from, for the access log."""


@dataclass(frozen=True)
class LogOut(Command):
    """Ends the session ``actor.session_id`` and, with it, the seat's duty."""


@dataclass(frozen=True)
class AddStaff(Command):
    """→ ``staff_id``. Roles: agent, supervisor, auditor, administrator."""

    username: str
    password: str
    name: str
    role: str
    branch_id: str
    seat_id: str | None = None


@dataclass(frozen=True)
class PartyDraft:
    role: Role
    name: str
    id_number: str
    phone: str
    address: str = ""
    share_percent: Decimal | None = None
    dialect: str = ""
    helper: HelperDraft | None = None


@dataclass(frozen=True)
class OpenCase(Command):
    """→ ``(Case, {party_id: capability})``. Rules run, documents are generated and frozen, invitations made."""

    product_id: str
    terms: Terms | None
    parties: tuple[PartyDraft, ...]
    in_person_reason: str = ""
    """Only from a supervisor: why the electronic channel's limit may be exceeded."""
    collateral: tuple[Collateral, ...] = ()
    mandate: Mandate | None = None
    particulars: Particulars = NOTHING_MORE
    branch_id: str = ""
    """From the credit system: whose case it is. Staff open their own branch's."""


@dataclass(frozen=True)
class RenewLink(Command):
    """→ ``(capability, expires_at)``: a new personal link in place of the old, which ends with its session."""

    case_id: str
    party_id: str


@dataclass(frozen=True)
class SendCode(Command):
    """→ ``CodeIssued``. The actor is the bearer of the capability, not yet proven."""

    capability: str
    address: str = ""


@dataclass(frozen=True)
class RedeemCode(Command):
    """→ ``(token, expires_at)``. Replaces an earlier device's session."""

    capability: str
    code: str
    device: str = ""
    """A random name the page keeps on its phone; with ``user_agent`` stored as a keyed digest only."""
    user_agent: str = ""
    address: str = ""


@dataclass(frozen=True)
class RecordConsent(Command):
    """``text`` are the words that were on the screen, kept as they are and named by their digest."""

    kind: str
    granted: bool
    text: bytes


@dataclass(frozen=True)
class RecordPrecheck(Command):
    report: dict[str, object]


@dataclass(frozen=True)
class JoinQueue(Command):
    """→ ``Ticket``. Idempotent: a waiting ticket is returned as it is."""


@dataclass(frozen=True)
class LeaveQueue(Command):
    pass


@dataclass(frozen=True)
class SetPresence(Command):
    available: bool
    reason: str = ""


@dataclass(frozen=True)
class AcceptOffer(Command):
    """→ ``Call``"""

    ticket_id: str


@dataclass(frozen=True)
class RejectOffer(Command):
    ticket_id: str


@dataclass(frozen=True)
class Dispatch(Command):
    """By the system, on every change and every second: expires missed rings, offers the head to the idlest seat."""


@dataclass(frozen=True)
class SubmitCard(Command):
    """→ ``CardSide``"""

    side: str
    image: bytes


@dataclass(frozen=True)
class SubmitSnapshot(Command):
    """By the seat. → ``FaceComparison``"""

    case_id: str
    party_id: str
    image: bytes
    at: datetime


@dataclass(frozen=True)
class DecideIdentity(Command):
    case_id: str
    party_id: str
    accepted: bool
    reason: str = ""


@dataclass(frozen=True)
class ShowLine(Command):
    case_id: str
    party_id: str
    line: int


@dataclass(frozen=True)
class AnswerLine(Command):
    case_id: str
    party_id: str
    line: int
    answer: str


@dataclass(frozen=True)
class ReportReading(Command):
    document_id: str
    pages: tuple[tuple[int, int], ...]
    """(page, milliseconds on screen), added to what was there."""
    on_screen: int | None = None
    """The page that is on the screen now."""
    report_id: str = ""
    """The sender's name of this report: it may come again where only its answer was lost. Empty: it has none."""


@dataclass(frozen=True)
class SignDocument(Command):
    """``strokes_json`` is the canonical JSON of the wire's ``Strokes``."""

    document_id: str
    sha256: str
    strokes_json: bytes
    ink_points: int
    ink_extent: float
    """Diagonal of the ink's bounding box ÷ diagonal of the drawing area: a blank or a dot is refused."""


@dataclass(frozen=True)
class StartRecording(Command):
    """→ ``recording_id``"""

    call_id: str
    started_at: datetime
    width: int
    height: int
    frame_rate: int
    video_codec: str
    audio_codec: str
    seat_fingerprint: str = ""
    phone_fingerprint: str = ""


@dataclass(frozen=True)
class FinishRecording(Command):
    recording_id: str
    ended_at: datetime
    duration_seconds: float
    size: int
    sha256: str | None
    """None after a crash: what the seat had delivered is no longer there to be counted."""
    segments: tuple[Segment, ...]
    gaps: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class HangUp(Command):
    call_id: str
    reason: str = ""


@dataclass(frozen=True)
class DropLeg(Command):
    """By the system when a phone's socket has been gone too long: the customer returns to the head, same seat.

    With the last customer the call itself drops.
    """

    call_id: str
    party_id: str
    reason: str = "客户连接中断"


@dataclass(frozen=True)
class AdmitParty(Command):
    """Brings a waiting customer of the same case into the seat's live call."""

    call_id: str
    party_id: str


@dataclass(frozen=True)
class SetCallMode(Command):
    """Whether the parties of a case are served together or each alone; also in the middle of a call."""

    case_id: str
    mode: CallMode


@dataclass(frozen=True)
class HoldParty(Command):
    """On hold a customer is neither seen nor heard, and sees and hears nothing."""

    call_id: str
    party_id: str
    held: bool


@dataclass(frozen=True)
class MuteParty(Command):
    """Muted, a customer sees and hears, and is heard by nobody and recorded nowhere."""

    call_id: str
    party_id: str
    muted: bool


@dataclass(frozen=True)
class TalkAlone(Command):
    """With one party, while all others are on hold; with None all who are so held come back."""

    call_id: str
    party_id: str | None


@dataclass(frozen=True)
class RemoveParty(Command):
    """Lets a customer go while the call goes on: back to the queue, or done for now."""

    call_id: str
    party_id: str
    reason: str
    requeue: bool = False


@dataclass(frozen=True)
class TransferCall(Command):
    """→ ``Transfer``. Rings at the other seat, or without one at the idlest; the customers stay until it accepts."""

    call_id: str
    reason: str
    to_seat_id: str | None = None


@dataclass(frozen=True)
class AcceptTransfer(Command):
    """→ the new live ``Call``"""

    transfer_id: str


@dataclass(frozen=True)
class RejectTransfer(Command):
    transfer_id: str


@dataclass(frozen=True)
class CancelTransfer(Command):
    """By the seat that asked."""

    transfer_id: str


@dataclass(frozen=True)
class TakeOver(Command):
    """→ the new live ``Call``, at the supervisor's own seat and at once."""

    call_id: str
    reason: str


@dataclass(frozen=True)
class ListenIn(Command):
    """→ ``Listener``"""

    call_id: str


@dataclass(frozen=True)
class StopListening(Command):
    """Of one call, or of all that the supervisor hears."""

    call_id: str | None = None


@dataclass(frozen=True)
class Whisper(Command):
    """Whether the listening supervisor is heard by the agent, and by nobody else."""

    call_id: str
    on: bool


@dataclass(frozen=True)
class SetSeatPresence(Command):
    """By a supervisor, for a seat that is stuck."""

    seat_id: str
    available: bool
    reason: str


@dataclass(frozen=True)
class DeclareRecordingLost(Command):
    """By a supervisor: the file is destroyed. It no longer blocks the seal, and is told wherever it would be shown."""

    recording_id: str
    reason: str


@dataclass(frozen=True)
class SetPhonePresence(Command):
    """By the phone's socket, on coming and going: who is away keeps the place, but is not offered."""

    online: bool


@dataclass(frozen=True)
class LoseSeat(Command):
    """By the system when a seat's socket has been gone too long."""

    seat_id: str


@dataclass(frozen=True)
class FinishWrapUp(Command):
    """Ends the seat's wrap-up and makes it available again, with what became of the call."""

    outcome: Outcome | None = None
    note: str = ""


@dataclass(frozen=True)
class TakeCase(Command):
    """Puts a case of the branch that waits for its seal back on the desk: the seat wraps it up as after its call."""

    case_id: str


@dataclass(frozen=True)
class SealCase(Command):
    """Seals every document, then closes the package. Refused with everything that is missing."""

    case_id: str


@dataclass(frozen=True)
class AbortCase(Command):
    case_id: str
    reason: str


@dataclass(frozen=True)
class OverrideRisk(Command):
    """By a supervisor who has no other part in the case, about a referral that nobody has decided yet.

    ``released`` False sends it back: the step stays closed. Without ``party_id``: all of the rule's.
    """

    case_id: str
    rule: str
    reason: str
    party_id: str = ""
    released: bool = True


@dataclass(frozen=True)
class SetRiskRules(Command):
    """An institution's own settings of the risk rules, as TOML; empty: the defaults. On the access log."""

    institution_id: str
    toml: str


@dataclass(frozen=True)
class Reveal(Command):
    """→ a party's ``what`` (name, id_number, phone, address) unmasked; the look is on record first."""

    case_id: str
    party_id: str
    what: str
    reason: str = ""


@dataclass(frozen=True)
class RecordView(Command):
    """A look at something sensitive: written to the access log before it is shown."""

    what: str
    case_id: str = ""
    detail: str = ""
