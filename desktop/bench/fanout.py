"""What six customers cost against one, ours beside aiortc as it comes, in the same run."""

from collections.abc import Callable

from media.errors import Unavailable
from media.lab.fanout import Kind, Load, load
from media.lab.scene import RATE
from signing.commandline.bench.table import NotMeasured, Row

MANY = 6
TIMES = 2.0
SECONDS = 10.0
KEPT = 0.93
"""Of the pictures, which the customers must have got: who sends fewer works less."""


def rows(seconds: float = SECONDS, told: Callable[[str], None] = lambda words: None) -> list[Row]:
    """Eight calls of ``seconds`` and some more each; ``told`` gets a line for each. Raises ``NotMeasured``."""
    try:
        ours, stock, spoken, stock_spoken = (
            [_one(kind, count, seconds, voices, told) for count in (1, MANY)]
            for voices in (False, True)
            for kind in (Kind.OURS, Kind.AIORTC)
        )
    except Unavailable as error:
        raise NotMeasured(str(error)) from error
    return table(ours, stock, spoken, stock_spoken)


def table(ours: list[Load], stock: list[Load], spoken: list[Load], stock_spoken: list[Load]) -> list[Row]:
    """Of one customer and of MANY each; the latter two with a voice for each of them, which is encoded for each, since
    all hear something else.
    """
    return [
        _goal(f"分发：{MANY} 位客户的处理器用量 ÷ 1 位", ours, stock),
        Row(f"分发：发送给 {MANY} 位客户", 100 * ours[1].cores, "% 核", anchor=100 * stock[1].cores),
        Row("分发：发送给 1 位客户", 100 * ours[0].cores, "% 核", anchor=100 * stock[0].cores),
        _goal(f"分发：连同各自的声音，{MANY} 位 ÷ 1 位", spoken, stock_spoken),
        Row(f"分发：连同各自的声音，{MANY} 位客户", 100 * spoken[1].cores, "% 核", anchor=100 * stock_spoken[1].cores),
        Row(f"分发：{MANY} 位客户时事件循环迟到 p99（画面和声音）", spoken[1].late_ms, "毫秒"),
    ]


def _one(kind: Kind, customers: int, seconds: float, voices: bool, told: Callable[[str], None]) -> Load:
    found = load(kind, customers, seconds, voices)
    told(
        f"{kind.value} {customers} 位{'，有声音' if voices else ''}：{100 * found.cores:.1f} % 核，"
        f"{found.pictures:.1f} 帧/秒，编码 {found.encodings or customers} 路，迟到 p99 {found.late_ms:.1f} 毫秒"
    )
    return found


def _goal(words: str, ours: list[Load], stock: list[Load]) -> Row:
    kept, ratio = _kept(ours), _ratio(ours)
    return Row(words + _doubt(ours), ratio, "倍", f"≤ {TIMES:g}", kept and ratio <= TIMES, _ratio(stock))


def _kept(loads: list[Load]) -> bool:
    return min(each.pictures for each in loads) >= KEPT * RATE


def _doubt(loads: list[Load]) -> str:
    return "" if _kept(loads) else "（画面不足，不可信）"


def _ratio(loads: list[Load]) -> float:
    return loads[1].cores / loads[0].cores
