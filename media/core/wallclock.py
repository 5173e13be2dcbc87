"""The call's clock: the service's time when the call began, carried on by the monotonic clock.

What somebody does to this machine's clock in the middle of a call moves nothing in a recording; it is noticed and told.
The monotonic clock may stand still while the machine sleeps; the call's time is then moved on by what it slept.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from media.core.timeline import SECOND

JUMP = 2.0
"""Seconds by which a clock is wrong all at once; time servers set it right by less, or little by little."""

SLEPT = 1.0
"""Seconds of sleep from which it is one."""


@dataclass(frozen=True)
class Jump:
    """The machine's clock was set by ``seconds``, ahead where positive, noticed at the call's own time ``at``."""

    seconds: float
    at: datetime

    @property
    def words(self) -> str:
        """What it is, in Chinese."""
        return f"电脑时钟被拨{'快' if self.seconds > 0 else '慢'} {lasting(abs(self.seconds))}"


@dataclass
class CallClock:
    """``began`` (aware UTC, the service's clock) was at ``zero_ns`` on the monotonic clock, ``offset_seconds`` ahead of
    the machine's. ``asleep_seconds``: what the machine had slept by then since it was started."""

    began: datetime
    zero_ns: int
    offset_seconds: float = 0.0
    asleep_seconds: float = 0.0
    _slept: float = field(default=0.0, init=False)
    _ahead: float = field(default=0.0, init=False)

    def now(self, now_ns: int) -> datetime:
        """The service's clock at a monotonic moment."""
        return self.began + timedelta(seconds=(now_ns - self.zero_ns) / SECOND + self._slept)

    def slept(self, asleep: float) -> float:
        """Seconds by which the call's time is behind because the machine slept, 0 below ``SLEPT``; ``asleep``: what
        it has slept since it was started."""
        behind = asleep - self.asleep_seconds - self._slept
        return behind if behind >= SLEPT else 0.0

    def move_on(self, slept: float) -> None:
        """By what ``slept`` told."""
        self._slept += slept

    def look(self, machine: datetime, now_ns: int) -> Jump | None:
        """Holds the machine's clock (aware) against the call's; a jump is told once."""
        now = self.now(now_ns)
        ahead = (machine - now).total_seconds() + self.offset_seconds
        moved, self._ahead = ahead - self._ahead, ahead
        return Jump(moved, now) if abs(moved) >= JUMP else None


def lasting(seconds: float) -> str:
    """A stretch of time for people."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    parts = ((hours, "小时"), (minutes, "分钟"), (rest, "秒"))
    return " ".join(f"{count} {word}" for count, word in parts if count) or "0 秒"
