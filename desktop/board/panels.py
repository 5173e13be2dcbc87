"""What the day's curves show, three at a time over one time: who came and waited; what was done; and the extremes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from desktop.model import figures as m
from desktop.model import wording
from signing.wire.figures import DayFigures, Measures


@dataclass(frozen=True)
class Panel:
    """``value`` of a slot is between 0 and ``top``; None: nothing is drawn there. ``goal``: a dashed line.

    ``lost``: of a bar, the part that is hatched.
    """

    title: str
    colour: str
    top: float
    top_words: str
    value: Callable[[Measures], float | None]
    bars: bool = False
    lost: Callable[[Measures], int] = lambda one: 0
    goal: float | None = None


def groups(points: Sequence[m.Point], figures: DayFigures) -> list[list[Panel]]:
    """Of a day on which somebody came."""
    slots, total = [one.measures for one in points], figures.total
    own = f"自定水平 {m.share(total.own_level)}，目标 {m.target_words(figures.own)}" if figures.own else "自定水平 未设"
    return [
        [
            _counted("来客", slots, total, lambda one: one.arrivals, lost=lambda one: one.left),
            _timed(f"平均等候 {m.time_or_nothing(total.average_wait)}", slots, lambda one: one.average_wait),
            _share(
                f"服务水平 {m.share(total.level)}，目标 {m.target_words(figures.usual)}",
                lambda one: one.level,
                figures.usual.percent,
            ),
        ],
        [
            _counted("笔数", slots, total, lambda one: one.cases),
            _amounts(slots, total),
            _timed(f"平均通话 {m.time_or_nothing(total.average_talk)}", slots, lambda one: one.average_talk),
        ],
        [
            _counted("人次", slots, total, lambda one: one.served),
            _timed(
                f"最长等候 {wording.duration(total.longest_wait)}",
                slots,
                lambda one: one.longest_wait if one.arrivals else None,
            ),
            _share(own, lambda one: one.own_level, figures.own.percent if figures.own else None),
        ],
    ]


def _counted(
    title: str,
    slots: Sequence[Measures],
    total: Measures,
    count: Callable[[Measures], int],
    lost: Callable[[Measures], int] = lambda one: 0,
) -> Panel:
    """``lost``: who left without being served stands on top."""
    top = m.count_top(max(count(one) for one in slots))
    return Panel(
        f"{title} {count(total)}", "primary", top, str(top), lambda one: float(count(one)), bars=True, lost=lost
    )


def _amounts(slots: Sequence[Measures], total: Measures) -> Panel:
    """In ten thousands of yuan."""

    def value(one: Measures) -> float:
        return float(Decimal(one.amount) / 10_000)

    top = m.nice_top(max(1.0, *map(value, slots)), (1, 2, 5))
    return Panel(f"金额 {m.wan(total.amount)} 万元", "good", top, f"{top:g}", value, bars=True)


def _timed(title: str, slots: Sequence[Measures], value: Callable[[Measures], float | None]) -> Panel:
    top = m.wait_top(max(value(one) or 0.0 for one in slots))
    return Panel(title, "caution", top, wording.duration(top), value)


def _share(title: str, value: Callable[[Measures], float | None], percent: int | None) -> Panel:
    return Panel(title, "notice", 1.0, "100%", value, goal=percent / 100 if percent is not None else None)
