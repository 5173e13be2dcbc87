"""The unified social credit code, GB 32100-2015: registrar, kind, place, organisation code, check character."""

import re

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 characters: digits and letters without I, O, S, V, Z (GB 32100-2015, table 2)."""
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_SHAPE = re.compile(f"[{ALPHABET}]{{18}}")


def check_character(body: str) -> str:
    """MOD 31 over the first 17 characters (GB 32100-2015, annex B)."""
    total = sum(weight * ALPHABET.index(letter) for weight, letter in zip(WEIGHTS, body, strict=True))
    return ALPHABET[-total % 31]


def is_valid(code: str) -> bool:
    """True where shape and check character are right; lower case counts as upper case."""
    upper = code.upper()
    return _SHAPE.fullmatch(upper) is not None and check_character(upper[:17]) == upper[17]
