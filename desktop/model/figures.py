"""The day's figures as people read them, and what a chart draws of them. Pure, no Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from desktop.model import wording
from signing.wire.base import Tone
from signing.wire.figures import DayFigures, Level, Measures, Slot

NOTHING = "–"
_TEN_THOUSAND = Decimal(10_000)
_FEN = Decimal("0.01")


def wan(amount: str) -> str:
    """``2160000.00`` → ``216.00``: yuan in ten thousands, half-up."""
    return f"{(Decimal(amount) / _TEN_THOUSAND).quantize(_FEN, ROUND_HALF_UP):,.2f}"


def time_or_nothing(seconds: float | None) -> str:
    return NOTHING if seconds is None else wording.duration(seconds)


def share(level: float | None) -> str:
    """``0.857`` → ``86%``. All but all is not all."""
    if level is None:
        return NOTHING
    whole = round(level * 100)
    return f"{99 if whole == 100 and level < 1 else whole}%"


def target_words(level: Level) -> str:
    return f"{level.percent}%/{level.seconds} 秒"


def level_tone(measured: float | None, target: Level) -> Tone | None:
    """Marked where it is missed."""
    return Tone.CAUTION if measured is not None and measured * 100 < target.percent else None


# --- the headline -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A large number, what stands below it, and a whole sentence for the tool tip and the screen reader."""

    title: str
    value: str
    below: str
    sentence: str


def is_today(figures: DayFigures) -> bool:
    return figures.last == figures.server_time.astimezone(wording.BEIJING).date()


def compared_with(figures: DayFigures) -> str:
    if figures.first != figures.last:
        return f"之前 {(figures.last - figures.first).days + 1} 天"
    return "昨日此时" if is_today(figures) else "前一天"


def headline(figures: DayFigures) -> tuple[Told, Told, Told, Told]:
    """笔数, 人次, 金额, 平均通话时长, each beside what it is compared with."""
    now, before, when = figures.total, figures.before, compared_with(figures)
    amounts = Decimal(now.amount), Decimal(before.amount)
    unread = f"（另有 {now.unread} 笔的金额读不出）" if now.unread else ""
    return (
        _told("笔数", str(now.cases), str(before.cases), _more(now.cases - before.cases), when, "笔已用印"),
        _told("人次", str(now.served), str(before.served), _more(now.served - before.served), when, "人次已接通"),
        _told(
            "金额 万元",
            wan(now.amount),
            wan(before.amount),
            _more(amounts[0] - amounts[1], wan),
            when,
            f"万元，即 {wording.money(now.amount)}{unread}",
        ),
        _told(
            "平均通话时长",
            time_or_nothing(now.average_talk),
            time_or_nothing(before.average_talk),
            _longer(now.average_talk, before.average_talk),
            when,
            "",
        ),
    )


def _told(title: str, value: str, before: str, gap: str, when: str, unit: str) -> Told:
    below = f"{when} {before}" + (f"，{gap}" if gap else "")
    return Told(title, value, below, f"{title} {value}{unit}，{below}")


def _more(gap: int | Decimal, words: Callable[[str], str] = str) -> str:
    if gap == 0:
        return "持平"
    return f"{'多' if gap > 0 else '少'} {words(str(abs(gap)))}"


def _longer(now: float | None, before: float | None) -> str:
    if now is None or before is None:
        return ""
    gap = round(now) - round(before)
    return "持平" if gap == 0 else f"{'长' if gap > 0 else '短'} {wording.duration(abs(gap))}"


# --- the curve ----------------------------------------------------------------------------------------------------


GROUPS = 3


@dataclass(frozen=True)
class Point:
    """One half-hour, or one day of several; ``sentences``: one for each of the ``GROUPS`` of its figures."""

    when: str
    measures: Measures
    sentences: tuple[str, ...]


def points(figures: DayFigures) -> list[Point]:
    return [_point(slot, figures) for slot in figures.slots]


def _point(slot: Slot, figures: DayFigures) -> Point:
    one, when = slot.measures, slot_words(slot, figures)
    left = f"（其中 {one.left} 人放弃）" if one.left else ""
    sentence = f"{when}：来客 {one.arrivals}{left}"
    if one.average_wait is not None:
        sentence += f"，平均等候 {wording.duration(one.average_wait)}"
    if one.level is not None:
        sentence += f"，{figures.usual.seconds} 秒内接通 {share(one.level)}"
    if one.cases:
        sentence += f"，用印 {one.cases} 笔"
    done = f"{when}：{one.cases} 笔，{wan(one.amount)} 万元，平均通话 {time_or_nothing(one.average_talk)}"
    most = f"{when}：{one.served} 人次，最长等候 {wording.duration(one.longest_wait)}"
    if figures.own is not None:
        most += f"，{figures.own.seconds} 秒内接通 {share(one.own_level)}"
    return Point(when, one, (sentence, done, most))


def slot_words(slot: Slot, figures: DayFigures) -> str:
    here = slot.starts_at.astimezone(wording.BEIJING)
    return f"{here:%H:%M}" if figures.first == figures.last else f"{here:%m-%d}"


def nice_top(highest: float, steps: Sequence[float]) -> float:
    """The least of ``steps`` × a power of ten that is not below ``highest``; the first for nothing."""
    unit = 1.0
    while True:
        for step in steps:
            if step * unit >= highest:
                return step * unit
        unit *= 10


def count_top(highest: int) -> int:
    return round(nice_top(max(highest, 1), (2, 5, 10)))


def wait_top(highest: float) -> float:
    """Seconds: a minute at least, then what reads well on a clock."""
    for top in (60, 120, 300, 600, 900, 1800, 3600, 7200, 14400):
        if highest <= top:
            return float(top)
    return float((int(highest) // 14400 + 1) * 14400)


def curve_sentence(figures: DayFigures) -> str:
    """The whole curve for somebody who cannot see it."""
    told = points(figures)
    if not told:
        return "还没有来客"
    busiest = max(told, key=lambda one: one.measures.arrivals)
    slowest = max(told, key=lambda one: one.measures.average_wait or 0.0)
    words = f"{told[0].when} 至 {told[-1].when}，共来客 {figures.total.arrivals}"
    words += f"；最多在 {busiest.when}，{busiest.measures.arrivals} 人"
    if slowest.measures.average_wait:
        words += f"；等候最久在 {slowest.when}，平均 {wording.duration(slowest.measures.average_wait)}"
    return f"{words}。按左右方向键逐段读出，上下方向键换一组数字"


# --- tables -------------------------------------------------------------------------------------------------------

COLUMNS = (
    "来客", "接通", "放弃", "平均等候", "最长等候", "服务水平", "自定水平", "通话", "平均通话", "笔数", "金额（元）",
    "未办成",
)  # fmt: skip
OWN_LEVEL = COLUMNS.index("自定水平")
"""Of interest where the institution has a target of its own."""


def cells(one: Measures) -> tuple[str, ...]:
    """As ``COLUMNS``."""
    return (
        str(one.arrivals),
        str(one.served),
        str(one.left),
        time_or_nothing(one.average_wait),
        time_or_nothing(one.longest_wait or None),
        share(one.level),
        share(one.own_level),
        str(one.talks),
        time_or_nothing(one.average_talk),
        str(one.cases),
        f"{Decimal(one.amount):,.2f}",
        str(one.ended),
    )


def definitions(figures: DayFigures) -> str:
    seconds, own = figures.usual.seconds, ""
    if figures.own is not None:
        own = f"；本机构目标 {target_words(figures.own)}，达到 {share(figures.total.own_level)}"
    return (
        f"来客按进入排队计；服务水平 = {seconds} 秒内接通 ÷（接通 + 放弃 + 已等满 {seconds} 秒的），"
        f"目标 {figures.usual.percent}%{own}；笔数和金额按全部文书用印完成计"
    )


def day_words(figures: DayFigures) -> str:
    if figures.first == figures.last:
        return f"{figures.first:%Y-%m-%d}{'（今天）' if is_today(figures) else ''}"
    return f"{figures.first:%Y-%m-%d} 至 {figures.last:%Y-%m-%d}"


def shifted(figures: DayFigures, days: int) -> tuple[date, date] | None:
    """The span so many days later; None where that is not past yet."""
    today = figures.server_time.astimezone(wording.BEIJING).date()
    first, last = figures.first + timedelta(days=days), figures.last + timedelta(days=days)
    return None if last > today else (first, last)


def export_name(figures: DayFigures) -> str:
    span = f"{figures.first:%Y%m%d}" + ("" if figures.first == figures.last else f"-{figures.last:%Y%m%d}")
    return f"屏签经营数字-{span}.xlsx"


def level_told(figures: DayFigures) -> Told:
    """80/20, and the institution's own below it."""
    value, own = share(figures.total.level), figures.own
    below = f"目标 {target_words(figures.usual)}"
    if own is not None:
        below = f"自定 {target_words(own)}：{share(figures.total.own_level)}"
    return Told("服务水平", value, below, f"服务水平 {value}，目标 {target_words(figures.usual)}，{below}")
