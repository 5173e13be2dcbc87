"""How institutions run their queues."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, delete, select, update

from signing.adapters.database import office_schema as s
from signing.adapters.database.rows import of_row, of_rows, upsert, values_of
from signing.adapters.database.schema import ticket
from signing.domain.agreement import Declaration
from signing.domain.appointment import Appointment
from signing.domain.errors import NotFound
from signing.domain.opening import Stop
from signing.domain.queue import OPEN_STATES
from signing.service.office import OwnHours, OwnLimits, SeatAbility, TicketNeeds, ToldWait
from signing.service.store import Changes

T = TypeVar("T")


class SqlOffice:
    """``Office``"""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def _all(self, kind: type[T], statement: Select[Any]) -> list[T]:
        return of_rows(kind, self._connection.execute(statement))

    def _one(self, kind: type[T], statement: Select[Any]) -> T | None:
        row = self._connection.execute(statement.limit(1)).mappings().first()
        return None if row is None else of_row(kind, row)

    # --- settings -------------------------------------------------------------------------------------------------

    def limits(self) -> list[OwnLimits]:
        return self._all(OwnLimits, select(s.queue_limits))

    def save_limits(self, limits: OwnLimits) -> None:
        upsert(self._connection, s.queue_limits, values_of(limits))

    def hours(self) -> list[OwnHours]:
        return self._all(OwnHours, select(s.branch_hours))

    def hours_of(self, branch_id: str) -> OwnHours | None:
        return self._one(OwnHours, select(s.branch_hours).where(s.branch_hours.c.branch_id == branch_id))

    def save_hours(self, hours: OwnHours) -> None:
        upsert(self._connection, s.branch_hours, values_of(hours))
        self._changes.branch_ids.add(hours.branch_id)

    def remove_hours(self, branch_id: str) -> None:
        self._connection.execute(delete(s.branch_hours).where(s.branch_hours.c.branch_id == branch_id))
        self._changes.branch_ids.add(branch_id)

    def abilities(self) -> list[SeatAbility]:
        return self._all(SeatAbility, select(s.seat_ability))

    def save_ability(self, ability: SeatAbility) -> None:
        upsert(self._connection, s.seat_ability, values_of(ability))
        self._changes.seat_ids.add(ability.seat_id)

    def stops(self) -> list[Stop]:
        return self._all(
            Stop, select(s.queue_stop).where(s.queue_stop.c.ended_at.is_(None)).order_by(s.queue_stop.c.since)
        )

    def save_stop(self, stop: Stop) -> None:
        upsert(self._connection, s.queue_stop, values_of(stop))

    def declarations(self) -> list[Declaration]:
        standing = select(s.declaration).where(s.declaration.c.ended_at.is_(None))
        return self._all(Declaration, standing.order_by(s.declaration.c.declared_at))

    def save_declaration(self, declaration: Declaration) -> None:
        upsert(self._connection, s.declaration, values_of(declaration))

    # --- customers ------------------------------------------------------------------------------------------------

    def needs(self, branch_ids: Collection[str] | None = None) -> list[TicketNeeds]:
        joined = s.ticket_needs.join(ticket, ticket.c.ticket_id == s.ticket_needs.c.ticket_id)
        statement = select(s.ticket_needs).select_from(joined).where(ticket.c.state.in_(OPEN_STATES))
        if branch_ids is not None:
            statement = statement.where(ticket.c.branch_id.in_(branch_ids))
        return self._all(TicketNeeds, statement)

    def needs_of(self, ticket_id: str) -> TicketNeeds | None:
        return self._one(TicketNeeds, select(s.ticket_needs).where(s.ticket_needs.c.ticket_id == ticket_id))

    def save_needs(self, needs: TicketNeeds) -> None:
        upsert(self._connection, s.ticket_needs, values_of(needs))

    def appointment(self, appointment_id: str) -> Appointment:
        where = s.appointment.c.appointment_id == appointment_id
        found = self._one(Appointment, select(s.appointment).where(where))
        if found is None:
            raise NotFound("没有找到这个预约")
        return found

    def appointment_of(self, party_id: str, after: datetime) -> Appointment | None:
        table = s.appointment
        standing = (table.c.party_id == party_id, table.c.cancelled_at.is_(None), table.c.ends_at > after)
        return self._one(Appointment, select(table).where(*standing).order_by(table.c.starts_at))

    def appointments_of(self, party_ids: Collection[str]) -> list[Appointment]:
        table = s.appointment
        order = (table.c.made_at, table.c.appointment_id)
        return self._all(Appointment, select(table).where(table.c.party_id.in_(party_ids)).order_by(*order))

    def appointments(self, branch_ids: Collection[str], after: datetime, before: datetime) -> list[Appointment]:
        table = s.appointment
        where = (table.c.branch_id.in_(branch_ids), table.c.cancelled_at.is_(None))
        times = (table.c.ends_at > after, table.c.starts_at < before)
        return self._all(Appointment, select(table).where(*where, *times).order_by(table.c.starts_at))

    def save_appointment(self, appointment: Appointment) -> None:
        upsert(self._connection, s.appointment, values_of(appointment))
        self._changes.branch_ids.add(appointment.branch_id)
        self._changes.party_ids.add(appointment.party_id)

    def told(self, ticket_id: str) -> ToldWait | None:
        return self._one(ToldWait, select(s.told_wait).where(s.told_wait.c.ticket_id == ticket_id))

    def told_since(self, branch_ids: Collection[str], since: datetime) -> list[ToldWait]:
        table = s.told_wait
        where = (table.c.branch_id.in_(branch_ids), table.c.told_at >= since)
        return self._all(ToldWait, select(table).where(*where).order_by(table.c.told_at))

    def save_told(self, told: ToldWait) -> None:
        upsert(self._connection, s.told_wait, values_of(told))

    def rang(self, ticket_ids: Collection[str], at: datetime) -> None:
        table = s.told_wait
        first = (table.c.ticket_id.in_(ticket_ids), table.c.rang_at.is_(None))
        self._connection.execute(update(table).where(*first).values(rang_at=at))
