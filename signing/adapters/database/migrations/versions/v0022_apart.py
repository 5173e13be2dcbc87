"""Customers who are muted, and those who wait while another is talked to alone."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("call") as table:
        table.add_column(sa.Column("alone_with", sa.String(length=64)))
    with op.batch_alter_table("leg") as table:
        table.add_column(sa.Column("muted", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("apart", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
