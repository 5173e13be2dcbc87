"""How the lines of live calls are just now: a row a call, taken away an hour after the last telling."""

from sqlalchemy import Column, String, Table, Text

from signing.adapters.database.schema import Moment, metadata

line_now = Table(
    "line_now",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("told_at", Moment, nullable=False, index=True),
    Column("lines", Text, nullable=False),
)
