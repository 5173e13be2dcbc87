"""A workbook in XLSX out of tables. What stands in a cell of words stays words: no program takes it for a formula."""

import io
import re
from collections.abc import Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell as XlsxCell
from openpyxl.cell import MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from signing.domain.sheets import Cell, Form, SheetOut

FORMATS = {
    Form.WORDS: "@",
    Form.COUNT: "#,##0",
    Form.MONEY: "#,##0.00",
    Form.SHARE: "0%",
    Form.DURATION: "[h]:mm:ss",
    Form.DAY: "yyyy-mm-dd",
    Form.TIME: "hh:mm",
}
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With these a cell begins that some program would reckon out (CSV injection, CWE-1236)."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_HEAD, _RULE = PatternFill("solid", fgColor="E6F3EE"), Side(style="thin", color="DDE3DF")
SECONDS_OF_DAY = 86_400
_Place = XlsxCell | MergedCell
"""Nothing of ours is merged."""


def workbook(sheets: Sequence[SheetOut]) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    made.properties.creator, made.properties.title = "屏签", sheets[0].notes[0] if sheets[0].notes else "屏签"
    for sheet in sheets:
        _write(made.create_sheet(sheet.title), sheet)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def _write(page: Worksheet, sheet: SheetOut) -> None:
    line = 1
    for note in sheet.notes:
        _words(page.cell(line, 1), note)
        line += 1
    for place, column in enumerate(sheet.columns, 1):
        head = page.cell(line, place)
        _words(head, column.title)
        head.font, head.fill, head.border = Font(bold=True), _HEAD, Border(bottom=_RULE)
        head.alignment = Alignment(horizontal="left" if column.form is Form.WORDS else "right", wrap_text=True)
    page.freeze_panes = f"B{line + 1}"
    for number, row in enumerate(sheet.rows):
        for place, value in enumerate(row, 1):
            form = sheet.columns[place - 1].form
            if place > 1:
                form = sheet.forms.get(number, form)
            _fill(page.cell(line + 1 + number, place), value, form)
    if sheet.total and sheet.rows:
        for place in range(1, len(sheet.columns) + 1):
            page.cell(line + len(sheet.rows), place).font = Font(bold=True)
    _widths(page, sheet)


def _fill(cell: _Place, value: Cell, form: Form) -> None:
    if value is None:
        return
    if isinstance(value, str):
        _words(cell, value)
        return
    cell.value = float(value) / SECONDS_OF_DAY if form is Form.DURATION else value  # type: ignore[arg-type]
    cell.number_format = FORMATS[form]


def _words(cell: _Place, text: str) -> None:
    cell.value = _UNPRINTABLE.sub("", text)
    cell.data_type = "s"
    cell.number_format = FORMATS[Form.WORDS]
    if text.startswith(_DANGEROUS):
        cell.quotePrefix = True


def _widths(page: Worksheet, sheet: SheetOut) -> None:
    """A Chinese character takes two places; a number that has no room is shown as ####."""
    for place, column in enumerate(sheet.columns):
        said = [column.title, *(_as_shown(row[place]) for row in sheet.rows)]
        widest = max(sum(2 if ord(one) > 0x2E7F else 1 for one in words) for words in said)
        page.column_dimensions[get_column_letter(place + 1)].width = min(80, max(12, widest + 3))


def _as_shown(value: Cell) -> str:
    """About as wide as a program shows it."""
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:,.2f}"
        case int():
            return f"{value:,}"
        case float():
            return "0:00:00"
    return str(value)
