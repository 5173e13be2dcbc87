"""Amounts in words against the regulation's own examples, and read back by an independent reader."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.domain.errors import InputError
from signing.domain.money import LARGEST, in_digits, in_words, to_fen, words_agree

EXAMPLES = {
    # 《正确填写票据和结算凭证的基本规定》
    "1409.50": "壹仟肆佰零玖元伍角整",
    "6007.14": "陆仟零柒元壹角肆分",
    "1680.32": "壹仟陆佰捌拾元零叁角贰分",
    "107000.53": "壹拾万柒仟元零伍角叁分",
    "16409.02": "壹万陆仟肆佰零玖元零贰分",
    "325.04": "叁佰贰拾伍元零肆分",
    # further ones
    "180000": "壹拾捌万元整",
    "0": "零元整",
    "0.05": "伍分",
    "0.50": "伍角整",
    "10": "壹拾元整",
    "10010": "壹万零壹拾元整",
    "1000000": "壹佰万元整",
    "100000000": "壹亿元整",
    "100000001": "壹亿零壹元整",
    "10000000000.01": "壹佰亿元零壹分",
    "1000000000000": "壹万亿元整",
    "1000000010000": "壹万亿零壹万元整",
}

_DIGITS = {character: value for value, character in enumerate("零壹贰叁肆伍陆柒捌玖")}
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(("digits", "words"), EXAMPLES.items())
def test_examples(digits: str, words: str) -> None:
    assert in_words(Decimal(digits)) == words


def _read_integer(words: str) -> int:
    if "亿" in words:
        head, tail = words.split("亿")
        return _read_integer(head) * 10**8 + _read_integer(tail)
    if "万" in words:
        head, tail = words.split("万")
        return _read_integer(head) * 10**4 + _read_integer(tail)
    total = digit = 0
    for character in words:
        if character in _UNITS:
            total, digit = total + digit * _UNITS[character], 0
        else:
            digit = _DIGITS[character]
    return total + digit


def _read(words: str) -> Decimal:
    """A reader of capital numerals that shares nothing with the writer."""
    yuan, _, rest = words.removesuffix("整").rpartition("元")
    jiao, _, fen = rest.lstrip("零").rpartition("角")
    fen = fen.removesuffix("分")
    value = Decimal(_read_integer(yuan)) + Decimal(_read_integer(jiao)) / 10
    return value + Decimal(_read_integer(fen.lstrip("零"))) / 100


@given(st.integers(min_value=0, max_value=int(LARGEST * 100)))
def test_words_state_the_amount(fen: int) -> None:
    amount = Decimal(fen) / 100
    words = in_words(amount)
    assert _read(words) == amount
    assert "零零" not in words
    assert "零元" not in words or amount < 1
    assert words_agree(amount, f"人民币{words}")


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=1, max_value=10**6))
def test_different_amounts_do_not_agree(fen: int, more: int) -> None:
    assert not words_agree(Decimal(fen + more) / 100, in_words(Decimal(fen) / 100))


@pytest.mark.parametrize(("exact", "rounded"), [("0.005", "0.01"), ("2.675", "2.68"), ("1.0049", "1.00")])
def test_rounds_half_up(exact: str, rounded: str) -> None:
    assert to_fen(Decimal(exact)) == Decimal(rounded)


@pytest.mark.parametrize("wrong", ["-1", "0.001", "NaN", "Infinity", "10000000000000000"])
def test_refuses_what_cannot_be_written(wrong: str) -> None:
    with pytest.raises(InputError):
        in_words(Decimal(wrong))


def test_digits_are_grouped() -> None:
    assert in_digits(Decimal(180_000)) == "180,000.00"
