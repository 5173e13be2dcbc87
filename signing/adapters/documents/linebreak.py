"""Breaking Chinese text into lines, with the prohibitions of GB/T 15834 on where punctuation may stand. Pure.

A *cluster* is what may not be torn: a character with the closing punctuation after it and the opening punctuation
before it, or a whole number or Latin word.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

NOT_FIRST = frozenset("，。、；：？！）》〉」』】〕”’％‰…—·～-,.;:!?)]}%")
NOT_LAST = frozenset("（《〈「『【〔“‘([{￥¥")

_ATOM = re.compile(r"[0-9A-Za-z][0-9A-Za-z,.:/_@+*]*[0-9A-Za-z*]|.", re.DOTALL)
_MARK = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


@dataclass(frozen=True)
class Run:
    """Text in one weight."""

    text: str
    bold: bool = False


@dataclass(frozen=True)
class Line:
    """``width`` in points; ``last`` ends the paragraph and is not justified."""

    runs: tuple[Run, ...]
    width: float
    last: bool

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def bold(self) -> bool:
        return any(run.bold for run in self.runs)


Measure = Callable[[str, bool], float]


def parse(marked: str) -> tuple[Run, ...]:
    """``甲**乙**`` → plain 甲, bold 乙."""
    pieces = _MARK.split(marked)
    return tuple(Run(piece, index % 2 == 1) for index, piece in enumerate(pieces) if piece)


def break_lines(runs: Iterable[Run], measure: Measure, width: float, first_indent: float = 0.0) -> list[Line]:
    """Greedy lines no wider than ``width`` points (the first one less ``first_indent``)."""
    lines: list[Line] = []
    current: list[Run] = []
    used, room = 0.0, width - first_indent
    for cluster in _fitting(_clusters(runs), measure, room):
        advance = sum(measure(run.text, run.bold) for run in cluster)
        if current and used + advance > room + 1e-6:
            lines.append(_line(current, measure, last=False))
            current, used, room = [], 0.0, width
            cluster = _without_leading_space(cluster)
            advance = sum(measure(run.text, run.bold) for run in cluster)
        current += cluster
        used += advance
    lines.append(_line(current, measure, last=True))
    return lines


def _line(atoms: list[Run], measure: Measure, *, last: bool) -> Line:
    merged: list[Run] = []
    for atom in atoms:
        if merged and merged[-1].bold == atom.bold:
            merged[-1] = Run(merged[-1].text + atom.text, atom.bold)
        else:
            merged.append(atom)
    if merged:
        merged[-1] = Run(merged[-1].text.rstrip(" "), merged[-1].bold)
    return Line(tuple(merged), sum(measure(run.text, run.bold) for run in merged), last)


def _without_leading_space(cluster: list[Run]) -> list[Run]:
    return [Run(cluster[0].text.lstrip(" "), cluster[0].bold), *cluster[1:]] if cluster else cluster


def _clusters(runs: Iterable[Run]) -> Iterator[list[Run]]:
    cluster: list[Run] = []
    last = ""
    for run in runs:
        for atom in _ATOM.findall(run.text):
            # A space stays with what is before it, and does not part what belongs together.
            if cluster and atom[0] != " " and atom[0] not in NOT_FIRST and last not in NOT_LAST:
                yield cluster
                cluster = []
            cluster.append(Run(atom, run.bold))
            last = atom[-1] if atom[-1] != " " else last
    if cluster:
        yield cluster


def _fitting(clusters: Iterable[list[Run]], measure: Measure, room: float) -> Iterator[list[Run]]:
    """Clusters wider than a line are torn into characters; nothing else could show them."""
    for cluster in clusters:
        if sum(measure(run.text, run.bold) for run in cluster) <= room:
            yield cluster
        else:
            yield from ([Run(character, run.bold)] for run in cluster for character in run.text)
