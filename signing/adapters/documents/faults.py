"""Where a TOML file is wrong, for the person who edits it: file, line, key and the rule it breaks."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

_RULES = {
    "missing": "没有写，请补上",
    "extra_forbidden": "不认识这一项，请核对拼写",
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

_SYNTAX = {
    "Invalid value": "值的写法不对：文字须写在英文引号里，一列须用 [ ] 括起",
    "Expected '=' after a key": "名称后面须有等号",
    "Illegal character": "引号没有闭合，或者有不能出现的字符",
    "Unterminated string": "引号没有闭合",
    "Unclosed array": "方括号没有闭合",
    "Cannot overwrite a value": "同一项写了两次",
    "Cannot declare": "同一张表写了两次",
    "Expected newline or end of document after a statement": "一行只能写一项，或者日期、数的写法不对",
    "Expected ']": "表头的方括号没有闭合",
    "Invalid statement": "一行须以名称开头",
    "Invalid initial character for a key part": "须是名称",
    "Unescaped": "反斜杠须写两个",
}
"""What the reader of TOML says, by how it begins."""

_HEADER = re.compile(r"^\s*(\[\[?)\s*([a-z_.]+)\s*\]\]?")


def described(error: ValidationError, text: str) -> list[str]:
    """One line a fault: ``第 12 行 loan.amount_min：没有写``."""
    found = error.errors(include_url=False)
    return [located(one["loc"], text, _rule(one["type"], one["msg"], one.get("ctx", {}))) for one in found]


def syntax(error: tomllib.TOMLDecodeError) -> str:
    """``第 94 行第 9 列：不是正确的 TOML，值的写法不对……`` of a file that cannot even be read."""
    said = str(error)
    place = re.search(r"at line (\d+), column (\d+)", said)
    where = f"第 {place[1]} 行第 {place[2]} 列" if place else "文件末尾"
    what = next((words for beginning, words in _SYNTAX.items() if said.startswith(beginning)), "写法不对")
    return f"{where}：不是正确的 TOML，{what}"


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
        elif place[: len(location)] == tuple(location) and best[0] < len(location):
            best = (len(location), number)
    return best[1]


def _rule(kind: str, message: str, more: Mapping[str, Any]) -> str:
    if kind in ("enum", "literal_error"):
        allowed = re.findall("'([^']+)'", str(more.get("expected", "")))
        return f"不在可选范围内，可以写：{'、'.join(allowed)}"
    return message.removeprefix("Value error, ") if kind == "value_error" else _RULES.get(kind, "格式不正确")
