"""Tickets, seats and calls."""

from datetime import datetime

from sqlalchemy import Connection, select

from signing.adapters.database.rows import of_row, upsert, values_of
from signing.adapters.database.schema import call, seat, ticket
from signing.domain.call import Call, CallState
from signing.domain.errors import NotFound
from signing.domain.queue import OPEN_STATES, Ticket
from signing.domain.seat import Seat
from signing.service.store import Changes


class SqlQueue:
    """``Queue``"""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def ticket(self, ticket_id: str) -> Ticket:
        row = self._connection.execute(select(ticket).where(ticket.c.ticket_id == ticket_id)).mappings().first()
        if row is None:
            raise NotFound("没有找到这位排队的客户", "客户可能已离开")
        return of_row(Ticket, row)

    def open_tickets(self, institution_id: str | None = None) -> list[Ticket]:
        statement = select(ticket).where(ticket.c.state.in_(OPEN_STATES)).order_by(ticket.c.waiting_since)
        if institution_id is not None:
            statement = statement.where(ticket.c.institution_id == institution_id)
        return [of_row(Ticket, row) for row in self._connection.execute(statement).mappings()]

    def open_ticket_of(self, party_id: str) -> Ticket | None:
        statement = select(ticket).where(ticket.c.party_id == party_id, ticket.c.state.in_(OPEN_STATES))
        row = self._connection.execute(statement).mappings().first()
        return None if row is None else of_row(Ticket, row)

    def save_ticket(self, saved: Ticket) -> None:
        upsert(self._connection, ticket, values_of(saved))
        self._changes.party_ids.add(saved.party_id)
        self._changes.case_ids.add(saved.case_id)
        self._changes.branch_ids.add(saved.branch_id)

    def seat(self, seat_id: str) -> Seat:
        row = self._connection.execute(select(seat).where(seat.c.seat_id == seat_id)).mappings().first()
        if row is None:
            raise NotFound("没有找到这个席位")
        return of_row(Seat, row)

    def seats(self, institution_id: str | None = None) -> list[Seat]:
        statement = select(seat).order_by(seat.c.seat_id)
        if institution_id is not None:
            statement = statement.where(seat.c.institution_id == institution_id)
        return [of_row(Seat, row) for row in self._connection.execute(statement).mappings()]

    def save_seat(self, saved: Seat) -> None:
        upsert(self._connection, seat, values_of(saved))
        self._changes.seat_ids.add(saved.seat_id)
        self._changes.branch_ids.add(saved.branch_id)

    def call(self, call_id: str) -> Call:
        row = self._connection.execute(select(call).where(call.c.call_id == call_id)).mappings().first()
        if row is None:
            raise NotFound("没有找到这次通话")
        return of_row(Call, row)

    def calls_of(self, case_id: str) -> list[Call]:
        statement = select(call).where(call.c.case_id == case_id).order_by(call.c.started_at, call.c.call_id)
        return [of_row(Call, row) for row in self._connection.execute(statement).mappings()]

    def live_call_of(self, party_id: str) -> Call | None:
        statement = select(call).where(call.c.party_id == party_id, call.c.state == CallState.LIVE)
        row = self._connection.execute(statement).mappings().first()
        return None if row is None else of_row(Call, row)

    def live_calls(self) -> list[Call]:
        statement = select(call).where(call.c.state == CallState.LIVE)
        return [of_row(Call, row) for row in self._connection.execute(statement).mappings()]

    def calls_since(self, seat_id: str, since: datetime) -> list[Call]:
        statement = select(call).where(call.c.seat_id == seat_id, call.c.started_at >= since)
        return [of_row(Call, row) for row in self._connection.execute(statement).mappings()]

    def ended_calls(self, branch_id: str, since: datetime, limit: int) -> list[Call]:
        of_branch = select(seat.c.seat_id).where(seat.c.branch_id == branch_id)
        statement = (
            select(call)
            .where(call.c.seat_id.in_(of_branch), call.c.state == CallState.ENDED, call.c.started_at >= since)
            .order_by(call.c.ended_at.desc(), call.c.call_id)
            .limit(limit)
        )
        return [of_row(Call, row) for row in self._connection.execute(statement).mappings()][::-1]

    def save_call(self, saved: Call) -> None:
        upsert(self._connection, call, values_of(saved))
        self._changes.party_ids.add(saved.party_id)
        self._changes.case_ids.add(saved.case_id)
        self._changes.seat_ids.add(saved.seat_id)
