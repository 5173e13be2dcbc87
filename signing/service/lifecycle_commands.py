"""What can be asked about an open case as a whole: that it ends, that it changes, that somebody is invited again."""

from dataclasses import dataclass

from signing.domain.particulars import Particulars
from signing.domain.revision import AS_BEFORE, PartyCorrection, TermsChange
from signing.domain.security import Collateral, Mandate
from signing.service.commands import Command, PartyDraft


@dataclass(frozen=True)
class WithdrawCase(Command):
    """→ ``Case``. By the institution, at a desk or from the credit system: it takes back what it had offered.

    ``AbortCase`` is for what arose while the case was under way. Again on a case that is withdrawn: as it is.
    """

    case_id: str
    reason: str


@dataclass(frozen=True)
class Refuse(Command):
    """→ ``Case``. By a customer on their own phone. ``reason`` is theirs to give or not."""

    reason: str = ""


@dataclass(frozen=True)
class RecordRefusal(Command):
    """→ ``Case``. By the agent who heard it."""

    case_id: str
    party_id: str
    reason: str


@dataclass(frozen=True)
class ChangeTerms(Command):
    """→ ``(Case, {party_id: capability})``, the capabilities of those who need a new link.

    Rules run again, all papers are made and frozen anew, the old ones are void. Only before the first signature.
    ``collateral``, ``mandate`` and ``particulars`` are the whole of it, None where it stays as it is.
    """

    case_id: str
    reason: str
    terms: TermsChange = AS_BEFORE
    corrected: tuple[PartyCorrection, ...] = ()
    added: tuple[PartyDraft, ...] = ()
    removed: tuple[str, ...] = ()
    collateral: tuple[Collateral, ...] | None = None
    mandate: Mandate | None = None
    particulars: Particulars | None = None
    in_person_reason: str | None = None
    """Only from a supervisor: why the electronic channel's limit may be exceeded; None: as before."""


@dataclass(frozen=True)
class ExpireCases(Command):
    """→ the identifiers of those that ended. By the system at a slow pace, a bounded number at a time."""
