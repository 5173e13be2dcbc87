"""Breaking Chinese text into lines, with the prohibitions of GB/T 15834 on where punctuation may stand. Pure.

A *cluster* is what may not be torn: a character with the closing punctuation after it and the opening punctuation
before it, a number with its unit or the sign before it, a date, a group of capital numerals, the number of an article,
a name with a point in it, a Latin word.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

NOT_FIRST = frozenset("，。、；：？！）》〉」』】〕”’％‰…—·～-,.;:!?)]}%")
NOT_LAST = frozenset("（《〈「『【〔“‘([{￥¥")
_CLOSING = frozenset("，。、；：？！）》〉」』】〕”’")

_UNITS = (
    "%",
    "％",
    "‰",
    "万元",
    "亿元",
    "元",
    "亩",
    "个工作日",
    "个月",
    "个",
    "年",
    "月",
    "日",
    "天",
    "期",
    "名",
    "号",
    "倍",
)
_UNIT = f"(?:{'|'.join(_UNITS)})?"
_ATOM = re.compile(
    r"\d{4}年\d{1,2}月(?:\d{1,2}日)?"
    r"|[×÷]\d+"
    r"|[\u4e00-\u9fff]{1,5}(?:·[\u4e00-\u9fff]{1,6})+"
    r"|\d{4}(?: \d{1,4})+(?!\d)"
    r"|[0-9A-Za-z][0-9A-Za-z,.:/_@+*-]*[0-9A-Za-z*]"
    + _UNIT
    + r"|\d"
    + _UNIT
    + r"|第[零〇一二三四五六七八九十百千\d.]{1,7}[条款项章期页]"
    r"|[零壹贰叁肆伍陆柒捌玖拾佰仟]+[万亿]*(?:元整?|角整?|分)?"
    r"|—{2,}|…{2,}"
    r"|.",
    re.DOTALL,
)


@dataclass(frozen=True)
class Run:
    """Text in one weight; ``struck``: a blank that is crossed out."""

    text: str
    bold: bool = False
    struck: bool = False


@dataclass(frozen=True)
class Line:
    """``width`` in points; ``last`` ends the paragraph and is not justified. ``torn``: cut within a cluster."""

    runs: tuple[Run, ...]
    width: float
    last: bool
    torn: bool = False

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def bold(self) -> bool:
        return any(run.bold for run in self.runs)


Measure = Callable[[str, bool], float]


@dataclass(frozen=True)
class _Cluster:
    runs: tuple[Run, ...]
    width: float
    torn: bool = False


def parse(marked: str) -> tuple[Run, ...]:
    """``甲**乙**~~　~~`` → plain 甲, bold 乙, a struck blank. What is struck within bold text is not bold."""
    runs: list[Run] = []
    for index, piece in enumerate(marked.split("**")):
        for inner, part in enumerate(piece.split("~~")):
            if part:
                runs.append(Run(part, index % 2 == 1 and inner % 2 == 0, inner % 2 == 1))
    return tuple(runs)


def break_lines(runs: Iterable[Run], measure: Measure, width: float, first_indent: float = 0.0) -> list[Line]:
    """Greedy lines no wider than ``width`` points (the first one less ``first_indent``)."""
    runs = tuple(runs)
    whole = _Cluster(runs, sum([measure(run.text, run.bold) for run in runs]))
    if whole.width <= width - first_indent:
        return [_line([whole] if runs else [], measure, last=True)]
    lines: list[list[_Cluster]] = [[]]
    used, room = 0.0, width - first_indent
    for cluster in _fitting(_clusters(runs, measure), measure, room):
        if lines[-1] and used + _ink(cluster, measure) > room + 1e-6:
            lines.append([])
            used, room = 0.0, width
            cluster = _without_leading_space(cluster, measure)
        lines[-1].append(cluster)
        used += cluster.width
    _keep_company(lines, measure, width)
    return [_line(line, measure, last=index == len(lines) - 1) for index, line in enumerate(lines)]


def _keep_company(lines: list[list[_Cluster]], measure: Measure, width: float) -> None:
    """No line of a single character: the one before it comes down too (孤字不成行)."""
    if len(lines) < 2 or len(lines[-1]) != 1 or len(lines[-2]) < 8:
        return
    lonely = lines[-1][0]
    if sum(len(run.text) for run in lonely.runs) <= 2 and lines[-2][-1].width + lonely.width <= width:
        lines[-1].insert(0, lines[-2].pop())


def _ink(cluster: _Cluster, measure: Measure) -> float:
    """Its width at the end of a line: without the space that ends it, its last mark's empty half over the edge."""
    width = cluster.width
    for run in reversed(cluster.runs):
        trimmed = run.text.rstrip(" ")
        width -= measure(run.text[len(trimmed) :], run.bold)
        if trimmed:
            return width - measure(trimmed[-1], run.bold) / 2 if trimmed[-1] in _CLOSING else width
    return width


def _line(clusters: list[_Cluster], measure: Measure, *, last: bool) -> Line:
    merged: list[Run] = []
    for run in (run for cluster in clusters for run in cluster.runs):
        before = merged[-1] if merged else None
        if before and (before.bold, before.struck) == (run.bold, run.struck):
            merged[-1] = replace(run, text=before.text + run.text)
        else:
            merged.append(run)
    width = sum(cluster.width for cluster in clusters[:-1]) + (_ink(clusters[-1], measure) if clusters else 0.0)
    while merged and merged[-1].text.endswith(" "):
        ending = merged.pop()
        if text := ending.text.rstrip(" "):
            merged.append(replace(ending, text=text))
    return Line(tuple(merged), width, last, any(cluster.torn for cluster in clusters))


def _without_leading_space(cluster: _Cluster, measure: Measure) -> _Cluster:
    first = cluster.runs[0]
    trimmed = first.text.lstrip(" ")
    if trimmed == first.text:
        return cluster
    lost = measure(first.text, first.bold) - measure(trimmed, first.bold)
    return replace(cluster, runs=(replace(first, text=trimmed), *cluster.runs[1:]), width=cluster.width - lost)


def _clusters(runs: Iterable[Run], measure: Measure) -> Iterator[_Cluster]:
    cluster: list[Run] = []
    width, last = 0.0, ""
    for run in runs:
        for atom in [run.text] if run.struck else _ATOM.findall(run.text):
            # A space stays with what is before it, and does not part what belongs together.
            if cluster and atom[0] != " " and atom[0] not in NOT_FIRST and last not in NOT_LAST:
                yield _Cluster(tuple(cluster), width)
                cluster, width = [], 0.0
            cluster.append(Run(atom, run.bold, run.struck))
            width += measure(atom, run.bold)
            last = atom[-1] if atom[-1] != " " else last
    if cluster:
        yield _Cluster(tuple(cluster), width)


def _fitting(clusters: Iterable[_Cluster], measure: Measure, room: float) -> Iterator[_Cluster]:
    """Clusters wider than a line are torn into characters; nothing else could show them."""
    for cluster in clusters:
        if cluster.width <= room:
            yield cluster
            continue
        for run in cluster.runs:
            for character in run.text:
                torn = Run(character, run.bold, run.struck)
                yield _Cluster((torn,), measure(character, run.bold), torn=True)
