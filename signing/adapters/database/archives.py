"""How long each closed package's time-stamps hold."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, String, Table, Text, func, select

from signing.adapters.database.rows import Seen, of_rows, values_of
from signing.adapters.database.schema import Moment, case, metadata
from signing.domain.archive import ArchiveRecord, FailedArchives

archive_record = Table(
    "archive_record",
    metadata,
    Column("case_id", ForeignKey("case_file.case_id"), primary_key=True),
    Column("until", Moment),
    Column("next_at", Moment, nullable=False, index=True),
    Column("renewals", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("reason", Text, nullable=False),
)
_FAILING = archive_record.c.tries > 0
Index("ix_archive_record_failing", archive_record.c.until, sqlite_where=_FAILING, postgresql_where=_FAILING)


class SqlArchives:
    """``Archives``"""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen = Seen(connection)

    def of(self, case_id: str) -> ArchiveRecord | None:
        found = select(archive_record).where(archive_record.c.case_id == case_id)
        row = self._connection.execute(found).mappings().first()
        return None if row is None else self._seen.of_row(archive_record, ArchiveRecord, row)

    def save(self, record: ArchiveRecord) -> None:
        self._seen.save(archive_record, values_of(record))

    def due(self, now: datetime, limit: int) -> list[ArchiveRecord]:
        statement = select(archive_record).where(archive_record.c.next_at <= now).order_by(archive_record.c.next_at)
        return of_rows(ArchiveRecord, self._connection.execute(statement.limit(limit)))

    def failing(self, limit: int) -> list[ArchiveRecord]:
        statement = select(archive_record).where(_FAILING).order_by(archive_record.c.until)
        return of_rows(ArchiveRecord, self._connection.execute(statement.limit(limit)))

    def failing_of(self, branch_ids: Collection[str]) -> FailedArchives | None:
        there = archive_record.join(case, case.c.case_id == archive_record.c.case_id)
        where = (_FAILING, case.c.branch_id.in_(branch_ids))
        first = select(archive_record, case.c.case_no).select_from(there).where(*where)
        row = self._connection.execute(first.order_by(archive_record.c.until).limit(1)).mappings().first()
        if row is None:
            return None
        count = self._connection.execute(select(func.count()).select_from(there).where(*where)).scalar_one()
        return FailedArchives(count, row["case_no"], row["until"], row["reason"])

    def branch_of(self, case_id: str) -> str:
        return str(self._connection.execute(select(case.c.branch_id).where(case.c.case_id == case_id)).scalar_one())

    def by_year(self) -> dict[int | None, int]:
        ends = self._connection.execute(select(archive_record.c.until)).scalars()
        return dict(Counter(None if until is None else until.year for until in ends))

    def several(self, case_ids: Collection[str]) -> list[ArchiveRecord]:
        statement = select(archive_record).where(archive_record.c.case_id.in_(case_ids))
        return of_rows(ArchiveRecord, self._connection.execute(statement))
