"""Who gets the same encoding of a picture as whom: pure, bits a second and seconds.

Encoded once for six costs a sixth; but who share one get no more than the thinnest path among them carries. So the
division is sought that costs least: for each connection the square of the doublings of rate that it goes without, so
that small differences count for nothing and large ones for much, and a price for each encoding. A division that stands
is given up when staying with it has cost more than the key pictures that a change needs; that price rises with every
change, or two paths that hold each other down would part and come together for ever.
"""

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from math import log2
from typing import Generic, TypeVar

Viewer = TypeVar("Viewer", bound=Hashable)

MOST = 3
"""Encodings at a time, as long as there are not more different pictures and codecs than that."""
SLIGHT = 0.3
"""Of a doubling: so much less nobody sees."""
EACH = 0.08
"""What an encoding is worth, in squared doublings: a connection gets one for itself from 1.5 times the rate on."""
MIXED = 1.0
"""What it costs those who stand surely to share with some who do not."""
PRICE = 0.4
"""What a change costs, in squared doublings times seconds,"""
REMEMBERED = 60.0
"""twice as much for each other one within so many seconds."""
LOOK = 0.25


@dataclass(frozen=True)
class Want:
    """What one connection could take. Only what is equal in ``picture`` and ``codec`` can be shared.

    ``rate``: of pictures, as it has settled; ``live``: whether pictures move for it at all.
    """

    picture: Hashable
    codec: str
    rate: float
    steady: bool = True
    live: bool = True

    @property
    def kind(self) -> Hashable:
        """Equal for those who can share."""
        return self.picture, self.codec, self.live


def strain(wants: Sequence[Want]) -> float:
    """What it costs these that they share."""
    least = min(max(1.0, want.rate) for want in wants)
    lost = sum(max(0.0, log2(max(1.0, want.rate) / least) - SLIGHT) ** 2 for want in wants)
    return lost + (MIXED if len({want.steady for want in wants}) > 1 else 0.0)


def cost(groups: Sequence[frozenset[Viewer]], wants: Mapping[Viewer, Want]) -> float:
    """Of a division; who gets no moving pictures costs nothing."""
    moving = [group for group in groups if any(wants[viewer].live for viewer in group)]
    return sum(EACH + strain([wants[viewer] for viewer in group]) for group in moving)


def best(wants: Mapping[Viewer, Want]) -> tuple[frozenset[Viewer], ...]:
    """The division that costs least. Who gets no moving pictures needs no encoding that goes on."""
    lines: dict[Hashable, list[Viewer]] = {}
    for viewer in wants:
        lines.setdefault(wants[viewer].kind, []).append(viewer)
    asleep = [frozenset(line) for line in lines.values() if not wants[line[0]].live]
    moving = [line for line in lines.values() if wants[line[0]].live]
    spare = max(0, MOST - len(moving))
    chosen = [
        tuple(group for part in parts for group in part)
        for parts in product(*([_cut(line, cuts, wants) for cuts in range(spare + 1)] for line in moving))
    ]
    allowed = [groups for groups in chosen if len(groups) <= max(MOST, len(moving))]
    return (*min(allowed, key=lambda groups: cost(groups, wants)), *asleep)


def _cut(line: Sequence[Viewer], cuts: int, wants: Mapping[Viewer, Want]) -> tuple[frozenset[Viewer], ...]:
    """Connections in ``cuts`` + 1 parts at most, each of neighbours by rate, with and without regard to steadiness."""
    by_rate = sorted(line, key=lambda each: wants[each].rate)
    ways = [
        tuple(frozenset(order[start:end]) for start, end in pairwise((0, *places, len(order))))
        for order in (by_rate, sorted(by_rate, key=lambda each: wants[each].steady))
        for places in combinations(range(1, len(order)), min(cuts, len(order) - 1))
    ]
    return min(ways, key=lambda groups: cost(groups, wants))


def encodings(groups: Sequence[frozenset[Viewer]], wants: Mapping[Viewer, Want]) -> int:
    """How many of them go on all the time."""
    return sum(any(wants[viewer].live for viewer in group) for group in groups)


class Sharing(Generic[Viewer]):
    """``groups`` by a number that stays the same as long as the encoding can go on without a key picture."""

    def __init__(self) -> None:
        self.groups: dict[int, frozenset[Viewer]] = {}
        self._next = 0
        self._regret = 0.0
        self._looked = -1e9
        self._changes: deque[float] = deque()

    def choose(self, wants: Mapping[Viewer, Want], now: float) -> Mapping[int, frozenset[Viewer]]:
        """Takes what all connections want now, and divides them."""
        self._keep(wants)
        self._place(wants)
        if encodings(tuple(self.groups.values()), wants) > self._room(wants):
            self._adopt(best(wants), wants)
        if now - self._looked >= LOOK:
            self._reconsider(wants, now)
        return self.groups

    def _keep(self, wants: Mapping[Viewer, Want]) -> None:
        """Each group without those who have gone, or have another picture than most of it."""
        before, self.groups = self.groups, {}
        for number, group in before.items():
            kinds: dict[Hashable, list[Viewer]] = {}
            for viewer in group & wants.keys():
                kinds.setdefault(wants[viewer].kind, []).append(viewer)
            if kinds:
                most = max(kinds, key=lambda kind: len(kinds[kind]))
                self.groups[number] = frozenset(kinds[most])

    def _place(self, wants: Mapping[Viewer, Want]) -> None:
        """Each who is in no group where it costs least, without moving anybody else."""
        placed = {viewer for group in self.groups.values() for viewer in group}
        for viewer in wants:
            if viewer not in placed:
                number = self._place_of(viewer, wants)
                self.groups[number] = self.groups.get(number, frozenset()) | {viewer}

    def _place_of(self, viewer: Viewer, wants: Mapping[Viewer, Want]) -> int:
        want = wants[viewer]
        added = {
            number: strain([want, *others]) - strain(others)
            for number, group in self.groups.items()
            if (others := [wants[other] for other in group])[0].kind == want.kind
        }
        nearest = min(added, key=lambda number: added[number], default=None)
        full = encodings(tuple(self.groups.values()), wants) >= self._room(wants)
        if nearest is not None and (not want.live or full or added[nearest] <= EACH):
            return nearest
        self._next += 1
        return self._next

    def _room(self, wants: Mapping[Viewer, Want]) -> int:
        return max(MOST, len({want.kind for want in wants.values() if want.live}))

    def _reconsider(self, wants: Mapping[Viewer, Want], now: float) -> None:
        elapsed, self._looked = min(2 * LOOK, now - self._looked), now
        if len(wants) < 2:
            self._regret = 0.0
            return
        better = best(wants)
        regret = cost(tuple(self.groups.values()), wants) - cost(better, wants)
        self._regret = self._regret + regret * elapsed if regret > 1e-9 else 0.0
        while self._changes and self._changes[0] < now - REMEMBERED:
            self._changes.popleft()
        if self._regret >= PRICE * 2 ** len(self._changes):
            self._changes.append(now)
            self._adopt(better, wants)

    def _adopt(self, groups: Sequence[frozenset[Viewer]], wants: Mapping[Viewer, Want]) -> None:
        """New groups go on with the encoding that most of them have; of equals who is worst off, for whom a key
        picture is dearest.
        """
        self._regret = 0.0
        before, self.groups = self.groups, {}
        pairs = sorted(
            ((group, number) for group in groups for number in before if group & before[number]),
            key=lambda pair: (-len(pair[0] & before[pair[1]]), min(wants[viewer].rate for viewer in pair[0])),
        )
        left = list(groups)
        for group, number in pairs:
            if group in left and number not in self.groups:
                left.remove(group)
                self.groups[number] = group
        for group in left:
            self._next += 1
            self.groups[self._next] = group
