"""How long closed packages' time-stamps hold, and where their renewals lie. Those closed before are looked at once."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_record",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.Column("next_at", sa.DateTime(), nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.case_id"]),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("ix_archive_record_next_at", "archive_record", ["next_at"])
    op.execute(
        "INSERT INTO archive_record (case_id, next_at, renewals, sha256, tries, reason) "
        "SELECT case_id, at, 0, '', 0, '' FROM event WHERE type = 'package.closed'"
    )


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
