"""The tables of logging in: second factors, wrong tries, rules, accounts that rest, and uses that are counted."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from signing.adapters.database.schema import Moment, Moments, Named, metadata
from signing.domain.resting import Cause

second_factor = Table(
    "second_factor",
    metadata,
    Column("staff_id", ForeignKey("staff.staff_id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("confirmed_at", Moment),
    Column("last_step", BigInteger),
)

log_in_tries = Table(
    "log_in_tries",
    metadata,
    Column("name_hash", String(64), primary_key=True),
    Column("failed_at", Moments, nullable=False),
    Column("series", Integer, nullable=False),
    Column("locked_until", Moment),
    Column("tried_at", Moment, index=True),
)

factor_rule = Table(
    "factor_rule",
    metadata,
    Column("institution_id", ForeignKey("institution.institution_id"), primary_key=True),
    Column("role", String(16), primary_key=True),
    Column("required", Boolean, nullable=False),
)

resting_account = Table(
    "resting_account",
    metadata,
    Column("staff_id", ForeignKey("staff.staff_id"), primary_key=True),
    Column("cause", Named(Cause), nullable=False),
    Column("since", Moment, nullable=False),
    Column("by_id", String(64), nullable=False),
)

use = Table(
    "counted_use",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("what", String(16), nullable=False),
    Column("who_hash", String(64), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Index("ix_counted_use_who", "what", "who_hash", "at"),
)
