"""Second factors, wrong tries, counted uses; when a session was last seen, on which device, and why it ended."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factor",
        sa.Column("staff_id", sa.String(64), sa.ForeignKey("staff.staff_id"), primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime()),
        sa.Column("last_step", sa.BigInteger()),
    )
    op.create_table(
        "log_in_tries",
        sa.Column("name_hash", sa.String(64), primary_key=True),
        sa.Column("failed_at", sa.String(400), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime()),
    )
    op.create_table(
        "factor_rule",
        sa.Column("institution_id", sa.String(64), sa.ForeignKey("institution.institution_id"), primary_key=True),
        sa.Column("role", sa.String(16), primary_key=True),
        sa.Column("required", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "counted_use",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("who_hash", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_counted_use_who", "counted_use", ["what", "who_hash", "at"])
    op.create_index("ix_counted_use_at", "counted_use", ["at"])
    op.add_column("session", sa.Column("seen_at", sa.DateTime()))
    op.add_column("session", sa.Column("device", sa.String(64), nullable=False, server_default=""))
    op.add_column("session", sa.Column("ended", sa.String(16), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
