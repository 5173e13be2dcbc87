"""A seat's calls by their time, and the referred cases of an institution: found without reading the year's."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_call_of_seat", "call", ["seat_id", "started_at"])
    op.drop_index("ix_call_seat_id", table_name="call")
    op.create_index("ix_case_file_referred_of", "case_file", ["institution_id", "referred", "opened_at"])
    op.drop_index("ix_case_file_referred", table_name="case_file")


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
