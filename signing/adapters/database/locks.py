"""Which cases a unit of work holds: the row of a case is the lock of everything that belongs to it.

A unit that writes holds a case before it believes what it reads of it, and to its end. SQLite has one writer anyway.
"""

from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from signing.adapters.database.rows import is_postgres
from signing.adapters.database.schema import case


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

    def try_hold(self, case_id: str) -> bool:
        """False, at once, where somebody else has it."""
        if not self._needed or case_id in self._held:
            return True
        if self.try_row(select(case.c.case_id).where(case.c.case_id == case_id)) is None:
            return False
        self._held.add(case_id)
        return True

    def try_row(self, statement: Select[Any]) -> RowMapping | None:
        """The row, held to the end of the unit; None, at once, where somebody else has it."""
        if self._needed:
            statement = statement.with_for_update(key_share=True, skip_locked=True)
        return self._connection.execute(statement).mappings().first()
