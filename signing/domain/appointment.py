"""An appointed time for one customer: they open their page then, and come first."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from signing.domain.beijing import BEIJING
from signing.domain.errors import ConflictError, InputError
from signing.domain.opening import Hours, moment

LONGEST_WINDOW = timedelta(hours=4)
FARTHEST = timedelta(days=60)
_DAYTIME = Hours(time(8), time(20), frozenset(range(7)))


@dataclass(frozen=True)
class Appointment:
    """``cancelled_at`` None: it stands. Both ends are aware; who comes in between has priority."""

    appointment_id: str
    case_id: str
    party_id: str
    institution_id: str
    branch_id: str
    starts_at: datetime
    ends_at: datetime
    made_at: datetime
    made_by: str
    cancelled_at: datetime | None = None

    @property
    def window(self) -> str:
        """``11月27日（周五）14:00—14:30``"""
        return f"{moment(self.starts_at)}—{self.ends_at.astimezone(BEIJING):%H:%M}"

    def stands(self, now: datetime) -> bool:
        return self.cancelled_at is None and now < self.ends_at


@dataclass(frozen=True)
class OpenDay:
    """When the branch serves customers on one day; both ends aware."""

    opens_at: datetime
    closes_at: datetime


def open_days(now: datetime, hours: Hours | None) -> list[OpenDay]:
    """The days of which a time can still be appointed. Without hours: each day, in the daytime."""
    kept = hours or _DAYTIME
    today = now.astimezone(BEIJING).date()
    days = (today + timedelta(days=ahead) for ahead in range(FARTHEST.days))
    open_ = (
        OpenDay(*(datetime.combine(day, at, BEIJING) for at in (kept.opens, kept.closes)))
        for day in days
        if kept.works_on(day)
    )
    return [day for day in open_ if day.closes_at > now]


def check_window(starts_at: datetime, ends_at: datetime, now: datetime, hours: Hours | None) -> None:
    """Raises ``InputError`` for a window that nobody can keep."""
    if not now < ends_at or not starts_at < ends_at:
        raise InputError("预约的时间已过，或结束早于开始", "请重新选择时间")
    if ends_at - starts_at > LONGEST_WINDOW or starts_at - now > FARTHEST:
        raise InputError("预约时段至多 4 小时，且须在 60 天之内", "请重新选择时间")
    if hours is not None and not hours.include(starts_at):
        raise InputError(f"{moment(starts_at)} 不在网点的服务时间", "请按网点的服务时间预约")


def cancel(appointment: Appointment, now: datetime) -> Appointment:
    if appointment.cancelled_at is not None:
        raise ConflictError("预约已经取消", "请以页面显示为准")
    return replace(appointment, cancelled_at=now)
