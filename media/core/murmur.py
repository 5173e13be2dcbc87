"""Whether a microphone is dead: a room has a murmur, and so has every microphone. Pure; seconds of the monotonic clock.

Some devices cut off all sound below a threshold, so that who listens in silence looks like one whose microphone died.
Whoever came out of such a silence is waited for twice as long from then on.
"""

from enum import StrEnum

SILENCE = 0.3 / 32768
"""Root mean square of half a second or more, 0…1 of full scale. Digital silence leaves 0.18 of a step behind Opus at
8 kbit/s and nothing at 32; the faintest noise there can be, a step up and down, leaves 0.7."""
NEVER_AFTER, GONE_AFTER, MOST = 3.0, 3.5, 120.0
"""Seconds since the first look that found nothing: of a customer who was never heard, of who was, and at most. With a
look every half second who was heard is told of within five."""


class Sound(StrEnum):
    """What is known of somebody's microphone."""

    THERE = "there"
    NEVER = "never"
    """Nothing came since the beginning."""
    GONE = "gone"
    """It was heard, and gives nothing any more."""


class Murmur:
    """Of one microphone over a call; ``sound`` is how it stands."""

    def __init__(self, never_after: float = NEVER_AFTER) -> None:
        self.sound = Sound.THERE
        self._never_after = never_after
        self._heard = False
        self._since: float | None = None
        self._patience = GONE_AFTER

    def begin(self) -> None:
        """Another microphone, or another connection: what was heard by the one before does not count."""
        self.sound, self._heard, self._since = Sound.THERE, False, None

    def pause(self) -> None:
        """It is meant to be silent, or nothing is known of it."""
        self.sound, self._since = Sound.THERE, None

    def look(self, loudness: float, now: float) -> Sound:
        """``loudness``: root mean square since the look before."""
        if loudness > SILENCE:
            if self._heard and self._since is not None:
                self._patience = max(self._patience, min(MOST, 2 * (now - self._since)))
            self.sound, self._heard, self._since = Sound.THERE, True, None
            return self.sound
        if self._since is None:
            self._since = now
        if now - self._since >= (self._patience if self._heard else self._never_after):
            self.sound = Sound.GONE if self._heard else Sound.NEVER
        return self.sound
