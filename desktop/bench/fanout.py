"""What six customers cost against one, ours beside aiortc as it comes, in the same run."""

from collections.abc import Callable

from media.errors import Unavailable
from media.lab.fanout import Kind, Load, Talk, load
from media.lab.scene import RATE
from signing.commandline.bench.table import NotMeasured, Row

MANY = 6
TIMES = 2.0
SECONDS = 10.0
KEPT = 0.93
"""Of the pictures, which the customers must have got: who sends fewer works less."""


RUNS: tuple[tuple[Kind, Talk], ...] = (
    (Kind.OURS, Talk.NOBODY),
    (Kind.AIORTC, Talk.NOBODY),
    (Kind.OURS, Talk.TURNS),
    (Kind.AIORTC, Talk.TURNS),
    (Kind.OURS, Talk.ALL),
)
WORDS = {Talk.NOBODY: "", Talk.TURNS: "，轮流说话", Talk.ALL: "，同时说话"}


def rows(seconds: float = SECONDS, told: Callable[[str], None] = lambda words: None) -> list[Row]:
    """Ten calls of ``seconds`` and some more each; ``told`` gets a line for each. Raises ``NotMeasured``."""
    try:
        return table(*([_one(kind, count, seconds, talk, told) for count in (1, MANY)] for kind, talk in RUNS))
    except Unavailable as error:
        raise NotMeasured(str(error)) from error


def table(
    ours: list[Load], stock: list[Load], turns: list[Load], stock_turns: list[Load], all_: list[Load]
) -> list[Row]:
    """Of one customer and of MANY each: without sound, with agent and customers who talk in turns, so that most hear
    the same, and with all of them at once, so that each hears something else.
    """
    return [
        _goal(f"分发：{MANY} 位客户的处理器用量 ÷ 1 位", ours, stock),
        Row(f"分发：发送给 {MANY} 位客户", 100 * ours[1].cores, "% 核", anchor=100 * stock[1].cores),
        Row("分发：发送给 1 位客户", 100 * ours[0].cores, "% 核", anchor=100 * stock[0].cores),
        _goal(f"分发：连同声音，轮流说话，{MANY} 位 ÷ 1 位", turns, stock_turns),
        Row(f"分发：连同声音，轮流说话，{MANY} 位", 100 * turns[1].cores, "% 核", anchor=100 * stock_turns[1].cores),
        Row("分发：连同声音，轮流说话，1 位", 100 * turns[0].cores, "% 核", anchor=100 * stock_turns[0].cores),
        _goal(f"分发：连同声音，人人同时说话，{MANY} 位 ÷ 1 位", all_),
        Row(f"分发：连同声音，人人同时说话，{MANY} 位", 100 * all_[1].cores, "% 核"),
        Row(f"分发：{MANY} 位客户时事件循环迟到 p99（画面和声音）", all_[1].late_ms, "毫秒"),
    ]


def _one(kind: Kind, customers: int, seconds: float, talk: Talk, told: Callable[[str], None]) -> Load:
    found = load(kind, customers, seconds, talk)
    told(
        f"{kind.value} {customers} 位{WORDS[talk]}：{100 * found.cores:.1f} % 核，"
        f"{found.pictures:.1f} 帧/秒，编码 {found.encodings or customers} 路，迟到 p99 {found.late_ms:.1f} 毫秒"
    )
    return found


def _goal(words: str, ours: list[Load], stock: list[Load] | None = None) -> Row:
    kept, ratio = _kept(ours), _ratio(ours)
    anchor = None if stock is None else _ratio(stock)
    return Row(words + _doubt(ours), ratio, "倍", f"≤ {TIMES:g}", kept and ratio <= TIMES, anchor)


def _kept(loads: list[Load]) -> bool:
    return min(each.pictures for each in loads) >= KEPT * RATE


def _doubt(loads: list[Load]) -> str:
    return "" if _kept(loads) else "（画面不足，不可信）"


def _ratio(loads: list[Load]) -> float:
    return loads[1].cores / loads[0].cores
