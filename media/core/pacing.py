"""When to show a picture: as soon as it is whole on a clean line, evenly on one that delivers in fits. Seconds."""

from media.core.delay import Earliest, Lateness

CLOCK = 90_000
SHARE = 0.95
MOST = 0.2
"""The most that a picture is held to make the pace even."""
MOST_FOR_SOUND = 0.4
"""The most that it is held to be with its sound."""


class PicturePacing:
    """One stream of pictures; ``timestamp`` is unwrapped, in 1/90000 s."""

    def __init__(self) -> None:
        self._earliest = Earliest()
        self._lateness = Lateness(forget=0.98)
        self._last = 0.0

    @property
    def target(self) -> float:
        """Seconds that a picture is held which came as early as any."""
        wanted = self._lateness.quantile(SHARE)
        return 0.0 if wanted <= 0.02 else min(MOST, wanted)

    def due(self, timestamp: int, now: float, sound: float | None = None) -> float:
        """When to show a picture that is whole now; ``sound``: when what belongs to it is heard, if that is known."""
        transit = now - timestamp / CLOCK
        earliest = self._earliest.add(transit, now)
        self._lateness.add(transit - earliest)
        even = earliest + timestamp / CLOCK + self.target
        wanted = even if sound is None else max(even, min(sound, now + MOST_FOR_SOUND))
        self._last = max(now, wanted, self._last)
        return self._last
