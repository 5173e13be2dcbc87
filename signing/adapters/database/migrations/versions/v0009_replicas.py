"""Several services on one database: who is alive, who is connected where, what is handed from one to another."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table("replica", _text("replica_id"), sa.Column("beat", COUNTED, nullable=False), _key("replica_id"))
    op.create_table(
        "live_socket",
        _text("key", 80),
        _text("link_id"),
        _text("replica_id"),
        sa.Column("open", sa.Boolean(), nullable=False),
        _text("kind", 8),
        _text("subject_id"),
        _text("role", 16),
        _text("institution_id"),
        _text("session_id"),
        _text("seat_id", nullable=True),
        _text("case_id", nullable=True),
        _key("key"),
    )
    op.create_index("ix_live_socket_replica_id", "live_socket", ["replica_id"])
    op.create_table(
        "signal",
        sa.Column("signal_id", COUNTED, nullable=False),
        _text("replica_id"),
        _text("key", 80),
        _text("kind", 16),
        _text("case_id", nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _at(),
        _key("signal_id"),
    )
    op.create_index("ix_signal_replica_id", "signal", ["replica_id"])
    op.create_table(
        "change_feed",
        sa.Column("change_id", COUNTED, nullable=False),
        _text("replica_id"),
        sa.Column("topics", sa.Text(), nullable=False),
        _at(),
        _key("change_id"),
    )


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")


def _text(name: str, length: int = 64, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at() -> "sa.Column[datetime]":
    return sa.Column("at", sa.DateTime(), nullable=False, server_default=sa.func.now())


def _key(name: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(name)
