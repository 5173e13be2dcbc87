"""How an institution runs its queue, as it is kept: limits, hours, abilities, stops, agreements, appointments."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from signing.domain.agreement import Declaration
from signing.domain.appointment import Appointment
from signing.domain.dialect import Dialect
from signing.domain.figures import Target
from signing.domain.opening import WORKING_DAYS, Hours, Stop
from signing.domain.queue import RING_SECONDS
from signing.domain.routing import Ability, Limits, Needs


@dataclass(frozen=True)
class OwnLimits:
    """In seconds; None: never."""

    institution_id: str
    overflow_seconds: int | None = None
    any_dialect_seconds: int | None = None
    promote_seconds: int | None = None
    grace_seconds: int = 1800
    ring_seconds: int = RING_SECONDS
    target_percent: int | None = None
    """With ``target_seconds`` the institution's own service level; None: 80 percent within 20 seconds."""
    target_seconds: int | None = None

    @property
    def target(self) -> Target | None:
        if self.target_percent is None or self.target_seconds is None:
            return None
        return Target(self.target_percent, self.target_seconds)

    def as_limits(self) -> Limits:
        return Limits(
            _span(self.overflow_seconds),
            _span(self.any_dialect_seconds),
            _span(self.promote_seconds),
            timedelta(seconds=self.grace_seconds),
            timedelta(seconds=self.ring_seconds),
        )


def _span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


@dataclass(frozen=True)
class OwnHours:
    branch_id: str
    opens: time
    closes: time
    days: frozenset[int] = WORKING_DAYS
    holidays: frozenset[date] = frozenset()
    extra_days: frozenset[date] = frozenset()

    def as_hours(self) -> Hours:
        return Hours(self.opens, self.closes, self.days, self.holidays, self.extra_days)


@dataclass(frozen=True)
class SeatAbility:
    """What the seat may serve; an empty set: everything."""

    seat_id: str
    products: frozenset[str] = frozenset()
    dialects: frozenset[Dialect] = frozenset()

    def as_ability(self) -> Ability:
        return Ability(self.products, self.dialects)


@dataclass(frozen=True)
class TicketNeeds:
    ticket_id: str
    product_id: str | None = None
    dialect: Dialect | None = None
    appointment_at: datetime | None = None
    appointment_until: datetime | None = None

    def as_needs(self) -> Needs:
        return Needs(self.product_id, self.dialect, self.appointment_at, self.appointment_until)


@dataclass(frozen=True)
class ToldWait:
    """The wait that was told on joining (None: none could be), and when a seat first rang."""

    ticket_id: str
    branch_id: str
    told_at: datetime
    seconds: float | None
    rang_at: datetime | None = None

    @property
    def waited(self) -> float | None:
        return None if self.rang_at is None else (self.rang_at - self.told_at).total_seconds()


class Office(Protocol):
    def limits(self) -> list[OwnLimits]:
        """Of every institution that has set its own."""
        ...

    def save_limits(self, limits: OwnLimits) -> None: ...

    def hours(self) -> list[OwnHours]: ...

    def hours_of(self, branch_id: str) -> OwnHours | None: ...

    def save_hours(self, hours: OwnHours) -> None: ...

    def remove_hours(self, branch_id: str) -> None: ...

    def abilities(self) -> list[SeatAbility]: ...

    def save_ability(self, ability: SeatAbility) -> None: ...

    def stops(self) -> list[Stop]:
        """Those that nobody has ended, oldest first; some may be over by themselves."""
        ...

    def save_stop(self, stop: Stop) -> None: ...

    def declarations(self) -> list[Declaration]:
        """Those that stand."""
        ...

    def save_declaration(self, declaration: Declaration) -> None: ...

    def needs(self, branch_ids: Collection[str] | None = None) -> list[TicketNeeds]:
        """Of the open tickets; of some branches, where they are named."""
        ...

    def needs_of(self, ticket_id: str) -> TicketNeeds | None: ...

    def save_needs(self, needs: TicketNeeds) -> None: ...

    def appointment(self, appointment_id: str) -> Appointment:
        """Raises ``NotFound``."""
        ...

    def appointment_of(self, party_id: str, after: datetime) -> Appointment | None:
        """The party's next that stands and ends after ``after``."""
        ...

    def appointments_of(self, party_ids: Collection[str]) -> list[Appointment]:
        """Also those that are over or cancelled, in the order in which they were made."""

    def appointments(self, branch_ids: Collection[str], after: datetime, before: datetime) -> list[Appointment]:
        """Those that stand, end after ``after`` and begin before ``before``; earliest first."""
        ...

    def save_appointment(self, appointment: Appointment) -> None: ...

    def told(self, ticket_id: str) -> ToldWait | None: ...

    def told_since(self, branch_ids: Collection[str], since: datetime) -> list[ToldWait]: ...

    def save_told(self, told: ToldWait) -> None: ...

    def rang(self, ticket_ids: Collection[str], at: datetime) -> None:
        """The first ring ends the wait that was told; a later one changes nothing."""
        ...
