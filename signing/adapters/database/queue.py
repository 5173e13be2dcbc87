"""Tickets, seats, calls and their legs."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, or_, select

from signing.adapters.database import finding
from signing.adapters.database.locks import CaseLocks
from signing.adapters.database.rows import values_of
from signing.adapters.database.schema import call, leg, listener, seat, ticket, transfer
from signing.adapters.database.words import SealedSeen
from signing.domain.call import OPEN_LEGS, Call, CallState, Leg, Listener, Transfer, TransferState
from signing.domain.errors import NotFound
from signing.domain.queue import OPEN_STATES, Ticket, TicketState
from signing.domain.routing import Match
from signing.domain.seat import Seat
from signing.service.store import Changes

T = TypeVar("T")


class SqlQueue:
    """``Queue``"""

    def __init__(
        self,
        connection: Connection,
        changes: Changes,
        locks: CaseLocks,
        stand: Callable[[], None],
        seen: SealedSeen,
    ) -> None:
        self._connection = connection
        self._changes = changes
        self._locks = locks
        self._stand = stand
        self._seen = seen

    def _every(self, kind: type[T], table: Table, statement: Select[Any]) -> list[T]:
        """Of many cases, without holding them."""
        return self._seen.of_rows(table, kind, self._connection.execute(statement))

    def _of_case(self, kind: type[T], table: Table, statement: Select[Any]) -> list[T]:
        """Of one case, which is held from here on."""
        rows = self._connection.execute(statement).mappings().all()
        if rows and self._locks.hold(rows[0]["case_id"]):
            rows = self._connection.execute(statement).mappings().all()
        return [self._seen.of_row(table, kind, row) for row in rows]

    def _one(self, kind: type[T], table: Table, where: ColumnElement[bool]) -> T | None:
        return next(iter(self._of_case(kind, table, select(table).where(where))), None)

    def ticket(self, ticket_id: str) -> Ticket:
        found = self._one(Ticket, ticket, ticket.c.ticket_id == ticket_id)
        if found is None:
            raise NotFound("没有找到这位排队的客户", "客户可能已离开")
        return found

    def open_tickets(
        self,
        institution_id: str | None = None,
        branch_ids: Collection[str] | None = None,
        case_ids: Collection[str] | None = None,
    ) -> list[Ticket]:
        statement = select(ticket).where(ticket.c.state.in_(OPEN_STATES)).order_by(ticket.c.waiting_since)
        if institution_id is not None:
            statement = statement.where(ticket.c.institution_id == institution_id)
        if branch_ids is not None:
            statement = statement.where(ticket.c.branch_id.in_(branch_ids))
        if case_ids is not None:
            statement = statement.where(ticket.c.case_id.in_(case_ids))
        return self._every(Ticket, ticket, statement)

    def restless_tickets(self) -> list[Ticket]:
        dropped = and_(ticket.c.state == TicketState.WAITING, ticket.c.dropped_at.is_not(None))
        rings = ticket.c.state == TicketState.OFFERED
        return self._every(Ticket, ticket, select(ticket).where(or_(rings, dropped)).order_by(ticket.c.waiting_since))

    def claim(self, wanted: Sequence[Match]) -> list[Match]:
        self._stand()
        held = self._locks.try_hold({one.ticket.case_id for one in wanted})
        left = [one for one in wanted if one.ticket.case_id in held]
        mine = self._claimed(Ticket, ticket, [one.ticket.ticket_id for one in left])
        left = [one for one in left if mine.get(one.ticket.ticket_id) == one.ticket]
        free = self._claimed(Seat, seat, [one.seat.seat_id for one in left])
        return [one for one in left if free.get(one.seat.seat_id) == one.seat]

    def _claimed(self, kind: type[T], table: Table, keys: Sequence[str]) -> dict[str, T]:
        """By key: those that nobody else has in hand, held from here on."""
        (key,) = table.primary_key
        found: dict[str, T] = {}
        for rows in self._locks.try_rows(select(table), key, keys):
            found |= {getattr(one, key.name): one for one in self._seen.of_rows(table, kind, rows)}
        return found

    def open_ticket_of(self, party_id: str) -> Ticket | None:
        return self._one(Ticket, ticket, and_(ticket.c.party_id == party_id, ticket.c.state.in_(OPEN_STATES)))

    def save_ticket(self, *saved: Ticket) -> None:
        self._seen.save(ticket, *map(values_of, saved))
        self._changes.party_ids.update(one.party_id for one in saved)
        self._changes.case_ids.update(one.case_id for one in saved)
        self._changes.branch_ids.update(one.branch_id for one in saved)

    def seat(self, seat_id: str) -> Seat:
        row = self._connection.execute(select(seat).where(seat.c.seat_id == seat_id)).mappings().first()
        if row is None:
            raise NotFound("没有找到这个席位")
        return self._seen.of_row(seat, Seat, row)

    def seats(self, institution_id: str | None = None) -> list[Seat]:
        statement = select(seat).order_by(seat.c.seat_id)
        if institution_id is not None:
            statement = statement.where(seat.c.institution_id == institution_id)
        return self._every(Seat, seat, statement)

    def save_seat(self, *saved: Seat) -> None:
        self._seen.save(seat, *map(values_of, saved))
        self._changes.seat_ids.update(one.seat_id for one in saved)
        self._changes.branch_ids.update(one.branch_id for one in saved)

    def call(self, call_id: str) -> Call:
        found = self._one(Call, call, call.c.call_id == call_id)
        if found is None:
            raise NotFound("没有找到这次通话")
        return found

    def calls_of(self, case_id: str) -> list[Call]:
        self._locks.hold(case_id)
        statement = select(call).where(call.c.case_id == case_id).order_by(call.c.started_at, call.c.call_id)
        return self._every(Call, call, statement)

    def live_call_of(self, party_id: str) -> Call | None:
        found = self.live_leg_of(party_id)
        return None if found is None else self.call(found.call_id)

    def live_leg_of(self, party_id: str) -> Leg | None:
        return self._one(Leg, leg, and_(leg.c.party_id == party_id, leg.c.state.in_(OPEN_LEGS)))

    def legs_of(self, call_id: str) -> list[Leg]:
        statement = select(leg).where(leg.c.call_id == call_id).order_by(leg.c.joined_at, leg.c.leg_id)
        return self._of_case(Leg, leg, statement)

    def open_legs(self) -> list[Leg]:
        statement = select(leg).where(leg.c.state.in_(OPEN_LEGS)).order_by(leg.c.joined_at, leg.c.leg_id)
        return self._every(Leg, leg, statement)

    def live_calls(self, institution_id: str | None = None, case_ids: Collection[str] | None = None) -> list[Call]:
        statement = select(call).where(call.c.state == CallState.LIVE).order_by(call.c.started_at, call.c.call_id)
        if institution_id is not None:
            own = select(seat.c.seat_id).where(seat.c.institution_id == institution_id)
            statement = statement.where(call.c.seat_id.in_(own))
        if case_ids is not None:
            statement = statement.where(call.c.case_id.in_(case_ids))
        return self._every(Call, call, statement)

    def live_calls_of(self, case_id: str) -> list[Call]:
        return [one for one in self.calls_of(case_id) if one.state is CallState.LIVE]

    def calls_since(self, seat_id: str, since: datetime) -> list[Call]:
        statement = select(call).where(call.c.seat_id == seat_id, call.c.started_at >= since)
        return self._every(Call, call, statement)

    def ended_calls(self, branch_id: str, since: datetime, limit: int) -> list[Call]:
        of_branch = select(seat.c.seat_id).where(seat.c.branch_id == branch_id)
        statement = (
            select(call)
            .where(call.c.seat_id.in_(of_branch), call.c.state == CallState.ENDED, call.c.started_at >= since)
            .order_by(call.c.ended_at.desc(), call.c.call_id)
            .limit(limit)
        )
        return self._every(Call, call, statement)[::-1]

    def save_call(self, saved: Call) -> None:
        self._seen.save_words(call, saved)
        finding.keep_agent(self._connection, saved.case_id, saved.staff_id)
        self._touch(saved)

    def _touch(self, touched: Call) -> None:
        self._changes.case_ids.add(touched.case_id)
        self._changes.seat_ids.add(touched.seat_id)

    def save_leg(self, saved: Leg) -> None:
        self._seen.save_words(leg, saved)
        self._changes.party_ids.add(saved.party_id)
        self._changes.case_ids.add(saved.case_id)

    # --- transfers and listeners ------------------------------------------------------------------------------

    def transfer(self, transfer_id: str) -> Transfer:
        found = self._one(Transfer, transfer, transfer.c.transfer_id == transfer_id)
        if found is None:
            raise NotFound("没有找到这次转接")
        return found

    def ringing_transfers(self) -> list[Transfer]:
        statement = select(transfer).where(transfer.c.state == TransferState.RINGING).order_by(transfer.c.at)
        return self._every(Transfer, transfer, statement)

    def last_transfer(self, call_id: str) -> Transfer | None:
        newest = select(transfer).where(transfer.c.call_id == call_id).order_by(transfer.c.at.desc())
        return next(iter(self._of_case(Transfer, transfer, newest.limit(1))), None)

    def save_transfer(self, saved: Transfer) -> None:
        self._seen.save_words(transfer, saved)
        self._changes.case_ids.add(saved.case_id)
        self._changes.seat_ids.update((saved.from_seat_id, saved.to_seat_id))

    def listeners(self, call_id: str) -> list[Listener]:
        return self._listeners(listener.c.call_id == call_id)

    def listening(self, staff_id: str) -> list[Listener]:
        return self._listeners(listener.c.staff_id == staff_id)

    def _listeners(self, where: ColumnElement[bool]) -> list[Listener]:
        statement = select(listener).where(where, listener.c.ended_at.is_(None)).order_by(listener.c.since)
        return self._every(Listener, listener, statement)

    def save_listener(self, saved: Listener, heard: Call) -> None:
        self._seen.save(listener, values_of(saved))
        self._touch(heard)
