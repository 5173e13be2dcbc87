"""The credit system's keys, orders and webhooks; when a case last changed and how it stands for that system."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INSTITUTION = "institution.institution_id"


def upgrade() -> None:
    _cases()
    _keys()
    _webhooks()


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")


def _cases() -> None:
    op.add_column("case_file", sa.Column("state", sa.String(16), nullable=False, server_default="open"))
    op.add_column(
        "case_file", sa.Column("changed_at", sa.DateTime(), nullable=False, server_default="1970-01-01 00:00:00")
    )
    op.execute(
        "UPDATE case_file SET "
        "changed_at = COALESCE((SELECT max(event.at) FROM event WHERE event.case_id = case_file.case_id), opened_at), "
        "state = CASE WHEN EXISTS (SELECT 1 FROM event WHERE event.case_id = case_file.case_id "
        "AND event.type = 'package.closed') THEN 'closed' WHEN finished THEN 'ended' ELSE 'open' END"
    )
    op.create_index("ix_case_file_feed", "case_file", ["institution_id", "changed_at", "case_id"])


def _keys() -> None:
    op.create_table(
        "core_key",
        _id("key_id"),
        _id("institution_id", _INSTITUTION),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("allowed", sa.String(1000), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_index("ix_core_key_institution_id", "core_key", ["institution_id"])
    op.create_table(
        "core_request",
        _id("case_id", "case_file.case_id"),
        _id("institution_id", _INSTITUTION),
        _id("key_id", "core_key.key_id"),
        sa.Column("idempotency_key", sa.String(200), nullable=False),
        sa.Column("reference", sa.String(100), nullable=True),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        sa.UniqueConstraint("institution_id", "idempotency_key"),
        sa.UniqueConstraint("institution_id", "reference"),
    )


def _webhooks() -> None:
    op.create_table(
        "webhook",
        _id("webhook_id"),
        _id("institution_id", _INSTITUTION),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("webhook_id"),
    )
    op.create_index("ix_webhook_institution_id", "webhook", ["institution_id"])
    op.create_table(
        "webhook_delivery",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        _id("delivery_id"),
        _id("webhook_id", "webhook.webhook_id"),
        _id("institution_id", _INSTITUTION),
        _id("case_id", "case_file.case_id"),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_tried_at", sa.DateTime(), nullable=True),
        sa.Column("next_at", sa.DateTime(), nullable=False),
        sa.Column("last_error", sa.String(200), nullable=False),
        sa.Column("lease", sa.String(64), nullable=True),
        sa.Column("leased_until", sa.DateTime(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("delivery_id"),
    )
    op.create_index("ix_webhook_delivery_due", "webhook_delivery", ["state", "next_at"])
    op.create_index("ix_webhook_delivery_order", "webhook_delivery", ["webhook_id", "case_id", "position"])


def _id(name: str, key: str | None = None) -> "sa.Column[str]":
    references = [] if key is None else [sa.ForeignKey(key)]
    return sa.Column(name, sa.String(length=64), *references, nullable=False)
