"""How large the picture is at which rate, and when there is none: rungs with hysteresis. Bits a second, seconds.

Fifteen pictures a second are kept as long as there are pictures: a smaller picture is softer, a slower one stutters.
The least rate of a rung is 0.04 bits a pixel, below which x264 (veryfast) turns a talking head into blocks.
"""

from dataclasses import dataclass

UP = 1.35
"""A rung is climbed where so much more than its least rate is there,"""
HOLD = 4.0
"""and has been for so long,"""
BEGINNING, HOLD_AT_FIRST = 5.0, 1.0
"""or so long in the first seconds, which began carefully because the path was not known;"""
DOWN, SOON = 0.75, 2.0
"""it is left at once where no more than such a part of its least is there, else after so long."""
STILL, LIVE_AGAIN = 60_000.0, 72_000.0
"""Below the one (for all, voice and headers included) there is no moving picture, from the other on there is."""
STILL_AFTER, LIVE_AFTER = 2.5, 2.0
SHORT, LONGEST = 15.0, 30.0
"""Pictures that did not last so long come back after twice the time, up to the second."""


@dataclass(frozen=True)
class Rung:
    """A part ``numerator``/``denominator`` of the width and the height, from ``least`` bits a second of video on."""

    numerator: int
    denominator: int
    least: float

    def size(self, width: int, height: int) -> tuple[int, int]:
        """In whole 4:2:0 pixels."""
        return self._edge(width), self._edge(height)

    def _edge(self, pixels: int) -> int:
        return max(2, pixels * self.numerator // self.denominator // 2 * 2)


RUNGS = (
    Rung(1, 1, 150_000.0),
    Rung(3, 4, 80_000.0),
    Rung(1, 2, 36_000.0),
    Rung(2, 5, 22_000.0),
    Rung(3, 10, 0.0),
)


class Ladder:
    """``rung`` is the place in RUNGS, 0 the largest; ``live`` is whether pictures move."""

    def __init__(self, video: float) -> None:
        self.rung = fits(video)
        self.live = True
        self._begun: float | None = None
        self._since: float | None = None
        self._below: float | None = None
        self._turning: float | None = None
        self._patience = LIVE_AFTER
        self._lived = -1e9

    def choose(self, total: float, video: float, now: float) -> int:
        """Takes the rates for everything and for pictures, and returns the rung."""
        self._turn(total, now)
        self._begun = now if self._begun is None else self._begun
        wanted = fits(video)
        if wanted > self.rung:
            self._since = None
            self._below = now if self._below is None else self._below
            if now - self._below >= SOON or fits(video / DOWN) > self.rung:
                self.rung, self._below = wanted, None
            return self.rung
        self._below = None
        if self.rung and video >= RUNGS[self.rung - 1].least * UP:
            self._since = now if self._since is None else self._since
            if now - self._since >= (HOLD_AT_FIRST if now - self._begun < BEGINNING else HOLD):
                self.rung, self._since = min(self.rung - 1, fits(video / UP)), None
        else:
            self._since = None
        return self.rung

    def _turn(self, total: float, now: float) -> None:
        turns = total < STILL if self.live else total >= LIVE_AGAIN
        if not turns:
            self._turning = None
            return
        self._turning = now if self._turning is None else self._turning
        if now - self._turning >= (STILL_AFTER if self.live else self._patience):
            if self.live:
                self._patience = min(LONGEST, 2 * self._patience) if now - self._lived < SHORT else LIVE_AFTER
            self.live, self._turning, self._lived = not self.live, None, now


def fits(video: float) -> int:
    """The largest rung that a rate is enough for."""
    return next(place for place, rung in enumerate(RUNGS) if video >= rung.least or place == len(RUNGS) - 1)
