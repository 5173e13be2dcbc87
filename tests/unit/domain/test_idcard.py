from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.domain.idcard import age_on, birth_date, check_character, is_valid

VALID = "11010519491231002X"
"""The example of GB 11643."""


def test_the_standards_example() -> None:
    assert check_character(VALID[:17]) == "X"
    assert is_valid(VALID)
    assert is_valid(VALID.lower())
    assert birth_date(VALID) == date(1949, 12, 31)


@pytest.mark.parametrize("wrong", ["", "1" * 17, VALID[:17] + "0", "A" + VALID[1:], VALID + "1", "110105194902300021"])
def test_refused(wrong: str) -> None:
    assert not is_valid(wrong)


def test_an_impossible_date_is_no_date() -> None:
    body = "11010519490230002"
    number = body + check_character(body)
    assert birth_date(number) is None
    assert not is_valid(number)


@given(st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(place: int, shift: int) -> None:
    wrong = VALID[:place] + str((int(VALID[place]) + shift) % 10) + VALID[place + 1 :]
    assert check_character(wrong[:17]) != VALID[17]


@given(st.integers(0, 15))
def test_neighbours_swapped_are_found(place: int) -> None:
    swapped = VALID[:place] + VALID[place + 1] + VALID[place] + VALID[place + 2 :]
    assert swapped == VALID or check_character(swapped[:17]) != VALID[17]


def test_age_counts_full_years() -> None:
    assert age_on(date(1949, 12, 31), date(2026, 12, 30)) == 76
    assert age_on(date(1949, 12, 31), date(2026, 12, 31)) == 77
    assert age_on(date(2004, 2, 29), date(2026, 2, 28)) == 21
