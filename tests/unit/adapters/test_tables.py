"""Real files, made by a spreadsheet library or by hand; the hostile ones are refused before they cost anything."""

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Sequence
from datetime import date, datetime

import openpyxl
import pytest

from signing.adapters.tables import MAX_CELL, MAX_COLUMNS, MAX_ROWS, FileTables
from signing.domain.errors import InputError

ROWS: Sequence[Sequence[object]] = (("姓名", "额度"), ("王秀兰", "200000"), ("丁大山", "3.45"))


def as_csv(rows: Sequence[Sequence[object]] = ROWS, encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[object]] = ROWS) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(xlsx: bytes, name: str, data: bytes) -> bytes:
    """The same archive with ``name`` put in, or put in place of what was there."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, data)
    return out.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(InputError) as error:
        FileTables().read(data)
    assert error.value.hint
    return error.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_the_encodings_of_spreadsheets(encoding: str) -> None:
    sheet = FileTables().read(as_csv(encoding=encoding))
    assert sheet.header == ("姓名", "额度")
    assert sheet.rows == ((2, ("王秀兰", "200000")), (3, ("丁大山", "3.45")))


def test_a_row_has_the_number_of_its_first_line() -> None:
    sheet = FileTables().read('姓名,备注\n\n甲,"一\n二"\n乙,三\n'.encode())
    assert [(number, cells[0]) for number, cells in sheet.rows] == [(3, "甲"), (5, "乙")]


def test_xlsx_cells_become_what_a_person_typed() -> None:
    day = date(2027, 12, 31)
    typed: Sequence[object] = ("王秀兰", 200000, 3.45, 0.1, 200000.5, day, datetime(2027, 12, 31, 8), True, None, "末")  # noqa: DTZ001
    sheet = FileTables().read(as_xlsx([[f"列{n}" for n in range(10)], typed, [], ["后面"]]))
    assert sheet.rows == (
        (2, ("王秀兰", "200000", "3.45", "0.1", "200000.5", "2027-12-31", "2027-12-31", "是", "", "末")),
        (4, ("后面",)),
    )


def test_what_a_file_is_called_does_not_matter_and_both_say_the_same() -> None:
    assert FileTables().read(as_xlsx()).header == FileTables().read(as_csv()).header


def test_older_and_encrypted_workbooks_are_told_apart() -> None:
    assert "XLS" in refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))


def test_a_workbook_with_macros_is_refused() -> None:
    assert "宏" in refused(with_part(as_xlsx(), "xl/vbaProject.bin", b"\0" * 64))
    assert "宏" in refused(with_part(as_xlsx(), "xl/embeddings/oleObject1.bin", b"\0" * 64))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = with_part(as_xlsx(), "xl/media/zeros.xml", bytes(300 << 20))
    assert len(bomb) < 2 << 20
    tracemalloc.start()
    said = refused(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "解压后太大" in said
    assert peak < 8 << 20


def test_entities_that_grow_are_refused() -> None:
    laughs = b'<?xml version="1.0"?><!-- ' + b" " * 5000 + b'--><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'
    assert "不允许" in refused(with_part(as_xlsx(), "xl/sharedStrings.xml", laughs))
    assert "不允许" in refused(with_part(as_xlsx(), "xl/sharedStrings.xml", "<!DOCTYPE a><a/>".encode("utf-16")))


def test_a_document_type_across_two_chunks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signing.adapters.tables._CHUNK", 7)
    assert "不允许" in refused(with_part(as_xlsx(), "xl/theme/theme9.xml", b"<?xml?>   <!DOCTYPE a><a/>"))


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"])
def test_a_broken_workbook_is_refused(name: str) -> None:
    assert "完好" in refused(with_part(as_xlsx(), name, b"<broken"))
    assert "完好" in refused(as_xlsx()[:200])


def test_bounds_of_rows_columns_cells_and_bytes() -> None:
    assert f"超过 {MAX_ROWS} 行" in refused(b"a\n" + b"1\n" * (MAX_ROWS + 1))
    assert f"超过 {MAX_COLUMNS} 列" in refused(as_csv([["a"] * (MAX_COLUMNS + 1)]))
    assert f"超过 {MAX_COLUMNS} 列" in refused(as_xlsx([["a"] * (MAX_COLUMNS + 1)]))
    assert f"超过 {MAX_CELL} 个字" in refused(as_csv([["a"], ["字" * (MAX_CELL + 1)]]))
    assert "MB" in refused(b"a" * (33 << 20))


def test_a_sheet_that_claims_its_last_row_is_far_away_costs_little() -> None:
    far = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    far += b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
    far += b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>b</t></is></c></row></sheetData></worksheet>'
    assert "行" in refused(with_part(as_xlsx(), "xl/worksheets/sheet1.xml", far))


@pytest.mark.parametrize(
    ("data", "words"), [(b"", "空"), (b"\n\n", "空"), (b"\xff\x00\xff", "编码"), (b'"1"2,\n', "第 1 行")]
)
def test_what_is_no_table(data: bytes, words: str) -> None:
    assert words in refused(data)
