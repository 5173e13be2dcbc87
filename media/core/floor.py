"""Who is shown large: the customer who speaks, held still so that a cough or a "yes" does not throw the stage about.

The agent never is: they read most of the time, and what counts as evidence meanwhile is the customer's face.
"""

from collections.abc import Container, Sequence

from media.core.timeline import SECOND

TAKES_NS = SECOND
"""So long must somebody speak, pauses between words apart, before they are shown large."""
KEEPS_NS = 4 * SECOND
"""So long is everybody shown large at least who stays in the call."""


class Floor:
    """One owner. ``now`` is to be asked for each picture."""

    def __init__(self) -> None:
        self._holder = ""
        self._since = 0
        self._speaks_since: dict[str, int] = {}

    def now(self, people: Sequence[str], speaking: Container[str], now_ns: int) -> str:
        """Of ``people`` who may be shown large, the one who is; empty where there is nobody.

        Who has the floor keeps it until somebody else has it, be they silent meanwhile; it goes to another only when
        they are silent, have had it for a while, and the other has spoken for a moment: the one who began first.
        """
        began = self._speaks_since
        self._speaks_since = {person: began.get(person, now_ns) for person in people if person in speaking}
        if self._holder not in people:
            self._give(self._first() or next(iter(people), ""), now_ns)
        elif self._holder not in speaking and now_ns - self._since >= KEEPS_NS:
            ready = self._first(now_ns - TAKES_NS)
            if ready:
                self._give(ready, now_ns)
        return self._holder

    def _first(self, latest: int | None = None) -> str:
        """Who speaks for the longest time, at least since ``latest``."""
        fit = (person for person, since in self._speaks_since.items() if latest is None or since <= latest)
        return min(fit, key=self._speaks_since.__getitem__, default="")

    def _give(self, person: str, now_ns: int) -> None:
        self._holder, self._since = person, now_ns


class Seating:
    """In which tile each person sits. Only those change places who must: the large tile's old and new owner."""

    def __init__(self) -> None:
        self._order: list[str] = []

    def seat(self, people: Sequence[str], large: str = "") -> list[str]:
        """``people`` in the order of the tiles; with ``large`` that one first, without it all in their own order."""
        if large not in people:
            self._order = list(people)
            return list(people)
        order = [person for person in self._order if person in people]
        order += [person for person in people if person not in order]
        place = order.index(large)
        order[0], order[place] = order[place], order[0]
        self._order = order
        return list(order)
