"""Where loss shows what a path carries: how near to that the rate may go, and when it may try whether there is more.

A policer loses whatever exceeds it, and each try costs pictures. Each that ended in loss makes the next one wait twice
as long, also where the loss that showed the bandwidth is forgotten meanwhile. Seconds, bits a second.
"""

from media.core.inherent import Belief

BELOW, PROBE, FURTHEST, NOTICED = 0.9, 1.03, 1.5, 0.03
"""So far below the bandwidth, growth a second from there, how far, and the loss that ends it."""
FIRST_HOLD, LONGEST_HOLD = 5.0, 60.0
"""Seconds until another try, after the first that failed and at most."""
ENOUGH = 2
"""Tries that failed which tell a policer from a burst of losses."""
SAME = 1.5
"""A bandwidth that much higher or lower is another path's, or the same path's that has changed."""
REMEMBERED = 90.0
OWN, AFTER, SMOOTH = 0.03, 4.0, 2.0
"""A path that loses such a share, on average over SMOOTH seconds, though it was held below its bandwidth for so long
loses by itself, and it was no policer."""


class Ceiling:
    """Of one path. ``see`` after each news; ``rate`` is the most to send, None where loss shows no bandwidth."""

    def __init__(self) -> None:
        self._bandwidth: float | None = None
        self._probed = 0.0
        """From when on more is tried."""
        self._failed = 0
        self._held_at = self._seen = 0.0
        self._lost = 0.0
        self._last: tuple[float, float] | None = None
        """The bandwidth that was believed last, and when."""

    def see(self, belief: Belief, loss: float, now: float) -> None:
        """What is believed now, and the share that was lost lately."""
        self._lost += (loss - self._lost) * min(1.0, (now - self._seen) / SMOOTH)
        self._seen = now
        if belief.bandwidth is None:
            self._doubt(now)
            return
        if self._last is None or not self._is_known(belief.bandwidth, now):
            self._failed, self._probed, self._bandwidth = 0, now, belief.bandwidth
        elif self._bandwidth is None or (not self.holds(now) and loss > belief.share + NOTICED):
            self._fail(now)
            self._bandwidth = belief.bandwidth
        elif self.holds(now):
            self._bandwidth = min(self._bandwidth, belief.bandwidth)
        elif belief.bandwidth != self._bandwidth:
            self._probed, self._bandwidth = now, belief.bandwidth
        self._last = (belief.bandwidth, now)

    def _is_known(self, bandwidth: float, now: float) -> bool:
        assert self._last is not None
        before, at = self._last
        return 1 / SAME <= bandwidth / before <= SAME and now - at < REMEMBERED

    def _fail(self, now: float) -> None:
        self._failed += 1
        self._held_at, self._probed = now, now + min(LONGEST_HOLD, FIRST_HOLD * 2 ** (self._failed - 1))

    def _doubt(self, now: float) -> None:
        """It is not believed any more. Once ENOUGH tries have failed, that nothing is lost is what was wanted of
        sending less, and no reason to send more at once; that something is lost nevertheless is one.
        """
        own = now - self._held_at > AFTER and self._lost > OWN
        if self._failed < ENOUGH or own or PROBE ** (now - self._probed) > FURTHEST:
            self._bandwidth = None
        if own:
            self._failed, self._last = 0, None

    def rate(self, now: float) -> float | None:
        """Below the bandwidth, and slowly up again once more may be tried."""
        if self._bandwidth is None:
            return None
        further: float = PROBE ** max(0.0, now - self._probed)
        return BELOW * self._bandwidth * min(FURTHEST, further)

    def holds(self, now: float) -> bool:
        """Whether no more is tried now."""
        return self._bandwidth is not None and now < self._probed

    def stands(self, now: float) -> bool:
        """Whether it is known by ENOUGH tries, and nobody need ask the path."""
        return self._failed >= ENOUGH and self.holds(now)
