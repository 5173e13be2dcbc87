"""The seal registry. Each institution of before has the contract seal that its papers bore, registered."""

import hashlib
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    seal = op.create_table(
        "seal",
        sa.Column("seal_id", sa.String(length=64), nullable=False),
        sa.Column("institution_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("custodian", sa.String(length=100), nullable=False),
        sa.Column("valid_from", sa.DateTime(), nullable=False),
        sa.Column("valid_until", sa.DateTime(), nullable=False),
        sa.Column("registered_at", sa.DateTime(), nullable=False),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("second_above", sa.String(length=30)),
        sa.Column("retired_at", sa.DateTime()),
        sa.Column("retired_reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.institution_id"]),
        sa.PrimaryKeyConstraint("seal_id"),
    )
    op.create_index("ix_seal_institution_id", "seal", ["institution_id"])
    op.create_table(
        "seal_use",
        sa.Column("use_id", sa.String(length=64), nullable=False),
        sa.Column("institution_id", sa.String(length=64), nullable=False),
        sa.Column("seal_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("case_no", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("document_title", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("approved_by", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.institution_id"]),
        sa.PrimaryKeyConstraint("use_id"),
    )
    op.create_index("ix_seal_use_newest", "seal_use", ["institution_id", "at"])
    _forbid_change("seal_use")
    _register(seal)


def _forbid_change(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for action, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION append_only()"
            )
        return
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _register(seal: sa.Table) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = op.get_bind().execute(sa.text("SELECT institution_id, seal_name, credit_code FROM institution")).all()
    for institution_id, text, code in rows:
        digest = hashlib.sha256(f"seal\n{institution_id}".encode()).digest()
        region = "".join(character for character in code[2:8] if character.isdigit()).ljust(6, "0")
        op.get_bind().execute(
            seal.insert().values(
                seal_id=f"seal_{digest.hex()[:24]}",
                institution_id=institution_id,
                kind="contract",
                text=text,
                number=region + f"{int.from_bytes(digest[:4], 'big') % 10_000_000:07d}",
                custodian="升级前沿用，请核对",
                valid_from=now - timedelta(days=1),
                valid_until=now + timedelta(days=5 * 365),
                registered_at=now,
                documents="",
                retired_reason="",
            )
        )


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")
