"""The tables of logging in: second factors, wrong tries, rules, accounts that rest, and uses that are counted."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from signing.adapters.database.schema import Moment, Moments, metadata
from signing.domain.resting import Cause, Change


class Changes(TypeDecorator[tuple[Change, ...]]):
    """What was done to an account that rests, as one text: ``[[cause, moment, by_id], …]``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[Change, ...] | None, dialect: Dialect) -> str:
        return json.dumps([[one.cause.value, one.at.astimezone(UTC).isoformat(), one.by_id] for one in value or ()])

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Change, ...]:
        return tuple(Change(Cause(c), datetime.fromisoformat(at), by_id) for c, at, by_id in json.loads(value))


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
    Column("since", Moment, nullable=False),
    Column("changes", Changes, nullable=False),
    Column("refused_at", Moment),
    Column("refused_by", String(64), nullable=False, server_default=""),
    Column("refused_for", String(500), nullable=False, server_default=""),
    Column("code_hash", String(64), nullable=False, server_default=""),
    Column("code_until", Moment),
    Column("code_tries", Integer, nullable=False, server_default="0"),
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

keyring_mark = Table(
    "keyring_mark",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("mark", String(64), nullable=False),
)
