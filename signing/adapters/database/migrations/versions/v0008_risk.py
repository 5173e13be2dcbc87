"""Who is where else, for the risk rules; their settings; which cases wait for a supervisor."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index()
    op.create_table(
        "risk_setting",
        sa.Column("institution_id", sa.String(length=64), sa.ForeignKey("institution.institution_id"), nullable=False),
        sa.Column("toml", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("institution_id"),
    )
    op.add_column("case_file", sa.Column("referred", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_case_file_referred", "case_file", ["referred"])


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")


def _index() -> None:
    """Filled at the next start: the digests need the service's key."""
    op.create_table(
        "risk_index",
        sa.Column("case_id", sa.String(length=64), sa.ForeignKey("case_file.case_id"), nullable=False),
        sa.Column("party_id", sa.String(length=64), nullable=False),
        sa.Column("institution_id", sa.String(length=64), sa.ForeignKey("institution.institution_id"), nullable=False),
        sa.Column("branch_id", sa.String(length=64), sa.ForeignKey("branch.branch_id"), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "party_id"),
    )
    for name in ("number_hash", "phone_hash", "device_hash"):
        op.create_index(f"ix_risk_index_{name}", "risk_index", [name])
    op.create_index("ix_risk_index_opened", "risk_index", ["institution_id", "opened_at"])
