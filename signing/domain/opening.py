"""When a branch's queue takes people in and when it hands them on: opening hours, pause, emergency stop."""

from dataclasses import dataclass
from datetime import datetime, time

from signing.domain.beijing import BEIJING

WORKING_DAYS = frozenset(range(5))
"""Monday to Friday, as ``datetime.weekday`` counts."""


@dataclass(frozen=True)
class Gate:
    """``joins``: new customers may queue. ``offers``: waiting ones may ring. ``message`` is for the customer."""

    joins: bool = True
    offers: bool = True
    message: str = ""


OPEN = Gate()


@dataclass(frozen=True)
class Hours:
    """Beijing time; ``opens`` is inside and ``closes`` outside. A branch open through midnight is not foreseen."""

    opens: time
    closes: time
    days: frozenset[int] = WORKING_DAYS

    def include(self, now: datetime) -> bool:
        local = now.astimezone(BEIJING)
        return local.weekday() in self.days and self.opens <= local.time() < self.closes


@dataclass(frozen=True)
class Pause:
    """A supervisor's. ``joins`` stays True for a short one: places are kept. An emergency stop sets it False."""

    since: datetime
    message: str
    until: datetime | None = None
    joins: bool = True

    def lasts(self, now: datetime) -> bool:
        return self.since <= now and (self.until is None or now < self.until)


def gate_of(now: datetime, hours: Hours | None = None, pause: Pause | None = None) -> Gate:
    """What holds now. A pause goes before the hours; after closing time those who wait are still served."""
    if pause is not None and pause.lasts(now):
        return Gate(joins=pause.joins, offers=False, message=pause.message)
    if hours is not None and not hours.include(now):
        return Gate(joins=False, message=f"现在不在服务时间，请在 {hours.opens:%H:%M} 至 {hours.closes:%H:%M} 再来")
    return OPEN
