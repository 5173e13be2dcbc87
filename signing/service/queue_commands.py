"""Commands about how the queue is run: limits, hours, abilities, stops, agreements, appointments, the dialect.

Each leaves a line: on the case's chain where there is one, else on the access log, with who and why.
"""

from dataclasses import dataclass
from datetime import datetime

from signing.domain.agreement import Side
from signing.domain.dialect import Dialect
from signing.service.commands import Command
from signing.service.office import OwnHours, OwnLimits


@dataclass(frozen=True)
class SetQueueLimits(Command):
    limits: OwnLimits


@dataclass(frozen=True)
class SetBranchHours(Command):
    """None: open at all times."""

    branch_id: str
    hours: OwnHours | None


@dataclass(frozen=True)
class SetSeatAbility(Command):
    """An empty set: everything."""

    seat_id: str
    products: frozenset[str]
    dialects: frozenset[Dialect]


@dataclass(frozen=True)
class PauseQueue(Command):
    """→ ``Stop``. Nobody is rung; places are kept, and new customers may still join. Without a branch: everywhere."""

    branch_id: str | None
    message: str
    reason: str
    until: datetime | None = None
    institution_id: str = ""
    """Only from the system, which belongs to none."""


@dataclass(frozen=True)
class StopQueue(Command):
    """→ ``Stop``. The emergency stop: nobody joins, nobody is rung, rings end at once, who waits is told.

    ``end_calls``: live calls are hung up too; else they go on.
    """

    branch_id: str | None
    message: str
    reason: str
    end_calls: bool = False
    institution_id: str = ""


@dataclass(frozen=True)
class ResumeQueue(Command):
    """Ends every pause and stop of just this branch, or without one just those of the whole institution."""

    branch_id: str | None
    reason: str
    institution_id: str = ""


@dataclass(frozen=True)
class DeclareOverflow(Command):
    """→ ``Declaration``. Takes the place of an earlier one of the same side about the same institution."""

    other_id: str
    side: Side
    after_seconds: int = 0
    institution_id: str = ""


@dataclass(frozen=True)
class EndOverflow(Command):
    other_id: str
    side: Side
    institution_id: str = ""


@dataclass(frozen=True)
class MakeAppointment(Command):
    """→ ``Appointment``. Takes the place of an earlier one of the same party."""

    case_id: str
    party_id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class CancelAppointment(Command):
    appointment_id: str
    reason: str


@dataclass(frozen=True)
class ChooseDialect(Command):
    """By the customer, on the phone. None: anything will do."""

    dialect: Dialect | None
