"""Cases are found by keyed digests of who is in them, by who talked, and in the order of the list."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_LISTED = ["opened_at", "case_id"]


def upgrade() -> None:
    _cases()
    _parties()
    _agents()
    op.execute(
        "INSERT INTO case_agent (case_id, staff_id, institution_id, opened_at) "
        "SELECT DISTINCT c.case_id, k.staff_id, c.institution_id, c.opened_at "
        "FROM call k JOIN case_file c ON c.case_id = k.case_id"
    )


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")


def _cases() -> None:
    """What is there already has version 0: the next start opens it and fills the index."""
    op.add_column("case_file", sa.Column("index_version", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_case_file_listed", "case_file", ["institution_id", *_LISTED])
    op.create_index("ix_case_file_product", "case_file", ["institution_id", "product_id", *_LISTED])
    where = sa.text("index_version = 0")
    op.create_index("ix_case_file_unindexed", "case_file", ["case_id"], sqlite_where=where, postgresql_where=where)


def _id(name: str, key: str | None = None) -> "sa.Column[str]":
    references = [] if key is None else [sa.ForeignKey(key)]
    return sa.Column(name, sa.String(length=64), *references, nullable=False)


def _parties() -> None:
    op.create_table(
        "party_index",
        _id("case_id", "case_file.case_id"),
        _id("party_id"),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        _id("institution_id", "institution.institution_id"),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "party_id", "kind"),
    )
    op.create_index("ix_party_index_found", "party_index", ["kind", "key_hash", "institution_id", *_LISTED])


def _agents() -> None:
    op.create_table(
        "case_agent",
        _id("case_id", "case_file.case_id"),
        _id("staff_id", "staff.staff_id"),
        _id("institution_id", "institution.institution_id"),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "staff_id"),
    )
    op.create_index("ix_case_agent_found", "case_agent", ["staff_id", "institution_id", *_LISTED])
