"""How the queue is run: stops, what a seat can, appointments, and what the customer sees of them."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from signing.wire.base import Identifier, Message
from signing.wire.call import Reason

Words = Annotated[str, Field(min_length=1, max_length=200)]


class Dialect(StrEnum):
    """The same names as ``signing.domain.dialect.Dialect``."""

    MANDARIN = "mandarin"
    HAKKA = "hakka"
    HOKKIEN = "hokkien"


class PauseQueue(Message):
    """POST /api/board/queue/pause → ``BoardView``. Without a branch: the whole institution."""

    branch_id: Identifier | None = None
    message: Words
    """What waiting customers are told."""
    reason: Words
    until: AwareDatetime | None = None


class StopQueue(Message):
    """POST /api/board/queue/stop → ``BoardView``. The emergency stop."""

    branch_id: Identifier | None = None
    message: Words
    reason: Words
    end_calls: bool = False


class ResumeQueue(Message):
    """POST /api/board/queue/resume → ``BoardView``"""

    branch_id: Identifier | None = None
    reason: Reason


class QueueStop(Message):
    """``branch`` is empty for the whole institution."""

    stop_id: Identifier
    branch_id: Identifier | None = None
    branch: str = ""
    emergency: bool
    message: str
    reason: str
    since: AwareDatetime
    until: AwareDatetime | None = None
    by: str = ""


class QueueDoor(Message):
    """Of a branch's queue. ``joins``: new customers may queue. ``offers``: who waits may be rung."""

    joins: bool = True
    offers: bool = True
    message: str = ""
    """For the customer, where either is False."""
    back_at: AwareDatetime | None = None


class SetSeatAbility(Message):
    """PUT /api/board/seats/{seat_id}/ability → ``BoardView``. An empty list: everything."""

    products: Annotated[list[Identifier], Field(max_length=100)] = []
    dialects: Annotated[list[Dialect], Field(max_length=10)] = []


class ProductChoice(Message):
    """A product a seat may serve."""

    product_id: Identifier
    title: str


class Appointment(Message):
    """``window`` says both ends in Beijing time."""

    appointment_id: Identifier
    party_id: Identifier
    case_id: Identifier
    case_no: str
    product_title: str
    party_label: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    window: str


class OpenDay(Message):
    """When the branch serves customers on one day."""

    opens_at: AwareDatetime
    closes_at: AwareDatetime


class Booking(Message):
    """GET /api/cases/{case_id}/appointments: those of the case that stand, and the days one can choose from."""

    appointments: list[Appointment]
    days: list[OpenDay]


class NewAppointment(Message):
    """POST /api/cases/{case_id}/parties/{party_id}/appointment → ``Appointment``. Replaces an earlier one."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime


class CancelAppointment(Message):
    """POST /api/appointments/{appointment_id}/cancel"""

    reason: Reason


class ChooseDialect(Message):
    """POST /api/phone/dialect → ``PhoneView``. None: any."""

    dialect: Dialect | None = None


class OwnAppointment(Message):
    """As the customer sees it."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    text: str


class WaitAccuracy(Message):
    """Of the last hours: the mean wait told on joining, what it became, and the mean distance; in seconds."""

    count: int = 0
    told: float = 0.0
    waited: float = 0.0
    error: float = 0.0
