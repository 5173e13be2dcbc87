"""Cases have an end of their own. Those of before keep none: nobody was told of one."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_file", sa.Column("expires_at", sa.DateTime(), nullable=True))
    op.create_index("ix_case_file_expires_at", "case_file", ["expires_at"])


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
