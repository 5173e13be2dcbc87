"""Tables to be handed on as a workbook: what stands in them, before anybody has decided how a file is made."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum

Cell = str | int | float | Decimal | date | time | None
"""Money is ``Decimal``; a share 0 to 1 and a duration in seconds are floats; a day and a time of it are Beijing's;
None: an empty cell."""


class Form(StrEnum):
    """How the cells of a column are shown."""

    WORDS = "words"
    COUNT = "count"
    MONEY = "money"
    SHARE = "share"
    DURATION = "duration"
    DAY = "day"
    TIME = "time"


@dataclass(frozen=True)
class Heading:
    title: str
    form: Form = Form.WORDS


@dataclass(frozen=True)
class SheetOut:
    """``notes`` stand above the table. The last row is a sum where ``total``."""

    title: str
    columns: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    total: bool = False
    forms: dict[int, Form] = field(default_factory=dict)
    """Of rows whose cells are shown otherwise than their column's, by place."""
