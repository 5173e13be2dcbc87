"""Sealed papers by the code in their footer and by their digest, for the public check."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sealed_paper",
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("document_id"),
    )
    op.create_index("ix_sealed_paper_code", "sealed_paper", ["code"])
    op.create_index("ix_sealed_paper_sha256", "sealed_paper", ["sha256"])


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
