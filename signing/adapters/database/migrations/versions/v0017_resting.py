"""Accounts that rest until another supervisor or auditor confirms them. Those that there are do not."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resting_account",
        sa.Column("staff_id", sa.String(length=64), sa.ForeignKey("staff.staff_id"), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("staff_id"),
    )


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
