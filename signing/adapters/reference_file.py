"""The loan prime rates that ship with the program: ``pdf_templates/reference/lpr.toml``, checked as a whole."""

import re
import tomllib
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib.resources import files

from signing.adapters.documents.faults import syntax
from signing.domain.errors import InputError
from signing.domain.imports.lpr import HIGHEST, LOWEST
from signing.domain.reference import Lpr

FILE = "reference/lpr.toml"
UNCONFIRMED = "待核对"
"""The fourth item of a row that was not compared with what was published; the institution has to bring in its own."""
_ROW = re.compile(r"^\s*\[\s*\d{4}-")


@lru_cache(maxsize=1)
def published() -> tuple[Lpr, ...]:
    """Oldest first. Raises ``InputError`` naming each line that is wrong."""
    return read((files("pdf_templates") / FILE).read_text(encoding="utf-8"))


def unconfirmed() -> list[date]:
    """The days of the quotes by which nothing is priced until an institution brings in its own."""
    return [quote.day for quote in published() if not quote.confirmed]


def faults() -> list[str]:
    """What is wrong with the file, in one sentence; nothing where it is sound."""
    try:
        published()
    except InputError as error:
        return [error.message]
    return []


def read(text: str) -> tuple[Lpr, ...]:
    """Raises ``InputError`` with all that is wrong with it."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused([syntax(error)]) from error
    faults = [f"不认识 {key} 这一项" for key in data if key not in ("sources", "quotes")]
    lines = [number for number, line in enumerate(text.split("\n"), 1) if _ROW.match(line)]
    quotes: list[Lpr] = []
    for index, row in enumerate(data.get("quotes", ())):
        where = f"第 {lines[index]} 行" if index < len(lines) else f"quotes[{index + 1}]"
        fault = _add(quotes, row)
        if fault:
            faults.append(f"{where}：{fault}")
    if not quotes and not faults:
        faults.append("quotes：没有一行报价")
    if faults:
        raise _refused(faults)
    return tuple(quotes)


def _add(quotes: list[Lpr], row: object) -> str:
    """What is wrong with the row; it is taken where nothing is."""
    if not isinstance(row, list) or len(row) not in (3, 4):
        return "须为方括号里的三项：公布日、一年期、五年期以上"
    if row[3:] not in ([], [UNCONFIRMED]):
        return f"第四项只能是“{UNCONFIRMED}”，核对过的不写第四项"
    day, one, five = row[:3]
    if not isinstance(day, date):
        return "公布日须是不加引号的日期"
    if not isinstance(one, str) or not isinstance(five, str):
        return "利率须写在引号里"
    try:
        quote = Lpr(day, Decimal(one), Decimal(five), confirmed=len(row) == 3)
    except InvalidOperation:
        return "利率不是一个数"
    if not all(rate.is_finite() and LOWEST <= rate <= HIGHEST for rate in (quote.one_year, quote.five_year)):
        return f"利率应在 {LOWEST} 到 {HIGHEST} 之间"
    if quotes and not quotes[-1].day < day:
        return "不晚于上一行的日期"
    gap = bool(quotes) and not _next_month(quotes[-1].day, day)
    quotes.append(quote)
    return "与上一行之间漏了月份，请补上" if gap else ""


def _next_month(before: date, day: date) -> bool:
    return day.year * 12 + day.month - before.year * 12 - before.month == 1


def _refused(faults: list[str]) -> InputError:
    return InputError(f"参考数据 {FILE} 有误：{'；'.join(faults)}", "请联系产品维护人员")
