"""The tables by which cases are found; nothing in them can be read but who has talked."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from signing.adapters.database.schema import Moment, metadata

party_index = Table(
    "party_index",
    metadata,
    Column("case_id", ForeignKey("case_file.case_id"), primary_key=True),
    Column("party_id", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("key_version", Integer, nullable=False),
    Column("key_hash", String(64), nullable=False),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Index("ix_party_index_found", "kind", "key_hash", "institution_id", "opened_at", "case_id"),
)

case_agent = Table(
    "case_agent",
    metadata,
    Column("case_id", ForeignKey("case_file.case_id"), primary_key=True),
    Column("staff_id", ForeignKey("staff.staff_id"), primary_key=True),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Index("ix_case_agent_found", "staff_id", "institution_id", "opened_at", "case_id"),
)
