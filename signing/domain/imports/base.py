"""Tables brought in by people: columns found by either name, each bad cell told, nothing taken where one is bad."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

from signing.domain.errors import InputError

T = TypeVar("T")
Cells = Mapping[str, str]
Mask = Callable[[str], str]

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,4})?")
_SHOWN = 24


def as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True)
class Column:
    """``key`` and ``title`` are both accepted as its heading; ``mask`` hides what a report must not repeat."""

    key: str
    title: str
    required: bool = True
    mask: Mask = as_it_is


@dataclass(frozen=True)
class Sheet:
    """A table as it was read. Rows have the number that a person sees; one may be shorter than the head."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Fault:
    """A bad cell: where it is, its value masked, what is wrong with it, and what to do."""

    row: int
    column: str
    value: str
    what: str
    fix: str

    def __str__(self) -> str:
        shown = f"“{self.value}”" if self.value else "（空）"
        return f"第 {self.row} 行，{self.column} {shown}：{self.what}，{self.fix}"


class BadCell(Exception):
    """Raised by the parser of a cell; caught here and told as a ``Fault``."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.fix = what, fix


@dataclass(frozen=True)
class Parsed(Generic[T]):
    """``rows`` are those without fault. Whoever imports takes all or none."""

    rows: tuple[T, ...]
    faults: tuple[Fault, ...]


class RowReader:
    """One row's cells; collects every fault of it, so that a person corrects the row once."""

    def __init__(self, number: int, cells: Cells, columns: Mapping[str, Column]) -> None:
        self.number = number
        self._cells = cells
        self._columns = columns
        self.faults: list[Fault] = []

    def take(self, key: str, parse: Callable[[str], T]) -> T | None:
        """The parsed cell; None where it is bad, or empty and not required."""
        text = self._cells[key]
        if not text and not self._columns[key].required:
            return None
        try:
            return parse(text)
        except BadCell as error:
            self.fault(key, error.what, error.fix)
            return None

    def fault(self, key: str, what: str, fix: str) -> None:
        column = self._columns[key]
        shown = column.mask(self._cells[key])[:_SHOWN]
        self.faults.append(Fault(self.number, _named(column), shown, what, fix))


def _named(column: Column) -> str:
    return f"{column.title}（{column.key}）"


def parse(sheet: Sheet, columns: Sequence[Column], row_of: Callable[[RowReader], T | None]) -> Parsed[T]:
    """Raises ``InputError`` where a column is missing or no row is there."""
    places, by_key = _places(sheet.header, columns), {column.key: column for column in columns}
    titles = [_named(column) for column in columns]
    good: list[T] = []
    faults: list[Fault] = []
    for number, cells in sheet.rows:
        reader = RowReader(number, {key: _cell(cells, place) for key, place in places.items()}, by_key)
        made = row_of(reader)
        faults += sorted(reader.faults, key=lambda fault: titles.index(fault.column))
        if made is not None and not reader.faults:
            good.append(made)
    if not sheet.rows:
        raise InputError("表格里没有内容", "请从第二行起每行填写一条")
    return Parsed(tuple(good), tuple(faults))


def _places(header: Sequence[str], columns: Sequence[Column]) -> dict[str, int | None]:
    names = [name.strip().lower() for name in header]
    found: dict[str, int | None] = {}
    for column in columns:
        places = [place for place, name in enumerate(names) if name in (column.key, column.title)]
        if len(places) > 1:
            raise InputError(f"第一行里“{column.title}”出现了两次", "请只保留一列")
        found[column.key] = places[0] if places else None
    lacking = [f"{one.title}（{one.key}）" for one in columns if one.required and found[one.key] is None]
    if lacking:
        wanted = "、".join(column.title for column in columns)
        raise InputError(f"第一行缺少列：{'、'.join(lacking)}", f"列名应为：{wanted}")
    return found


def _cell(cells: Sequence[str], place: int | None) -> str:
    return "" if place is None or place >= len(cells) else cells[place].strip()


# --- cells ------------------------------------------------------------------------------------------------------------


def words(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not 0 < len(text) <= longest or not text.isprintable():
            raise BadCell(f"应为 1 到 {longest} 个字", "请填写或缩短")
        return text

    return read


def day(text: str) -> date:
    """2027-12-31, 2027/12/31, 2027年12月31日."""
    found = _DAY.fullmatch(text)
    try:
        if found is not None:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise BadCell("应为日期", "请写成 2027-12-31 的样子")


def decimal(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise BadCell("应为数", "请只写数字和小数点，不要写单位或千分号")
    return Decimal(text)
