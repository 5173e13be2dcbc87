"""Where lines may break: for every text, not for the examples one thinks of."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from signing.adapters.documents.linebreak import NOT_FIRST, NOT_LAST, Run, break_lines, parse

TEXTS = st.text(alphabet="借款人应当按期归还本金，。；：（）《》“”、12.5%,AB ¥", min_size=1, max_size=200)


def _measure(text: str, bold: bool) -> float:
    return sum(5.0 if character.isascii() else 10.0 for character in text)


@given(TEXTS, st.integers(min_value=80, max_value=400))
def test_no_line_is_too_long_or_begins_with_what_it_may_not(text: str, width: int) -> None:
    lines = break_lines([Run(text)], _measure, width, first_indent=20)
    assert [line.last for line in lines] == [False] * (len(lines) - 1) + [True]
    for index, line in enumerate(lines):
        assert _measure(line.text, False) <= width - (20 if index == 0 else 0) + 1e-6
    torn = _widest(text) > width - 20
    for before, after in pairwise(lines):
        assert torn or not after.text or after.text[0] not in NOT_FIRST
        assert torn or not before.text or before.text[-1] not in NOT_LAST


def _widest(text: str) -> float:
    """The longest stretch that punctuation rules alone could hold together."""
    longest = current = 0.0
    for index, character in enumerate(text):
        before = text[:index].rstrip(" ")[-1:]
        joins = index > 0 and (
            character == " " or character in NOT_FIRST or before in NOT_LAST or (character + before).isascii()
        )
        current = (current if joins else 0.0) + _measure(character, False)
        longest = max(longest, current)
    return longest


@given(TEXTS)
def test_nothing_is_lost(text: str) -> None:
    lines = break_lines(parse(text), _measure, 120)
    assert "".join(line.text for line in lines).replace(" ", "") == text.replace(" ", "").replace("**", "")


def test_a_number_stays_whole() -> None:
    lines = break_lines([Run("合计人民币180,000.00元整")], _measure, 100)
    assert any("180,000.00" in line.text for line in lines)


def test_weights() -> None:
    assert parse("甲**乙**丙") == (Run("甲"), Run("乙", True), Run("丙"))
