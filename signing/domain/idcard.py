"""The resident identity number, GB 11643-1999: six digits of place, birth date, order, check character."""

import re
from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")


def check_character(body: str) -> str:
    """ISO 7064 MOD 11-2 over the first 17 digits (GB 11643-1999, 3.3)."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True))
    return CHECK_CHARACTERS[total % 11]


def is_valid(number: str) -> bool:
    """True where shape, birth date and check character are right; a lower-case ``x`` counts as ``X``."""
    upper = number.upper()
    if not _SHAPE.fullmatch(upper) or birth_date(upper) is None:
        return False
    return check_character(upper[:17]) == upper[17]


def birth_date(number: str) -> date | None:
    """Digits 7 to 14 as a date, or None where they are none."""
    if not _SHAPE.fullmatch(number.upper()):
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def age_on(birth: date, day: date) -> int:
    """Full years (民法典 art. 1259: counted from the birthday on)."""
    before_birthday = (day.month, day.day) < (birth.month, birth.day)
    return day.year - birth.year - before_birthday
