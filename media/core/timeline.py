"""File time against the wall clock, and the stretches of a file in which something was missing."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

SECOND = 1_000_000_000


@dataclass(frozen=True)
class Timeline:
    """``started_at`` (aware UTC, the service's clock) is file time zero; it was ``zero_ns`` on the monotonic clock."""

    started_at: datetime
    zero_ns: int

    def seconds(self, now_ns: int) -> float:
        """File time of a monotonic moment; negative before the start."""
        return (now_ns - self.zero_ns) / SECOND

    def wall(self, seconds: float) -> datetime:
        """The service's clock at a file time."""
        return self.started_at + timedelta(seconds=seconds)

    def file_time(self, moment: datetime) -> float:
        """File time of an aware moment of the service's clock."""
        return (moment - self.started_at).total_seconds()

    def index(self, now_ns: int, rate: int) -> int:
        """Number of the picture (or sample) at ``rate`` a second that a moment falls on."""
        return (now_ns - self.zero_ns) * rate // SECOND


@dataclass
class GapLog:
    """Collects the stretches in which ``observe`` was told that something was missing.

    Stretches shorter than ``shortest`` seconds are left out. Times must not go backwards.
    """

    shortest: float = 0.2
    _closed: list[tuple[float, float]] = field(default_factory=list)
    _since: float | None = None

    def observe(self, seconds: float, present: bool) -> None:
        """At ``seconds`` the thing was there or not."""
        if present:
            self._end(seconds)
        elif self._since is None:
            self._since = seconds

    def _end(self, seconds: float) -> None:
        if self._since is not None and seconds - self._since >= self.shortest:
            self._closed.append((round(self._since, 3), round(seconds, 3)))
        self._since = None

    def close(self, seconds: float) -> tuple[tuple[float, float], ...]:
        """All gaps of a file that ends at ``seconds``."""
        self._end(seconds)
        return tuple(self._closed)
