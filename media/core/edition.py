"""One encoding of a picture that several connections get: whether the next picture is made, how, and for whom.

Pure: seconds, bits a second, bytes. With a single connection all of it follows that one's path. With several it
follows the thinnest of them, which are alike (``media.core.sharing``); who cannot keep up falls off until the next key
picture, so that nobody waits for one.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from media.core.resend import KeyGate

Viewer = TypeVar("Viewer", bound=Hashable)

BEHIND = 0.2
"""Seconds that packets of a connection wait here: the next picture is left out, where that is so for most."""
LATE = 0.5
"""So far behind is nobody who can keep up: a key picture of 0.4 s of the rate is through in less."""
HELD_BACK = 0.5
"""One who sends less for a moment holds the others back by no more than this part of their rate."""
CALM = 3.0
"""Seconds between two key pictures that only those need who stumble often, where others share them."""


@dataclass(frozen=True)
class Standing:
    """A connection at the moment of a picture.

    ``rate``: for pictures now, ``settled``: whatever is held back for a moment. ``rung``: of ``media.core.ladder``.
    ``on``: it has got the picture before this one, or the key picture that all since then need. ``ready``: it could
    begin with this picture. ``asks``: it needs a key picture. ``leaving``: it will be on another edition soon.
    """

    rate: float
    settled: float
    rung: int = 0
    live: bool = True
    backlog: float = 0.0
    on: bool = True
    ready: bool = True
    asks: bool = False
    steady: bool = True
    leaving: bool = False

    @property
    def boards(self) -> bool:
        """Whether it takes a key picture."""
        return self.on or (self.ready and self.backlog < BEHIND)


@dataclass(frozen=True)
class Decision(Generic[Viewer]):
    """``takers``: who gets the picture, nobody where it is left out; ``late``: who has fallen off."""

    takers: frozenset[Viewer] = frozenset()
    late: frozenset[Viewer] = frozenset()
    key: bool = False
    rate: float = 0.0
    rung: int = 0


def shared_rate(standings: Sequence[Standing]) -> float:
    """The least; but one who shares with others does not hold them back by more than HELD_BACK for a moment."""
    least = min(each.rate for each in standings)
    if len(standings) == 1:
        return least
    return max(least, HELD_BACK * min(each.settled for each in standings))


@dataclass
class Edition:
    """Of one picture in one codec. The first picture is a key one."""

    gate: KeyGate = field(default_factory=KeyGate)
    begun: bool = False
    rung: int | None = None
    _made_at: float = -1e9

    def decide(self, standings: Mapping[Viewer, Standing], now: float) -> Decision[Viewer]:
        """What becomes of a picture that is there for these."""
        own = {who: each for who, each in standings.items() if not each.leaving} or dict(standings)
        late = frozenset(
            who
            for who, each in standings.items()
            if each.on and each.backlog > LATE and (len(own) > 1 or who not in own)
        )
        self._ask([each for who, each in own.items() if who not in late], now)
        rung = max(each.rung for each in own.values())
        due = not self.begun or self.gate.due(now)
        key = due or rung != self.rung
        takers = {who: each for who, each in standings.items() if who not in late and (each.boards if key else each.on)}
        behind = sum(each.backlog >= BEHIND for each in takers.values())
        wanted = due or any(each.live for each in own.values())
        if not takers or not wanted or 2 * behind > len(takers):
            return Decision(late=late)
        return Decision(frozenset(takers), late, key, shared_rate(list(own.values())), rung)

    def _ask(self, standings: Sequence[Standing], now: float) -> None:
        wishes = [each for each in standings if (each.asks or not each.on) and each.boards and each.backlog < BEHIND]
        restless = any(each.steady for each in standings) and not any(each.steady for each in wishes)
        if wishes and (not restless or now - self._made_at >= CALM):
            self.gate.ask()

    def made(self, key: bool, size: int, rung: int, rate: float, round_trip: float, now: float) -> None:
        """A picture of ``size`` was encoded; ``rate`` and ``round_trip``: of the thinnest and of the longest path."""
        self.rung = rung
        if key:
            self.begun, self._made_at = True, now
            self.gate.made(size, rate, round_trip, now)

    def failed(self) -> None:
        """What was to come of the picture did not: the next one is a key one."""
        self.begun = False
