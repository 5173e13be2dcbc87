"""Figures as they sound: a wrong one read aloud would be a wrong disclosure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.domain.spoken import DIGITS, counted, one_by_one, spoken

PLACES = {"十": 10, "百": 100, "千": 1000}


def heard(words: str) -> int:
    """The number that somebody who hears ``words`` writes down; written without a look at ``counted``."""
    total = section = digit = 0
    for sign in words:
        if sign in DIGITS:
            digit = DIGITS.index(sign)
        elif sign in PLACES:
            section += (digit or (1 if sign == "十" and not section else 0)) * PLACES[sign]
            digit = 0
        elif sign == "万":
            section, digit = (section + digit) * 10_000, 0
            total, section = total + section, 0
        elif sign == "亿":
            total, section, digit = (total + section + digit) * 100_000_000, 0, 0
    return total + section + digit


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "零"), (5, "五"), (10, "十"), (12, "十二"), (20, "二十"), (100, "一百"), (101, "一百零一"),
        (110, "一百一十"), (1001, "一千零一"), (1010, "一千零一十"), (10_000, "一万"), (10_050, "一万零五十"),
        (100_001, "十万零一"), (180_000, "十八万"), (16_607, "一万六千六百零七"), (1_000_500, "一百万零五百"),
        (20_305_000, "二千零三十万五千"), (100_000_000, "一亿"), (100_000_007, "一亿零七"),
        (120_030_000, "一亿二千零三万"),
    ],
)  # fmt: skip
def test_numbers_are_counted_as_people_count(number: int, words: str) -> None:
    assert counted(number) == words


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_whoever_hears_a_number_writes_it_down_again(number: int) -> None:
    assert heard(counted(number)) == number


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_no_nought_stands_twice_or_last(number: int) -> None:
    words = counted(number)
    assert "零零" not in words
    assert number == 0 or not words.endswith("零")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("借款金额180,000.00元", "借款金额十八万元"),
        ("每月31日还16,607.15元", "每月三十一日还一万六千六百零七点一五元"),
        ("年利率3.85%，逾期加收50%", "年利率百分之三点八五，逾期加收百分之五十"),
        ("年利率12.00%", "年利率百分之十二"),
        ("万分之0.5", "万分之零点五"),
        ("贷款十八万元，即18万元", "贷款十八万元，即十八万元"),
        ("自2026年12月27日起", "自二零二六年十二月二十七日起"),
        ("打0597-3842000挂失", "打零五九七，三八四二零零零挂失"),
        ("合同编号PQ202611270001。", "合同编号P Q二零二六一一二七零零零一。"),
        ("账号6228480012345678", "账号六二二八四八零零一二三四五六七八"),
        ("这笔业务是“多人担保贷款”（单利）", "这笔业务是多人担保贷款，单利，"),
        ("没有数字。", "没有数字。"),
        ("利率5‰", "利率千分之五"),
        ("还款账号6217 1234 5678 9012 345，不能", "还款账号六二一七一二三四五六七八九零一二三四五，不能"),
        ("手机138 0000 0000", "手机一三八零零零零零零零零"),
        ("尾号1234的卡，验证码：123456", "尾号一二三四的卡，验证码：一二三四五六"),
        ("打400-820-8888", "打四零零，八二零，八八八八"),
        ("肉牛10-20头，3～5 年", "肉牛十至二十头，三至五 年"),
        ("抵押率10%-20%，或10-20%", "抵押率百分之十至百分之二十，或百分之十至百分之二十"),
        ("1,000-2,000.50元", "一千至二千点五零元"),
        ("2026-2027年", "二零二六年至二零二七年"),
        ("2026-11-27到期，2026-01-05起", "二零二六年十一月二十七日到期，二零二六年一月五日起"),
        ("编号CZ-2026-11-27", "编号C Z，二零二六，一一，二七"),
        ("12:30见，9:00开门", "十二点三十分见，九点整开门"),
        ("年利率LPR-50BP", "年利率L P R减五十个基点"),
        ("LPR + 100 个基点，LPR − 35BP", "L P R加一百 个基点，L P R减三十五个基点"),
        (
            "共1234567元、1234567.80元和12345头",
            "共一百二十三万四千五百六十七元、一百二十三万四千五百六十七点八零元和一万二千三百四十五头",
        ),
        ("余额-50.00元", "余额负五十元"),
        ("(2026)民初123号", "(二零二六)民初一百二十三号"),
        ("第1-3页", "第一至三页"),
        ("10,000,000,000,000,000元", "一零零零零零零零零零零零零零零零零元"),
    ],
)
def test_a_text_as_it_sounds(text: str, words: str) -> None:
    assert spoken(text) == words


@given(st.text(alphabet="借款年利率元%‰,.-0123456789PQ（）“”", max_size=40))
def test_nothing_that_is_given_breaks_it_and_no_digit_is_left(text: str) -> None:
    assert not any(sign.isdigit() for sign in spoken(text))


def test_digits_are_dialled_one_by_one() -> None:
    assert one_by_one("0597") == "零五九七"
