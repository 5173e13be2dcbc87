"""What kind of lender an institution is, and how many days its year has for daily rates."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("institution") as table:
        table.add_column(sa.Column("lender_kind", sa.String(length=32), nullable=False, server_default=""))
        table.add_column(sa.Column("day_count", sa.String(length=8), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
