"""What is over and may be forgotten, by age; a bounded number at a time, and no row for which another replica is at."""

from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, Table, delete, select

from signing.adapters.database.account_schema import log_in_tries
from signing.adapters.database.core_schema import delivery
from signing.adapters.database.schema import code, session
from signing.domain.webhook import DeliveryState


class SqlSweeper:
    """``Sweeper``"""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tries(self, before: datetime, limit: int) -> int:
        return self._sweep(log_in_tries, log_in_tries.c.name_hash, log_in_tries.c.tried_at < before, limit=limit)

    def codes(self, before: datetime, limit: int) -> int:
        return self._sweep(code, code.c.code_id, code.c.expires_at < before, limit=limit)

    def sessions(self, before: datetime, limit: int) -> int:
        return self._sweep(session, session.c.token_hash, session.c.expires_at < before, limit=limit)

    def deliveries(self, before: datetime, limit: int) -> int:
        settled = delivery.c.state.in_([DeliveryState.DELIVERED, DeliveryState.DEAD])
        return self._sweep(delivery, delivery.c.position, settled, delivery.c.next_at < before, limit=limit)

    def _sweep(self, table: Table, key: Column[str] | Column[int], *old: ColumnElement[bool], limit: int) -> int:
        """The age is asked for again where the row is deleted: somebody may have come meanwhile."""
        some = select(key).where(*old).limit(limit).with_for_update(skip_locked=True)
        return self._connection.execute(delete(table).where(key.in_(some), *old)).rowcount
