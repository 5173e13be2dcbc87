"""The table that every measurement prints: what is aimed at, our figure, its anchor, and whether the aim is met."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from signing.domain.errors import OutsideError

HEADINGS = ("指标", "实测", "参照", "比值", "单位", "目标", "结果")
_MARKS = {True: "✓ 达到", False: "✗ 未达到", None: "– 仅记录"}


class NotMeasured(OutsideError):
    """Raised where something that a measurement needs is missing on this machine."""


@dataclass(frozen=True)
class Row:
    """``ours`` and ``anchor`` in ``unit``; ``target`` in words. ``met`` None: there is no target, only a figure."""

    goal: str
    ours: float
    unit: str
    target: str = ""
    met: bool | None = None
    anchor: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours to the anchor; None without an anchor, or with one of zero."""
        return self.ours / self.anchor if self.anchor else None


def at_most(goal: str, ours: float, anchor: float, times: float, unit: str) -> Row:
    """Met where ours is at most ``times`` the anchor."""
    return Row(goal, ours, unit, f"≤ {times:g} 倍", ours <= times * anchor, anchor)


def as_json(rows: Sequence[Row]) -> str:
    """``{"rows": [{"goal", "ours", "anchor", "ratio", "target", "unit", "met"}]}``"""
    said = [
        {
            "goal": row.goal,
            "ours": row.ours,
            "anchor": row.anchor,
            "ratio": row.ratio,
            "target": row.target,
            "unit": row.unit,
            "met": row.met,
        }
        for row in rows
    ]
    return json.dumps({"rows": said}, ensure_ascii=False, indent=2)


def as_text(rows: Sequence[Row]) -> str:
    """Columns that line up where a Chinese character is two wide."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(_width(line[column]) for line in cells) for column in range(len(HEADINGS))]
    return "\n".join(_line(line, widths) for line in cells)


def _cells(row: Row) -> tuple[str, ...]:
    anchor, ratio = _number(row.anchor), _number(row.ratio)
    return row.goal, _number(row.ours), anchor, ratio, row.unit, row.target or "–", _MARKS[row.met]


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
