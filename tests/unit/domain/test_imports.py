"""From the cells of a sheet to records: every fault is told with its place, and nothing personal is repeated."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from signing.domain.errors import InputError
from signing.domain.imports import Sheet, parse_list, parse_lpr, parse_roster
from signing.domain.reference import ListEntry, Lpr, lpr_on

ROSTER = ("id_number", "name", "village", "line", "valid_until")
WANG = ("11010519491231002x", "王秀兰", "示范村", "200000", "2099-12-31")
FIRM = "91110000100000721N"


def sheet(header: Sequence[str], *rows: Sequence[str]) -> Sheet:
    return Sheet(tuple(header), tuple((number, tuple(row)) for number, row in enumerate(rows, 2)))


def changed(**cells: str) -> tuple[str, ...]:
    return tuple(cells.get(name, value) for name, value in zip(ROSTER, WANG, strict=True))


# --- roster -----------------------------------------------------------------------------------------------------------


def test_a_roster_row_becomes_a_household() -> None:
    parsed = parse_roster(sheet(ROSTER, WANG))
    (row,) = parsed.rows
    assert not parsed.faults
    assert (row.id_number, row.name, row.village) == ("11010519491231002X", "王秀兰", "示范村")
    assert row.line == Decimal("200000.00")
    assert str(row.line) == "200000.00"
    assert row.valid_until.isoformat() == "2099-12-31T15:59:59+00:00", "the whole of that day in Beijing"


def test_columns_are_found_by_either_name_in_any_order_among_others() -> None:
    header = ("序号", "有效期", "授信额度", "NAME", "村", "身份证号")
    parsed = parse_roster(sheet(header, ("1", WANG[4], WANG[3], WANG[1], WANG[2], WANG[0])))
    assert parsed.rows == parse_roster(sheet(ROSTER, WANG)).rows


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"id_number": "110105194912310021"}, "身份证号（id_number） “1101**********0021”：不是正确的身份证号"),
        ({"id_number": ""}, "身份证号（id_number） （空）"),
        ({"name": ""}, "姓名（name） （空）：应为 1 到 60 个字"),
        ({"name": "王\u200b兰"}, "姓名（name） “王*兰”"),
        ({"village": "村" * 61}, "村（village）"),
        ({"line": "-1"}, "授信额度（line） “-1”：应为数"),
        ({"line": "0"}, "应为大于 0 的数"),
        ({"line": "10.005"}, "至多两位小数"),
        ({"line": "200,000"}, "不要写单位或千分号"),
        ({"line": "NaN"}, "应为数"),
        ({"line": "1e3"}, "应为数"),
        ({"valid_until": "2099-02-30"}, "有效期（valid_until） “2099-02-30”：应为日期"),
        ({"valid_until": "明年"}, "请写成 2027-12-31 的样子"),
    ],
)
def test_a_bad_cell_is_told(cells: dict[str, str], words: str) -> None:
    other = ("350823198209174138", *WANG[1:])
    parsed = parse_roster(sheet(ROSTER, other, changed(**cells)))
    (fault,) = parsed.faults
    assert fault.row == 3
    assert str(fault).startswith("第 3 行，")
    assert words in str(fault)
    assert "王秀兰" not in str(fault)


def test_all_faults_of_a_row_are_told_at_once() -> None:
    parsed = parse_roster(sheet(ROSTER, changed(name="", line="x", valid_until="")))
    assert [fault.column for fault in parsed.faults] == ["姓名（name）", "授信额度（line）", "有效期（valid_until）"]
    assert parsed.rows == ()


def test_the_same_number_twice_names_the_first_row() -> None:
    parsed = parse_roster(sheet(ROSTER, WANG, changed(id_number=WANG[0].upper())))
    (fault,) = parsed.faults
    assert (fault.row, fault.what) == (3, "与第 2 行重复")


def test_what_is_wrong_with_the_table_itself() -> None:
    for broken, words in (
        (sheet(("姓名",), WANG), "缺少列：身份证号（id_number）、村（village）"),
        (sheet(ROSTER), "没有内容"),
        (sheet((*ROSTER, "姓名"), WANG), "“姓名”出现了两次"),
    ):
        with pytest.raises(InputError, match=words):
            parse_roster(broken)


def test_a_row_may_be_shorter_than_the_head() -> None:
    parsed = parse_roster(sheet(ROSTER, WANG[:4]))
    assert [fault.column for fault in parsed.faults] == ["有效期（valid_until）"]


@pytest.mark.parametrize("text", ["2099-12-31", "2099/12/31", "2099.12.31", "2099年12月31日"])
def test_days_as_people_write_them(text: str) -> None:
    assert parse_roster(sheet(ROSTER, changed(valid_until=text))).rows == parse_roster(sheet(ROSTER, WANG)).rows


# --- lists ------------------------------------------------------------------------------------------------------------


def test_members_are_people_and_firms() -> None:
    header = ("证件号码", "姓名或名称", "有效期", "备注")
    rows = ((WANG[0], "王秀兰", "2030-06-30", "第一批"), (FIRM.lower(), "某粮油公司", "", ""))
    assert parse_list(sheet(header, *rows)).rows == (
        ListEntry("11010519491231002X", "王秀兰", date(2030, 6, 30), "第一批"),
        ListEntry(FIRM, "某粮油公司"),
    )


def test_a_list_needs_neither_days_nor_notes() -> None:
    (entry,) = parse_list(sheet(("number", "member"), (FIRM, "某粮油公司"))).rows
    assert entry.valid_until is None
    assert entry.counts_on(date(2999, 1, 1))


def test_an_entry_counts_to_its_last_day() -> None:
    entry = ListEntry(FIRM, "某粮油公司", date(2030, 6, 30))
    assert entry.counts_on(date(2030, 6, 30))
    assert not entry.counts_on(date(2030, 7, 1))


def test_a_wrong_check_character_of_a_firm_is_told() -> None:
    header = ("number", "member", "valid_until")
    (first, second) = parse_list(sheet(header, (FIRM[:-1] + "P", "某公司", "2030"), (FIRM, "某公司", ""))).faults
    assert first.what == "不是正确的身份证号或统一社会信用代码"
    assert first.value == "9111**********721P"
    assert second.column == "有效期（valid_until）"


# --- LPR --------------------------------------------------------------------------------------------------------------

LPR = ("日期", "一年期", "五年期以上")


def test_rates_are_percent() -> None:
    parsed = parse_lpr(sheet(LPR, ("2024-10-21", "3.10", "3.60"), ("2025-05-20", "3.0%", "3.5")))
    assert parsed.rows == (
        Lpr(date(2024, 10, 21), Decimal("3.10"), Decimal("3.60")),
        Lpr(date(2025, 5, 20), Decimal("3.0"), Decimal("3.5")),
    )


def test_days_must_rise_and_rates_be_percent() -> None:
    rows = (("2025-05-20", "3.0", "3.5"), ("2024-10-21", "3.1", "3.6"), ("2024-10-21", "0.031", "36"))
    faults = parse_lpr(sheet(LPR, *rows)).faults
    assert [(one.row, one.column.split("（")[0]) for one in faults] == [
        (3, "日期"), (4, "日期"), (4, "一年期"), (4, "五年期以上"),
    ]  # fmt: skip
    assert "如 3.45 表示 3.45%" in faults[2].fix


def test_the_rate_of_a_day_is_the_last_one_published() -> None:
    old, new = (
        Lpr(date(2024, 10, 21), Decimal("3.1"), Decimal("3.6")),
        Lpr(date(2025, 5, 20), Decimal(3), Decimal("3.5")),
    )
    assert lpr_on(date(2024, 10, 20), [old, new]) is None
    assert lpr_on(date(2024, 10, 21), [old, new]) == old
    assert lpr_on(date(2024, 11, 20), [new, old]) == old
    assert lpr_on(date(2025, 5, 20), [new, old]) == new
    assert lpr_on(date(2025, 5, 19), [new, old]) is None, "six quotes lie between that are not known"
    assert (old.for_months(60), old.for_months(61)) == (Decimal("3.1"), Decimal("3.6"))
