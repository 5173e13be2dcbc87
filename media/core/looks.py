"""One person's tile over time: is it black, is what came of them frozen, does the recording stand still?"""

from collections import deque
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

DARK = 40
"""Luma that no written word and no lit room stays below; black is 16."""
BLACK_FOR = 1.5
FROZEN_FOR = 3.0
"""Seconds. A picture that does not come for two is told as interrupted anyway."""
MOVED = 4.0
"""Mean difference of luma that noise and compression never make."""
FOLLOWED = 0.15
"""The share of a movement that must at least be found in the recording."""

UNSEEN = 1.0
"""Seconds without a look after which nothing is known of what was between."""

Thumb = npt.NDArray[np.uint8]
"""Luma, averaged down to a few hundred pixels."""


class Showing(Enum):
    """What the engine put into a tile."""

    LIVE = "live"
    BLACK = "black"
    """A picture that is black: the tile says so in words."""
    WORDS = "words"
    """No picture: waiting, held, interrupted, camera off."""


@dataclass(frozen=True)
class Look:
    """One person's tile at a moment, as received and as recorded.

    ``mark`` is the same for two pictures only where what was received is exactly the same. ``brightest``: luma in the
    recorded tile.
    """

    seconds: float
    party_id: str
    label: str
    showing: Showing
    mark: int
    source: Thumb
    recorded: Thumb
    brightest: int


class Person:
    """Observes the looks at one person in their order. All answers are None where nothing is wrong."""

    def __init__(self) -> None:
        self.label = ""
        self._now = 0.0
        self._looks: deque[Look] = deque()
        self._same_since = 0.0
        self._dark_since: float | None = None

    def observe(self, look: Look) -> None:
        """The next look; after one without a live picture everything but darkness begins anew."""
        self.label, self._now = look.label, look.seconds
        dark = look.showing is Showing.BLACK or (look.showing is Showing.LIVE and look.brightest < DARK)
        if not dark:
            self._dark_since = None
        elif self._dark_since is None:
            self._dark_since = look.seconds
        if look.showing is not Showing.LIVE:
            self._looks.clear()
            return
        if self._looks and look.seconds - self._looks[-1].seconds > UNSEEN:
            self._looks.clear()
        if not self._looks or self._looks[-1].mark != look.mark:
            self._same_since = look.seconds
        self._looks.append(look)
        while look.seconds - self._looks[0].seconds > FROZEN_FOR + 0.5:
            self._looks.popleft()

    def black_since(self) -> float | None:
        """Since when the tile is black though a picture comes."""
        lasts = self._dark_since is not None and self._now - self._dark_since >= BLACK_FOR
        return self._dark_since if lasts else None

    def frozen_since(self) -> float | None:
        """Since when exactly the same picture has been coming."""
        return self._same_since if self._looks and self._now - self._same_since >= FROZEN_FOR else None

    def stuck_since(self) -> float | None:
        """Since when the recorded tile stands still although the person moves."""
        if not self._looks or self._now - self._looks[0].seconds < FROZEN_FOR:
            return None
        first = self._looks[0]
        moved = _farthest([look.source for look in self._looks])
        shown = _farthest([look.recorded for look in self._looks])
        return first.seconds if moved > MOVED and shown < FOLLOWED * moved else None


def _farthest(thumbs: list[Thumb]) -> float:
    """Mean difference of luma between the first and the one that is least like it."""
    all_of_them = np.stack(thumbs).astype(np.int16)
    return float(np.abs(all_of_them - all_of_them[0]).mean(axis=(1, 2)).max())
