"""How long a closed package's time-stamps hold, and when they are to be renewed (ETSI EN 319 142-1, B-LTA)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

BEFORE = timedelta(days=365)
"""So long before a time-stamp's certificate ends it is renewed: a year of days on which to notice that it failed."""
GAIN = timedelta(days=30)
"""A renewal that reaches no further than this beyond the last one is none: the authority has no newer certificate."""
LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True)
class ArchiveRecord:
    """Of one closed case. ``until``: when the certificates of the newest time-stamp end; None where nobody has looked
    yet. ``sha256``: of the record beside the package, empty before the first renewal. ``reason``: why the last try
    failed, for people; empty where it did not."""

    case_id: str
    until: datetime | None
    next_at: datetime
    renewals: int = 0
    sha256: str = ""
    tries: int = 0
    reason: str = ""

    def seen(self, until: datetime) -> "ArchiveRecord":
        """Looked at: nothing to do before ``next_at``."""
        return replace(self, until=until, next_at=until - BEFORE, tries=0, reason="")

    def renewed(self, until: datetime, sha256: str) -> "ArchiveRecord":
        return replace(self.seen(until), renewals=self.renewals + 1, sha256=sha256)

    def failed(self, now: datetime, reason: str) -> "ArchiveRecord":
        """Waits an hour at first, doubling to a day."""
        wait = min(timedelta(hours=1) * 2 ** min(self.tries, 10), LONGEST_WAIT)
        return replace(self, tries=self.tries + 1, next_at=now + wait, reason=reason)

    def is_due(self, now: datetime) -> bool:
        return self.until is None or now >= self.until - BEFORE


@dataclass(frozen=True)
class FailedArchives:
    """How many packages' time-stamps could not be renewed; of the one that ends first number, end and why."""

    count: int
    case_no: str
    until: datetime | None
    reason: str
