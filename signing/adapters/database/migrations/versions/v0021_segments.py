"""Recordings come in segments while the call runs, and their chain's heads go on the case's chain."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording_segment",
        sa.Column("recording_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("start_seconds", sa.Float(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.recording_id"]),
        sa.PrimaryKeyConstraint("recording_id", "number"),
    )
    with op.batch_alter_table("recording") as table:
        table.add_column(sa.Column("head_at", sa.DateTime()))


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
