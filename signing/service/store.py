"""The database as the handlers see it: one unit of work with a repository for each subject."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from signing.domain.case import Case
from signing.domain.core_state import CoreState
from signing.domain.events import Happening
from signing.domain.merkle import LogProof
from signing.domain.reference import ListEntry, Lpr, Membership, NamedList
from signing.service.account_store import Accounts, Sweeper
from signing.service.archive_store import Archives
from signing.service.case_list import CaseQuery, ListPlace
from signing.service.commands import Actor
from signing.service.core_store import Core
from signing.service.figure_store import FigureFacts
from signing.service.line_store import Lines
from signing.service.office import Office
from signing.service.ports import Household, Institution
from signing.service.queue_store import Queue
from signing.service.risk_port import RiskFacts
from signing.service.seal_store import Seals
from signing.service.segment_store import Segments
from signing.service.sharing import Replicas


@dataclass(frozen=True)
class Branch:
    branch_id: str
    institution_id: str
    name: str


@dataclass(frozen=True)
class StaffMember:
    """``role`` is agent, supervisor, auditor or administrator; ``password_hash`` is argon2's own format."""

    staff_id: str
    username: str
    name: str
    role: str
    institution_id: str
    branch_id: str
    password_hash: str = field(repr=False)
    seat_id: str | None = None
    active: bool = True


@dataclass(frozen=True)
class Link:
    """A personal link; only the digest of its capability is stored."""

    capability_hash: str
    case_id: str
    party_id: str
    expires_at: datetime
    revoked: bool = False


@dataclass(frozen=True)
class OneTimeCode:
    code_id: str
    party_id: str
    code_hash: str
    issued_at: datetime
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None


@dataclass(frozen=True)
class Session:
    """``kind`` is staff or party; ``subject_id`` the staff_id or party_id."""

    token_hash: str
    kind: str
    subject_id: str
    case_id: str | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    seen_at: datetime | None = None
    """The last request or look, to the minute; only of staff."""
    device: str = ""
    """A phone's fingerprint, as a keyed digest; of staff the network address."""
    ended: str = ""
    """Why it was revoked: ``logged_out other_device link_revoked ended password disabled``."""


@dataclass(frozen=True)
class StoredEvent:
    """One line of the chain, parsed; ``line`` are its canonical bytes without the newline."""

    seq: int
    at: datetime
    actor: dict[str, object]
    type: str
    body: dict[str, object]
    sha256: str
    line: bytes


@dataclass
class Changes:
    """What a committed unit touched. ``branch_ids``: branches whose queue or seats changed.

    ``call_ids``: calls of whose lines something new was told, which is on the boards only.
    """

    case_ids: set[str] = field(default_factory=set)
    seat_ids: set[str] = field(default_factory=set)
    party_ids: set[str] = field(default_factory=set)
    branch_ids: set[str] = field(default_factory=set)
    call_ids: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.case_ids or self.seat_ids or self.party_ids or self.branch_ids or self.call_ids)


@dataclass(frozen=True)
class Changed:
    """A case and when it last changed, by the database's own machine."""

    case: Case
    at: datetime


class Cases(Protocol):
    def get(self, case_id: str, institution_id: str | None = None) -> Case:
        """Raises ``NotFound``, also where the case is another institution's."""
        ...

    def several(self, case_ids: Collection[str]) -> dict[str, Case]:
        """By identifier, to be looked at and not worked on; left out is an unknown one, and one that cannot be opened,
        which is logged."""
        ...

    def add(self, case: Case) -> None: ...

    def save(self, case: Case) -> Case:
        """The case with its version raised. Raises ``ConflictError`` where somebody saved since it was loaded."""
        ...

    def append(self, case_id: str, happening: Happening, actor: Actor, at: datetime) -> str:
        """Chains the event and returns its line's SHA-256."""
        ...

    def events(self, case_id: str) -> list[StoredEvent]: ...

    def is_closed(self, case_id: str) -> bool:
        """Whether the chain has its last event: nothing can follow it."""
        ...

    def of_recording(self, recording_id: str) -> Case:
        """Raises ``NotFound``."""
        ...

    def add_recording(self, recording_id: str, case_id: str) -> None: ...

    def find(self, query: CaseQuery, limit: int, after: ListPlace | None = None) -> list[Case]:
        """Newest first, those after ``after``."""
        ...

    def count(self, query: CaseQuery, at_most: int) -> int:
        """How many there are, counted no further than ``at_most``."""
        ...

    def changed(
        self, institution_id: str, after: tuple[datetime, str], state: CoreState | None, limit: int
    ) -> list[Changed]:
        """In the order of their last change, beginning after the moment and the case of ``after``.

        A case comes only once nothing earlier can follow, so that no change is passed over by who goes on from it:
        with PostgreSQL some seconds late.
        """
        ...

    def changed_at(self, case_id: str) -> datetime:
        """Raises ``NotFound``."""
        ...

    def unfinished(self) -> list[str]:
        """Identifiers of those neither packed nor aborted, oldest first: what a restart has to look at."""
        ...

    def due(self, now: datetime, limit: int) -> list[str]:
        """Identifiers of those whose time is over, the longest first: neither finished nor signed by all."""
        ...

    def unfinished_of(self, branch_id: str) -> list[str]:
        """Identifiers of the branch's, as ``unfinished``, whose customer has been in a call; oldest first."""
        ...

    def open_of(self, branch_id: str, limit: int) -> list[str]:
        """Identifiers of the branch's, as ``unfinished``, newest first."""
        ...

    def referred(self, institution_id: str) -> list[str]:
        """Identifiers of the open ones that wait for a supervisor to decide about a risk, oldest first."""
        ...

    def next_number(self, institution_id: str, day: str) -> int:
        """Counts from 1 for each institution and day."""
        ...


class People(Protocol):
    def institution(self, institution_id: str) -> Institution: ...

    def add_institution(self, institution: Institution) -> None: ...

    def branch(self, branch_id: str) -> Branch: ...

    def branches(self) -> list[Branch]:
        """Of all institutions, by identifier."""
        ...

    def add_branch(self, branch: Branch) -> None: ...

    def staff(self, staff_id: str) -> StaffMember: ...

    def staff_named(self, username: str) -> StaffMember | None: ...

    def all_staff(self, institution_id: str | None = None) -> list[StaffMember]: ...

    def hold_staff(self, staff_id: str) -> StaffMember:
        """As it is now, and nobody else's to change until the unit ends: for whoever changes a member or what hangs
        on one (a second factor, sessions)."""
        ...

    def save_staff(self, member: StaffMember) -> None:
        """The whole of it: only for one who is new, or held."""
        ...

    def household(self, institution_id: str, id_number: str) -> Household | None: ...

    def households(self, institution_id: str) -> list[Household]:
        """The whole roster, in no order."""
        ...

    def find_households(self, institution_id: str, text: str, limit: int) -> list[tuple[str, Household]]:
        """(a name for the row, the row) of those with this identity number, or with ``text`` in their name; looking
        for a name opens every row of the institution."""
        ...

    def household_at(self, institution_id: str, ref: str) -> Household:
        """By the name that ``find_households`` gave it. Raises ``NotFound``."""
        ...

    def save_household(self, institution_id: str, household: Household) -> None: ...

    def remove_household(self, institution_id: str, id_number: str) -> None: ...


class Reference(Protocol):
    """What is brought in from tables. Each institution has its own; ``number``: ID number or credit code."""

    def lists(self, institution_id: str) -> list[NamedList]:
        """By name."""
        ...

    def save_list(self, institution_id: str, saved: NamedList) -> None: ...

    def list_entry(self, institution_id: str, list_name: str, number: str) -> ListEntry | None:
        """Whether it still counts is for ``counts_on`` to say."""
        ...

    def list_entries(self, institution_id: str, list_name: str) -> list[ListEntry]:
        """All of the list, in no order."""
        ...

    def memberships(self, institution_id: str, number: str, day: date) -> list[Membership]:
        """Every list in which the number counts on ``day`` (a day in Beijing), by the list's name."""
        ...

    def save_entry(self, institution_id: str, list_name: str, entry: ListEntry) -> None: ...

    def remove_entry(self, institution_id: str, list_name: str, number: str) -> None: ...

    def all_lpr(self, institution_id: str) -> list[Lpr]:
        """Oldest first."""
        ...

    def save_lpr(self, institution_id: str, quote: Lpr) -> None: ...


class Access(Protocol):
    def link(self, capability_hash: str) -> Link | None: ...

    def add_link(self, link: Link) -> None: ...

    def revoke_links(self, party_id: str) -> None: ...

    def revoke_links_of(self, case_id: str) -> None:
        """Of all its parties, also of those who are none any more."""
        ...

    def codes(self, party_id: str, since: datetime) -> list[OneTimeCode]:
        """Oldest first."""
        ...

    def save_code(self, code: OneTimeCode) -> None: ...

    def session(self, token_hash: str) -> Session | None: ...

    def add_session(self, session: Session) -> None: ...

    def use_code(self, code_id: str, at: datetime) -> bool:
        """Marks it used; False where it was already. One statement, so that of many at once only one has True."""
        ...

    def count_try(self, code_id: str, limit: int) -> bool:
        """Counts one try; False where the code was used or has been tried ``limit`` times. One statement."""
        ...

    def sessions_of(self, kind: str, subject_id: str) -> list[Session]:
        """Those not revoked, oldest first; some may be over by time."""
        ...

    def see_session(self, token_hash: str, at: datetime) -> None: ...

    def revoke_sessions(self, kind: str, subject_id: str, at: datetime, why: str) -> None:
        """``why`` as in ``Session.ended``."""
        ...

    def revoke_session(self, token_hash: str, at: datetime, why: str) -> None: ...


class Logs(Protocol):
    def record_view(self, actor: Actor, at: datetime, what: str, case_id: str, detail: str) -> str:
        """Chains one line of the access log and returns its SHA-256."""
        ...

    def views(self) -> list[bytes]:
        """The access log's lines, oldest first."""
        ...

    def add_leaf(self, case_id: str, entry: bytes, at: datetime) -> int:
        """The entry's index in the service-wide log; the same case's first entry stays."""
        ...

    def leaves(self) -> list[bytes]:
        """All entries, oldest first."""
        ...

    def proof(self, index: int) -> LogProof:
        """Raises ``IndexError``; looks at some dozens of hashes, however long the log is."""


class Unit(Protocol):
    """One transaction. Leaving it by an exception undoes everything."""

    changes: Changes

    @property
    def cases(self) -> Cases: ...

    @property
    def queue(self) -> Queue: ...

    @property
    def people(self) -> People: ...

    @property
    def access(self) -> Access: ...

    @property
    def accounts(self) -> Accounts: ...

    @property
    def sweeper(self) -> Sweeper: ...

    @property
    def logs(self) -> Logs: ...

    @property
    def replicas(self) -> Replicas: ...

    @property
    def reference(self) -> Reference: ...

    @property
    def risk(self) -> RiskFacts: ...

    @property
    def office(self) -> Office: ...

    @property
    def core(self) -> Core: ...

    @property
    def segments(self) -> Segments: ...

    @property
    def archives(self) -> Archives: ...

    @property
    def seals(self) -> Seals: ...

    @property
    def lines(self) -> Lines: ...

    @property
    def figures(self) -> FigureFacts: ...


EXCLUSIVE_AT_ONCE = 8


class Database(Protocol):
    def write(self) -> AbstractContextManager[Unit]:
        """Commits on leaving. Waits for other units: on SQLite at once, for the one write lock; on PostgreSQL for the
        cases that it looks at. Raises ``OutsideError`` where they stay locked, and ``Contended`` where somebody came
        between; then the same work is right again from its beginning."""
        ...

    @property
    def shared(self) -> bool:
        """Whether other services may use the same database at the same time."""
        ...

    replica_id: str
    """This service's own on the list of ``Replicas``; empty where it is alone."""

    def exclusive(self, name: str) -> AbstractContextManager[None]:
        """Among all services, across several units. Raises ``ConflictError`` where another one keeps it too long.

        ``EXCLUSIVE_AT_ONCE`` of one service at most; they take nothing from its units of work.
        """
        ...

    def beat(self) -> AbstractContextManager[Unit]:
        """As ``write``, by a connection that nothing else of this service uses: one at a time."""
        ...

    def read(self) -> AbstractContextManager[Unit]:
        """A snapshot; nothing can be saved."""
        ...


class Secrets(Protocol):
    def digest(self, purpose: str, value: str) -> str:
        """Keyed digest, hex: what is stored of capabilities, tokens and codes."""
        ...

    def hash_password(self, password: str) -> str: ...

    def new_totp(self) -> str:
        """A fresh secret of 160 bits, in base 32."""
        ...

    def totp_step(self, secret: str, code: str, at: datetime) -> int | None:
        """The time step the code is of, one step of 30 s early or late at most; None for a wrong one."""
        ...

    def totp_uri(self, secret: str, account: str, issuer: str) -> str:
        """``otpauth://totp/…`` for an authenticator."""
        ...

    def password_matches(self, password_hash: str, password: str) -> bool:
        """Takes as long for an empty hash as for a wrong password."""
        ...
