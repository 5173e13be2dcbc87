"""Each case's data key, wrapped in the database; the last used are kept unwrapped in memory."""

import threading
from collections import OrderedDict

from sqlalchemy import Connection, Engine, select

from signing.adapters.database.faults import told
from signing.adapters.database.rows import insert_into
from signing.adapters.database.schema import case, data_key
from signing.adapters.keys import Keyring
from signing.domain.errors import KeyMissing

KEPT = 10_000
"""A memory of some two megabytes, and more cases than a day has."""


class CaseKeys:
    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, case_id: str) -> bytes:
        """The case's key. Where the case itself is still to be stored, it is made and kept for it, in a transaction of
        its own. Raises ``KeyMissing`` as ``within``."""
        key = self._recall(case_id)
        if key is None:
            with told(), self._engine.connect().execution_options(write=True) as connection, connection.begin():
                there = connection.execute(select(case.c.case_id).where(case.c.case_id == case_id)).first()
                key = self.new(connection, case_id) if there is None else self.within(connection, case_id)
            self._remember(case_id, key)
        return key

    def within(self, connection: Connection, case_id: str) -> bytes:
        """The key inside a unit of work; not remembered, since that may still be undone. None is made: a fresh one
        would open nothing of the case. Raises ``KeyMissing`` where it is in neither the database nor the key file."""
        if (key := self._recall(case_id)) is not None:
            return key
        return self.opened(case_id, self._stored(connection, case_id))

    def opened(self, case_id: str, stored: tuple[str, bytes] | None) -> bytes:
        """As ``within``, of what was read of it together with other cases'."""
        if (key := self._recall(case_id)) is not None:
            return key
        if stored is None:
            raise KeyMissing("数据库里没有这笔业务的密钥，打不开这笔业务", "请从备份恢复数据库")
        return self._keyring.unwrap(case_id, *stored)

    def new(self, connection: Connection, case_id: str) -> bytes:
        """For a case that is being stored: a fresh key, or the one that its files have already."""
        kek_id, wrapped = self._keyring.new_wrapped(case_id)
        added = insert_into(connection, data_key).values(case_id=case_id, kek_id=kek_id, wrapped=wrapped)
        connection.execute(added.on_conflict_do_nothing())
        return self.within(connection, case_id)

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
