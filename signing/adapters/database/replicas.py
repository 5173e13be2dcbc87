"""The services that share a PostgreSQL database: heartbeats, sockets, signals, and the feed of what was changed."""

import json
import logging
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.dialects import postgresql

from signing.adapters.database.rows import is_postgres, take_turn, upsert
from signing.adapters.database.schema import change_feed, live_socket, replica, signal
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import Keyring, seal, unseal
from signing.domain.errors import Fenced, KeyMissing, TamperError
from signing.domain.lease import LEFT
from signing.service.commands import Actor
from signing.service.sharing import LiveSocket, Signal
from signing.service.store import Changes

_LOG = logging.getLogger("pingqian.replica")

MAX_WAITING = 32
"""Signals that wait for one socket, as many as a link takes."""
KEPT_SECONDS = 60
_LIST = 0x5051_0004


class SqlReplicas:
    """``Replicas``"""

    def __init__(self, connection: Connection, keys: CaseKeys, keyring: Keyring) -> None:
        self._connection = connection
        self._keys = keys
        self._keyring = keyring

    # --- who is alive -----------------------------------------------------------------------------------------

    def enter(self, replica_id: str) -> bool:
        take_turn(self._connection, _LIST)
        alive = select(func.count()).select_from(replica).where(replica.c.beat != LEFT)
        alone = self._connection.execute(alive).scalar_one() == 0
        if alone:
            for table in (replica, live_socket, signal):
                self._connection.execute(delete(table))
        self._connection.execute(insert(replica).values(replica_id=replica_id, beat=0))
        return alone

    def leave(self, replica_id: str) -> None:
        self._connection.execute(update(replica).where(replica.c.replica_id == replica_id).values(beat=LEFT))

    def beat(self, replica_id: str) -> bool:
        if is_postgres(self._connection):
            # What a power cut takes of a heartbeat and of what was handed over is of no use afterwards.
            self._connection.execute(text("SET LOCAL synchronous_commit = off"))
        own = (replica.c.replica_id == replica_id, replica.c.beat != LEFT)
        counted = update(replica).where(*own).values(beat=replica.c.beat + 1)
        return self._connection.execute(counted).rowcount == 1

    def beats(self, but: str) -> dict[str, int]:
        rows = self._connection.execute(select(replica).where(replica.c.replica_id != but))
        return {row.replica_id: row.beat for row in rows}

    def stand(self, replica_id: str) -> None:
        own = select(replica.c.replica_id).where(replica.c.replica_id == replica_id)
        if is_postgres(self._connection):
            own = own.with_for_update(read=True, key_share=True)
        if self._connection.execute(own).first() is None:
            raise Fenced

    def bury(self, dead: str, by: str) -> list[LiveSocket] | None:
        if self._connection.execute(delete(replica).where(replica.c.replica_id == dead)).rowcount != 1:
            return None
        self._connection.execute(delete(signal).where(signal.c.replica_id == dead))
        moved = update(live_socket).where(live_socket.c.replica_id == dead).values(replica_id=by, open=False)
        return [_socket(row) for row in self._connection.execute(moved.returning(live_socket)).mappings()]

    # --- who is connected where -------------------------------------------------------------------------------

    def join(self, socket: LiveSocket) -> LiveSocket | None:
        before = self.socket(socket.key, hold=True)
        upsert(self._connection, live_socket, _row(socket))
        return before

    def rejoin(self, sockets: Sequence[LiveSocket]) -> set[str]:
        if not sockets:
            return set()
        there = postgresql.insert(live_socket).values([_row(socket) for socket in sockets])
        rest = {column.name: there.excluded[column.name] for column in live_socket.c if not column.primary_key}
        mine = or_(live_socket.c.open.is_(False), live_socket.c.link_id == there.excluded.link_id)
        statement = there.on_conflict_do_update(index_elements=[live_socket.c.key], set_=rest, where=mine)
        return set(self._connection.execute(statement.returning(live_socket.c.key)).scalars())

    def part(self, key: str, link_id: str) -> bool:
        gone = update(live_socket).where(_is(key, link_id)).values(open=False)
        return self._connection.execute(gone).rowcount == 1

    def is_gone(self, key: str, link_id: str) -> bool:
        found = self.socket(key)
        return found is not None and found.link_id == link_id and not found.open

    def forget(self, key: str, link_id: str) -> None:
        self._connection.execute(delete(live_socket).where(_is(key, link_id), live_socket.c.open.is_(False)))

    def socket(self, key: str, *, hold: bool = False) -> LiveSocket | None:
        wanted = select(live_socket).where(live_socket.c.key == key)
        if hold and is_postgres(self._connection):
            wanted = wanted.with_for_update()
        row = self._connection.execute(wanted).mappings().first()
        return None if row is None else _socket(row)

    def open_among(self, keys: Sequence[str]) -> set[str]:
        wanted = select(live_socket.c.key).where(live_socket.c.key.in_(keys), live_socket.c.open.is_(True))
        return set(self._connection.execute(wanted).scalars())

    # --- what is handed over ----------------------------------------------------------------------------------

    def send(self, replica_id: str, sent: Signal) -> bool:
        waiting = select(func.count()).select_from(signal).where(signal.c.key == sent.key)
        if self._connection.execute(waiting).scalar_one() >= MAX_WAITING:
            return False
        sealed = seal(self._key(sent.case_id), sent.body, _context(sent.key, sent.kind))
        values = {"key": sent.key, "kind": sent.kind, "case_id": sent.case_id, "sealed": sealed}
        self._connection.execute(insert(signal).values(replica_id=replica_id, **values))
        return True

    def take(self, replica_id: str) -> list[Signal]:
        taken = delete(signal).where(signal.c.replica_id == replica_id).returning(signal)
        rows = sorted(self._connection.execute(taken).mappings(), key=lambda row: int(row["signal_id"]))
        return [found for row in rows if (found := self._opened(row)) is not None]

    def _opened(self, row: RowMapping) -> Signal | None:
        """None where its case has lost its key meanwhile: whoever waits asks again, and the others' signals go on."""
        try:
            body = unseal(self._key(row["case_id"]), row["sealed"], _context(row["key"], row["kind"]))
        except (KeyMissing, TamperError) as error:
            _LOG.error("a signal of case %s cannot be opened: %s", row["case_id"], error.code)
            return None
        return Signal(row["key"], row["kind"], body, row["case_id"])

    def _key(self, case_id: str | None) -> bytes:
        return self._keyring.derive("signals") if case_id is None else self._keys.within(self._connection, case_id)

    # --- what was changed -------------------------------------------------------------------------------------

    def tell(self, replica_id: str, changes: Changes) -> None:
        topics = json.dumps([sorted(getattr(changes, one.name)) for one in fields(changes)], separators=(",", ":"))
        self._connection.execute(insert(change_feed).values(replica_id=replica_id, topics=topics))

    def last_change(self) -> int:
        return int(self._connection.execute(select(func.coalesce(func.max(change_feed.c.change_id), 0))).scalar_one())

    def changes(self, after: int, but: str) -> dict[int, Changes]:
        rows = select(change_feed.c.change_id, change_feed.c.topics).where(
            change_feed.c.change_id > after, change_feed.c.replica_id != but
        )
        return {row.change_id: _changes(row.topics) for row in self._connection.execute(rows)}

    def sweep(self) -> None:
        old = text(f"LOCALTIMESTAMP - INTERVAL '{KEPT_SECONDS} seconds'")
        for table in (change_feed, signal):
            self._connection.execute(delete(table).where(table.c.at < old))


def _is(key: str, link_id: str) -> Any:
    return and_(live_socket.c.key == key, live_socket.c.link_id == link_id)


def _context(key: str, kind: str) -> str:
    return f"signal:{key}:{kind}"


def _changes(topics: str) -> Changes:
    """What a later version's service tells beyond what is known here is left out."""
    return Changes(*(set(ids) for ids in json.loads(topics)[: len(fields(Changes))]))


def _row(socket: LiveSocket) -> dict[str, Any]:
    owner = socket.owner
    return {
        "key": socket.key,
        "link_id": socket.link_id,
        "replica_id": socket.replica_id,
        "open": socket.open,
        "kind": owner.kind,
        "subject_id": owner.actor_id,
        "role": owner.role,
        "institution_id": owner.institution_id,
        "session_id": owner.session_id,
        "seat_id": owner.seat_id,
        "case_id": owner.case_id,
    }


def _socket(row: RowMapping) -> LiveSocket:
    owner = Actor(
        row["kind"],
        row["subject_id"],
        row["role"],
        row["institution_id"],
        seat_id=row["seat_id"],
        case_id=row["case_id"],
        session_id=row["session_id"],
    )
    return LiveSocket(row["key"], row["link_id"], row["replica_id"], owner, row["open"])
