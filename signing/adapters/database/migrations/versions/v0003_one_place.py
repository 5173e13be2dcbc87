"""A customer has one open place in the queue and is in one call: the database itself refuses a second."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _only_one("one_open_leg", "leg", "state IN ('live', 'held')")
    _only_one("one_open_ticket", "ticket", "state IN ('waiting', 'offered', 'connected')")


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")


def _only_one(name: str, table: str, where: str) -> None:
    op.create_index(
        name, table, ["party_id"], unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
