"""What the rules look at: plain values, gathered before by whoever knows where they are."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from signing.domain.beijing import BEIJING
from signing.domain.case import Terms
from signing.domain.party import Role
from signing.domain.product import LenderKind, LoanRules
from signing.domain.reference import Lpr
from signing.domain.rules import RosterEntry


@dataclass(frozen=True)
class Elsewhere:
    """A party of another case of the same institution who has something in common with a party of this one.

    ``related``: that case and this one have a person in common, so that a shared phone or device is no surprise.
    ``role``, ``same_name`` and ``amount`` (yuan) are known where the identity number is the same.
    """

    case_id: str
    opened_at: datetime
    is_open: bool
    related: bool
    same_number: bool = False
    same_phone: bool = False
    same_device: bool = False
    role: Role | None = None
    same_name: bool | None = None
    amount: Decimal | None = None


@dataclass(frozen=True)
class Subject:
    """A party. ``label`` is masked; ``card_valid_until`` is ``date.max`` for 长期 and None while it is not known."""

    party_id: str
    role: Role
    label: str
    name: str
    id_number: str
    phone: str
    elsewhere: tuple[Elsewhere, ...] = ()
    card_valid_until: date | None = None
    roster: RosterEntry | None = None
    list_kinds: frozenset[str] = frozenset()
    """Of the institution's lists, the kinds on which this person, or the borrower's business, counts today."""


@dataclass(frozen=True)
class Facts:
    """One case at one moment. ``opened_at``: when it was or is to be opened.

    ``branch_opened`` and ``agent_opened``: other cases within the windows that the settings of these rules ask for.
    ``channel_limit``: the institution's own below the product's, in yuan.
    """

    now: datetime
    opened_at: datetime
    subjects: tuple[Subject, ...]
    terms: Terms | None = None
    loan: LoanRules | None = None
    in_person_reason: str = ""
    channel_limit: Decimal | None = None
    lpr: Lpr | None = None
    """The one in force on the day of ``now``; None where it is not known."""
    lender: LenderKind = LenderKind.RURAL_COOPERATIVE
    branch_opened: int = 0
    agent_opened: int = 0
    recordings_lost: tuple[str, ...] = ()
    """Why, of each recording that a supervisor has declared lost."""

    @property
    def today(self) -> date:
        return self.now.astimezone(BEIJING).date()

    def in_role(self, *roles: Role) -> tuple[Subject, ...]:
        return tuple(subject for subject in self.subjects if subject.role in roles)
