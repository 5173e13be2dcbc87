"""Where a TOML file is wrong, for the person who edits it: file, line, key and the rule it breaks."""

import re
from collections.abc import Sequence

from pydantic import ValidationError

_RULES = {
    "missing": "没有写",
    "extra_forbidden": "不认识这一项",
    "enum": "不在可选范围内",
    "literal_error": "不在可选范围内",
    "string_type": "须为文字，写在引号里",
    "string_too_short": "不能为空",
    "too_short": "至少要有一项",
    "string_pattern_mismatch": "只能用小写英文字母和下划线",
    "int_type": "须为整数",
    "int_parsing": "须为整数",
    "bool_type": "须为 true 或 false",
    "bool_parsing": "须为 true 或 false",
    "tuple_type": "须为用 [ ] 括起的一列",
    "model_type": "须为一张表",
    "date_type": "须为日期，如 2026-01-01",
    "date_parsing": "须为日期，如 2026-01-01",
    "date_from_datetime_parsing": "须为日期，如 2026-01-01",
    "decimal_parsing": "不是一个数",
    "greater_than_equal": "不能小于零",
}

_HEADER = re.compile(r"^\s*(\[\[?)\s*([a-z_.]+)\s*\]\]?")


def described(error: ValidationError, text: str) -> list[str]:
    """One line a fault: ``第 12 行 loan.amount_min：没有写``."""
    return [located(one["loc"], text, _rule(one["type"], one["msg"])) for one in error.errors(include_url=False)]


def located(location: Sequence[int | str], text: str, rule: str) -> str:
    """``location`` as pydantic gives it: keys and indexes from 0."""
    key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")
    line = line_of(location, text)
    return f"第 {line} 行 {key}：{rule}" if line else f"{key}：{rule}"


def line_of(location: Sequence[int | str], text: str) -> int:
    """The line of a key, or of the table that should have it; 0 where the file has neither."""
    seen: dict[str, int] = {}
    table: tuple[int | str, ...] = ()
    best = (0, 0)
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            name = header[2]
            seen[name] = seen.get(name, -1) + 1
            table = (*name.split("."), seen[name]) if header[1] == "[[" else tuple(name.split("."))
            place: tuple[int | str, ...] = table
        elif assigned := re.match(r"^\s*([a-z_]+)\s*=", line):
            place = (*table, assigned[1])
        else:
            continue
        if tuple(location[: len(place)]) == place and len(place) > best[0]:
            best = (len(place), number)
    return best[1]


def _rule(kind: str, message: str) -> str:
    return message.removeprefix("Value error, ") if kind == "value_error" else _RULES.get(kind, "格式不正确")
