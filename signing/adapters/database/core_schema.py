"""The tables of the credit system's access: keys, orders, webhooks and the outbox."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from signing.adapters.database.schema import Moment, Named, metadata
from signing.domain.webhook import DeliveryState

_ID = String(64)
_INSTITUTION = "institution.institution_id"

core_key = Table(
    "core_key",
    metadata,
    Column("key_id", _ID, primary_key=True),
    Column("institution_id", ForeignKey(_INSTITUTION), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("allowed", String(1000), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
)

core_request = Table(
    "core_request",
    metadata,
    Column("case_id", ForeignKey("case_file.case_id"), primary_key=True),
    Column("institution_id", ForeignKey(_INSTITUTION), nullable=False),
    Column("key_id", ForeignKey("core_key.key_id"), nullable=False),
    Column("idempotency_key", String(200), nullable=False),
    Column("reference", String(100)),
    Column("body_digest", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("institution_id", "idempotency_key"),
    UniqueConstraint("institution_id", "reference"),
)

webhook = Table(
    "webhook",
    metadata,
    Column("webhook_id", _ID, primary_key=True),
    Column("institution_id", ForeignKey(_INSTITUTION), nullable=False, index=True),
    Column("url", String(1000), nullable=False),
    Column("private", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("removed_at", Moment),
    Column("sealed", LargeBinary, nullable=False),
)

delivery = Table(
    "webhook_delivery",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("delivery_id", _ID, nullable=False, unique=True),
    Column("webhook_id", ForeignKey("webhook.webhook_id"), nullable=False),
    Column("institution_id", ForeignKey(_INSTITUTION), nullable=False),
    Column("case_id", ForeignKey("case_file.case_id"), nullable=False),
    Column("type", String(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", Named(DeliveryState), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("first_tried_at", Moment),
    Column("next_at", Moment, nullable=False),
    Column("last_error", String(200), nullable=False),
    Column("lease", _ID),
    Column("leased_until", Moment),
    Column("delivered_at", Moment),
)
Index("ix_webhook_delivery_due", delivery.c.state, delivery.c.next_at)
Index("ix_webhook_delivery_order", delivery.c.webhook_id, delivery.c.case_id, delivery.c.position)
