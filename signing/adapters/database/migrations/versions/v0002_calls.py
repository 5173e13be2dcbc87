"""Calls with a leg for each customer; transfers and listeners."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE call_before AS SELECT * FROM call")
    _calls()
    _legs()
    _transfers()
    _listeners()
    op.execute(
        "INSERT INTO leg (leg_id, call_id, case_id, party_id, ticket_id, joined_at, since, state, ended_at, reason) "
        "SELECT call_id, call_id, case_id, party_id, ticket_id, started_at, started_at, "
        "CASE state WHEN 'ended' THEN 'left' ELSE state END, ended_at, reason FROM call_before"
    )
    op.drop_table("call_before")
    op.add_column("ticket", sa.Column("joint", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("seat", sa.Column("last_call_id", sa.String(length=64), nullable=True))


def _calls() -> None:
    op.drop_index("ix_call_party_id", "call")
    with op.batch_alter_table("call") as table:
        table.add_column(sa.Column("follows", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("joint", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("ring_seconds", sa.Float(), nullable=True))
        table.add_column(sa.Column("wrap_up_seconds", sa.Float(), nullable=True))
        table.add_column(sa.Column("outcome", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("outcome_note", sa.String(length=600), nullable=False, server_default=""))
        table.drop_column("party_id")
        table.drop_column("ticket_id")


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")


def _id(name: str, key: str | None = None, *, nullable: bool = False) -> "sa.Column[str]":
    references = [] if key is None else [sa.ForeignKey(key)]
    return sa.Column(name, sa.String(length=64), *references, nullable=nullable)


def _legs() -> None:
    op.create_table(
        "leg",
        _id("leg_id"),
        _id("call_id", "call.call_id"),
        _id("case_id", "case_file.case_id"),
        _id("party_id"),
        _id("ticket_id", "ticket.ticket_id"),
        sa.Column("joined_at", sa.DateTime(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.String(length=600), nullable=False),
        sa.PrimaryKeyConstraint("leg_id"),
    )
    for column in ("call_id", "case_id", "party_id", "state"):
        op.create_index(f"ix_leg_{column}", "leg", [column])


def _transfers() -> None:
    op.create_table(
        "transfer",
        _id("transfer_id"),
        _id("call_id", "call.call_id"),
        _id("case_id", "case_file.case_id"),
        _id("from_seat_id", "seat.seat_id"),
        _id("to_seat_id", "seat.seat_id"),
        sa.Column("reason", sa.String(length=600), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("transfer_id"),
    )
    for column in ("call_id", "to_seat_id", "state"):
        op.create_index(f"ix_transfer_{column}", "transfer", [column])


def _listeners() -> None:
    op.create_table(
        "listener",
        _id("listener_id"),
        _id("call_id", "call.call_id"),
        _id("staff_id", "staff.staff_id"),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("whispering", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("listener_id"),
    )
    for column in ("call_id", "staff_id"):
        op.create_index(f"ix_listener_{column}", "listener", [column])
