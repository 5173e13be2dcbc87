"""The village roster 整村授信名册."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from signing.domain.beijing import BEIJING
from signing.domain.idcard import is_valid
from signing.domain.imports.base import BadCell, Column, Parsed, RowReader, Sheet, day, decimal, parse, words
from signing.domain.masking import mask_id_number, mask_name
from signing.domain.reference import Household

ROSTER_COLUMNS = (
    Column("id_number", "身份证号", mask=mask_id_number),
    Column("name", "姓名", mask=mask_name),
    Column("village", "村"),
    Column("line", "授信额度"),
    Column("valid_until", "有效期"),
)


def parse_roster(sheet: Sheet) -> Parsed[Household]:
    """The line in yuan; the day of ``valid_until`` still counts, in Beijing. Raises ``InputError``."""
    first: dict[str, int] = {}

    def household(row: RowReader) -> Household | None:
        number = row.take("id_number", id_number)
        name, village = row.take("name", words(60)), row.take("village", words(60))
        line, last = row.take("line", _line), row.take("valid_until", day)
        if number is not None and first.setdefault(number, row.number) != row.number:
            row.fault("id_number", f"与第 {first[number]} 行重复", "请只保留一行")
        if number is None or name is None or village is None or line is None or last is None:
            return None
        return Household(number, name, village, line, end_of(last))

    return parse(sheet, ROSTER_COLUMNS, household)


def id_number(text: str) -> str:
    if not is_valid(text):
        raise BadCell("不是正确的身份证号", "请核对；表格里请把这一列设为文本，以免末几位变成 0")
    return text.upper()


def end_of(last: date) -> datetime:
    """The end of the day in Beijing, as UTC."""
    return datetime.combine(last, time(23, 59, 59), BEIJING).astimezone(UTC)


def _line(text: str) -> Decimal:
    amount = decimal(text)
    if amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        raise BadCell("应为大于 0 的数，至多两位小数", "请以元为单位填写")
    return amount.quantize(Decimal("0.01"))
