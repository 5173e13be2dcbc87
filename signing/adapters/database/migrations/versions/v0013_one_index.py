"""Numbers and phones are found in the search index alone."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("number_hash", "phone_hash"):
        op.drop_index(f"ix_risk_index_{name}", "risk_index")
    with op.batch_alter_table("risk_index") as table:
        for name in ("number_hash", "phone_hash"):
            table.drop_column(name)


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
