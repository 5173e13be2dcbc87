"""What the credit system 信贷系统 sends and is told. Personal data arrives masked, amounts are decimal strings."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from signing.wire.base import Digest, Identifier, Message
from signing.wire.case import DocumentState, PartyState, Role
from signing.wire.staff import NewCase

Reference = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")]
"""The credit system's own number of the business: printable ASCII without spaces."""


class CoreState(StrEnum):
    """The same names as ``signing.domain.core_state.CoreState``."""

    OPEN = "open"
    SIGNED = "signed"
    SEALED = "sealed"
    CLOSED = "closed"
    ENDED = "ended"


class CoreEnding(StrEnum):
    """How a case ended without a seal: stopped on the way, cancelled, refused by a customer, not signed in time."""

    ABORTED = "aborted"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    EXPIRED = "expired"


class CoreNewCase(NewCase):
    """POST /api/core/v1/cases → ``CoreCaseOpened``. As staff open it, with the branch it belongs to."""

    branch_id: Identifier
    """The branch whose seats serve the case, see ``pingqian branch list``."""
    reference: Reference | None = None
    """The credit system's own number; one case for each. It serves as the idempotency key where there is none."""


class CoreInvitation(Message):
    """A party's personal link, to be sent to that person and to nobody else."""

    party_id: Identifier
    role: Role
    name_masked: str
    url: str
    expires_at: AwareDatetime


class CoreCaseOpened(Message):
    """The same for every repetition of the order; 201 for the first, 200 after it."""

    case_id: Identifier
    case_no: str
    reference: str | None = None
    opened_at: AwareDatetime
    invitations: list[CoreInvitation]


class CoreParty(Message):
    """A party of the case, masked."""

    party_id: Identifier
    role: Role
    role_title: str
    name_masked: str
    state: PartyState


class CoreDocument(Message):
    """``current_sha256`` is that of the newest revision: of the sealed paper once ``state`` is sealed."""

    document_id: Identifier
    kind: str
    title: str
    pages: int
    state: DocumentState
    frozen_sha256: Digest
    current_sha256: Digest


class CorePackage(Message):
    """The evidence package (ASiC-E)."""

    sha256: Digest
    size: int
    closed_at: AwareDatetime


class CoreAppointment(Message):
    """An appointed time of one party: who opens their page in between comes first."""

    appointment_id: Identifier
    party_id: Identifier
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    cancelled_at: AwareDatetime | None = None
    """Since when it does not stand any more: cancelled, or another took its place."""


class CoreAppointments(Message):
    """GET /api/core/v1/cases/{case_id}/appointments, also those that are over, in the order in which they were made."""

    appointments: list[CoreAppointment]


class CoreNewAppointment(Message):
    """POST /api/core/v1/cases/{case_id}/appointments → ``CoreAppointment``. It takes the place of an earlier one.

    201 where it was made; 200 for the time that stands already, which changes nothing.
    """

    party_id: Identifier
    starts_at: AwareDatetime
    """Within the branch's opening hours and sixty days from now."""
    ends_at: AwareDatetime
    """At most four hours later."""


class CoreCase(Message):
    """A case of the institution, whoever opened it."""

    case_id: Identifier
    case_no: str
    reference: str | None = None
    branch_id: Identifier
    product_id: Identifier
    product_title: str
    amount: str
    """In yuan, as a decimal string; empty where nothing is lent."""
    state: CoreState
    state_title: str
    """In Chinese, for people."""
    ending: CoreEnding | None = None
    ended_reason: str = ""
    """Why it ended without a seal, in words."""
    opened_at: AwareDatetime
    changed_at: AwareDatetime
    parties: list[CoreParty]
    documents: list[CoreDocument]
    appointments: list[CoreAppointment] = []
    """Those that stand."""
    package: CorePackage | None = None


class CoreCases(Message):
    """GET /api/core/v1/cases, in the order of their last change.

    Ask again with ``next_cursor`` at once where there is ``more``, otherwise whenever wanted: it leads to what has
    changed since. A case that changes again comes again.
    """

    cases: list[CoreCase]
    next_cursor: str
    more: bool


class CoreCancel(Message):
    """POST /api/core/v1/cases/{case_id}/cancel, before the institution has sealed; and of an appointment."""

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
    """Goes onto the case's chain of events."""
