"""Codes with which owners take their accounts after a confirmation."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("resting_account") as table:
        table.add_column(sa.Column("code_hash", sa.String(length=64), nullable=False, server_default=""))
        table.add_column(sa.Column("code_until", sa.DateTime()))
        table.add_column(sa.Column("code_tries", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
