"""Single fields at a glance: figures however they are written, numbers with their check character, days."""

import pytest

from desktop.opening import local
from signing.wire.opening import FieldKind, FormField
from tests.unit.desktop.opening.forms import MONEY, NUMBER, field

PHONE = field("phone", "手机号", FieldKind.PHONE, pattern=r"^1[3-9][0-9]{9}$")
AMOUNT = field("amount", "金额", FieldKind.MONEY, pattern=MONEY)
ID = field("id_number", "身份证号", FieldKind.ID_NUMBER)
DAY = field("day", "日期", FieldKind.DATE)
MONTHS = field("term", "期限", FieldKind.INTEGER)
NAME = field("name", "姓名", longest=4)


@pytest.mark.parametrize(
    ("kind", "typed", "sent"),
    [
        (FieldKind.MONEY, " 180,000.00 元", "180000.00"),
        (FieldKind.MONEY, "１８００００．５", "180000.5"),
        (FieldKind.RATE, "3.85%", "3.85"),
        (FieldKind.ID_NUMBER, "11010519491231002ｘ", NUMBER),
        (FieldKind.ID_NUMBER, "110105 19491231 002x", NUMBER),
        (FieldKind.ACCOUNT, "6217 0000 0000 0000 000", "6217000000000000000"),
        (FieldKind.DATE, "20271231", "2027-12-31"),
        (FieldKind.DATE, "2027年1月2日", "2027-01-02"),
        (FieldKind.DATE, "2027/1/2", "2027-01-02"),
        (FieldKind.TEXT, " 王 秀兰 ", "王 秀兰"),
    ],
)
def test_figures_are_sent_in_one_way_of_writing_them(kind: FieldKind, typed: str, sent: str) -> None:
    assert local.tidied(kind, typed) == sent


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (ID, NUMBER), (ID, ""), (PHONE, "13800138000"), (AMOUNT, "1"), (DAY, "2028-02-29"), (MONTHS, "36"),
        (NAME, "欧阳秀兰"),
    ],
)  # fmt: skip
def test_what_is_right_or_not_there_is_not_complained_about(one: FormField, text: str) -> None:
    assert local.problem(one, text) == ""


@pytest.mark.parametrize(
    ("one", "text", "words"),
    [
        (ID, "1101051949123100", "现在 16 位"),
        (ID, "110105194912310021", "校验不通过"),
        (ID, "11010519491331002X", "出生日期"),
        (ID, "11010519491231A02X", "只有数字"),
        (PHONE, "2380013800", "11 位"),
        (AMOUNT, "1.234", "两位小数"),
        (AMOUNT, "-5", "写数字"),
        (DAY, "2027-02-29", "日期"),
        (MONTHS, "1.5", "整数"),
        (NAME, "欧阳秀兰儿", "至多 4 个字"),
        (field("credit_code", "代码", FieldKind.CREDIT_CODE), "91350", "现在 5 位"),
    ],
)
def test_what_is_wrong_says_what_to_do(one: FormField, text: str, words: str) -> None:
    assert words in local.problem(one, text)


def test_a_number_tells_birth_date_and_sex() -> None:
    assert local.born(NUMBER.lower()) == "1949 年 12 月 31 日生，女"
    assert local.born("1101") == ""
