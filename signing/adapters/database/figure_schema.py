"""How each case came out, for the figures of a day: what is lent and why not is sealed for the case."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table

from signing.adapters.database.schema import Moment, Named, metadata
from signing.domain.case import Ending

case_result = Table(
    "case_result",
    metadata,
    Column("case_id", ForeignKey("case_file.case_id"), primary_key=True),
    Column("institution_id", ForeignKey("institution.institution_id"), nullable=False),
    Column("branch_id", ForeignKey("branch.branch_id"), nullable=False),
    Column("product_id", String(64), nullable=False),
    Column("staff_id", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("ending", Named(Ending)),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_case_result_day", "institution_id", "at"),
)
