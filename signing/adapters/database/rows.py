"""Plain values to rows and back: a table's columns are the fields of its dataclass."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, text, update
from sqlalchemy.dialects import postgresql, sqlite

from signing.domain.errors import Contended

T = TypeVar("T")
Insert = sqlite.Insert | postgresql.Insert


def values_of(thing: object) -> dict[str, Any]:
    return {one.name: getattr(thing, one.name) for one in fields(thing)}  # type: ignore[arg-type]


def of_row(kind: type[T], row: Mapping[Any, Any]) -> T:
    return kind(**{one.name: row[one.name] for one in fields(kind)})  # type: ignore[arg-type]


def insert_into(connection: Connection, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT; both databases spell it alike."""
    return postgresql.insert(table) if is_postgres(connection) else sqlite.insert(table)


def upsert(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Inserts, or replaces the other columns where the primary key is there."""
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in values.items() if name not in keys}
    statement = insert_into(connection, table).values(**values)
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))


def is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def take_turn(connection: Connection, key: int) -> None:
    """Until the transaction ends, only one at a time comes past here with this ``key``."""
    if is_postgres(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


class Seen:
    """Which rows a unit of work has read, so that it replaces only what is still as it was read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}

    def of_row(self, table: Table, kind: type[T], row: Mapping[Any, Any]) -> T:
        thing = of_row(kind, row)
        self._rows[_key(table, row)] = values_of(thing)
        return thing

    def save(self, table: Table, values: Mapping[str, Any]) -> None:
        """Raises ``Contended`` where somebody else has changed the row since it was read here."""
        before = self._rows.get(_key(table, values))
        if before is None:
            upsert(self._connection, table, values)
        elif before != values:
            (key,) = table.primary_key
            same = [table.c[name].is_not_distinct_from(value) for name, value in before.items()]
            same.append(key == before[key.name])  # the one condition that PostgreSQL has an index for
            if self._connection.execute(update(table).where(*same).values(**values)).rowcount != 1:
                raise Contended
        self._rows[_key(table, values)] = dict(values)


def _key(table: Table, row: Mapping[Any, Any]) -> tuple[str, str]:
    (column,) = table.primary_key
    return table.name, row[column.name]
