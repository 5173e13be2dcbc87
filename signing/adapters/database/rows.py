"""Plain values to rows and back: a table's columns are the fields of its dataclass."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Table, Update, bindparam, text, update
from sqlalchemy.dialects import postgresql, sqlite

from signing.domain.errors import Contended

T = TypeVar("T")
Insert = sqlite.Insert | postgresql.Insert


_NAMES: dict[type[Any], tuple[str, ...]] = {}


def names_of(kind: type[Any]) -> tuple[str, ...]:
    """Of a dataclass's fields, as its constructor takes them."""
    if kind not in _NAMES:
        _NAMES[kind] = tuple(one.name for one in fields(kind))
    return _NAMES[kind]


def values_of(thing: object) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names_of(type(thing))}


def of_row(kind: type[T], row: Mapping[Any, Any]) -> T:
    return kind(*(row[name] for name in names_of(kind)))


def of_rows(kind: type[T], result: CursorResult[Any]) -> list[T]:
    """All of them: a thousand rows are read at each look at the queue, and looking names up takes longest."""
    columns = list(result.keys())
    pick = itemgetter(*(columns.index(name) for name in names_of(kind)))
    return [kind(*pick(row)) for row in result.all()]


def insert_into(connection: Connection, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT; both databases spell it alike."""
    return postgresql.insert(table) if is_postgres(connection) else sqlite.insert(table)


def upsert(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Inserts, or replaces the other columns where the primary key is there."""
    connection.execute(_upsert(table, tuple(values), postgres=is_postgres(connection)), values)


@cache
def _upsert(table: Table, names: tuple[str, ...], *, postgres: bool) -> Insert:
    """Made once for each table: putting a statement together costs more than running it."""
    statement = (postgresql.insert(table) if postgres else sqlite.insert(table)).values(
        {name: bindparam(name, type_=table.c[name].type) for name in names}
    )
    keys = [column.name for column in table.primary_key]
    rest = {name: statement.excluded[name] for name in names if name not in keys}
    if not rest:
        return statement.on_conflict_do_nothing(index_elements=keys)
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)


@cache
def _replace(table: Table, names: tuple[str, ...]) -> Update:
    """Of a row that is still as it was read: ``was_NAME`` for every column, ``is_NAME`` for all but the key.

    SQLite looks through every table that refers to a row whose key is set, be it to what it was.
    """
    (key,) = table.primary_key
    was = [table.c[name].is_not_distinct_from(bindparam(f"was_{name}", type_=table.c[name].type)) for name in names]
    # The one condition that PostgreSQL has an index for.
    was.append(key == bindparam(f"key_{key.name}", type_=key.type))
    rest = (name for name in names if name != key.name)
    return update(table).where(*was).values({name: bindparam(f"is_{name}", type_=table.c[name].type) for name in rest})


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
        self._rows: dict[tuple[str, str], Any] = {}

    def of_row(self, table: Table, kind: type[T], row: Mapping[Any, Any]) -> T:
        return self._read(table, [of_row(kind, row)])[0]

    def of_rows(self, table: Table, kind: type[T], result: CursorResult[Any]) -> list[T]:
        return self._read(table, of_rows(kind, result))

    def _read(self, table: Table, things: list[T]) -> list[T]:
        (column,) = table.primary_key
        self._rows.update(((table.name, getattr(thing, column.name)), thing) for thing in things)
        return things

    def save(self, table: Table, *saved: Mapping[str, Any]) -> None:
        """In one go, each row once. Raises ``Contended`` where somebody else has changed one since it was read here."""
        (key,) = table.primary_key
        replaced = []
        for values in saved:
            before = self.before(table, values[key.name])
            if before is None:
                upsert(self._connection, table, values)
            elif before != values:
                replaced.append(_told(key.name, before, values))
            self._rows[table.name, values[key.name]] = dict(values)
        if replaced and self._replaced(_replace(table, tuple(saved[0])), replaced) != len(replaced):
            raise Contended

    def keep(self, table: Table, stored: dict[str, Any]) -> None:
        """A row as it was read, where that is more or other than the fields of a dataclass."""
        (column,) = table.primary_key
        self._rows[table.name, stored[column.name]] = stored

    def before(self, table: Table, key: str) -> dict[str, Any] | None:
        """The row as it was read or saved here last."""
        read = self._rows.get((table.name, key))
        return read if read is None or isinstance(read, dict) else values_of(read)

    def _replaced(self, statement: Update, told: Sequence[Mapping[str, Any]]) -> int:
        """How many rows were still as they were read."""
        return self._connection.execute(statement, told[0] if len(told) == 1 else told).rowcount


def _told(key: str, before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What ``_replace`` wants to be told."""
    told = {f"was_{name}": value for name, value in before.items()}
    told |= {f"is_{name}": value for name, value in values.items() if name != key}
    return told | {f"key_{key}": before[key]}
