"""What is kept about logging in: second factors, wrong tries, which roles need what, how often something was asked."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from signing.domain.lockout import Tries
from signing.domain.resting import Resting


@dataclass(frozen=True)
class SecondFactor:
    """A time-based one-time password (RFC 6238). Pending until its first right code."""

    staff_id: str
    secret: str = field(repr=False)
    """Base 32; encrypted at rest."""
    confirmed_at: datetime | None = None


class Sweeper(Protocol):
    """Forgets at most ``limit`` rows that were over ``before``, and tells how many. Rows that others hold stay."""

    def tries(self, before: datetime, limit: int) -> int: ...

    def codes(self, before: datetime, limit: int) -> int: ...

    def sessions(self, before: datetime, limit: int) -> int: ...

    def deliveries(self, before: datetime, limit: int) -> int:
        """Only what was delivered or given up."""
        ...


class Accounts(Protocol):
    def second_factor(self, staff_id: str) -> SecondFactor | None: ...

    def save_second_factor(self, factor: SecondFactor) -> None: ...

    def remove_second_factor(self, staff_id: str) -> None: ...

    def use_step(self, staff_id: str, step: int) -> bool:
        """False where this time step or a later one was used already; checked and kept in one statement."""
        ...

    def tries(self, name_hash: str) -> Tries:
        """Also of names that there is no account for."""
        ...

    def save_tries(self, name_hash: str, tries: Tries) -> None: ...

    def resting(self, staff_id: str) -> Resting | None: ...

    def all_resting(self) -> list[Resting]:
        """Of every institution, oldest first."""
        ...

    def save_resting(self, resting: Resting) -> None: ...

    def end_rest(self, staff_id: str) -> None: ...

    def factor_rules(self, institution_id: str) -> dict[str, bool]:
        """role → whether its log-in needs a second factor, where the institution has decided so itself."""
        ...

    def save_factor_rule(self, institution_id: str, role: str, required: bool) -> None: ...

    def uses(self, what: str, who_hash: str, since: datetime) -> list[datetime]:
        """When ``what`` was asked for by ``who``, oldest first."""
        ...

    def add_use(self, what: str, who_hash: str, at: datetime) -> None:
        """Also forgets those of more than a day ago."""
        ...
