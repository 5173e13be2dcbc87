"""Lists and the loan prime rate, brought in from tables."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "named_list",
        _text("institution_id", 64, "institution.institution_id"),
        _text("name", 100),
        _text("kind", 100),
        sa.PrimaryKeyConstraint("institution_id", "name"),
    )
    op.create_table(
        "list_entry",
        _text("institution_id", 64),
        _text("list_name", 100),
        _text("number_hash", 64),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "list_name", "number_hash"),
        sa.ForeignKeyConstraint(["institution_id", "list_name"], ["named_list.institution_id", "named_list.name"]),
    )
    op.create_index("ix_list_entry_number_hash", "list_entry", ["number_hash"])
    op.create_table(
        "lpr",
        _text("institution_id", 64, "institution.institution_id"),
        sa.Column("day", sa.Date(), nullable=False),
        _text("one_year", 16),
        _text("five_year", 16),
        sa.PrimaryKeyConstraint("institution_id", "day"),
    )


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")


def _text(name: str, length: int, key: str | None = None) -> "sa.Column[str]":
    references = [] if key is None else [sa.ForeignKey(key)]
    return sa.Column(name, sa.String(length=length), *references, nullable=False)
