"""What a list of cases is asked for, and a place in it."""

from dataclasses import dataclass
from datetime import datetime

from signing.domain.searching import Term


@dataclass(frozen=True)
class CaseQuery:
    """Of one institution, or of all; of each group one term holds. A term's kind is never ``WORD``."""

    institution_id: str | None = None
    groups: tuple[tuple[Term, ...], ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class ListPlace:
    """A case's place in the list of all, which begins with the newest."""

    opened_at: datetime
    case_id: str
