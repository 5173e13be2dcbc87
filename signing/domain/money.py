"""Amounts of money: ``Decimal`` yuan, rounded half-up to the fen here and nowhere else.

Capital numerals follow 《正确填写票据和结算凭证的基本规定》 (支付结算办法, annex 1).
"""

from decimal import ROUND_HALF_UP, Decimal

from signing.domain.errors import InputError

FEN = Decimal("0.01")
LARGEST = Decimal("9999999999999999.99")

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def to_fen(amount: Decimal) -> Decimal:
    """``amount`` in yuan rounded half-up to the fen. The only place where money is rounded."""
    return amount.quantize(FEN, ROUND_HALF_UP)


def in_digits(amount: Decimal) -> str:
    """``180000`` → ``180,000.00``."""
    return f"{_exact(amount):,.2f}"


def in_words(amount: Decimal) -> str:
    """Capital numerals 大写, without the leading 人民币: ``180000`` → ``壹拾捌万元整``.

    Raises ``InputError`` for a negative amount, a fraction of a fen, or one beyond ``LARGEST``.
    """
    amount = _exact(amount)
    yuan = int(amount)
    jiao, fen = divmod(int((amount - yuan) * 100), 10)
    if not yuan and not jiao and not fen:
        return "零元整"
    words = f"{_integer_words(yuan)}元" if yuan else ""
    if not jiao and not fen:
        return f"{words}整"
    if jiao:
        # 票据规定: a zero in the yuan place before jiao may be written; we write it only where yuan ends in 0.
        words += "零" if yuan and yuan % 10 == 0 else ""
        words += f"{_DIGITS[jiao]}角"
    elif yuan:
        words += "零"
    return f"{words}{_DIGITS[fen]}分" if fen else f"{words}整"


def words_agree(amount: Decimal, words: str) -> bool:
    """Whether capital numerals, with or without 人民币, state exactly ``amount``."""
    return words.removeprefix("人民币") == in_words(amount)


def _exact(amount: Decimal) -> Decimal:
    if not amount.is_finite() or amount < 0 or amount > LARGEST:
        raise InputError("金额超出可以书写的范围", "请输入零以上的金额")
    if amount != to_fen(amount):
        raise InputError("金额最多精确到分", "请输入两位小数以内的金额")
    return to_fen(amount)


def _integer_words(value: int) -> str:
    groups: list[int] = []
    while value:
        value, group = divmod(value, 10_000)
        groups.append(group)
    words, gap = "", False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            gap = bool(words)
            # 壹万亿 needs its 亿 even where the group of 亿 itself is empty.
            if index == 2 and len(groups) == 4:
                words += "亿"
            continue
        if words and (gap or group < 1000):
            words += "零"
        words += _group_words(group) + _group_unit(index, groups)
        gap = False
    return words


def _group_unit(index: int, groups: list[int]) -> str:
    return "万" if index == 3 else _GROUPS[index]


def _group_words(group: int) -> str:
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return words
