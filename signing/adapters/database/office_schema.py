"""The tables of ``signing.service.office``."""

import json
from datetime import date, time
from typing import Any, Generic, TypeVar

from sqlalchemy import Boolean, Column, Dialect, Float, ForeignKey, Index, Integer, String, Table, Text, TypeDecorator

from signing.adapters.database.schema import _ID, Moment, Named, _key, metadata
from signing.domain.agreement import Side
from signing.domain.dialect import Dialect as Spoken

T = TypeVar("T")


class Set(TypeDecorator[frozenset[T]], Generic[T]):
    """A frozen set as a sorted JSON list; ``kind`` makes a member from its text or number."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: frozenset[T] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        plain = [one if isinstance(one, int) else str(one) for one in value]
        return json.dumps(sorted(plain, key=str), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[T] | None:
        if value is None:
            return None
        return frozenset(_member(self.kind, one) for one in json.loads(value))


def _member(kind: Any, one: Any) -> Any:
    return date.fromisoformat(one) if kind is date else kind(one)


class ClockTime(TypeDecorator[time]):
    """``08:30``: a time of the Beijing day."""

    impl = String(5)
    cache_ok = True

    def process_bind_param(self, value: time | None, dialect: Dialect) -> str | None:
        return None if value is None else f"{value:%H:%M}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> time | None:
        return None if value is None else time.fromisoformat(value)


queue_limits = Table(
    "queue_limits",
    metadata,
    Column("institution_id", ForeignKey("institution.institution_id"), primary_key=True),
    Column("overflow_seconds", Integer),
    Column("any_dialect_seconds", Integer),
    Column("promote_seconds", Integer),
    Column("grace_seconds", Integer, nullable=False),
    Column("ring_seconds", Integer, nullable=False),
    Column("target_percent", Integer),
    Column("target_seconds", Integer),
)

branch_hours = Table(
    "branch_hours",
    metadata,
    Column("branch_id", ForeignKey("branch.branch_id"), primary_key=True),
    Column("opens", ClockTime, nullable=False),
    Column("closes", ClockTime, nullable=False),
    Column("days", Set(int), nullable=False),
    Column("holidays", Set(date), nullable=False),
    Column("extra_days", Set(date), nullable=False),
)

seat_ability = Table(
    "seat_ability",
    metadata,
    Column("seat_id", ForeignKey("seat.seat_id"), primary_key=True),
    Column("products", Set(str), nullable=False),
    Column("dialects", Set(Spoken), nullable=False),
)

queue_stop = Table(
    "queue_stop",
    metadata,
    _key("stop_id"),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("branch_id", ForeignKey("branch.branch_id")),
    Column("emergency", Boolean, nullable=False),
    Column("message", String(600), nullable=False),
    Column("reason", String(600), nullable=False),
    Column("since", Moment, nullable=False),
    Column("made_by", _ID, nullable=False),
    Column("until", Moment),
    Column("ended_at", Moment, index=True),
    Column("ended_by", _ID, nullable=False),
    Column("ended_reason", String(600), nullable=False),
)

declaration = Table(
    "overflow_declaration",
    metadata,
    _key("declaration_id"),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("other_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("side", Named(Side), nullable=False),
    Column("after_seconds", Integer, nullable=False),
    Column("declared_at", Moment, nullable=False),
    Column("declared_by", _ID, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", _ID, nullable=False),
)

ticket_needs = Table(
    "ticket_needs",
    metadata,
    Column("ticket_id", ForeignKey("ticket.ticket_id"), primary_key=True),
    Column("product_id", _ID),
    Column("dialect", Named(Spoken)),
    Column("appointment_at", Moment),
    Column("appointment_until", Moment),
)

told_wait = Table(
    "told_wait",
    metadata,
    Column("ticket_id", ForeignKey("ticket.ticket_id"), primary_key=True),
    Column("branch_id", ForeignKey("branch.branch_id"), nullable=False),
    Column("told_at", Moment, nullable=False),
    Column("seconds", Float),
    Column("rang_at", Moment),
)
Index("told_by_branch", told_wait.c.branch_id, told_wait.c.told_at)

appointment = Table(
    "appointment",
    metadata,
    _key("appointment_id"),
    Column("case_id", ForeignKey("case_file.case_id"), nullable=False),
    Column("party_id", _ID, nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("branch_id", ForeignKey("branch.branch_id"), nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("made_by", _ID, nullable=False),
    Column("cancelled_at", Moment),
)
Index("appointments_by_branch", appointment.c.branch_id, appointment.c.ends_at)
