"""When a name was last tried, and indexes by age, so that what is over can be swept without reading all of it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("log_in_tries", sa.Column("tried_at", sa.DateTime(), nullable=True))
    op.execute("UPDATE log_in_tries SET tried_at = CURRENT_TIMESTAMP")
    op.create_index("ix_log_in_tries_tried_at", "log_in_tries", ["tried_at"])
    op.create_index("ix_session_expires_at", "session", ["expires_at"])
    op.create_index("ix_one_time_code_expires_at", "one_time_code", ["expires_at"])


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
