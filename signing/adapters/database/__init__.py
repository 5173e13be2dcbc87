"""The database behind ``signing.service.store``: SQLAlchemy Core over SQLite or PostgreSQL, migrated by Alembic."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from signing.adapters.database.access import SqlAccess
from signing.adapters.database.accounts import SqlAccounts
from signing.adapters.database.archives import SqlArchives
from signing.adapters.database.cases import SqlCases
from signing.adapters.database.core import SqlCore
from signing.adapters.database.engine import open_aside, transaction_options
from signing.adapters.database.faults import told
from signing.adapters.database.figures import SqlFigures
from signing.adapters.database.lines import SqlLines
from signing.adapters.database.locks import CaseLocks
from signing.adapters.database.logs import SqlLogs
from signing.adapters.database.office import SqlOffice
from signing.adapters.database.people import SqlPeople
from signing.adapters.database.queue import SqlQueue
from signing.adapters.database.reference import SqlReference
from signing.adapters.database.replicas import SqlReplicas
from signing.adapters.database.risk import SqlRisk
from signing.adapters.database.seals import SqlSeals
from signing.adapters.database.segments import SqlSegments
from signing.adapters.database.shelf import Shelf
from signing.adapters.database.sweeping import SqlSweeper
from signing.adapters.database.vault import CaseKeys
from signing.adapters.database.words import LARGEST, Said, SealedSeen
from signing.adapters.keys import Keyring
from signing.domain.case import Case
from signing.domain.errors import ConflictError
from signing.service.store import EXCLUSIVE_AT_ONCE, Changes, Unit

__all__ = ["SqlDatabase", "SqlUnit"]


@dataclass(frozen=True)
class Shelves:
    """What one process keeps opened in memory."""

    cases: Shelf[Case] = field(default_factory=Shelf)
    words: Shelf[Said] = field(default_factory=lambda: Shelf(LARGEST))


class SqlUnit:
    """``Unit``: one transaction on one connection."""

    def __init__(
        self,
        connection: Connection,
        keys: CaseKeys,
        keyring: Keyring,
        shelves: Shelves,
        replica_id: str,
        *,
        write: bool,
    ) -> None:
        locks = CaseLocks(connection, write=write)
        self.changes = Changes()
        self.cases = SqlCases(connection, keys, self.changes, locks, shelves.cases)
        self.replicas = SqlReplicas(connection, keys, keyring)
        seen = SealedSeen(connection, keys, shelves.words)
        self.queue = SqlQueue(connection, self.changes, locks, lambda: self._stand(replica_id), seen)
        self.people = SqlPeople(connection, keyring, self.changes)
        self.access = SqlAccess(connection, write=write)
        self.accounts = SqlAccounts(connection, keyring, write=write)
        self.sweeper = SqlSweeper(connection)
        self.logs = SqlLogs(connection, keyring)
        self.office = SqlOffice(connection, self.changes)
        self.core = SqlCore(connection, keys, keyring)
        self.reference = SqlReference(connection, keyring)
        self.segments = SqlSegments(connection)
        self.seals = SqlSeals(connection)
        self.lines = SqlLines(connection)
        self.archives = SqlArchives(connection)
        self.figures = SqlFigures(connection, keys)
        self.risk = SqlRisk(connection, keys, self.cases)
        self._standing = not replica_id

    def _stand(self, replica_id: str) -> None:
        if not self._standing:
            self.replicas.stand(replica_id)
            self._standing = True


EXCLUSIVE_SECONDS = 20.0


def _ignore(changes: Changes) -> None:
    """Until somebody listens."""


class SqlDatabase:
    """``Database``. ``on_commit`` is called after each durable unit of work, on the thread that did it."""

    def __init__(self, engine: Engine, keyring: Keyring, keys: CaseKeys) -> None:
        self._engine = engine
        self._keyring = keyring
        self._keys = keys
        self._shelves = Shelves()
        self.on_commit: Callable[[Changes], None] = _ignore
        self.shared = engine.dialect.name == "postgresql"
        self.replica_id = ""
        self._locks = open_aside(engine, EXCLUSIVE_AT_ONCE) if self.shared else engine
        self._beats = open_aside(engine, 1) if self.shared else engine

    def write(self) -> AbstractContextManager[Unit]:
        return self._write(self._engine)

    def beat(self) -> AbstractContextManager[Unit]:
        return self._write(self._beats)

    @contextmanager
    def _write(self, engine: Engine) -> Iterator[Unit]:
        with self._transaction(engine, write=True) as unit:
            yield unit
            if self.shared and unit.changes:
                unit.replicas.tell(self.replica_id, unit.changes)
        if unit.changes:
            self.on_commit(unit.changes)

    @contextmanager
    def read(self) -> Iterator[Unit]:
        with self._transaction(self._engine, write=False) as unit:
            yield unit

    @contextmanager
    def _transaction(self, engine: Engine, *, write: bool) -> Iterator[SqlUnit]:
        options = transaction_options(engine, write=write)
        with told(), engine.connect().execution_options(**options) as connection, connection.begin():
            yield SqlUnit(connection, self._keys, self._keyring, self._shelves, self.replica_id, write=write)

    @contextmanager
    def exclusive(self, name: str) -> Iterator[None]:
        """By a session's advisory lock, which the server lets go when the connection ends. SQLite has one process.

        The connection is held as long as the name; it comes from a pool of its own, so that units of work go on.
        """
        if not self.shared:
            yield
            return
        key = {"key": int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)}
        with told(), self._locks.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            until = time.monotonic() + EXCLUSIVE_SECONDS
            while not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), key).scalar():
                if time.monotonic() > until:
                    raise ConflictError("这笔业务正在另一台服务上办理", "请稍后重试")
                time.sleep(0.05)
            try:
                yield
            finally:
                _let_go(connection, key)


def _let_go(connection: Connection, key: dict[str, int]) -> None:
    """What was done under the lock is done, whatever becomes of the connection."""
    try:
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
    except SQLAlchemyError:
        connection.invalidate()
