"""All that was done to an account since it rests, and that it was refused."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("resting_account") as table:
        table.add_column(sa.Column("changes", sa.Text(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("refused_at", sa.DateTime()))
        table.add_column(sa.Column("refused_by", sa.String(length=64), nullable=False, server_default=""))
        table.add_column(sa.Column("refused_for", sa.String(length=500), nullable=False, server_default=""))
    _keep_what_there_is()
    with op.batch_alter_table("resting_account") as table:
        table.alter_column("changes", server_default=None, existing_type=sa.Text(), existing_nullable=False)
        table.drop_column("cause")
        table.drop_column("by_id")


def _keep_what_there_is() -> None:
    names: list[sa.ColumnClause[str]] = [sa.column(name) for name in ("staff_id", "cause", "by_id", "changes")]
    resting = sa.table("resting_account", *names, sa.column("since", sa.DateTime()))
    for row in op.get_bind().execute(sa.select(resting)).mappings().all():
        changes = json.dumps([[row["cause"], f"{row['since'].isoformat()}+00:00", row["by_id"]]])
        op.execute(resting.update().where(resting.c.staff_id == row["staff_id"]).values(changes=changes))


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
