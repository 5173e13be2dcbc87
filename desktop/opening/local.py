"""What can be seen at once of a single field, before the service is asked. Pure. The service has the last word."""

import re
from datetime import date

from signing.wire.opening import FieldKind, FormField

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_DIGITS = str.maketrans("０１２３４５６７８９．－，Ｘｘ", "0123456789.-,XX")
_FIGURES = (
    FieldKind.MONEY, FieldKind.RATE, FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.PHONE, FieldKind.ACCOUNT,
    FieldKind.ID_NUMBER, FieldKind.CREDIT_CODE, FieldKind.DATE,
)  # fmt: skip
_EXPLAINED = {
    FieldKind.MONEY: "请写数字，最多两位小数，例如 180000.00",
    FieldKind.RATE: "请写百分数，最多四位小数，例如 3.85",
    FieldKind.NUMBER: "请写数字，最多两位小数",
    FieldKind.PHONE: "手机号应为 11 位数字，以 1 开头",
    FieldKind.ACCOUNT: "账号应为 10 至 25 位数字",
}


def tidied(kind: FieldKind, text: str) -> str:
    """As it is sent: no blanks around, figures in one way of writing them."""
    tidy = text.strip()
    if kind not in _FIGURES:
        return tidy
    tidy = tidy.translate(_DIGITS).replace(" ", "")
    if kind is FieldKind.DATE:
        return _day(tidy)
    if kind in (FieldKind.MONEY, FieldKind.RATE, FieldKind.NUMBER, FieldKind.INTEGER):
        return tidy.replace(",", "").removesuffix("%").removesuffix("元")
    return tidy.upper()


def _day(text: str) -> str:
    """``20261231``, ``2026/12/31`` and ``2026年12月31日`` as ISO 8601; else as it is."""
    found = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", text)
    return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}" if found else text


def problem(one: FormField, text: str) -> str:
    """What is wrong, in words; empty where nothing can be seen to be."""
    tidy = tidied(one.kind, text)
    if not tidy:
        return ""
    match one.kind:
        case FieldKind.ID_NUMBER:
            return _number(tidy)
        case FieldKind.INTEGER:
            return "" if tidy.isdecimal() and len(tidy) < 4 else "请写整数，例如 12"
        case FieldKind.DATE:
            return "" if _is_day(tidy) else "请写成 2026-12-31 这样的日期"
        case FieldKind.CREDIT_CODE:
            return "" if len(tidy) == 18 else f"应为 18 位，现在 {len(tidy)} 位"
    if one.longest is not None and len(tidy) > one.longest:
        return f"太长，至多 {one.longest} 个字"
    if one.pattern and not re.search(one.pattern, tidy):
        return _EXPLAINED.get(one.kind, "格式不正确")
    return ""


def _number(number: str) -> str:
    """GB 11643-1999: shape, birth date, check character."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return f"身份证号应为 18 位，现在 {len(number)} 位" if len(number) != 18 else "身份证号只有数字，末位可以是 X"
    if not _is_day(f"{number[6:10]}-{number[10:12]}-{number[12:14]}"):
        return "身份证号里的出生日期不对，请核对第 7 至 14 位"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return "" if _CHECKS[total % 11] == number[17] else "身份证号校验不通过，请逐位核对"


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text)) and len(text) == 10
    except ValueError:
        return False


def born(number: str) -> str:
    """Birth date and sex that the number says, in words; empty where it is none."""
    tidy = tidied(FieldKind.ID_NUMBER, number)
    if len(tidy) != 18 or _number(tidy):
        return ""
    return f"{tidy[6:10]} 年 {int(tidy[10:12])} 月 {int(tidy[12:14])} 日生，{'男' if int(tidy[16]) % 2 else '女'}"
