"""GB 32100-2015. The right codes were published by their own registrars."""

import pytest

from signing.domain.creditcode import ALPHABET, check_character, is_valid

RIGHT = "91110000100000721N"


def test_the_alphabet_is_the_standards() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 31
    assert not set("IOSVZ") & set(ALPHABET)


@pytest.mark.parametrize("code", [RIGHT, RIGHT.lower(), "914403001922038216", "91330100799655058B"])
def test_right_codes(code: str) -> None:
    assert is_valid(code)


def test_any_other_character_in_any_place_is_refused() -> None:
    for place, was in enumerate(RIGHT):
        for letter in ALPHABET:
            changed = RIGHT[:place] + letter + RIGHT[place + 1 :]
            assert is_valid(changed) == (letter == was), changed


def test_two_neighbours_changed_about_are_found() -> None:
    for place in range(16):
        left, right = RIGHT[place], RIGHT[place + 1]
        if left != right:
            assert not is_valid(RIGHT[:place] + right + left + RIGHT[place + 2 :])


@pytest.mark.parametrize("code", ["", RIGHT[:-1], RIGHT + "0", "9111000010000072 N", "I" * 18, "９" * 18])
def test_other_shapes(code: str) -> None:
    assert not is_valid(code)


def test_every_remainder_has_its_character() -> None:
    last = {check_character(f"{number:017}") for number in range(200)}
    assert last == set(ALPHABET)
