"""The access log, chained like a case's events and sealed, and the entries of the service-wide log."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from signing.adapters.database.rows import take_turn
from signing.adapters.database.schema import access_log, leaf, log_node
from signing.adapters.keys import Keyring, seal, unseal
from signing.domain.ledger import GENESIS, append, leaf_hash
from signing.domain.masking import mask_name
from signing.domain.merkle import LogProof, completed, prove
from signing.service.commands import Actor

_ACCESS, _MERKLE = 0x5051_0002, 0x5051_0003
"""Who adds to a log takes its turn until the commit, so that the order of the chain is that of the commits."""


class SqlLogs:
    """``Logs``"""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def record_view(self, actor: Actor, at: datetime, what: str, case_id: str, detail: str) -> str:
        take_turn(self._connection, _ACCESS)
        newest = select(access_log.c.seq, access_log.c.sha256).order_by(access_log.c.seq.desc()).limit(1)
        row = self._connection.execute(newest).first()
        seq, prev = (1, GENESIS) if row is None else (row.seq + 1, row.sha256)
        who = {"kind": actor.kind, "id": actor.actor_id, "role": actor.role, "name": mask_name(actor.name)}
        body = {"what": what, "case_id": case_id, "detail": detail}
        line = append(prev, seq, at, who, "view.recorded", body)
        values = {"seq": seq, "at": at, "actor_id": actor.actor_id, "case_id": case_id}
        sealed = seal(self._key(), line.data, _context(seq))
        self._connection.execute(insert(access_log).values(**values, sha256=line.sha256, line=b"", sealed=sealed))
        return line.sha256

    def views(self) -> list[bytes]:
        """Lines of before the log was sealed stay as they are: the log cannot be changed. Raises ``TamperError``."""
        key, columns = self._key(), (access_log.c.seq, access_log.c.line, access_log.c.sealed)
        rows = self._connection.execute(select(*columns).order_by(access_log.c.seq))
        return [row.line if row.sealed is None else unseal(key, row.sealed, _context(row.seq)) for row in rows]

    def _key(self) -> bytes:
        """The service's, not a case's: a look is put on record also where the case cannot be opened."""
        return self._keyring.derive("access-log")

    def add_leaf(self, case_id: str, entry: bytes, at: datetime) -> int:
        take_turn(self._connection, _MERKLE)
        there = self._connection.execute(select(leaf.c.position).where(leaf.c.case_id == case_id)).scalar()
        if there is not None:
            return int(there)
        position = self._size()
        self._connection.execute(insert(leaf).values(position=position, case_id=case_id, at=at, entry=entry))
        for level, index, found in completed(position, leaf_hash(entry), self._node):
            self._connection.execute(insert(log_node).values(level=level, position=index, hash=found))
        return position

    def proof(self, index: int) -> LogProof:
        return prove(index, self._size(), self._node)

    def _size(self) -> int:
        last = self._connection.execute(select(func.max(leaf.c.position))).scalar()
        return 0 if last is None else int(last) + 1

    def _node(self, level: int, index: int) -> bytes:
        wanted = select(log_node.c.hash).where(log_node.c.level == level, log_node.c.position == index)
        return bytes(self._connection.execute(wanted).scalar_one())

    def leaves(self) -> list[bytes]:
        return list(self._connection.execute(select(leaf.c.entry).order_by(leaf.c.position)).scalars())


def _context(seq: int) -> str:
    return f"access:{seq}"
