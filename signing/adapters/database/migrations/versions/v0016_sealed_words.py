"""What staff typed about a customer is sealed, and so is the access log.

What is there already of the first is sealed at the next start, found by an index; lines of the log are never changed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_CLEAR = {"call": "reason <> '' OR outcome_note <> ''", "leg": "reason <> ''", "transfer": "reason <> ''"}


def upgrade() -> None:
    for table, clear in _CLEAR.items():
        op.add_column(table, sa.Column("sealed", sa.LargeBinary(), nullable=True))
        where = sa.text(clear)
        op.create_index(f"ix_{table}_clear", table, [f"{table}_id"], sqlite_where=where, postgresql_where=where)
    op.add_column("access_log", sa.Column("sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
