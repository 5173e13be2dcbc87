"""Cases, whole and encrypted, and their chained events."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from signing.adapters.database import finding
from signing.adapters.database.locks import CaseLocks
from signing.adapters.database.outbox import Outbox
from signing.adapters.database.rows import insert_into
from signing.adapters.database.schema import call, case_number, event, recording
from signing.adapters.database.schema import case as cases
from signing.adapters.database.shelf import Shelf
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import INDEX_VERSION, seal, unseal
from signing.domain.case import Case
from signing.domain.core_state import CoreState, core_state
from signing.domain.errors import ConflictError, KeyMissing, NotFound, TamperError
from signing.domain.events import Happening
from signing.domain.ledger import GENESIS, append, verify_chain
from signing.domain.lifecycle import expiry_of
from signing.domain.masking import mask_name
from signing.domain.phase import is_open
from signing.domain.webhook import LED_BY, News, news_of_change, news_of_event
from signing.service.case_list import CaseQuery, ListPlace
from signing.service.commands import Actor
from signing.service.one_of_many import tell_spoilt
from signing.service.store import Changed, Changes, StoredEvent

_CASE: TypeAdapter[Case] = TypeAdapter(Case)
LAST_EVENT = "package.closed"
_SETTLED = {"sqlite": timedelta()}
"""After so long no transaction is still open that made an earlier change. SQLite has one writer at a time."""
_SETTLED_ELSEWHERE = timedelta(seconds=10)


class SqlCases:
    """``Cases``"""

    def __init__(
        self, connection: Connection, keys: CaseKeys, changes: Changes, locks: CaseLocks, shelf: Shelf[Case]
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._changes = changes
        self._locks = locks
        self._outbox = Outbox(connection)
        self._came_to: dict[str, News] = {}
        self._shelf = shelf

    def get(self, case_id: str, institution_id: str | None = None) -> Case:
        self._locks.hold(case_id)
        return self.peek(case_id, institution_id)

    def peek(self, case_id: str, institution_id: str | None = None) -> Case:
        """As ``get``, but somebody else may change it meanwhile: for a look at a case that is not worked on."""
        row = self._connection.execute(select(cases).where(cases.c.case_id == case_id)).mappings().first()
        if row is None or institution_id not in (None, row["institution_id"]):
            raise NotFound("没有找到这笔业务", "请核对业务编号")
        return self._open(row)

    def several(self, case_ids: Collection[str]) -> dict[str, Case]:
        rows = self._connection.execute(select(cases).where(cases.c.case_id.in_(case_ids))).mappings().all()
        return {row["case_id"]: case for row in rows if (case := self._readable(row)) is not None}

    def _readable(self, row: RowMapping) -> Case | None:
        try:
            return self._open(row)
        except (KeyMissing, TamperError) as error:
            tell_spoilt(row["case_id"], error)
        return None

    def _open(self, row: RowMapping) -> Case:
        return self._shelf.get(row["case_id"], row["version"], row["sealed"], lambda: self._decipher(row))

    def _decipher(self, row: RowMapping) -> Case:
        return opened(self._keys.within(self._connection, row["case_id"]), row)

    def add(self, case: Case) -> None:
        try:
            self._keys.new(self._connection, case.case_id)
            self._connection.execute(insert(cases).values(case_id=case.case_id, **self._columns(case)))
        except IntegrityError:
            raise ConflictError("这笔业务刚刚已经开立", "请重试，将得到同一笔业务", code="in_progress") from None
        finding.keep_index(self._connection, self._keys, case)
        self._changes.case_ids.add(case.case_id)

    def save(self, case: Case) -> Case:
        from_version = case.version
        raised = _raised(case)
        before = self._connection.execute(select(cases.c.state).where(cases.c.case_id == case.case_id)).scalar()
        statement = (
            update(cases)
            .where(cases.c.case_id == case.case_id, cases.c.version == from_version)
            .values(**self._columns(raised))
        )
        if self._connection.execute(statement).rowcount != 1:
            raise ConflictError("这笔业务刚刚有了新的变化", "请刷新后重试")
        finding.keep_index(self._connection, self._keys, case)
        self._changes.case_ids.add(case.case_id)
        self._come_to(case.case_id, news_of_change(before, core_state(raised)))
        return raised

    def _come_to(self, case_id: str, news: News | None) -> None:
        """Told after the event that brought the case there, or at once where none will follow."""
        if news is not None and news.type in LED_BY:
            self._came_to[case_id] = news
        elif news is not None:
            self._outbox.tell(case_id, news, datetime.now(UTC))

    def _columns(self, case: Case) -> dict[str, Any]:
        key = self._keys.within(self._connection, case.case_id)
        return {
            "case_no": case.case_no,
            "institution_id": case.institution_id,
            "branch_id": case.branch_id,
            "product_id": case.product_id,
            "opened_at": case.opened_at,
            "finished": not is_open(case),
            "referred": is_open(case) and any(finding.pending for finding in case.findings),
            "state": core_state(case),
            "changed_at": datetime.now(UTC),
            "expires_at": expiry_of(case),
            "version": case.version,
            "index_version": INDEX_VERSION,
            "sealed": seal(key, _CASE.dump_json(case), _context(case.case_id, case.version)),
        }

    # --- events -----------------------------------------------------------------------------------------------

    def append(self, case_id: str, happening: Happening, actor: Actor, at: datetime) -> str:
        """Raises ``ConflictError`` once the package is closed: nothing follows the last event."""
        self._locks.hold(case_id)
        newest = select(event.c.seq, event.c.sha256, event.c.type).where(event.c.case_id == case_id)
        row = self._connection.execute(newest.order_by(event.c.seq.desc()).limit(1)).first()
        seq, prev = (1, GENESIS) if row is None else (row.seq + 1, row.sha256)
        if row is not None and row.type == LAST_EVENT:
            raise ConflictError("这笔业务已封存归档", "不能再追加记录")
        line = append(prev, seq, at, _who(actor), happening.type, happening.body)
        sealed = seal(self._keys.within(self._connection, case_id), line.data, _event_context(case_id, seq))
        self._connection.execute(
            insert(event).values(
                case_id=case_id, seq=seq, at=at, type=happening.type, sha256=line.sha256, sealed=sealed
            )
        )
        self._changes.case_ids.add(case_id)
        self._tell(case_id, happening, at)
        return line.sha256

    def _tell(self, case_id: str, happening: Happening, at: datetime) -> None:
        news = news_of_event(happening.type, happening.body)
        if news is not None:
            self._outbox.tell(case_id, news, at)
        state = self._came_to.get(case_id)
        if state is not None and LED_BY.get(state.type) == happening.type:
            self._outbox.tell(case_id, state, at)
            del self._came_to[case_id]

    def is_closed(self, case_id: str) -> bool:
        newest = select(event.c.type).where(event.c.case_id == case_id).order_by(event.c.seq.desc()).limit(1)
        return self._connection.execute(newest).scalar() == LAST_EVENT

    def events(self, case_id: str) -> list[StoredEvent]:
        """Raises ``TamperError`` where a line is not the one that was chained."""
        self._locks.hold(case_id)
        key = self._keys.within(self._connection, case_id)
        rows = self._connection.execute(select(event).where(event.c.case_id == case_id).order_by(event.c.seq))
        stored = [
            _stored(row, unseal(key, row["sealed"], _event_context(case_id, row["seq"]))) for row in rows.mappings()
        ]
        verify_chain(one.line for one in stored)
        return stored

    # --- finding ----------------------------------------------------------------------------------------------

    def of_recording(self, recording_id: str) -> Case:
        statement = select(recording.c.case_id).where(recording.c.recording_id == recording_id)
        case_id = self._connection.execute(statement).scalar()
        if case_id is None:
            raise NotFound("没有找到这段录像")
        return self.get(case_id)

    def add_recording(self, recording_id: str, case_id: str) -> None:
        self._connection.execute(insert(recording).values(recording_id=recording_id, case_id=case_id))

    def find(self, query: CaseQuery, limit: int, after: ListPlace | None = None) -> list[Case]:
        case_ids = finding.find(self._connection, self._keys, query, limit, after)
        rows = self._connection.execute(select(cases).where(cases.c.case_id.in_(case_ids))).mappings()
        found = {row["case_id"]: self._decipher(row) for row in rows}
        return [found[case_id] for case_id in case_ids]

    def count(self, query: CaseQuery, at_most: int) -> int:
        return finding.count(self._connection, self._keys, query, at_most)

    def changed(
        self, institution_id: str, after: tuple[datetime, str], state: CoreState | None, limit: int
    ) -> list[Changed]:
        settled = datetime.now(UTC) - _SETTLED.get(self._connection.dialect.name, _SETTLED_ELSEWHERE)
        place = (cases.c.changed_at, cases.c.case_id)
        where = [cases.c.institution_id == institution_id, cases.c.changed_at <= settled]
        where.append(or_(place[0] > after[0], and_(place[0] == after[0], place[1] > after[1])))
        if state is not None:
            where.append(cases.c.state == state)
        rows = self._connection.execute(select(cases).where(*where).order_by(*place).limit(limit)).mappings()
        return [Changed(self._open(row), row["changed_at"]) for row in rows]

    def changed_at(self, case_id: str) -> datetime:
        statement = select(cases.c.changed_at).where(cases.c.case_id == case_id)
        found: datetime | None = self._connection.execute(statement).scalar()
        if found is None:
            raise NotFound("没有找到这笔业务", "请核对业务编号")
        return found

    def unfinished(self) -> list[str]:
        statement = select(cases.c.case_id).where(cases.c.finished.is_(False)).order_by(cases.c.opened_at)
        return list(self._connection.execute(statement).scalars())

    def due(self, now: datetime, limit: int) -> list[str]:
        over = (cases.c.finished.is_(False), cases.c.expires_at <= now)
        statement = select(cases.c.case_id).where(*over).order_by(cases.c.expires_at, cases.c.case_id).limit(limit)
        return list(self._connection.execute(statement).scalars())

    def unfinished_of(self, branch_id: str) -> list[str]:
        talked = cases.c.case_id.in_(select(call.c.case_id))
        statement = select(cases.c.case_id).where(cases.c.branch_id == branch_id, cases.c.finished.is_(False), talked)
        return list(self._connection.execute(statement.order_by(cases.c.opened_at)).scalars())

    def open_of(self, branch_id: str, limit: int) -> list[str]:
        statement = select(cases.c.case_id).where(cases.c.branch_id == branch_id, cases.c.finished.is_(False))
        newest = statement.order_by(cases.c.opened_at.desc(), cases.c.case_id.desc()).limit(limit)
        return list(self._connection.execute(newest).scalars())

    def referred(self, institution_id: str) -> list[str]:
        where = (cases.c.institution_id == institution_id, cases.c.referred.is_(True))
        return list(
            self._connection.execute(select(cases.c.case_id).where(*where).order_by(cases.c.opened_at)).scalars()
        )

    def next_number(self, institution_id: str, day: str) -> int:
        """Counted by the database itself; another unit of the same institution and day waits for this one."""
        first = insert_into(self._connection, case_number).values(institution_id=institution_id, day=day, last=1)
        keys = [case_number.c.institution_id, case_number.c.day]
        counted = first.on_conflict_do_update(index_elements=keys, set_={"last": case_number.c.last + 1})
        return int(self._connection.execute(counted.returning(case_number.c.last)).scalar_one())


def opened(key: bytes, row: RowMapping) -> Case:
    """Raises ``TamperError``."""
    return _CASE.validate_json(unseal(key, row["sealed"], _context(row["case_id"], row["version"])))


def _raised(case: Case) -> Case:
    return replace(case, version=case.version + 1)


def _context(case_id: str, version: int) -> str:
    """Bound to the version too, so that an older state cannot be put back under a newer number."""
    return f"case:{case_id}:{version}"


def _event_context(case_id: str, seq: int) -> str:
    return f"event:{case_id}:{seq}"


def _who(actor: Actor) -> dict[str, object]:
    return {"kind": actor.kind, "id": actor.actor_id, "role": actor.role, "name": mask_name(actor.name)}


def _stored(row: RowMapping, line: bytes) -> StoredEvent:
    if hashlib.sha256(line).hexdigest() != row["sha256"]:
        raise TamperError(f"事件链第 {row['seq']} 行与记录的摘要不符", "请停止使用这份记录，并联系管理员核查")
    record = json.loads(line)
    at = datetime.fromisoformat(record["at"])
    return StoredEvent(row["seq"], at, record["actor"], record["type"], record["body"], row["sha256"], line)
