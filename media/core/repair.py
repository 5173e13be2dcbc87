"""When to ask for a whole new picture, and when to go on with a broken one. Seconds everywhere."""

PATIENCE = (0.5, 1.5)
"""Least and most time that a frame may be waited for before a new picture is asked for too: where packets are lost, a
key frame of many packets comes later than the one that is missing."""
ROUND_TRIPS = 10.0
PAUSE = 0.5
"""Between two such requests at least: a key frame costs as much as a second of pictures."""
ABANDON = 2.0
"""After which what comes is shown though something before it is missing."""


class KeyframeAsker:
    """Decides for one stream. ``asked`` counts requests."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._wanted = True
        self.asked = 0

    def want(self) -> None:
        """Something can only be put right by a key frame; stays so until ``came``."""
        self._wanted = True

    def came(self) -> None:
        """A key frame was decoded."""
        self._wanted = False

    def due(self, waits: float, round_trip: float, now: float, coming: bool = False) -> bool:
        """Whether to ask now. ``waits``: for how long the decoder has been waiting for a frame to be complete;
        ``coming``: parts of a key frame are there, so that another one would only be in its way.
        """
        patience = min(PATIENCE[1], max(PATIENCE[0], ROUND_TRIPS * round_trip))
        if (not self._wanted or coming) and waits < patience:
            return False
        if self._last is not None and now - self._last < max(PAUSE, 1.5 * round_trip):
            return False
        self._last = now
        self.asked += 1
        return True
