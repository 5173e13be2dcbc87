"""Which key-encryption key each data key is wrapped under; so far there was one."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("data_key", sa.Column("kek_id", sa.String(length=16), nullable=False, server_default="k1"))
    op.create_index("ix_data_key_kek_id", "data_key", ["kek_id"])


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
