"""When to try again what fails, and when to tell a person of it. Pure: moments are seconds of a monotonic clock."""

from dataclasses import dataclass

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STALLED = 60.0
"""Seconds of failing in a row after which the agent is told, in the middle of a call, once an outage."""


@dataclass
class Outage:
    """Of one thing that is tried: how it fails in a row. ``over`` after one that went well."""

    attempts: int = 0
    since: float | None = None
    told: bool = False

    def failed(self, now: float) -> float:
        """Seconds until the next attempt: twice as long each time, half a minute at most."""
        self.since = now if self.since is None else self.since
        self.attempts += 1
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self.attempts - 1, 10))

    def tell(self, now: float, *, lasts: bool = False) -> bool:
        """Whether it is time to tell a person, and nobody has been told. ``lasts``: it will not pass by itself."""
        due = not self.told and self.since is not None and (lasts or now - self.since > STALLED)
        self.told = self.told or due
        return due

    def over(self) -> None:
        """It works again; the next outage is another one."""
        self.attempts, self.since, self.told = 0, None, False
