"""The seal registry and its log."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, update

from signing.adapters.database.rows import of_row, of_rows, upsert, values_of
from signing.adapters.database.schema import case
from signing.adapters.database.seal_schema import seal, seal_delay, seal_use, sealed_paper
from signing.domain.errors import NotFound
from signing.domain.seals import RegisteredSeal, SealDelay, SealedPaper, SealKind, SealUse


class SqlSeals:
    """``Seals``"""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, institution_id: str) -> list[RegisteredSeal]:
        statement = select(seal).where(seal.c.institution_id == institution_id)
        rows = self._connection.execute(statement.order_by(seal.c.registered_at, seal.c.seal_id)).mappings()
        return [_seal(row) for row in rows]

    def get(self, seal_id: str) -> RegisteredSeal:
        return self._one(select(seal).where(seal.c.seal_id == seal_id))

    def hold(self, seal_id: str) -> RegisteredSeal:
        return self._one(select(seal).where(seal.c.seal_id == seal_id).with_for_update())

    def rely_on(self, seal_id: str) -> RegisteredSeal:
        return self._one(select(seal).where(seal.c.seal_id == seal_id).with_for_update(read=True))

    def _one(self, statement: Select[Any]) -> RegisteredSeal:
        row = self._connection.execute(statement).mappings().first()
        if row is None:
            raise NotFound("没有找到这枚印章", "请用 pingqian seals list 查看编号")
        return _seal(row)

    def save(self, saved: RegisteredSeal) -> None:
        changed = {
            "kind": saved.kind.value,
            "documents": ",".join(saved.documents),
            "second_above": None if saved.second_above is None else str(saved.second_above),
        }
        upsert(self._connection, seal, {**values_of(saved), **changed})

    def delay(self, case_id: str) -> SealDelay | None:
        row = self._connection.execute(select(seal_delay).where(seal_delay.c.case_id == case_id)).mappings().first()
        return None if row is None else of_row(SealDelay, row)

    def save_delay(self, delay: SealDelay) -> None:
        upsert(self._connection, seal_delay, values_of(delay))

    def settle(self, case_id: str) -> None:
        self._connection.execute(delete(seal_delay).where(seal_delay.c.case_id == case_id))

    def hurry(self, institution_id: str, now: datetime) -> None:
        own = select(case.c.case_id).where(case.c.institution_id == institution_id)
        waiting = update(seal_delay).where(seal_delay.c.next_at > now, seal_delay.c.case_id.in_(own))
        self._connection.execute(waiting.values(next_at=now, tries=0))

    def due(self, now: datetime) -> list[str]:
        statement = select(seal_delay.c.case_id).where(seal_delay.c.next_at <= now).order_by(seal_delay.c.since)
        return list(self._connection.execute(statement).scalars())

    def note_paper(self, paper: SealedPaper) -> None:
        upsert(self._connection, sealed_paper, values_of(paper))

    def papers(self, *, code: str = "", sha256: str = "") -> list[SealedPaper]:
        wanted = sealed_paper.c.code == code if code else sealed_paper.c.sha256 == sha256
        return of_rows(SealedPaper, self._connection.execute(select(sealed_paper).where(wanted).limit(10)))

    def log(self, use: SealUse) -> None:
        self._connection.execute(insert(seal_use).values(**values_of(use)))

    def uses(self, institution_id: str, limit: int, seal_id: str = "") -> list[SealUse]:
        statement = select(seal_use).where(seal_use.c.institution_id == institution_id)
        if seal_id:
            statement = statement.where(seal_use.c.seal_id == seal_id)
        statement = statement.order_by(seal_use.c.at.desc(), seal_use.c.use_id.desc()).limit(limit)
        return [of_row(SealUse, row) for row in self._connection.execute(statement).mappings()]


def _seal(row: RowMapping) -> RegisteredSeal:
    above = row["second_above"]
    changed = {
        "kind": SealKind(row["kind"]),
        "documents": tuple(filter(None, row["documents"].split(","))),
        "second_above": None if above is None else Decimal(above),
    }
    return RegisteredSeal(**{**row, **changed})
