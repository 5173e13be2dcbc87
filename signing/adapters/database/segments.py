"""The segments of recordings that come while they are made."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, select, update

from signing.adapters.database.schema import recording
from signing.adapters.database.schema import recording_segment as segments
from signing.domain.case import Segment


class SqlSegments:
    """``Segments``"""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, recording_id: str) -> Segment | None:
        return self._first(_of(recording_id).order_by(segments.c.number.desc()).limit(1))

    def get(self, recording_id: str, index: int) -> Segment | None:
        return self._first(_of(recording_id).where(segments.c.number == index))

    def _first(self, statement: Select[Any]) -> Segment | None:
        row = self._connection.execute(statement).mappings().first()
        return None if row is None else _segment(row)

    def all(self, recording_id: str) -> tuple[Segment, ...]:
        rows = self._connection.execute(_of(recording_id).order_by(segments.c.number)).mappings()
        return tuple(_segment(row) for row in rows)

    def add(self, recording_id: str, segment: Segment, at: datetime) -> None:
        """The primary key refuses a second one of this number."""
        self._connection.execute(
            insert(segments).values(
                recording_id=recording_id,
                number=segment.index,
                place=segment.offset,
                size=segment.size,
                start_seconds=segment.start_seconds,
                sha256=segment.sha256,
                chain=segment.chain,
                at=at,
            )
        )

    def head_at(self, recording_id: str) -> datetime | None:
        statement = select(recording.c.head_at).where(recording.c.recording_id == recording_id)
        found: datetime | None = self._connection.execute(statement).scalar()
        return found

    def set_head_at(self, recording_id: str, at: datetime) -> None:
        self._connection.execute(update(recording).where(recording.c.recording_id == recording_id).values(head_at=at))


def _of(recording_id: str) -> Select[Any]:
    return select(segments).where(segments.c.recording_id == recording_id)


def _segment(row: RowMapping) -> Segment:
    return Segment(row["number"], row["place"], row["size"], row["start_seconds"], row["sha256"], row["chain"])
