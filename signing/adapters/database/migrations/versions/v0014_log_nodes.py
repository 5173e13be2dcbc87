"""Hashes of the complete subtrees of the service-wide log, so that closing a case does not read all of it."""

import sqlalchemy as sa
from alembic import op

from signing.domain.ledger import leaf_hash
from signing.domain.merkle import completed

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "log_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position"),
    )
    last: dict[int, bytes] = {}
    """By level the newest node: the only ones that another leaf completes anything with."""
    waiting: list[dict[str, object]] = []
    for position, entry in _leaves():
        for level, index, found in list(completed(position, leaf_hash(entry), lambda level, _: last[level])):
            last[level] = found
            waiting.append({"level": level, "position": index, "hash": found})
    if waiting:
        op.bulk_insert(table, waiting)


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")


def _leaves() -> list[tuple[int, bytes]]:
    rows = op.get_bind().execute(sa.text("SELECT position, entry FROM log_entry ORDER BY position"))
    return [(row.position, bytes(row.entry)) for row in rows]
