"""Plain values to rows and back: a table's columns are the fields of its dataclass."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

T = TypeVar("T")


def values_of(thing: object) -> dict[str, Any]:
    return {one.name: getattr(thing, one.name) for one in fields(thing)}  # type: ignore[arg-type]


def of_row(kind: type[T], row: Mapping[Any, Any]) -> T:
    return kind(**{one.name: row[one.name] for one in fields(kind)})  # type: ignore[arg-type]


def upsert(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Inserts, or replaces the other columns where the primary key is there. SQLite and PostgreSQL alike."""
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in values.items() if name not in keys}
    statement = sqlite_insert(table).values(**values)
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))
