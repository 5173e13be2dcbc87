"""Each case's data key, wrapped in the database; the last used are kept unwrapped in memory."""

import threading
from collections import OrderedDict

from sqlalchemy import Connection, Engine, select

from signing.adapters.database.faults import told
from signing.adapters.database.rows import insert_into
from signing.adapters.database.schema import data_key
from signing.adapters.keys import Keyring

KEPT = 10_000
"""A memory of some two megabytes, and more cases than a day has."""


class CaseKeys:
    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, case_id: str) -> bytes:
        """The case's key, made and stored at the first use, in a transaction of its own."""
        key = self._recall(case_id)
        if key is None:
            with told(), self._engine.connect().execution_options(write=True) as connection, connection.begin():
                key = self.within(connection, case_id)
            self._remember(case_id, key)
        return key

    def within(self, connection: Connection, case_id: str) -> bytes:
        """The same inside a unit of work; not remembered, since that may still be undone."""
        if (key := self._recall(case_id)) is not None:
            return key
        stored = self._stored(connection, case_id)
        if stored is None:
            kek_id, wrapped = self._keyring.new_wrapped(case_id)
            added = insert_into(connection, data_key).values(case_id=case_id, kek_id=kek_id, wrapped=wrapped)
            connection.execute(added.on_conflict_do_nothing())
            stored = self._stored(connection, case_id)
        assert stored is not None
        return self._keyring.unwrap(case_id, *stored)

    def digest(self, purpose: str, value: str) -> str:
        """What an index may hold of ``value``."""
        return self._keyring.digest(purpose, value)

    @staticmethod
    def _stored(connection: Connection, case_id: str) -> tuple[str, bytes] | None:
        wanted = select(data_key.c.kek_id, data_key.c.wrapped).where(data_key.c.case_id == case_id)
        row = connection.execute(wanted).first()
        return None if row is None else (row.kek_id, row.wrapped)

    def _recall(self, case_id: str) -> bytes | None:
        with self._lock:
            key = self._known.get(case_id)
            if key is not None:
                self._known.move_to_end(case_id)
            return key

    def _remember(self, case_id: str, key: bytes) -> None:
        with self._lock:
            self._known[case_id] = key
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
