"""How the lines of the live calls are just now. Nothing personal is in it."""

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, select

from signing.adapters.database.line_schema import line_now
from signing.adapters.database.rows import upsert
from signing.domain.line import CallLines, LineNow
from signing.domain.quality import Cause


class SqlLines:
    """``Lines``"""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, call_id: str) -> CallLines | None:
        return self.several([call_id]).get(call_id)

    def several(self, call_ids: Collection[str]) -> dict[str, CallLines]:
        if not call_ids:
            return {}
        rows = self._connection.execute(select(line_now).where(line_now.c.call_id.in_(call_ids))).mappings()
        return {row["call_id"]: _lines(row) for row in rows}

    def save(self, lines: CallLines) -> None:
        told = json.dumps([[one.party_id, one.bars, one.cause.value] for one in lines.lines])
        upsert(self._connection, line_now, {"call_id": lines.call_id, "told_at": lines.told_at, "lines": told})

    def forget(self, before: datetime) -> None:
        self._connection.execute(delete(line_now).where(line_now.c.told_at < before))


def _lines(row: RowMapping) -> CallLines:
    told = tuple(LineNow(party_id, bars, Cause(cause)) for party_id, bars, cause in json.loads(row["lines"]))
    return CallLines(row["call_id"], row["told_at"], told)
