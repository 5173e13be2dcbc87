"""Lists 名单, such as 乡村振兴名单 or 上游企业名单: people by ID number, firms by unified social credit code."""

from signing.domain import creditcode, idcard
from signing.domain.imports.base import BadCell, Column, Parsed, RowReader, Sheet, day, parse, words
from signing.domain.masking import mask_id_number
from signing.domain.reference import ListEntry

LIST_COLUMNS = (
    Column("number", "证件号码", mask=mask_id_number),
    Column("member", "姓名或名称", mask=lambda text: text[:1] + "*" * (len(text) - 1)),
    Column("valid_until", "有效期", required=False),
    Column("note", "备注", required=False),
)


def parse_list(sheet: Sheet) -> Parsed[ListEntry]:
    """Raises ``InputError``."""
    first: dict[str, int] = {}

    def entry(row: RowReader) -> ListEntry | None:
        number, member = row.take("number", member_number), row.take("member", words(100))
        last, note = row.take("valid_until", day), row.take("note", words(200))
        if number is not None and first.setdefault(number, row.number) != row.number:
            row.fault("number", f"与第 {first[number]} 行重复", "请只保留一行")
        return None if number is None or member is None else ListEntry(number, member, last, note or "")

    return parse(sheet, LIST_COLUMNS, entry)


def member_number(text: str) -> str:
    """An ID number (GB 11643) or a unified social credit code (GB 32100), each with its check character."""
    if not (idcard.is_valid(text) or creditcode.is_valid(text)):
        raise BadCell("不是正确的身份证号或统一社会信用代码", "请核对；表格里请把这一列设为文本，以免末几位变成 0")
    return text.upper()
