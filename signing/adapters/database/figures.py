"""What the figures of a day are reckoned from: tickets, calls and how cases came out, each by an index of its time."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, select

from signing.adapters.database.figure_schema import case_result
from signing.adapters.database.rows import insert_into
from signing.adapters.database.schema import call, data_key, leg, seat, ticket
from signing.adapters.database.schema import case as cases
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import seal, unseal
from signing.domain.errors import KeyMissing, TamperError
from signing.domain.figures import Arrival, Result, Talk
from signing.domain.queue import OPEN_STATES


class SqlFigures:
    """``FigureFacts``"""

    def __init__(self, connection: Connection, keys: CaseKeys) -> None:
        self._connection = connection
        self._keys = keys

    def arrivals(self, institution_id: str, since: datetime, until: datetime) -> list[Arrival]:
        columns = (ticket.c.ticket_id, ticket.c.branch_id, ticket.c.waiting_since, ticket.c.state, cases.c.product_id)
        joined = (
            ticket.join(cases, cases.c.case_id == ticket.c.case_id)
            .outerjoin(leg, and_(leg.c.party_id == ticket.c.party_id, leg.c.ticket_id == ticket.c.ticket_id))
            .outerjoin(call, call.c.call_id == leg.c.call_id)
        )
        statement = (
            select(*columns, leg.c.joined_at, call.c.staff_id)
            .select_from(joined)
            .where(ticket.c.institution_id == institution_id)
            .where(ticket.c.waiting_since >= since, ticket.c.waiting_since < until)
            .order_by(ticket.c.waiting_since, ticket.c.ticket_id, leg.c.joined_at)
        )
        first: dict[str, Arrival] = {}
        for row in self._connection.execute(statement):
            if row.ticket_id not in first:
                where = (row.branch_id, row.product_id, row.staff_id or "")
                first[row.ticket_id] = Arrival(*where, row.waiting_since, row.joined_at, row.state in OPEN_STATES)
        return list(first.values())

    def talks(self, institution_id: str, since: datetime, until: datetime) -> list[Talk]:
        own = select(seat.c.seat_id).where(seat.c.institution_id == institution_id)
        statement = (
            select(seat.c.branch_id, cases.c.product_id, call.c.staff_id, call.c.started_at, call.c.ended_at)
            .select_from(
                call.join(seat, seat.c.seat_id == call.c.seat_id).join(cases, cases.c.case_id == call.c.case_id)
            )
            .where(call.c.seat_id.in_(own), call.c.started_at >= since, call.c.started_at < until)
            .order_by(call.c.started_at, call.c.call_id)
        )
        return [Talk(*row) for row in self._connection.execute(statement)]

    def results(self, institution_id: str, since: datetime, until: datetime) -> list[Result]:
        own = (case_result.c.institution_id == institution_id, case_result.c.at >= since, case_result.c.at < until)
        statement = (
            select(case_result, data_key.c.kek_id, data_key.c.wrapped)
            .outerjoin(data_key, data_key.c.case_id == case_result.c.case_id)
            .where(*own)
            .order_by(case_result.c.at, case_result.c.case_id)
        )
        return [self._result(row) for row in self._connection.execute(statement).mappings()]

    def _result(self, row: RowMapping) -> Result:
        plain = {column.name: row[column] for column in case_result.c if column is not case_result.c.sealed}
        stored = None if row["kek_id"] is None else (row["kek_id"], row["wrapped"])
        try:
            key = self._keys.opened(row["case_id"], stored)
            said = json.loads(unseal(key, row["sealed"], _context(row["case_id"])))
        except (KeyMissing, TamperError):  # one that is spoilt must not take the whole day away
            return Result(**plain, unread=True)
        amount = None if said["amount"] is None else Decimal(said["amount"])
        return Result(**plain, amount=amount, reason=said["reason"])

    def keep(self, result: Result) -> None:
        values = {
            "case_id": result.case_id,
            "institution_id": result.institution_id,
            "branch_id": result.branch_id,
            "product_id": result.product_id,
            "staff_id": result.staff_id or self._last_agent(result.case_id),
            "at": result.at,
            "ending": result.ending,
            "sealed": sealed_result(self._keys.within(self._connection, result.case_id), result),
        }
        statement = insert_into(self._connection, case_result).values(**values)
        self._connection.execute(statement.on_conflict_do_nothing(index_elements=["case_id"]))

    def _last_agent(self, case_id: str) -> str:
        newest = select(call.c.staff_id).where(call.c.case_id == case_id).order_by(call.c.started_at.desc()).limit(1)
        return self._connection.execute(newest).scalar() or ""


def sealed_result(key: bytes, result: Result) -> bytes:
    said: dict[str, Any] = {"amount": None if result.amount is None else str(result.amount), "reason": result.reason}
    return seal(key, json.dumps(said, ensure_ascii=False).encode(), _context(result.case_id))


def _context(case_id: str) -> str:
    return f"result:{case_id}"
