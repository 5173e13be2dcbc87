"""Appointing a time for a customer: for whom, on which day, which half hour; and what the window says of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desktop.model import workspace as w
from desktop.model.wording import BEIJING
from signing.wire.case import PartyState, PartyView, Phase
from signing.wire.queue import Appointment, NewAppointment, OpenDay

LENGTH = timedelta(minutes=30)
WEEKDAYS = "一二三四五六日"
REASONS = ("客户改期", "客户改到柜台办理", "客户不办了")
_THROUGH = (PartyState.SIGNED, PartyState.REFUSED, PartyState.REMOVED)
_OVER = {
    Phase.SIGNED: "各方都已签署，不需要再预约",
    Phase.SEALED: "业务已用印，不需要再预约",
    Phase.CLOSED: "业务已归档，不需要再预约",
    Phase.STOPPED: "业务已停住，不能预约",
    **dict.fromkeys((Phase.ABORTED, Phase.WITHDRAWN, Phase.REFUSED, Phase.EXPIRED), "业务已结束，不能预约"),
}


@dataclass(frozen=True)
class Slot:
    """Half an hour of a day on which the branch works."""

    starts_at: datetime
    ends_at: datetime

    @property
    def title(self) -> str:
        """``14:00—14:30``, Beijing time."""
        return "—".join(at.astimezone(BEIJING).strftime("%H:%M") for at in (self.starts_at, self.ends_at))

    def message(self) -> NewAppointment:
        return NewAppointment(starts_at=self.starts_at, ends_at=self.ends_at)

    def is_of(self, made: Appointment | None) -> bool:
        return made is not None and (made.starts_at, made.ends_at) == (self.starts_at, self.ends_at)


def locked(state: w.State) -> str:
    """Why no time can be appointed now; empty where one can."""
    if state.case is None:
        return "没有打开的业务"
    return _OVER.get(state.case.phase, "") or ("" if bookable(state.case.parties) else "没有需要再通话的当事人")


def bookable(people: Sequence[PartyView]) -> list[PartyView]:
    """Those with whom there is still something to talk about."""
    return [one for one in people if one.state not in _THROUGH]


def slots(day: OpenDay, now: datetime) -> list[Slot]:
    """From opening to closing, without those that have begun; none reaches over closing time."""
    count = (day.closes_at - day.opens_at) // LENGTH
    found = (Slot(day.opens_at + LENGTH * number, day.opens_at + LENGTH * (number + 1)) for number in range(count))
    return [slot for slot in found if slot.starts_at > now]


def choosable(days: Sequence[OpenDay], now: datetime) -> list[OpenDay]:
    return [day for day in days if slots(day, now)]


def day_title(day: OpenDay, now: datetime) -> str:
    """``11月27日（周五）``; today and tomorrow by name."""
    at, today = day.opens_at.astimezone(BEIJING).date(), now.astimezone(BEIJING).date()
    names = {today: "今天 ", today + timedelta(days=1): "明天 "}
    return f"{names.get(at, '')}{at.month}月{at.day}日（周{WEEKDAYS[at.weekday()]}）"


def of_party(appointments: Sequence[Appointment], party_id: str) -> Appointment | None:
    return next((one for one in appointments if one.party_id == party_id), None)


def standing_words(made: Appointment | None) -> str:
    return f"已预约 {made.window}" if made else "还没有预约"


def made_words(made: Appointment) -> str:
    """Told once it is made."""
    return f"已为{made.party_label}预约 {made.window}"
