"""Handwriting as filled outlines: thicker where the pen was slow or pressed, as ink is.

Input is the canonical JSON of the wire's ``Strokes``: ``{"width", "height", "strokes": [[{x, y, t, pressure}, …], …]}``
in CSS pixels, y downwards, t in milliseconds.
"""

import json
from dataclasses import dataclass
from math import atan2, cos, hypot, isfinite, pi, sin

from signing.adapters.signer.outlines import number
from signing.domain.errors import InputError

PEN = 1.9
"""Mean width of the line in points."""
GRAIN = 10
"""Steps a point."""
_CIRCLE = 0.5523
_FARTHEST = 100_000.0
"""Pixels from the drawing area's corner beyond which a point was not made by a hand."""


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    t: float
    pressure: float


def read_strokes(data: bytes) -> list[list[Point]]:
    """Raises ``InputError`` where ``data`` is not handwriting."""
    try:
        strokes = json.loads(data)["strokes"]
        lines = [
            [Point(float(p["x"]), float(p["y"]), float(p["t"]), float(p.get("pressure", 0.5))) for p in stroke]
            for stroke in strokes
        ]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InputError("笔迹数据无法识别", "请重新签名") from error
    if not all(_is_drawn(point) for line in lines for point in line):
        raise InputError("笔迹数据无法识别", "请重新签名")
    lines = [line for line in lines if line]
    if not lines:
        raise InputError("签名是空白的", "请在框内写下您的姓名")
    return lines


def _is_drawn(point: Point) -> bool:
    """Also false for what is not a number, which JSON as Python reads it may hold."""
    near = abs(point.x) <= _FARTHEST and abs(point.y) <= _FARTHEST
    return near and isfinite(point.t) and 0 <= point.pressure <= 1


def draw(data: bytes, x: float, y: float, width: float, height: float) -> str:
    """PDF operators that paint the ink, fitted into the box and centred. The current colours are used.

    In whole tenths of a point, a fiftieth of a pen's width of paper, under a matrix that scales them: a third shorter
    than fractions.
    """
    lines = _fitted(read_strokes(data), x, y, width, height)
    return f"q {1 / GRAIN:g} 0 0 {1 / GRAIN:g} 0 0 cm 1 J {' '.join(_stroke(line) for line in lines)} Q"


def _fitted(lines: list[list[Point]], x: float, y: float, width: float, height: float) -> list[list[Point]]:
    xs, ys = [p.x for line in lines for p in line], [p.y for line in lines for p in line]
    left, top = min(xs), min(ys)
    ink_width, ink_height = max(max(xs) - left, 1e-6), max(max(ys) - top, 1e-6)
    # A margin for the pen's own width; and a tiny mark is not blown up to fill the box.
    scale = min((width - 2 * PEN) / ink_width, (height - 2 * PEN) / ink_height, 1.2)
    shift_x = x + (width - ink_width * scale) / 2
    shift_y = y + (height + ink_height * scale) / 2
    return [
        [Point(shift_x + (p.x - left) * scale, shift_y - (p.y - top) * scale, p.t, p.pressure) for p in line]
        for line in lines
    ]


def _stroke(points: list[Point]) -> str:
    points = _smoothed(_thinned(points))
    radii = _radii(points)
    if len(points) == 1:
        return _disc(points[0], PEN * 0.6)
    left, right = _sides(points, radii)
    outline = left + right[::-1]
    ends = f"{_disc(points[0], radii[0])} {_disc(points[-1], radii[-1])}"
    return f"{_whole(outline[0][0])} {_whole(outline[0][1])} m {' '.join(_curve(outline))} h f {ends}"


def _thinned(points: list[Point]) -> list[Point]:
    """Without the points that lie closer together than a third of a point."""
    kept = points[:1]
    for point in points[1:]:
        if hypot(point.x - kept[-1].x, point.y - kept[-1].y) >= 0.35:
            kept.append(point)
    return kept


def _smoothed(points: list[Point]) -> list[Point]:
    if len(points) < 3:
        return points
    inner = [
        Point((a.x + 2 * b.x + c.x) / 4, (a.y + 2 * b.y + c.y) / 4, b.t, (a.pressure + 2 * b.pressure + c.pressure) / 4)
        for a, b, c in zip(points, points[1:], points[2:], strict=False)
    ]
    return [points[0], *inner, points[-1]]


def _radii(points: list[Point]) -> list[float]:
    """Half widths; speed in points a millisecond, each eased towards the one before."""
    radii: list[float] = []
    for index, point in enumerate(points):
        # The first point has no speed of its own; it takes that of the way to the second.
        start, end = (points[index - 1], point) if index else (point, points[min(1, len(points) - 1)])
        speed = hypot(end.x - start.x, end.y - start.y) / max(end.t - start.t, 1.0)
        wanted = PEN / 2 * (0.55 + 0.9 * point.pressure) * (1.25 - min(speed / 0.45, 1.0) * 0.65)
        radii.append(wanted if not radii else radii[-1] * 0.65 + wanted * 0.35)
    # The pen leaves the paper gradually: the last quarter of a stroke thins out.
    tail = max(len(radii) // 4, 1)
    return [r * (0.45 + 0.55 * min((len(radii) - i) / tail, 1.0)) for i, r in enumerate(radii)]


Spot = tuple[float, float]


def _sides(points: list[Point], radii: list[float]) -> tuple[list[Spot], list[Spot]]:
    left, right = [], []
    last = len(points) - 1
    for index, (point, radius) in enumerate(zip(points, radii, strict=True)):
        before, after = points[max(index - 1, 0)], points[min(index + 1, last)]
        angle = atan2(after.y - before.y, after.x - before.x) + pi / 2
        dx, dy = cos(angle) * radius, sin(angle) * radius
        left.append((point.x + dx, point.y + dy))
        right.append((point.x - dx, point.y - dy))
    return left, right


def _curve(outline: list[Spot]) -> list[str]:
    """Midpoint smoothing: every point of the outline steers, its midpoints are met, and the tangent has no kink.

    Written with ``v``, which takes the current point as the first control point: a third less than ``c``.
    """
    operators = []
    for control, following in zip(outline[1:], [*outline[2:], outline[0]], strict=True):
        (x, y), (next_x, next_y) = control, following
        ends = round((x + next_x) * GRAIN / 2), round((y + next_y) * GRAIN / 2)
        operators.append("%d %d %d %d v" % (round(x * GRAIN), round(y * GRAIN), *ends))  # noqa: UP031 - twice as fast
    return operators


def _whole(value: float) -> int:
    return round(value * GRAIN)


def _disc(centre: Point, radius: float) -> str:
    """A line without length under round caps is a disc (ISO 32000-2, 8.5.3.2)."""
    x, y = _whole(centre.x), _whole(centre.y)
    return f"{number(2 * radius * GRAIN)} w {x} {y} m {x} {y} l S"


def circle(x: float, y: float, radius: float) -> str:
    """Path operators of a circle, anticlockwise."""
    k = radius * _CIRCLE
    corners = [
        ((x + radius, y + k), (x + k, y + radius), (x, y + radius)),
        ((x - k, y + radius), (x - radius, y + k), (x - radius, y)),
        ((x - radius, y - k), (x - k, y - radius), (x, y - radius)),
        ((x + k, y - radius), (x + radius, y - k), (x + radius, y)),
    ]
    curves = (" ".join(f"{number(px)} {number(py)}" for px, py in corner) + " c" for corner in corners)
    return f"{number(x + radius)} {number(y)} m {' '.join(curves)} h"
