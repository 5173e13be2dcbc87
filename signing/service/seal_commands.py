"""Commands about the institution's registered seals."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from signing.domain.seals import SealKind
from signing.service.commands import Command


@dataclass(frozen=True)
class RegisterSeal(Command):
    """→ the ``RegisteredSeal``. On the access log. ``number`` empty: one is made from the institution's code."""

    institution_id: str
    kind: SealKind
    text: str
    custodian: str
    valid_from: datetime
    valid_until: datetime
    number: str = ""
    documents: tuple[str, ...] = ()
    second_above: Decimal | None = None


@dataclass(frozen=True)
class RetireSeal(Command):
    """Takes a seal out of use for good. On the access log."""

    seal_id: str
    reason: str


@dataclass(frozen=True)
class SuspendSeal(Command):
    """Puts a seal of the actor's institution aside until it is resumed, at once. On the access log. → the seal"""

    seal_id: str
    reason: str


@dataclass(frozen=True)
class ResumeSeal(Command):
    """Takes a suspended seal up again. On the access log. → the seal"""

    seal_id: str
    reason: str


@dataclass(frozen=True)
class AmendSeal(Command):
    """Who keeps a seal, and until when it is valid; None leaves as it is. On the access log. → the seal"""

    seal_id: str
    reason: str
    custodian: str | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True)
class ApproveSealing(Command):
    """A second pair of eyes for a case whose amount is above what its seals allow alone. On the case's chain.

    ``approved`` False: they may not be used, and why; the seat is told. A later approval takes it back.
    """

    case_id: str
    note: str
    approved: bool = True


@dataclass(frozen=True)
class RenewArchives(Command):
    """Time-stamps beside closed packages that are due, a bounded number; or of the cases named. On the access log.

    → what was done, what failed and why.
    """

    case_ids: tuple[str, ...] = ()
