"""The bare operation that dispatching is held against: find tickets, write two rows for each, commit durably."""

import time
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text

from signing.adapters.database.engine import url_of

ROWS = 1000
_TABLES = (
    "CREATE TABLE bare_ticket (id INTEGER PRIMARY KEY, state VARCHAR(16) NOT NULL, seat INTEGER)",
    "CREATE TABLE bare_seat (id INTEGER PRIMARY KEY, state VARCHAR(16) NOT NULL, ticket INTEGER)",
    "CREATE INDEX ix_bare_ticket ON bare_ticket (state, id)",
)
_DROP = ("DROP TABLE IF EXISTS bare_ticket", "DROP TABLE IF EXISTS bare_seat")


def rate(folder: Path, database: str, rounds: int, batch: int = 1) -> float:
    """Offers a second, ``batch`` a transaction, one after another on one connection, as durable as the service's own.

    PostgreSQL: ``SELECT … FOR UPDATE SKIP LOCKED`` in the given database, synchronous_commit on. SQLite: ``BEGIN
    IMMEDIATE`` in a file of its own in ``folder``, WAL with synchronous=FULL.
    """
    engine = create_engine(url_of(database or f"sqlite:///{folder / 'bare.db'}"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _durable)
    try:
        return _timed(engine, rounds, batch)
    finally:
        with engine.begin() as connection:
            _all(connection, _DROP)
        engine.dispose()


def _durable(connection: object, record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # the driver begins no transaction by itself
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]


def _timed(engine: Engine, rounds: int, batch: int) -> float:
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        _all(connection, (*_DROP, *_TABLES))
        rows = [{"id": number} for number in range(max(ROWS, rounds + batch))]
        connection.execute(text("INSERT INTO bare_ticket VALUES (:id, 'waiting', NULL)"), rows)
        connection.execute(text("INSERT INTO bare_seat VALUES (:id, 'available', NULL)"), rows)
        connection.commit()
        before = time.perf_counter()
        starts = range(0, rounds, batch)
        for start in starts:
            _together(connection, range(start, start + batch), sqlite=sqlite)
        return len(starts) * batch / (time.perf_counter() - before)


def _all(connection: Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        connection.execute(text(statement))


def _together(connection: Connection, seats: range, *, sqlite: bool) -> None:
    if sqlite:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    for seat in seats:
        _one(connection, seat, sqlite=sqlite)
    connection.exec_driver_sql("COMMIT") if sqlite else connection.commit()


def _one(connection: Connection, seat: int, *, sqlite: bool) -> None:
    locking = "" if sqlite else " FOR UPDATE SKIP LOCKED"
    found = text("SELECT id FROM bare_ticket WHERE state = 'waiting' ORDER BY id LIMIT 1" + locking)  # noqa: S608
    ticket = connection.execute(found).scalar_one()
    names = {"ticket": ticket, "seat": seat}
    connection.execute(text("UPDATE bare_ticket SET state = 'offered', seat = :seat WHERE id = :ticket"), names)
    connection.execute(text("UPDATE bare_seat SET state = 'ringing', ticket = :ticket WHERE id = :seat"), names)
