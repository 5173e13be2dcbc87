"""Which cases a unit of work holds: the row of a case is the lock of everything that belongs to it.

A unit that writes holds a case before it believes what it reads of it, and to its end. SQLite has one writer anyway.
"""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, CursorResult, Select, select

from signing.adapters.database.rows import is_postgres
from signing.adapters.database.schema import case

AT_ONCE = 500
"""Keys that one statement names."""


class CaseLocks:
    def __init__(self, connection: Connection, *, write: bool) -> None:
        self._connection = connection
        self._needed = write and is_postgres(connection)
        self._held: set[str] = set()

    def hold(self, case_id: str) -> bool:
        """Whether it had to be taken, so that what was read before is to be read again. Waits for whoever has it."""
        if not self._needed or case_id in self._held:
            return False
        # NO KEY UPDATE, since rows that refer to the case may be added meanwhile.
        row = select(case.c.case_id).where(case.c.case_id == case_id).with_for_update(key_share=True)
        self._connection.execute(row)
        self._held.add(case_id)
        return True

    def try_hold(self, case_ids: Collection[str]) -> set[str]:
        """Those that are held now: at once, and without what somebody else has."""
        wanted = set(case_ids)
        new = wanted - self._held
        if not self._needed or not new:
            return wanted
        for rows in self.try_rows(select(case.c.case_id), case.c.case_id, new):
            self._held.update(rows.scalars())
        return wanted & self._held

    def try_rows(
        self, statement: Select[Any], key: ColumnElement[str], keys: Collection[str]
    ) -> Iterator[CursorResult[Any]]:
        """The rows of these keys, held to the end of the unit; at once, and without those that somebody else has."""
        if self._needed:
            statement = statement.with_for_update(key_share=True, skip_locked=True)
        every = list(keys)
        for begin in range(0, len(every), AT_ONCE):
            yield self._connection.execute(statement.where(key.in_(every[begin : begin + AT_ONCE])))
