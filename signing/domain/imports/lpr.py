"""The loan prime rate 贷款市场报价利率: a row for each publication, oldest first."""

from datetime import date
from decimal import Decimal

from signing.domain.imports.base import BadCell, Column, Parsed, RowReader, Sheet, day, decimal, parse
from signing.domain.reference import Lpr

LPR_COLUMNS = (Column("date", "日期"), Column("one_year", "一年期"), Column("five_year", "五年期以上"))
LOWEST, HIGHEST = Decimal("0.1"), Decimal(20)


def parse_lpr(sheet: Sheet) -> Parsed[Lpr]:
    """Rates in percent. Days must rise from row to row, so that a row out of place is seen. Raises ``InputError``."""
    before: list[date] = []

    def quote(row: RowReader) -> Lpr | None:
        published = row.take("date", day)
        one, five = row.take("one_year", _rate), row.take("five_year", _rate)
        if published is not None:
            if before and published <= before[-1]:
                row.fault("date", "不晚于上一行的日期", "请按日期从早到晚排列，每天一行")
            before.append(published)
        return None if published is None or one is None or five is None else Lpr(published, one, five)

    return parse(sheet, LPR_COLUMNS, quote)


def _rate(text: str) -> Decimal:
    rate = decimal(text.removesuffix("%"))
    if not LOWEST <= rate <= HIGHEST:
        raise BadCell(f"应在 {LOWEST} 到 {HIGHEST} 之间", "请填百分数，如 3.45 表示 3.45%")
    return rate
