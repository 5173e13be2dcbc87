"""The tables. Names, identity numbers, phones, terms and what staff typed about a customer are inside ``sealed``
columns, encrypted for their case."""

from datetime import UTC, datetime
from enum import Enum
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    func,
    text,
)

from signing.domain.call import CallState, LegState, Outcome, TransferState
from signing.domain.core_state import CoreState
from signing.domain.queue import Priority, TicketState
from signing.domain.seat import SeatState

E = TypeVar("E", bound=Enum)


class Moment(TypeDecorator[datetime]):
    """Aware UTC outside, naive UTC inside."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Moments(TypeDecorator[tuple[datetime, ...]]):
    """A few aware times, as one text."""

    impl = String(400)
    cache_ok = True

    def process_bind_param(self, value: tuple[datetime, ...] | None, dialect: Dialect) -> str:
        return ",".join(one.astimezone(UTC).isoformat() for one in value or ())

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[datetime, ...]:
        return tuple(datetime.fromisoformat(one) for one in str(value).split(",") if one)


class Named(TypeDecorator[E], Generic[E]):
    """A member of ``kind``, stored as its value's text."""

    impl = String(16)
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind
        self._members = {str(one.value): one for one in kind}

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value.value)

    def process_result_value(self, value: Any, dialect: Dialect) -> E | None:
        return None if value is None else self._members[value]


metadata = MetaData()
_ID = String(64)


def _key(name: str) -> Column[str]:
    return Column(name, _ID, primary_key=True)


data_key = Table(
    "data_key",
    metadata,
    _key("case_id"),
    Column("wrapped", LargeBinary, nullable=False),
    Column("kek_id", String(16), nullable=False, index=True),
)

institution = Table(
    "institution",
    metadata,
    _key("institution_id"),
    *(
        Column(name, String(200), nullable=False)
        for name in ("name", "seal_name", "address", "helpline", "representative", "credit_code")
    ),
    Column("lender_kind", String(32), nullable=False, server_default=""),
    Column("day_count", String(8), nullable=False, server_default=""),
)

branch = Table(
    "branch",
    metadata,
    _key("branch_id"),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("name", String(200), nullable=False),
)

seat = Table(
    "seat",
    metadata,
    _key("seat_id"),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("branch_id", ForeignKey("branch.branch_id"), nullable=False),
    Column("label", String(64), nullable=False),
    Column("since", Moment, nullable=False),
    Column("state", Named(SeatState), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("staff_id", _ID),
    Column("ticket_id", _ID),
    Column("call_id", _ID),
    Column("case_id", _ID),
    Column("last_call_id", _ID),
)

staff = Table(
    "staff",
    metadata,
    _key("staff_id"),
    Column("username", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("branch_id", ForeignKey("branch.branch_id"), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("seat_id", ForeignKey("seat.seat_id")),
    Column("active", Boolean, nullable=False),
)

household = Table(
    "household",
    metadata,
    Column("institution_id", ForeignKey("institution.institution_id"), primary_key=True),
    Column("number_hash", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

named_list = Table(
    "named_list",
    metadata,
    Column("institution_id", ForeignKey("institution.institution_id"), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("kind", String(100), nullable=False),
)

list_entry = Table(
    "list_entry",
    metadata,
    Column("institution_id", String(64), primary_key=True),
    Column("list_name", String(100), primary_key=True),
    Column("number_hash", String(64), primary_key=True, index=True),
    Column("sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(["institution_id", "list_name"], ["named_list.institution_id", "named_list.name"]),
)

lpr = Table(
    "lpr",
    metadata,
    Column("institution_id", ForeignKey("institution.institution_id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("one_year", String(16), nullable=False),
    Column("five_year", String(16), nullable=False),
)

case = Table(
    "case_file",
    metadata,
    _key("case_id"),
    Column("case_no", String(32), nullable=False),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("branch_id", ForeignKey("branch.branch_id"), nullable=False),
    Column("product_id", _ID, nullable=False),
    Column("opened_at", Moment, nullable=False, index=True),
    Column("finished", Boolean, nullable=False, index=True),
    Column("referred", Boolean, nullable=False),
    Column("state", Named(CoreState), nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("expires_at", Moment, index=True),
    Column("version", Integer, nullable=False),
    Column("index_version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("institution_id", "case_no"),
    Index("ix_case_file_feed", "institution_id", "changed_at", "case_id"),
    Index("ix_case_file_referred_of", "institution_id", "referred", "opened_at"),
)
Index("ix_case_file_listed", case.c.institution_id, case.c.opened_at, case.c.case_id)
Index("ix_case_file_product", case.c.institution_id, case.c.product_id, case.c.opened_at, case.c.case_id)
_UNINDEXED = text("index_version = 0")
Index("ix_case_file_unindexed", case.c.case_id, sqlite_where=_UNINDEXED, postgresql_where=_UNINDEXED)

risk_index = Table(
    "risk_index",
    metadata,
    Column("case_id", ForeignKey("case_file.case_id"), primary_key=True),
    Column("party_id", _ID, primary_key=True),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("branch_id", ForeignKey("branch.branch_id"), nullable=False),
    Column("opened_by", _ID, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("device_hash", String(64), index=True),
    Index("ix_risk_index_opened", "institution_id", "opened_at"),
)

risk_setting = Table(
    "risk_setting",
    metadata,
    Column("institution_id", ForeignKey("institution.institution_id"), primary_key=True),
    Column("toml", Text, nullable=False),
    Column("since", Moment, nullable=False),
)

case_number = Table(
    "case_number",
    metadata,
    Column("institution_id", ForeignKey("institution.institution_id"), primary_key=True),
    Column("day", String(8), primary_key=True),
    Column("last", Integer, nullable=False),
)

recording = Table(
    "recording",
    metadata,
    _key("recording_id"),
    Column("case_id", ForeignKey("case_file.case_id"), nullable=False),
    Column("head_at", Moment),
)

recording_segment = Table(
    "recording_segment",
    metadata,
    Column("recording_id", ForeignKey("recording.recording_id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("place", BigInteger, nullable=False),
    Column("size", Integer, nullable=False),
    Column("start_seconds", Float, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("chain", String(64), nullable=False),
    Column("at", Moment, nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("case_id", ForeignKey("case_file.case_id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("type", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

ticket = Table(
    "ticket",
    metadata,
    _key("ticket_id"),
    Column("case_id", ForeignKey("case_file.case_id"), nullable=False),
    Column("party_id", _ID, nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("branch_id", ForeignKey("branch.branch_id"), nullable=False),
    Column("waiting_since", Moment, nullable=False),
    Column("priority", Named(Priority), nullable=False),
    Column("state", Named(TicketState), nullable=False, index=True),
    Column("seat_id", ForeignKey("seat.seat_id")),
    Column("offered_at", Moment),
    Column("dropped_at", Moment),
    Column("present", Boolean, nullable=False),
    Column("joint", Boolean, nullable=False),
)

call = Table(
    "call",
    metadata,
    _key("call_id"),
    Column("case_id", ForeignKey("case_file.case_id"), nullable=False, index=True),
    Column("seat_id", ForeignKey("seat.seat_id"), nullable=False),
    Column("staff_id", ForeignKey("staff.staff_id"), nullable=False),
    Column("agent_name", String(64), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("state", Named(CallState), nullable=False, index=True),
    Column("ended_at", Moment),
    Column("reason", String(600), nullable=False),
    Column("follows", _ID),
    Column("joint", Boolean, nullable=False),
    Column("ring_seconds", Float),
    Column("wrap_up_seconds", Float),
    Column("outcome", Named(Outcome)),
    Column("outcome_note", String(600), nullable=False),
    Column("alone_with", _ID),
    Column("sealed", LargeBinary),
    Index("ix_call_of_seat", "seat_id", "started_at"),
)

leg = Table(
    "leg",
    metadata,
    _key("leg_id"),
    Column("call_id", ForeignKey("call.call_id"), nullable=False, index=True),
    Column("case_id", ForeignKey("case_file.case_id"), nullable=False, index=True),
    Column("party_id", _ID, nullable=False, index=True),
    Column("ticket_id", ForeignKey("ticket.ticket_id"), nullable=False),
    Column("joined_at", Moment, nullable=False),
    Column("since", Moment, nullable=False),
    Column("state", Named(LegState), nullable=False, index=True),
    Column("ended_at", Moment),
    Column("reason", String(600), nullable=False),
    Column("muted", Boolean, nullable=False),
    Column("apart", Boolean, nullable=False),
    Column("sealed", LargeBinary),
)

Index("ix_ticket_came", ticket.c.waiting_since, ticket.c.institution_id)
"""By time first: the other way round, SQLite would take it to list the few who wait, and read all who ever did."""
_OPEN_LEG, _OPEN_TICKET = text("state IN ('live', 'held')"), text("state IN ('waiting', 'offered', 'connected')")
Index("one_open_leg", leg.c.party_id, unique=True, sqlite_where=_OPEN_LEG, postgresql_where=_OPEN_LEG)
Index("one_open_ticket", ticket.c.party_id, unique=True, sqlite_where=_OPEN_TICKET, postgresql_where=_OPEN_TICKET)

transfer = Table(
    "transfer",
    metadata,
    _key("transfer_id"),
    Column("call_id", ForeignKey("call.call_id"), nullable=False, index=True),
    Column("case_id", ForeignKey("case_file.case_id"), nullable=False),
    Column("from_seat_id", ForeignKey("seat.seat_id"), nullable=False),
    Column("to_seat_id", ForeignKey("seat.seat_id"), nullable=False, index=True),
    Column("reason", String(600), nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", Named(TransferState), nullable=False, index=True),
    Column("ended_at", Moment),
    Column("sealed", LargeBinary),
)

WORDS = {call: ("reason", "outcome_note"), leg: ("reason",), transfer: ("reason",)}
"""Columns for words that a person types about a customer. They lie in ``sealed``; these are empty, but in rows of
before that ``backfill`` has not come to."""
CLEAR = {table: " OR ".join(f"{name} <> ''" for name in names) for table, names in WORDS.items()}
for _table, _names in WORDS.items():
    _where = text(CLEAR[_table])
    Index(f"ix_{_table.name}_clear", *_table.primary_key, sqlite_where=_where, postgresql_where=_where)

listener = Table(
    "listener",
    metadata,
    _key("listener_id"),
    Column("call_id", ForeignKey("call.call_id"), nullable=False, index=True),
    Column("staff_id", ForeignKey("staff.staff_id"), nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("since", Moment, nullable=False),
    Column("whispering", Boolean, nullable=False),
    Column("ended_at", Moment),
)

link = Table(
    "link",
    metadata,
    Column("capability_hash", String(64), primary_key=True),
    Column("case_id", ForeignKey("case_file.case_id"), nullable=False),
    Column("party_id", _ID, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked", Boolean, nullable=False),
)

code = Table(
    "one_time_code",
    metadata,
    _key("code_id"),
    Column("party_id", _ID, nullable=False, index=True),
    Column("code_hash", String(64), nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("used_at", Moment),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("subject_id", _ID, nullable=False, index=True),
    Column("case_id", _ID),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("revoked_at", Moment),
    Column("seen_at", Moment),
    Column("device", String(64), nullable=False),
    Column("ended", String(16), nullable=False),
)

access_log = Table(
    "access_log",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor_id", _ID, nullable=False),
    Column("case_id", _ID, nullable=False, index=True),
    Column("sha256", String(64), nullable=False),
    Column("line", LargeBinary, nullable=False),
    Column("sealed", LargeBinary),
)

leaf = Table(
    "log_entry",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("case_id", ForeignKey("case_file.case_id"), nullable=False, unique=True),
    Column("at", Moment, nullable=False),
    Column("entry", LargeBinary, nullable=False),
)

log_node = Table(
    "log_node",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

message = Table(
    "stand_in_message",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

# --- several services on one database: short-lived, and never evidence ------------------------------------------------

_COUNTED = BigInteger().with_variant(Integer, "sqlite")

replica = Table("replica", metadata, _key("replica_id"), Column("beat", _COUNTED, nullable=False))

live_socket = Table(
    "live_socket",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("link_id", _ID, nullable=False),
    Column("replica_id", _ID, nullable=False, index=True),
    Column("open", Boolean, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("subject_id", _ID, nullable=False),
    Column("role", String(16), nullable=False),
    Column("institution_id", _ID, nullable=False),
    Column("session_id", String(64), nullable=False),
    Column("seat_id", _ID),
    Column("case_id", _ID),
)

signal = Table(
    "signal",
    metadata,
    Column("signal_id", _COUNTED, primary_key=True),
    Column("replica_id", _ID, nullable=False, index=True),
    Column("key", String(80), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("case_id", _ID),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", DateTime, nullable=False, server_default=func.now()),
)

change_feed = Table(
    "change_feed",
    metadata,
    Column("change_id", _COUNTED, primary_key=True),
    Column("replica_id", _ID, nullable=False),
    Column("topics", Text, nullable=False),
    Column("at", DateTime, nullable=False, server_default=func.now()),
)

APPEND_ONLY = (event, access_log, leaf)
"""Their rows are never changed or deleted; triggers refuse both."""
