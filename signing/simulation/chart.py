"""The day's curve as SVG: arrivals with waits above, occupancy with service level below. Colours of the house."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise

from signing.simulation.measures import Figures

PAPER, SURFACE, INK, MUTED, LINE = "#F6F7F5", "#FFFFFF", "#16211D", "#55625C", "#DDE3DF"
PRIMARY, NOTICE, CAUTION, BAR = "#0A6A4A", "#0B5CAD", "#8A5200", "#C9DED5"
WIDTH, HEIGHT = 960, 640
_LEFT, _RIGHT = 76, 76
_UPPER, _LOWER = (120, 360), (450, 580)
_FONT = "'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif"

_Scale = Callable[[float], float]


def draw(hours: Mapping[int, Figures], days: int, title: str, subtitle: str) -> str:
    """A complete SVG document. ``hours`` as from ``by_hour``; needs at least one hour."""
    shown = list(range(min(hours), max(hours) + 1))
    empty = Figures(0, 0.0, 0.0, 0.0, 1.0, 0.0)
    figures = [hours.get(hour, empty) for hour in shown]
    parts = [*_frame(title, subtitle), *_upper(shown, figures, days), *_lower(shown, figures)]
    return "\n".join([*parts, "</svg>", ""])


def _frame(title: str, subtitle: str) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="{_FONT}" font-size="13" role="img" aria-label="{escape(title)}">'
    )
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>'
    yield f'<rect x="12" y="12" width="{WIDTH - 24}" height="{HEIGHT - 24}" rx="8" fill="{SURFACE}" stroke="{LINE}"/>'
    yield _text(_LEFT - 44, 46, title, size=18, weight=600)
    yield _text(_LEFT - 44, 70, subtitle, colour=MUTED)


def _upper(shown: Sequence[int], figures: Sequence[Figures], days: int) -> Iterator[str]:
    """Bars: customers an hour of an average day, left axis. Lines: waits in minutes, right axis.

    Where nobody came there is no wait: the lines are broken there.
    """
    arrivals = [one.arrivals / days for one in figures]
    means = [one.mean_wait / 60 if one.arrivals else None for one in figures]
    tails = [one.p90_wait / 60 if one.arrivals else None for one in figures]
    longest = max(1.0, *(max(one.p90_wait, one.mean_wait) / 60 for one in figures))
    left, most = _common_ticks(max(arrivals), longest)
    yield from _axis(_UPPER, left, "人/小时", right=False)
    yield from _axis(_UPPER, most, "分钟", right=True)
    height, minutes = _scale(_UPPER, left[-1]), _scale(_UPPER, most[-1])
    slot = _slot(shown)
    for number, value in enumerate(arrivals):
        top = height(value)
        x = _middle(shown, number) - slot * 0.3
        yield f'<rect x="{x:.1f}" y="{top:.1f}" width="{slot * 0.6:.1f}" height="{_UPPER[1] - top:.1f}" fill="{BAR}"/>'
    yield from _curve(shown, tails, minutes, CAUTION, dashed=True)
    yield from _curve(shown, means, minutes, PRIMARY)
    yield from _hours(shown, _UPPER)
    yield from _legend(
        94, (("到达人数", BAR, "bar"), ("平均等候", PRIMARY, "line"), ("九成客户等候不超过", CAUTION, "dash"))
    )


def _lower(shown: Sequence[int], figures: Sequence[Figures]) -> Iterator[str]:
    """Both in percent."""
    percent = _scale(_LOWER, 100.0)
    yield from _axis(_LOWER, [0.0, 25.0, 50.0, 75.0, 100.0], "%", right=False)
    yield (
        f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{percent(80):.1f}" y2="{percent(80):.1f}" stroke="{MUTED}" '
        'stroke-dasharray="2 4"/>'
    )
    yield _text(WIDTH - _RIGHT + 8, percent(80) + 4, "目标 80", colour=MUTED)
    yield from _curve(shown, [min(100.0, one.occupancy * 100) for one in figures], percent, NOTICE)
    served = [one.within_target * 100 if one.arrivals else None for one in figures]
    yield from _curve(shown, served, percent, PRIMARY, dashed=True)
    yield from _hours(shown, _LOWER)
    yield _text(WIDTH / 2, _LOWER[1] + 38, "北京时间", colour=MUTED, anchor="middle")
    yield from _legend(424, (("席位占用率", NOTICE, "line"), ("20 秒内接通", PRIMARY, "dash")))


def _common_ticks(left: float, right: float) -> tuple[list[float], list[float]]:
    """As many steps on both sides, so that the lines across are true for both; as few as waste the least height."""
    both = [(_ticks(left, steps), _ticks(right, steps)) for steps in (4, 5, 6)]
    return min(both, key=lambda pair: pair[0][-1] / max(left, 0.1) * (pair[1][-1] / right))


def _ticks(most: float, steps: int) -> list[float]:
    """From 0 to at least ``most`` in even steps of 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(max(most, 0.1) / steps))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if most <= power * factor * steps)
    return [step * number for number in range(steps + 1)]


def _scale(panel: tuple[int, int], most: float) -> _Scale:
    top, bottom = panel
    return lambda value: bottom - (bottom - top) * value / most


def _slot(shown: Sequence[int]) -> float:
    return (WIDTH - _LEFT - _RIGHT) / len(shown)


def _middle(shown: Sequence[int], number: int) -> float:
    return _LEFT + _slot(shown) * (number + 0.5)


def _axis(panel: tuple[int, int], ticks: Sequence[float], unit: str, *, right: bool) -> Iterator[str]:
    y, (x, anchor) = _scale(panel, ticks[-1]), ((WIDTH - _RIGHT + 8, "start") if right else (_LEFT - 8, "end"))
    for tick in ticks:
        if not right:
            yield f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="{LINE}"/>'
        yield _text(x, y(tick) + 4, f"{tick:g}", colour=MUTED, anchor=anchor)
    yield _text(x, panel[0] - 14, unit, colour=MUTED, anchor=anchor)


def _hours(shown: Sequence[int], panel: tuple[int, int]) -> Iterator[str]:
    every = max(1, math.ceil(len(shown) / 14))
    for number in range(0, len(shown), every):
        yield _text(_middle(shown, number), panel[1] + 20, f"{shown[number]}时", colour=MUTED, anchor="middle")


def _curve(
    shown: Sequence[int], values: Sequence[float | None], y: _Scale, colour: str, *, dashed: bool = False
) -> Iterator[str]:
    points = [None if v is None else (_middle(shown, n), y(v)) for n, v in enumerate(values)]
    dash = ' stroke-dasharray="7 5"' if dashed else ""
    for one, other in pairwise(points):
        if one is not None and other is not None:
            (a, b), (c, d) = one, other
            line = f'<line x1="{a:.1f}" y1="{b:.1f}" x2="{c:.1f}" y2="{d:.1f}"'
            yield f'{line} stroke="{colour}" stroke-width="2.5" stroke-linecap="round"{dash}/>'
    for point in points:
        if point is not None:
            yield f'<circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="3.5" fill="{colour}"/>'


def _legend(y: float, entries: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    x = WIDTH - _RIGHT - sum(52 + 13 * len(words) for words, _, _ in entries) + 20
    for words, colour, kind in entries:
        if kind == "bar":
            yield f'<rect x="{x}" y="{y - 10}" width="22" height="12" fill="{colour}"/>'
        else:
            dash = ' stroke-dasharray="7 5"' if kind == "dash" else ""
            yield f'<line x1="{x}" x2="{x + 24}" y1="{y - 4}" y2="{y - 4}" stroke="{colour}" stroke-width="2.5"{dash}/>'
        yield _text(x + 30, y, words)
        x += 52 + 13 * len(words)


def _text(
    x: float, y: float, words: str, *, colour: str = INK, anchor: str = "start", size: int = 13, weight: int = 400
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}"'
    return f'<text {place} font-size="{size}" font-weight="{weight}">{escape(words)}</text>'
