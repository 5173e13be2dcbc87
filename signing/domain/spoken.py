"""How a text with figures sounds: what a synthesiser is given in place of what is printed.

One that is left to itself reads ``180,000.00元`` as a hundred and eighty and five noughts.
"""

import re

DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_MYRIADS = ("", "万", "亿", "万亿")
_LONG = 7
"""Digits in a row, without commas, from which on they are a number to be dialled or looked up, not counted."""
_FIGURE = re.compile(r"(?P<before>[A-Za-z-]?)(?P<whole>\d+(?:,\d{3})*)(?P<part>\.\d+)?(?P<after>[%‰年-]?)")
_SIGNS = str.maketrans({"“": "", "”": "", "《": "，", "》": "，", "（": "，", "）": "，", "/": "，", "\n": "。"})


def spoken(text: str) -> str:
    """``年利率3.85%，借180,000.00元`` → ``年利率百分之三点八五，借十八万元``."""
    words = _FIGURE.sub(_figure, text.translate(_SIGNS))
    return re.sub(r"[A-Z](?=[A-Z])", r"\g<0> ", words)


def counted(number: int) -> str:
    """As one counts, below 10^16: ``10050`` → ``一万零五十``, ``12`` → ``十二``."""
    if number == 0:
        return DIGITS[0]
    said, gap = "", False
    groups = [number // 10_000**at % 10_000 for at in range(len(_MYRIADS))]
    for at in reversed(range(len(groups))):
        group = groups[at]
        if said and (gap or group < 1000) and group:
            said += DIGITS[0]
        gap = bool(said) and not group
        said += _group(group) + _MYRIADS[at] if group else ""
    return said.removeprefix("一") if said.startswith("一十") else said


def one_by_one(digits: str) -> str:
    """As one dials."""
    return "".join(DIGITS[int(digit)] for digit in digits)


def _group(number: int) -> str:
    """Up to 9999, without a nought before it."""
    said, gap = "", False
    for at in reversed(range(len(_PLACES))):
        digit = number // 10**at % 10
        if digit:
            said += (DIGITS[0] if gap and said else "") + DIGITS[digit] + _PLACES[at]
        gap = not digit
    return said


def _figure(found: re.Match[str]) -> str:
    before, after = found["before"], found["after"]
    return before.replace("-", "，") + _said(found) + (after if after == "年" else after.replace("-", "，").strip("%‰"))


def _said(found: re.Match[str]) -> str:
    whole, part, after = found["whole"], found["part"] or "", found["after"]
    plain = "," not in whole and not part
    dialled = found["before"] or after == "-" or len(whole) >= _LONG or (whole[0] == "0" and len(whole) > 1)
    if plain and (dialled or (after == "年" and len(whole) == 4)):
        return one_by_one(whole)
    said = counted(int(whole.replace(",", "")))
    if part.strip(".0"):
        said += "点" + one_by_one(part[1:])
    return {"%": "百分之", "‰": "千分之"}.get(after, "") + said
