"""Where lines may break: for every text, not for the examples one thinks of."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.adapters.documents.linebreak import NOT_FIRST, NOT_LAST, Line, Run, break_lines, parse

CLOSING = "，。、；：？！）》〉」』】〕”’"
TEXTS = st.text(
    alphabet="借款人应当按期归还本金，。；：（）《》“”、12.5%,AB ¥元年月日壹万𠮷㛃·×÷", min_size=1, max_size=200
)
WIDTHS = st.integers(min_value=80, max_value=400)


def _measure(text: str, bold: bool) -> float:
    return sum(5.0 if character.isascii() else 10.0 for character in text)


def _inked(line: Line) -> float:
    """What the line takes up, worked out from what stands on it."""
    text = line.text
    width = _measure(text, False)
    return width - (_measure(text[-1], False) / 2 if text and text[-1] in CLOSING else 0.0)


@given(TEXTS, WIDTHS)
def test_no_line_is_too_long_or_begins_with_what_it_may_not(text: str, width: int) -> None:
    lines = break_lines([Run(text)], _measure, width, first_indent=20)
    assert [line.last for line in lines] == [False] * (len(lines) - 1) + [True]
    for index, line in enumerate(lines):
        assert _inked(line) == pytest.approx(line.width)
        assert line.width <= width - (20 if index == 0 else 0) + 1e-6
    torn = any(line.torn for line in lines)
    assert not torn or _widest(text) > width - 20
    for before, after in pairwise(lines):
        assert torn or not after.text or after.text[0] not in NOT_FIRST
        assert torn or not before.text or before.text[-1] not in NOT_LAST


def _widest(text: str) -> float:
    """The longest stretch that any rule at all could hold together."""
    figures = set("年月日元万壹%¥×÷")
    named = {
        place for name in re.finditer(r"[\u4e00-\u9fff·]*·[\u4e00-\u9fff·]*", text) for place in range(*name.span())
    }
    longest = current = 0.0
    for index, character in enumerate(text):
        before = text[:index].rstrip(" ")[-1:]
        whole = {character, before} <= figures | {letter for letter in (character, before) if letter.isascii()}
        joins = index > 0 and (character == " " or character in NOT_FIRST or before in NOT_LAST or whole)
        joins = joins or {index - 1, index} <= named
        current = (current if joins else 0.0) + _measure(character, False)
        longest = max(longest, current)
    return longest


@given(TEXTS)
def test_nothing_is_lost(text: str) -> None:
    lines = break_lines(parse(text), _measure, 120)
    assert "".join(line.text for line in lines).replace(" ", "") == text.replace(" ", "").replace("**", "")


WHOLE = (
    "2026年11月24日",
    "180,000.00元",
    "¥9,876,543.21元",
    "3.85%",
    "36个月",
    "12.50亩",
    "6217 0000 0000 0000 000",
    "11010519491231002X",
    "2026-00318-JK",
    "0597-3360000",
    "玖佰捌拾柒万",
    "第十二条",
    "第五百六十一条",
    "第一千零六十四条",
    "÷360",
    "×12",
    "阿依古丽·买买提",
    "——",
)


@given(st.sampled_from(WHOLE), st.text(alphabet="借款人应当归还，。（）《", max_size=60), WIDTHS)
def test_what_is_one_thing_stays_on_one_line(whole: str, before: str, width: int) -> None:
    width = max(width, 240)
    lines = break_lines([Run(f"{before}款{whole}止，以此为准。")], _measure, width)
    if not any(line.torn for line in lines):
        assert sum(whole in line.text for line in lines) == 1, [line.text for line in lines]


@given(st.text(alphabet="借款人应当按期归还本金", min_size=1, max_size=200), WIDTHS)
def test_no_character_is_left_alone_on_the_last_line(text: str, width: int) -> None:
    lines = break_lines([Run(text + "。")], _measure, width)
    assert len(lines) == 1 or len(lines[-2].text) < 8 or len(lines[-1].text) > 2


def test_the_empty_half_of_a_mark_hangs_over_the_edge() -> None:
    first, second = break_lines([Run("甲乙丙丁，戊己")], _measure, 45)
    assert (first.text, first.width) == ("甲乙丙丁，", 45.0)
    assert second.text == "戊己"


def test_a_word_wider_than_the_line_is_torn_and_says_so() -> None:
    lines = break_lines([Run("A" * 40)], _measure, 100)
    assert [len(line.text) for line in lines] == [20, 20]
    assert all(line.torn for line in lines)


def test_weights_and_blanks() -> None:
    assert parse("甲**乙**丙") == (Run("甲"), Run("乙", True), Run("丙"))
    assert parse("甲~~　~~**乙~~　~~**") == (Run("甲"), Run("　", struck=True), Run("乙", True), Run("　", struck=True))
