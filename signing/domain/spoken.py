"""How a text with figures sounds: what a synthesiser is given in place of what is printed.

One that is left to itself reads ``180,000.00元`` as a hundred and eighty and five noughts.
"""

import re
from decimal import Decimal

DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_MYRIADS = ("", "万", "亿", "万亿")
_LONG = 5
"""Digits in a row, without commas, from which on they are to be dialled or looked up, unless a unit follows."""
_TOO_LARGE = 10**16
_UNITS = "%‰元万亿个年月日天周岁头只株棵亩吨根套台项位户人名页条份期次倍股米克"
_UNIT = rf"\s*(?:[{_UNITS}]|平方|立方|小时|分钟|公[斤里顷])"
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_FIGURE = re.compile(
    r"(?P<before>[A-Za-z-]?)(?P<whole>\d+(?:,\d{3})*)(?P<part>\.\d+)?(?P<after>[%‰年-]?)"
    rf"(?P<unit>(?={_UNIT}))?"
)
_NAMES = "尾号|账号|卡号|编号|单号|证号|机号|合同号|号码|代码|验证码|密码|电话"
_NAMED = re.compile(rf"(?P<name>{_NAMES})(?P<is>[为是：: ]*)(?P<digits>\d+)")
"""What is called a number is told digit by digit, however short."""
_GROUPED = re.compile(r"(?<![\d,.-])\d{3,6}(?: \d{2,4}){2,}(?![\d,.-])(?!\s*[元万])")
"""An account or a telephone number as it is printed."""
_DAY = re.compile(r"(?<![A-Za-z\d-])(\d{4})-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])(?![\d-])")
_TIME = re.compile(r"(?<![\d:])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])")
_CASE_YEAR = re.compile(r"(?<=[（(〔\[])(?:19|20)\d\d(?=[）)〕\]])")
_RANGE = re.compile(
    rf"(?<![A-Za-z\d,.-])(?P<low>{_NUMBER})(?P<sign>[%‰]?)\s*(?P<by>[-~～—–−至到])\s*(?P<high>{_NUMBER})"
    rf"(?![\d-])(?={_UNIT})(?P<unit>[%‰年]?)"
)
_POINTS = re.compile(r"LPR\s*(?P<sign>[+＋加−–减-])\s*(?=\d)")
_BP = re.compile(r"(?<=\d)\s*(?:BPs?|bps?)(?![A-Za-z])")
_BELOW_NOUGHT = re.compile(rf"(?<![A-Za-z\d-])[-−](?={_NUMBER}\s*[%‰元万亿])")
_SIGNS = str.maketrans({"“": "", "”": "", "《": "，", "》": "，", "（": "，", "）": "，", "/": "，", "\n": "。"})


def spoken(text: str) -> str:
    """``年利率3.85%，借180,000.00元`` → ``年利率百分之三点八五，借十八万元``."""
    words = _FIGURE.sub(_figure, _spelt_out(text).translate(_SIGNS))
    words = re.sub(r"，\s*(?=[，。？！；])", "", words)
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


def _spelt_out(text: str) -> str:
    """What several figures, or a figure and what stands before it, are together."""
    text = _GROUPED.sub(lambda found: one_by_one(found[0].replace(" ", "")), re.sub(r"[\u00a0\u2009\u202f]", " ", text))
    text = _NAMED.sub(lambda found: found["name"] + found["is"] + one_by_one(found["digits"]), text)
    text = _CASE_YEAR.sub(lambda found: one_by_one(found[0]), text)
    text = _DAY.sub(lambda found: f"{found[1]}年{int(found[2])}月{int(found[3])}日", text)
    text = _TIME.sub(lambda found: f"{int(found[1])}点" + (f"{int(found[2])}分" if int(found[2]) else "整"), text)
    text = _POINTS.sub(lambda found: "LPR" + ("加" if found["sign"] in "+＋加" else "减"), _BP.sub("个基点", text))
    return _BELOW_NOUGHT.sub("负", _RANGE.sub(_range, text))


def _range(found: re.Match[str]) -> str:
    """``10-20头`` and ``10-20%``; a telephone number with its area code is none, nor is anything that does not rise."""
    low, high = (found[side].replace(",", "") for side in ("low", "high"))
    dialled = any(len(one) > 1 and one[0] == "0" and one[1] != "." for one in (low, high))
    if dialled or Decimal(low) >= Decimal(high):
        return found[0]
    sign = found["sign"] or (found["unit"] if found["unit"] in "%‰" or len(low) == 4 else "")
    return f"{found['low']}{sign}至{found['high']}{found['unit']}"


def _figure(found: re.Match[str]) -> str:
    before, after = found["before"], found["after"]
    return before.replace("-", "，") + _said(found) + (after if after == "年" else after.replace("-", "，").strip("%‰"))


def _said(found: re.Match[str]) -> str:
    whole, part, after = found["whole"], found["part"] or "", found["after"]
    number = int(whole.replace(",", ""))
    if number >= _TOO_LARGE or ("," not in whole and not part and _is_dialled(found, whole)):
        return one_by_one(whole.replace(",", ""))
    said = counted(number)
    if part.strip(".0"):
        said += "点" + one_by_one(part[1:])
    return {"%": "百分之", "‰": "千分之"}.get(after, "") + said


def _is_dialled(found: re.Match[str], whole: str) -> bool:
    joined = found.string[: found.start()].endswith("-")
    if joined or found["before"] or found["after"] == "-" or (whole[0] == "0" and len(whole) > 1):
        return True
    if found["after"] == "年":
        return len(whole) == 4
    return len(whole) >= _LONG and found["after"] not in ("%", "‰") and found["unit"] is None
