"""Tables from files: CSV in UTF-8 or GB 18030, and XLSX. Bounded in every direction; nothing in a file is run."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from signing.adapters.workbook import workbook
from signing.domain.errors import InputError
from signing.domain.imports.base import Sheet
from signing.domain.sheets import SheetOut

MAX_BYTES = 32 << 20
MAX_UNPACKED = 256 << 20
MAX_PARTS = 500
MAX_ROWS = 200_000
MAX_COLUMNS = 64
MAX_CELL = 500
_CHUNK = 1 << 20
_SAVE_AGAIN = "请在表格软件里另存为 XLSX 或 CSV 后重试"
_Row = tuple[int, tuple[str, ...]]


class FileTables:
    """``Tables``"""

    def read(self, data: bytes) -> Sheet:
        """The first sheet, recognised by the bytes, whatever the file is called. Raises ``InputError``."""
        if len(data) > MAX_BYTES:
            raise InputError(f"文件超过 {MAX_BYTES >> 20} MB", "请分成几个文件导入")
        if data.startswith(b"\xd0\xcf\x11\xe0"):
            raise InputError("这是旧格式（XLS）或加了密码的表格", _SAVE_AGAIN)
        rows = _xlsx(data) if data.startswith(b"PK\x03\x04") else _csv(data)
        bounded = (row for row in _bounded(rows) if any(row[1]))
        head = next(bounded, None)
        if head is None:
            raise InputError("文件是空的", "第一行应为列名，从第二行起每行一条")
        return Sheet(head[1], tuple(bounded))

    def write(self, sheets: Sequence[SheetOut]) -> bytes:
        return workbook(sheets)


def _bounded(rows: Iterable[_Row]) -> Iterator[_Row]:
    for number, cells in rows:
        if number > MAX_ROWS + 1:
            raise InputError(f"表格超过 {MAX_ROWS} 行", "请分成几个文件导入")
        if len(cells) > MAX_COLUMNS:
            raise InputError(f"第 {number} 行超过 {MAX_COLUMNS} 列", "请删去不需要的列")
        if any(len(cell) > MAX_CELL for cell in cells):
            raise InputError(f"第 {number} 行有一格超过 {MAX_CELL} 个字", "请检查引号是否成对，或缩短这一格")
        yield number, tuple(cell.strip() for cell in cells)


# --- CSV --------------------------------------------------------------------------------------------------------------


def _csv(data: bytes) -> Iterator[_Row]:
    """The number of a row is that of its first line in the file."""
    reader = csv.reader(io.StringIO(_text(data), newline=""), strict=True)
    number = 1
    try:
        for cells in reader:
            yield number, tuple(cells)
            number = reader.line_num + 1
    except csv.Error:
        raise InputError(f"第 {number} 行不是正确的 CSV", "请检查这一行的引号") from None


def _text(data: bytes) -> str:
    """Spreadsheets in China write GBK as often as UTF-8."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputError("不是 UTF-8 或 GB 18030 编码的文本", _SAVE_AGAIN)


# --- XLSX -------------------------------------------------------------------------------------------------------------


def _xlsx(data: bytes) -> Iterator[_Row]:
    """Formulas count as what they last gave. Cells of the first sheet only."""
    _require_harmless(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1, values_only=True)
            for number, cells in enumerate(rows, 1):
                yield number, _trimmed(cells)
        finally:
            book.close()
    except InputError:
        raise
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, SyntaxError, TypeError):
        # openpyxl lets whatever the broken part raised through; SyntaxError is what XML parsers raise.
        raise InputError("这不是完好的 XLSX 表格", _SAVE_AGAIN) from None


def _require_harmless(data: bytes) -> None:
    """Raises ``InputError`` for macros, for what would unpack to more than we take, and for XML with entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise InputError("表格解压后太大", "请删去不需要的内容，或分成几个文件导入")
            if any("vba" in part.filename.lower() or part.filename.lower().endswith(".bin") for part in parts):
                raise InputError("表格里有宏或嵌入的程序", _SAVE_AGAIN)
            for part in parts:
                _require_plain_xml(archive, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise InputError("这不是完好的 XLSX 表格", _SAVE_AGAIN) from None


def _require_plain_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """A document type could define entities that grow without bound; no spreadsheet program writes one.

    ``ZipFile`` gives no more of a part than it declared, so that the sum above holds whatever the bytes are.
    """
    tail = b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            if b"<!DOCTYPE" in tail + chunk or (not tail and chunk.startswith((b"\xff\xfe", b"\xfe\xff"))):
                raise InputError("表格里有不允许的内容", _SAVE_AGAIN)
            tail = chunk[-16:]


def _trimmed(cells: tuple[object, ...]) -> tuple[str, ...]:
    """Without the empty cells at the end, which a sheet has as many of as its widest row."""
    texts = [_as_text(cell) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _as_text(cell: object) -> str:
    """A number as the shortest decimal that is it, which is what was typed up to fifteen digits."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
