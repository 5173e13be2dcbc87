"""Everything a handler may use, joined once by the composition root."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Protocol

from signing.domain.lifecycle import CASE_LIFE
from signing.domain.product import Product
from signing.domain.reference import Lpr
from signing.service.ports import (
    Blobs,
    Clock,
    Documents,
    EvidenceLog,
    EvidenceRecords,
    IdentityReader,
    Ids,
    NationalId,
    PackageBuilder,
    RecordingReader,
    SealBook,
    Signer,
    SpoolKeys,
    Tables,
    TextMessages,
)
from signing.service.store import Database, Secrets


class Products(Protocol):
    def get(self, product_id: str) -> Product:
        """Raises ``InputError`` for an unknown one."""
        ...

    def all(self) -> Mapping[str, Product]:
        """By identifier."""
        ...

    def published_lpr(self) -> Sequence[Lpr]:
        """The loan prime rates that ship with the catalogue, oldest first."""
        ...


@dataclass(frozen=True)
class Limits:
    """Numbers an institution may set; the defaults are the product's rules."""

    link_life: timedelta = timedelta(hours=72)
    code_life: timedelta = timedelta(minutes=5)
    code_tries: int = 5
    code_sends: int = 3
    code_window: timedelta = timedelta(minutes=10)
    code_sends_to_phone: int = 8
    """However many parties and cases have the number, in ``phone_window``."""
    phone_window: timedelta = timedelta(hours=1)
    code_sends_of_address: int = 60
    """In ``code_window``; a whole village can be behind one address."""
    redeems_of_address: int = 120
    phone_session_life: timedelta = timedelta(hours=72)
    staff_session_life: timedelta = timedelta(hours=12)
    """However busy it is; the log-in is asked for again over a running call."""
    staff_idle: timedelta = timedelta(minutes=30)
    """Without a request or an open socket."""
    factor_roles: frozenset[str] = frozenset({"supervisor", "auditor", "administrator"})
    """Whose log-in needs a second factor, where their institution has not decided otherwise."""
    electronic_channel: Decimal | None = None
    face_distance: float = 0.5
    """Above it the comparison counts as a doubt, which the agent must answer with a reason."""
    image_bytes: int = 12_000_000
    wrap_up: timedelta = timedelta(minutes=10)
    """After it a seat is available again by itself, unless it is sealing."""
    case_life: timedelta = CASE_LIFE
    """How long a case is open for signing, unless its product says otherwise."""
    board_of_branch: bool = False
    """Whether a supervisor's board shows their own branch only, or the whole institution."""


@dataclass(frozen=True)
class Services:
    db: Database
    blobs: Blobs
    clock: Clock
    ids: Ids
    secrets: Secrets
    messages: TextMessages
    national_id: NationalId
    identity: IdentityReader
    documents: Documents
    products: Products
    signer: Signer
    recordings: RecordingReader
    spool_keys: SpoolKeys
    packages: PackageBuilder
    evidence_log: EvidenceLog
    records: EvidenceRecords
    tables: Tables
    seal_book: SealBook
    limits: Limits = Limits()
    base_url: str = "http://localhost:8000"
    stand_ins: tuple[str, ...] = ()
    free_room: Callable[[], int | None] = lambda: None
    """Bytes on the disk that holds what is kept here; None where nothing is known."""
