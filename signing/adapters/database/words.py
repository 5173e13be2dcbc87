"""What staff typed about a customer, sealed with the case's key in the row that it belongs to."""

import json
import logging
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Table

from signing.adapters.database.rows import Seen, names_of, of_row, values_of
from signing.adapters.database.schema import WORDS
from signing.adapters.database.shelf import Shelf
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import seal, unseal
from signing.domain.errors import KeyMissing, TamperError

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
Said = dict[str, str]
"""Column → its words, where there are any."""
UNREADABLE = "（内容无法打开）"
"""Told for words that cannot be opened: a list of many cases is not to fail for one of them."""
LARGEST = 16_384
"""Of rows whose words stay opened in memory: a thousand characters each at most, most of them a few."""


def sealed_words(key: bytes, table: Table, row_id: str, said: Said) -> bytes | None:
    return seal(key, json.dumps(said, ensure_ascii=False).encode(), _context(table, row_id)) if said else None


def opened_words(key: bytes, table: Table, row_id: str, sealed: bytes) -> Said:
    """Raises ``TamperError``."""
    said: Said = json.loads(unseal(key, sealed, _context(table, row_id)))
    return said


def clear_words(table: Table, row: Mapping[str, Any]) -> Said:
    """Those of ``row`` that are not sealed."""
    return {name: row[name] for name in WORDS[table] if row[name]}


def _context(table: Table, row_id: str) -> str:
    return f"words:{table.name}:{row_id}"


class SealedSeen(Seen):
    """As ``Seen``, and opens and seals the words of the tables that have some.

    A row is compared as it is stored. Sealing the same words twice gives other bytes, so words that have not changed
    keep the bytes that were read.
    """

    def __init__(self, connection: Connection, keys: CaseKeys, shelf: Shelf[Said]) -> None:
        super().__init__(connection)
        self._keys = keys
        self._shelf = shelf

    def of_row(self, table: Table, kind: type[T], row: Mapping[Any, Any]) -> T:
        if table not in WORDS:
            return super().of_row(table, kind, row)
        stored = {name: row[name] for name in (*names_of(kind), "sealed")}
        self.keep(table, stored)
        return of_row(kind, {**stored, **self._said(table, stored)})

    def of_rows(self, table: Table, kind: type[T], result: CursorResult[Any]) -> list[T]:
        if table not in WORDS:
            return super().of_rows(table, kind, result)
        return [self.of_row(table, kind, row) for row in result.mappings().all()]

    def save_words(self, table: Table, thing: object) -> None:
        """As ``save``, for one row of a table that has words."""
        self.save(table, self._stored(table, values_of(thing)))

    def _stored(self, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
        said, row_id = clear_words(table, values), values[_key(table)]
        before = self.before(table, row_id)
        blank = {**values, **dict.fromkeys(WORDS[table], "")}
        if before is not None and before["sealed"] is not None and self._said(table, before) == said:
            return {**blank, "sealed": before["sealed"]}
        return {**blank, "sealed": self._sealed(table, values["case_id"], row_id, said, before)}

    def _sealed(
        self, table: Table, case_id: str, row_id: str, said: Said, before: Mapping[str, Any] | None
    ) -> bytes | None:
        """Where the case's key is gone, what was sealed before stays and the words are not kept: a call must be able to
        end all the same, and its end is on the access log with them."""
        if not said:
            return None
        try:
            return sealed_words(self._keys.within(self._connection, case_id), table, row_id, said)
        except (KeyMissing, TamperError):
            _LOG.error("words of %s %s cannot be sealed: the key of its case cannot be opened", table.name, row_id)
            return None if before is None else before["sealed"]

    def _said(self, table: Table, stored: Mapping[str, Any]) -> Said:
        """Of a row of before that is not sealed yet: as it is."""
        row_id, sealed = stored[_key(table)], stored["sealed"]
        if sealed is None:
            return clear_words(table, stored)
        try:
            return self._shelf.get(_context(table, row_id), 0, sealed, lambda: self._opened(table, stored))
        except (KeyMissing, TamperError):
            return {WORDS[table][0]: UNREADABLE}

    def _opened(self, table: Table, stored: Mapping[str, Any]) -> Said:
        key = self._keys.within(self._connection, stored["case_id"])
        return opened_words(key, table, stored[_key(table)], stored["sealed"])


def _key(table: Table) -> str:
    (column,) = table.primary_key
    return column.name
