"""The tables of the seal registry: the seals, and every use of one."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from signing.adapters.database.schema import Moment, metadata

_ID = String(64)

seal = Table(
    "seal",
    metadata,
    Column("seal_id", _ID, primary_key=True),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("text", String(100), nullable=False),
    Column("number", String(20), nullable=False),
    Column("custodian", String(100), nullable=False),
    Column("valid_from", Moment, nullable=False),
    Column("valid_until", Moment, nullable=False),
    Column("registered_at", Moment, nullable=False),
    Column("documents", Text, nullable=False),
    Column("second_above", String(30)),
    Column("retired_at", Moment),
    Column("retired_reason", String(500), nullable=False),
    Column("suspended_at", Moment),
    Column("suspended_by", String(100), nullable=False, server_default=""),
    Column("suspended_reason", String(500), nullable=False, server_default=""),
)

seal_use = Table(
    "seal_use",
    metadata,
    Column("use_id", _ID, primary_key=True),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("seal_id", _ID, nullable=False),
    Column("at", Moment, nullable=False),
    Column("case_id", _ID, nullable=False),
    Column("case_no", String(64), nullable=False),
    Column("document_id", _ID, nullable=False),
    Column("document_title", String(200), nullable=False),
    Column("by", String(100), nullable=False),
    Column("approved_by", String(100), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("refused", Text, nullable=False),
    Index("ix_seal_use_newest", "institution_id", "at"),
)

seal_delay = Table(
    "seal_delay",
    metadata,
    Column("case_id", ForeignKey("case_file.case_id"), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
)

sealed_paper = Table(
    "sealed_paper",
    metadata,
    Column("document_id", _ID, primary_key=True),
    Column("code", String(20), nullable=False, index=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("institution", String(200), nullable=False),
    Column("title", String(200), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("sealed_at", Moment, nullable=False),
    Column("case_id", _ID, nullable=False, server_default=""),
)
