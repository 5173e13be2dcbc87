"""How each case came out, and the index of arrivals, for the figures of a day; an institution's own service level.

Cases that are over are looked at again at the next start, as for the search index: their results are put in then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_result",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("institution_id", sa.String(length=64), nullable=False),
        sa.Column("branch_id", sa.String(length=64), nullable=False),
        sa.Column("product_id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("ending", sa.String(length=16)),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.case_id"]),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.institution_id"]),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.branch_id"]),
    )
    op.create_index("ix_case_result_day", "case_result", ["institution_id", "at"])
    op.create_index("ix_ticket_came", "ticket", ["waiting_since", "institution_id"])
    op.add_column("queue_limits", sa.Column("target_percent", sa.Integer()))
    op.add_column("queue_limits", sa.Column("target_seconds", sa.Integer()))
    op.execute("UPDATE case_file SET index_version = 0 WHERE state IN ('sealed', 'closed', 'ended')")


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
