"""Which case a sealed paper is of; and a short way to the packages whose time-stamps could not be renewed."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_FAILING = sa.text("tries > 0")


def upgrade() -> None:
    op.add_column("sealed_paper", sa.Column("case_id", sa.String(64), nullable=False, server_default=""))
    # only for what follows: each paper is looked up once
    op.create_index("ix_party_index_once", "party_index", ["party_id"])
    op.execute(
        "UPDATE sealed_paper SET case_id = coalesce((SELECT case_id FROM party_index"
        " WHERE party_id = sealed_paper.document_id AND kind = 'paper'), '')"
    )
    op.drop_index("ix_party_index_once", "party_index")
    op.create_index(
        "ix_archive_record_failing", "archive_record", ["until"], sqlite_where=_FAILING, postgresql_where=_FAILING
    )


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
