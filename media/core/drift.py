"""Keeping a buffer at its depth between two clocks that do not quite agree.

A sound card's clock is off by up to a few hundred parts in a million: in an hour that is a second too much or too
little. What waits in the buffer is measured, and samples are used up a little faster or slower.
"""

SETTLING = 20.0
"""Seconds in which a deviation is made up for; much longer than the buffer's depth jitters."""
SMOOTHING = 1.0
LARGEST = 0.002
"""The most by which sound is ever sped up or slowed: 3.5 cents, where a trained ear needs 5."""
LARGEST_DRIFT = 0.001
FAR_OFF = 0.1
"""Seconds from which on a deviation says that something stood still, and nothing of the clocks."""


class DriftControl:
    """A proportional and integral control of what waits, in seconds. ``drift``: the clocks' difference so far known.

    ``note`` gives the speed at which the source's samples are to be used up, 1 where the clocks agree.
    """

    def __init__(self, target: float) -> None:
        self.target = target
        self._smooth: float | None = None
        self.drift = 0.0

    def note(self, waiting: float, elapsed: float) -> float:
        """``waiting`` seconds are in the buffer, ``elapsed`` seconds after the last note."""
        if self._smooth is None:
            self._smooth = waiting
        self._smooth += (waiting - self._smooth) * min(1.0, elapsed / SMOOTHING)
        over = self._smooth - self.target
        if abs(over) < FAR_OFF:
            self.drift = _within(self.drift + over * elapsed / SETTLING**2, LARGEST_DRIFT)
        return 1.0 + _within(self.drift + 2 * over / SETTLING, LARGEST)

    def forget(self) -> None:
        """The buffer ran empty or was cut: what it held before says nothing; the clocks are still what they were."""
        self._smooth = None


def _within(value: float, most: float) -> float:
    return max(-most, min(most, value))
