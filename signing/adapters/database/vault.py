"""Each case's data key, wrapped in the database and kept unwrapped in memory while the process lives."""

from sqlalchemy import Connection, Engine, select

from signing.adapters.database.faults import told
from signing.adapters.database.rows import insert_into
from signing.adapters.database.schema import data_key
from signing.adapters.keys import Keyring


class CaseKeys:
    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring
        self._known: dict[str, bytes] = {}

    def of(self, case_id: str) -> bytes:
        """The case's key, made and stored at the first use, in a transaction of its own."""
        key = self._known.get(case_id)
        if key is None:
            with told(), self._engine.connect().execution_options(write=True) as connection, connection.begin():
                key = self.within(connection, case_id)
        return self._known.setdefault(case_id, key)

    def within(self, connection: Connection, case_id: str) -> bytes:
        """The same inside a unit of work; not remembered, since that may still be undone."""
        if case_id in self._known:
            return self._known[case_id]
        wrapped = self._stored(connection, case_id)
        if wrapped is None:
            fresh = self._keyring.new_wrapped(case_id)
            added = insert_into(connection, data_key).values(case_id=case_id, wrapped=fresh)
            connection.execute(added.on_conflict_do_nothing())
            wrapped = self._stored(connection, case_id)
        assert wrapped is not None
        return self._keyring.unwrap(case_id, wrapped)

    @staticmethod
    def _stored(connection: Connection, case_id: str) -> bytes | None:
        return connection.execute(select(data_key.c.wrapped).where(data_key.c.case_id == case_id)).scalar()
