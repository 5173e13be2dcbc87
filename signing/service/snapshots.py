"""What the queries give: plain snapshots for the views."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from signing.domain.appointment import Appointment
from signing.domain.call import Call, Leg
from signing.domain.case import Case, ScriptLine
from signing.domain.lifecycle import Operation
from signing.domain.opening import OPEN, Gate
from signing.domain.party import Party
from signing.domain.phase import Phase, Proof, Step
from signing.domain.phone_step import PhoneStep
from signing.domain.queue import Ticket
from signing.domain.routing import NOTHING_SPECIAL, Needs
from signing.domain.seat import Seat
from signing.service.call_state import (
    CallSnapshot,
    TransferOfferSnapshot,
)
from signing.service.finding import Counted
from signing.service.ports import Institution
from signing.service.store import Branch, StaffMember, StoredEvent


@dataclass(frozen=True)
class CaseSnapshot:
    case: Case
    phase: Phase
    steps: list[Step]
    proof: list[Proof]
    seal_blocked_by: list[str]
    stand_ins: tuple[str, ...]
    locked: Mapping[Operation, str] = field(default_factory=dict)
    expires_at: datetime | None = None


@dataclass(frozen=True)
class StaffSnapshot:
    member: StaffMember
    institution: Institution
    branch: Branch
    seat: Seat | None


@dataclass(frozen=True)
class TicketSnapshot:
    ticket: Ticket
    case_no: str
    product_title: str
    party: Party
    rank_title: str = ""
    needs: Needs = NOTHING_SPECIAL


@dataclass(frozen=True)
class BookedSnapshot:
    appointment: Appointment
    case_no: str
    product_title: str
    party: Party


@dataclass(frozen=True)
class UnreadCase:
    """A case on a seat's desk that cannot be opened; ``legs``: who is in the live call about it."""

    case_id: str
    legs: tuple[Leg, ...]


@dataclass(frozen=True)
class SeatSnapshot:
    now: datetime
    staff: StaffSnapshot
    seat: Seat
    queue: list[TicketSnapshot]
    """Of the seat's branch, as they are to be served; those ringing elsewhere last."""
    offer: TicketSnapshot | None
    offer_expires_at: datetime | None
    call: Call | None
    case: CaseSnapshot | None
    """The case of the live call or, until wrap-up ends, of the last one."""
    awaiting_seal: list[Case]
    """Of the seat's branch, oldest first: signed by all, not sealed, on nobody's desk."""
    handled_today: int
    average_call_seconds: float | None
    talk: CallSnapshot | None = None
    """Who is in the live call, and who of its case is not."""
    transfer_offer: TransferOfferSnapshot | None = None
    awaiting_package: tuple[Case, ...] = ()
    """Of the seat's branch: sealed, but the package could not be closed."""
    gate: Gate = OPEN
    appointments: tuple[BookedSnapshot, ...] = ()
    """Of the seat's branch, today's and tomorrow's."""
    unread: UnreadCase | None = None
    wrap_up_until: datetime | None = None
    """When the wrap-up ends by itself."""
    last_call: Call | None = None
    """The call that is being wrapped up."""


@dataclass(frozen=True)
class PhoneSnapshot:
    now: datetime
    case: Case
    party: Party
    institution: Institution
    branch: Branch
    step: PhoneStep
    document_id: str | None
    ticket: Ticket | None
    position: int
    """1 is next; 0 where the customer does not wait."""
    expected_wait_seconds: int | None
    seats_on_duty: int
    call: Call | None
    seat_label: str
    prompt: ScriptLine | None
    stand_ins: tuple[str, ...]
    held: bool = False
    muted: bool = False
    apart: bool = False
    """On hold because another is talked to alone."""
    transferring: bool = False
    listened: bool = False
    """A supervisor hears the call."""
    gate: Gate = OPEN
    """Of the branch's queue."""
    appointment: Appointment | None = None
    may_refuse: bool = False
    let_go: bool = False
    """Their last call was ended, and they have not come back since."""


@dataclass(frozen=True)
class OpenedLink:
    institution: Institution
    party: Party
    product_title: str
    expires_at: datetime


@dataclass(frozen=True)
class AuditRow:
    case: Case
    phase: Phase
    agent: str
    call_seconds: float | None


@dataclass(frozen=True)
class AuditPage:
    """``after`` leads to the next page, empty where there is none; ``searched``: by what, without what."""

    rows: list[AuditRow]
    counted: Counted
    after: str
    searched: str


@dataclass(frozen=True)
class EventPlace:
    """An event, and where in which recording it happened."""

    event: StoredEvent
    recording_id: str | None
    offset_seconds: float | None


@dataclass(frozen=True)
class AuditSnapshot:
    case: CaseSnapshot
    agent: str
    events: list[EventPlace]
