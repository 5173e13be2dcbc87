"""Registered seals that are put aside for a time."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("seal", sa.Column("suspended_at", sa.DateTime()))
    op.add_column("seal", sa.Column("suspended_by", sa.String(length=100), nullable=False, server_default=""))
    op.add_column("seal", sa.Column("suspended_reason", sa.String(length=500), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
