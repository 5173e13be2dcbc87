"""When a branch's queue takes people in and when it hands them on: opening hours, pause, emergency stop."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from signing.domain.beijing import BEIJING

WORKING_DAYS = frozenset(range(5))
"""Monday to Friday, as ``datetime.weekday`` counts."""
WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")
_LOOK_AHEAD_DAYS = 60


@dataclass(frozen=True)
class Gate:
    """``joins``: new customers may queue. ``offers``: waiting ones may ring. ``message`` is for the customer.

    ``back_at``: when it opens again, where that is known. ``emergency``: what rings already stops too.
    ``waiting``: the words for those who wait already, where they are others.
    """

    joins: bool = True
    offers: bool = True
    message: str = ""
    back_at: datetime | None = None
    emergency: bool = False
    waiting: str = ""


OPEN = Gate()


@dataclass(frozen=True)
class Hours:
    """Beijing time; ``opens`` is inside and ``closes`` outside. A branch open through midnight is not foreseen.

    ``holidays`` are closed whatever the weekday; ``extra_days`` (调休上班日) are open whatever the weekday.
    """

    opens: time
    closes: time
    days: frozenset[int] = WORKING_DAYS
    holidays: frozenset[date] = frozenset()
    extra_days: frozenset[date] = frozenset()

    def works_on(self, day: date) -> bool:
        return day in self.extra_days or (day.weekday() in self.days and day not in self.holidays)

    def include(self, now: datetime) -> bool:
        local = now.astimezone(BEIJING)
        return self.works_on(local.date()) and self.opens <= local.time() < self.closes

    def next_opening(self, now: datetime) -> datetime | None:
        """The next moment it opens, after ``now``; None where it does not within ``_LOOK_AHEAD_DAYS``."""
        today = now.astimezone(BEIJING).date()
        days = (today + timedelta(days=ahead) for ahead in range(_LOOK_AHEAD_DAYS))
        openings = (datetime.combine(day, self.opens, BEIJING) for day in days if self.works_on(day))
        return next((opening for opening in openings if opening > now), None)


@dataclass(frozen=True)
class Pause:
    """A supervisor's. ``joins`` stays True for a short one: places are kept. An emergency stop sets it False."""

    since: datetime
    message: str
    until: datetime | None = None
    joins: bool = True

    def lasts(self, now: datetime) -> bool:
        return self.since <= now and (self.until is None or now < self.until)


@dataclass(frozen=True)
class Stop:
    """A pause or an emergency stop as it is kept: of one branch, or (``branch_id`` None) of the whole institution."""

    stop_id: str
    institution_id: str
    branch_id: str | None
    emergency: bool
    message: str
    reason: str
    since: datetime
    made_by: str
    until: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_reason: str = ""

    def lasts(self, now: datetime) -> bool:
        return self.ended_at is None and self.as_pause().lasts(now)

    def as_pause(self) -> Pause:
        return Pause(self.since, self.message, self.until, joins=not self.emergency)

    def holds_for(self, institution_id: str, branch_id: str) -> bool:
        return self.institution_id == institution_id and self.branch_id in (None, branch_id)


def strictest(stops: Iterable[Stop], now: datetime) -> Pause | None:
    """Of those that last: an emergency before a pause, then the one that lasts longest, then the newest."""
    lasting = [stop for stop in stops if stop.lasts(now)]
    if not lasting:
        return None
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return max(lasting, key=lambda one: (one.emergency, one.until or far, one.since)).as_pause()


def gate_of(now: datetime, hours: Hours | None = None, pause: Pause | None = None) -> Gate:
    """What holds now. After closing time those who wait are still served; a pause opens no door that is closed."""
    closed = OPEN if hours is None or hours.include(now) else _closed(hours, now)
    if pause is None or not pause.lasts(now):
        return closed
    if pause.joins and not closed.joins:
        return replace(closed, offers=False, waiting=pause.message)
    return Gate(pause.joins, offers=False, message=pause.message, back_at=pause.until, emergency=not pause.joins)


def _closed(hours: Hours, now: datetime) -> Gate:
    back_at = hours.next_opening(now)
    times = f"服务时间为 {hours.opens:%H:%M} 至 {hours.closes:%H:%M}"
    if back_at is None:
        return Gate(joins=False, message=f"现在不在服务时间（{times}）")
    return Gate(
        joins=False, message=f"现在不在服务时间（{times}），请在 {moment(back_at)} 以后再打开本页", back_at=back_at
    )


def moment(at: datetime) -> str:
    """``11月27日（周五）08:30``, Beijing time."""
    local = at.astimezone(BEIJING)
    return f"{local.month}月{local.day}日（周{WEEKDAYS[local.weekday()]}）{local:%H:%M}"
