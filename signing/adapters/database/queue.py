"""Tickets, seats, calls and their legs."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from signing.adapters.database.rows import of_row, upsert, values_of
from signing.adapters.database.schema import call, leg, listener, seat, ticket, transfer
from signing.domain.call import OPEN_LEGS, Call, CallState, Leg, Listener, Transfer, TransferState
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
        found = self.live_leg_of(party_id)
        return None if found is None else self.call(found.call_id)

    def live_leg_of(self, party_id: str) -> Leg | None:
        statement = select(leg).where(leg.c.party_id == party_id, leg.c.state.in_(OPEN_LEGS))
        row = self._connection.execute(statement).mappings().first()
        return None if row is None else of_row(Leg, row)

    def legs_of(self, call_id: str) -> list[Leg]:
        statement = select(leg).where(leg.c.call_id == call_id).order_by(leg.c.joined_at, leg.c.leg_id)
        return [of_row(Leg, row) for row in self._connection.execute(statement).mappings()]

    def open_legs(self) -> list[Leg]:
        statement = select(leg).where(leg.c.state.in_(OPEN_LEGS)).order_by(leg.c.joined_at, leg.c.leg_id)
        return [of_row(Leg, row) for row in self._connection.execute(statement).mappings()]

    def live_calls(self, institution_id: str | None = None) -> list[Call]:
        statement = select(call).where(call.c.state == CallState.LIVE).order_by(call.c.started_at, call.c.call_id)
        if institution_id is not None:
            own = select(seat.c.seat_id).where(seat.c.institution_id == institution_id)
            statement = statement.where(call.c.seat_id.in_(own))
        return [of_row(Call, row) for row in self._connection.execute(statement).mappings()]

    def live_calls_of(self, case_id: str) -> list[Call]:
        return [one for one in self.calls_of(case_id) if one.state is CallState.LIVE]

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
        self._touch(saved)

    def _touch(self, touched: Call) -> None:
        self._changes.case_ids.add(touched.case_id)
        self._changes.seat_ids.add(touched.seat_id)

    def save_leg(self, saved: Leg) -> None:
        upsert(self._connection, leg, values_of(saved))
        self._changes.party_ids.add(saved.party_id)
        self._changes.case_ids.add(saved.case_id)

    # --- transfers and listeners ------------------------------------------------------------------------------

    def transfer(self, transfer_id: str) -> Transfer:
        row = self._connection.execute(select(transfer).where(transfer.c.transfer_id == transfer_id)).mappings().first()
        if row is None:
            raise NotFound("没有找到这次转接")
        return of_row(Transfer, row)

    def ringing_transfers(self) -> list[Transfer]:
        statement = select(transfer).where(transfer.c.state == TransferState.RINGING).order_by(transfer.c.at)
        return [of_row(Transfer, row) for row in self._connection.execute(statement).mappings()]

    def last_transfer(self, call_id: str) -> Transfer | None:
        newest = select(transfer).where(transfer.c.call_id == call_id).order_by(transfer.c.at.desc())
        row = self._connection.execute(newest.limit(1)).mappings().first()
        return None if row is None else of_row(Transfer, row)

    def save_transfer(self, saved: Transfer) -> None:
        upsert(self._connection, transfer, values_of(saved))
        self._changes.case_ids.add(saved.case_id)
        self._changes.seat_ids.update((saved.from_seat_id, saved.to_seat_id))

    def listeners(self, call_id: str) -> list[Listener]:
        return self._listeners(listener.c.call_id == call_id)

    def listening(self, staff_id: str) -> list[Listener]:
        return self._listeners(listener.c.staff_id == staff_id)

    def _listeners(self, where: ColumnElement[bool]) -> list[Listener]:
        statement = select(listener).where(where, listener.c.ended_at.is_(None)).order_by(listener.c.since)
        return [of_row(Listener, row) for row in self._connection.execute(statement).mappings()]

    def save_listener(self, saved: Listener, heard: Call) -> None:
        upsert(self._connection, listener, values_of(saved))
        self._touch(heard)
