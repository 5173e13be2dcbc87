"""How an institution runs its queue: limits, hours, abilities, stops, agreements, appointments, told waits."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _settings()
    _stops_and_agreements()
    _customers()


def downgrade() -> None:
    raise NotImplementedError("evidence is never taken back; restore a backup instead")


def _id(name: str, key: str | None = None, *, nullable: bool = False) -> "sa.Column[str]":
    references = [] if key is None else [sa.ForeignKey(key)]
    return sa.Column(name, sa.String(length=64), *references, nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(), nullable=nullable)


def _words(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=600), nullable=False)


def _settings() -> None:
    op.create_table(
        "queue_limits",
        _id("institution_id", "institution.institution_id"),
        _number("overflow_seconds", nullable=True),
        _number("any_dialect_seconds", nullable=True),
        _number("promote_seconds", nullable=True),
        _number("grace_seconds"),
        _number("ring_seconds"),
        sa.PrimaryKeyConstraint("institution_id"),
    )
    op.create_table(
        "branch_hours",
        _id("branch_id", "branch.branch_id"),
        sa.Column("opens", sa.String(length=5), nullable=False),
        sa.Column("closes", sa.String(length=5), nullable=False),
        sa.Column("days", sa.Text(), nullable=False),
        sa.Column("holidays", sa.Text(), nullable=False),
        sa.Column("extra_days", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("branch_id"),
    )
    op.create_table(
        "seat_ability",
        _id("seat_id", "seat.seat_id"),
        sa.Column("products", sa.Text(), nullable=False),
        sa.Column("dialects", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seat_id"),
    )


def _stops_and_agreements() -> None:
    op.create_table(
        "queue_stop",
        _id("stop_id"),
        _id("institution_id", "institution.institution_id"),
        _id("branch_id", "branch.branch_id", nullable=True),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        _words("message"),
        _words("reason"),
        _moment("since"),
        _id("made_by"),
        _moment("until", nullable=True),
        _moment("ended_at", nullable=True),
        _id("ended_by"),
        _words("ended_reason"),
        sa.PrimaryKeyConstraint("stop_id"),
    )
    op.create_index("ix_queue_stop_ended_at", "queue_stop", ["ended_at"])
    op.create_table(
        "overflow_declaration",
        _id("declaration_id"),
        _id("institution_id", "institution.institution_id"),
        _id("other_id", "institution.institution_id"),
        sa.Column("side", sa.String(length=16), nullable=False),
        _number("after_seconds"),
        _moment("declared_at"),
        _id("declared_by"),
        _moment("ended_at", nullable=True),
        _id("ended_by"),
        sa.PrimaryKeyConstraint("declaration_id"),
    )


def _customers() -> None:
    op.create_table(
        "ticket_needs",
        _id("ticket_id", "ticket.ticket_id"),
        _id("product_id", nullable=True),
        sa.Column("dialect", sa.String(length=16), nullable=True),
        _moment("appointment_at", nullable=True),
        _moment("appointment_until", nullable=True),
        sa.PrimaryKeyConstraint("ticket_id"),
    )
    op.create_table(
        "told_wait",
        _id("ticket_id", "ticket.ticket_id"),
        _id("branch_id", "branch.branch_id"),
        _moment("told_at"),
        sa.Column("seconds", sa.Float(), nullable=True),
        _moment("rang_at", nullable=True),
        sa.PrimaryKeyConstraint("ticket_id"),
    )
    op.create_index("told_by_branch", "told_wait", ["branch_id", "told_at"])
    op.create_table(
        "appointment",
        _id("appointment_id"),
        _id("case_id", "case_file.case_id"),
        _id("party_id"),
        _id("institution_id", "institution.institution_id"),
        _id("branch_id", "branch.branch_id"),
        _moment("starts_at"),
        _moment("ends_at"),
        _moment("made_at"),
        _id("made_by"),
        _moment("cancelled_at", nullable=True),
        sa.PrimaryKeyConstraint("appointment_id"),
    )
    op.create_index("ix_appointment_party_id", "appointment", ["party_id"])
    op.create_index("appointments_by_branch", "appointment", ["branch_id", "ends_at"])
