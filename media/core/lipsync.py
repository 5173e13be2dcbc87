"""Which picture belongs to which sound, by the sender's reports (RFC 3550 section 6.4.1)."""

NTP_SECOND = 1 << 32
VALID = 1.0
"""Seconds for which it counts what was heard last."""


class SenderClock:
    """One stream's timestamps on the sender's wall clock."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._known: tuple[float, int] | None = None

    def report(self, ntp: int, timestamp: int) -> None:
        """A sender report: its 64-bit NTP time and the same moment as unwrapped timestamp."""
        self._known = (ntp / NTP_SECOND, timestamp)

    def moment(self, timestamp: int) -> float | None:
        """Seconds on the sender's clock; None before the first report."""
        if self._known is None:
            return None
        seconds, at = self._known
        return seconds + (timestamp - at) / self._rate


class LipSync:
    """Holds the two streams of one sender together."""

    def __init__(self) -> None:
        self.voice = SenderClock(48_000)
        self.pictures = SenderClock(90_000)
        self._offset: tuple[float, float] | None = None

    def heard(self, timestamp: int, now: float) -> None:
        """The voice's ``timestamp`` is being heard now."""
        moment = self.voice.moment(timestamp)
        self._offset = None if moment is None else (now - moment, now)

    def picture_due(self, timestamp: int, now: float) -> float | None:
        """When a picture is to be seen to be with its sound; None where that is not known, or nobody speaks."""
        moment = self.pictures.moment(timestamp)
        if moment is None or self._offset is None or now - self._offset[1] > VALID:
            return None
        return moment + self._offset[0]
