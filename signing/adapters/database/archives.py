"""How long each closed package's time-stamps hold."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, Integer, String, Table, Text, select

from signing.adapters.database.rows import Seen, of_rows, values_of
from signing.adapters.database.schema import Moment, metadata
from signing.domain.archive import ArchiveRecord

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
        statement = select(archive_record).where(archive_record.c.tries > 0).order_by(archive_record.c.until)
        return of_rows(ArchiveRecord, self._connection.execute(statement.limit(limit)))

    def by_year(self) -> dict[int | None, int]:
        ends = self._connection.execute(select(archive_record.c.until)).scalars()
        return dict(Counter(None if until is None else until.year for until in ends))

    def several(self, case_ids: Collection[str]) -> list[ArchiveRecord]:
        statement = select(archive_record).where(archive_record.c.case_id.in_(case_ids))
        return of_rows(ArchiveRecord, self._connection.execute(statement))
