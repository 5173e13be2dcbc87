"""The workbook, opened by hand: as ZIP and XML, the way any other program finds it."""

import io
import re
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from signing.adapters.tables import FileTables
from signing.adapters.workbook import workbook
from signing.domain.sheets import Form, Heading, SheetOut

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
COLUMNS = (
    Heading("名称"),
    Heading("笔数", Form.COUNT),
    Heading("金额", Form.MONEY),
    Heading("水平", Form.SHARE),
    Heading("时长", Form.DURATION),
)


def parts(data: bytes) -> dict[str, ElementTree.Element]:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert book.testzip() is None
        return {name: ElementTree.fromstring(book.read(name)) for name in book.namelist() if name.endswith(".xml")}


def cells(data: bytes, sheet: int = 1) -> dict[str, tuple[str, str, str]]:
    """Place → (kind, text, style); strings stand in their cells, formulas are told by their kind."""
    told = {}
    for cell in parts(data)[f"xl/worksheets/sheet{sheet}.xml"].iter(f"{MAIN}c"):
        kind = "formula" if cell.find(f"{MAIN}f") is not None else cell.attrib.get("t", "n")
        text = "".join(cell.itertext())
        if text or kind == "formula":
            told[cell.attrib["r"]] = (kind, text, cell.attrib.get("s", ""))
    return told


def formats(data: bytes) -> dict[str, str]:
    """Style number → number format, as the file defines it."""
    styles = parts(data)["xl/styles.xml"]
    own = {one.attrib["numFmtId"]: one.attrib["formatCode"] for one in styles.iter(f"{MAIN}numFmt")}
    built_in = {"3": "#,##0", "4": "#,##0.00", "9": "0%", "46": "[h]:mm:ss", "49": "@", "0": "General"}
    listed = styles.find(f"{MAIN}cellXfs")
    assert listed is not None
    ids = [one.attrib["numFmtId"] for one in listed]
    return {str(number): own.get(one, built_in.get(one, one)) for number, one in enumerate(ids)}


def sheet(*rows: tuple[object, ...]) -> SheetOut:
    return SheetOut("按网点", COLUMNS, rows, ("示范联社　2026-12-01",), total=True)  # type: ignore[arg-type]


def test_names_numbers_and_money_arrive_in_their_formats() -> None:
    rows = ("上杭支行", 12, Decimal("1234567.89"), 0.86, 412.0), ("合计", 12, Decimal("0.10"), None, 1)
    data = workbook([sheet(*rows)])
    told, shown = cells(data), formats(data)
    assert told["A1"][1] == "示范联社　2026-12-01"
    assert [told[f"{place}2"][1] for place in "ABCDE"] == ["名称", "笔数", "金额", "水平", "时长"]
    assert told["B3"][:2] == ("n", "12")
    assert Decimal(told["C3"][1]) == Decimal("1234567.89")
    assert Decimal(told["C4"][1]) == Decimal("0.10")
    assert float(told["E3"][1]) * 86400 == pytest.approx(412)
    assert [shown[told[f"{place}3"][2]] for place in "BCDE"] == ["#,##0", "#,##0.00", "0%", "[h]:mm:ss"]
    assert "D4" not in told


def test_sheets_have_chinese_names_and_stay_in_order() -> None:
    data = workbook([sheet(), SheetOut("指标说明", (Heading("指标说明"),), (("来客",),))])
    names = [one.attrib["name"] for one in parts(data)["xl/workbook.xml"].iter(f"{MAIN}sheet")]
    assert names == ["按网点", "指标说明"]


FORMULAS = ["=1+1", "+A1", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_name_becomes_a_formula(text: str) -> None:
    told = cells(workbook([sheet((text, 1, Decimal(1), 0.5, 1.0))]))
    kind, said, _ = told["A3"]
    assert kind == "inlineStr"
    assert said == text
    assert "formula" not in {one[0] for one in told.values()}


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=40))
def test_whatever_a_name_is_it_stays_words(text: str) -> None:
    data = workbook([sheet((text, 1, Decimal(1), 0.5, 1.0))])
    assert "formula" not in {one[0] for one in cells(data).values()}
    assert b"<f>" not in b"".join(zipfile.ZipFile(io.BytesIO(data)).read(name) for name in _sheets(data))


def _sheets(data: bytes) -> list[str]:
    return [name for name in zipfile.ZipFile(io.BytesIO(data)).namelist() if re.match(r"xl/worksheets/", name)]


def test_our_own_reader_takes_it_too() -> None:
    read = FileTables().read(workbook([SheetOut("一", (Heading("网点"), Heading("笔数", Form.COUNT)), (("上杭", 3),))]))
    assert read.header == ("网点", "笔数")
    assert [cells for _, cells in read.rows] == [("上杭", "3")]


def test_days_and_times_can_be_reckoned_with_and_large_amounts_have_room() -> None:
    columns = (Heading("日期", Form.DAY), Heading("开始", Form.TIME), Heading("金额", Form.MONEY))
    row = (date(2026, 11, 27), time(9, 30), Decimal("1234567890.12"))
    book = load_workbook(io.BytesIO(workbook([SheetOut("按日", columns, (row,))])))
    page = book["按日"]
    assert [page.cell(2, place).value for place in (1, 2, 3)] == [
        datetime.combine(date(2026, 11, 27), time()), time(9, 30), 1234567890.12,
    ]  # fmt: skip
    assert page.column_dimensions["C"].width > len("1,234,567,890.12"), "no room is shown as ####"
