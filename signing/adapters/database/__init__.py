"""The database behind ``signing.service.store``: SQLAlchemy Core over SQLite or PostgreSQL, migrated by Alembic."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from signing.adapters.database.access import SqlAccess
from signing.adapters.database.accounts import SqlAccounts
from signing.adapters.database.cases import SqlCases
from signing.adapters.database.engine import transaction_options
from signing.adapters.database.faults import told
from signing.adapters.database.locks import CaseLocks
from signing.adapters.database.logs import SqlLogs
from signing.adapters.database.office import SqlOffice
from signing.adapters.database.people import SqlPeople
from signing.adapters.database.queue import SqlQueue
from signing.adapters.database.reference import SqlReference
from signing.adapters.database.risk import SqlRisk
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import Keyring
from signing.service.store import Changes, Unit

__all__ = ["SqlDatabase", "SqlUnit"]


class SqlUnit:
    """``Unit``: one transaction on one connection."""

    def __init__(self, connection: Connection, keys: CaseKeys, keyring: Keyring, *, write: bool) -> None:
        locks = CaseLocks(connection, write=write)
        self.changes = Changes()
        self.cases = SqlCases(connection, keys, self.changes, locks)
        self.queue = SqlQueue(connection, self.changes, locks)
        self.people = SqlPeople(connection, keyring, self.changes)
        self.access = SqlAccess(connection, write=write)
        self.accounts = SqlAccounts(connection, keyring, write=write)
        self.logs = SqlLogs(connection)
        self.office = SqlOffice(connection, self.changes)
        self.reference = SqlReference(connection, keyring)
        self.risk = SqlRisk(connection, keyring, self.cases)


def _ignore(changes: Changes) -> None:
    """Until somebody listens."""


class SqlDatabase:
    """``Database``. ``on_commit`` is called after each durable unit of work, on the thread that did it."""

    def __init__(self, engine: Engine, keyring: Keyring, keys: CaseKeys) -> None:
        self._engine = engine
        self._keyring = keyring
        self._keys = keys
        self.on_commit: Callable[[Changes], None] = _ignore

    @contextmanager
    def write(self) -> Iterator[Unit]:
        with self._transaction(write=True) as unit:
            yield unit
        if unit.changes:
            self.on_commit(unit.changes)

    @contextmanager
    def read(self) -> Iterator[Unit]:
        with self._transaction(write=False) as unit:
            yield unit

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[SqlUnit]:
        options = transaction_options(self._engine, write=write)
        with told(), self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield SqlUnit(connection, self._keys, self._keyring, write=write)
