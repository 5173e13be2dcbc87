"""An institution's settings for its queue: limits, hours, what a seat can. Each change is on the access log."""

from dataclasses import replace

from signing.domain.dialect import DIALECT_TITLES
from signing.domain.errors import InputError
from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import Command
from signing.service.handlers.common import on_record
from signing.service.office import OwnHours, OwnLimits, SeatAbility
from signing.service.queue_commands import SetBranchHours, SetQueueLimits, SetSeatAbility
from signing.service.services import Services

LONGEST_SECONDS = 8 * 3600
RING_BOUNDS = (10, 120)


def set_limits(command: SetQueueLimits, services: Services) -> None:
    """Raises ``InputError`` for a limit that would stop the queue or never come."""
    now, limits = services.clock.now(), command.limits
    _check(limits)
    with services.db.write() as unit:
        scope.institution(unit, command.actor, limits.institution_id)
        unit.office.save_limits(limits)
        unit.changes.branch_ids.update(scope.branch_ids(unit, limits.institution_id))
        on_record(unit, command.actor, now, "queue.limits", _limits_words(limits))


def _check(limits: OwnLimits) -> None:
    spans = (limits.overflow_seconds, limits.any_dialect_seconds, limits.promote_seconds, limits.grace_seconds)
    if any(span is not None and not 0 <= span <= LONGEST_SECONDS for span in spans):
        raise InputError("等候时限须在 0 秒到 8 小时之间", "请检查溢出、方言、优先和预约宽限的时限")
    if not RING_BOUNDS[0] <= limits.ring_seconds <= RING_BOUNDS[1]:
        raise InputError("振铃时间须在 10 到 120 秒之间", "请检查振铃时间")
    _check_target(limits)


def _check_target(limits: OwnLimits) -> None:
    percent, seconds = limits.target_percent, limits.target_seconds
    if (percent is None) != (seconds is None):
        raise InputError("服务水平须同时给出百分比和秒数", "如 90% 的客户在 30 秒内接通")
    if percent is not None and not 1 <= percent <= 100:
        raise InputError("服务水平的百分比须在 1 到 100 之间", "请检查服务水平")
    if seconds is not None and not 1 <= seconds <= LONGEST_SECONDS:
        raise InputError("服务水平的秒数须在 1 秒到 8 小时之间", "请检查服务水平")


def _limits_words(limits: OwnLimits) -> str:
    named = (
        ("支行互助", limits.overflow_seconds),
        ("放宽方言", limits.any_dialect_seconds),
        ("久候优先", limits.promote_seconds),
        ("预约宽限", limits.grace_seconds),
        ("振铃", limits.ring_seconds),
    )
    told = (f"{name} {'不设' if seconds is None else f'{seconds} 秒'}" for name, seconds in named)
    level = f"{limits.target_percent}%/{limits.target_seconds} 秒" if limits.target else "不设"
    return f"{limits.institution_id} {'，'.join(told)}，服务水平 {level}"


def set_hours(command: SetBranchHours, services: Services) -> None:
    now, hours = services.clock.now(), command.hours
    if hours is not None and not hours.opens < hours.closes:
        raise InputError("开门时间须早于关门时间", "请检查服务时间")
    with services.db.write() as unit:
        branch = scope.branch(unit, command.actor, command.branch_id)
        if hours is None:
            unit.office.remove_hours(branch.branch_id)
        else:
            unit.office.save_hours(replace(hours, branch_id=branch.branch_id))
        on_record(unit, command.actor, now, "queue.hours", f"{branch.branch_id} {_hours_words(hours)}")


def _hours_words(hours: OwnHours | None) -> str:
    if hours is None:
        return "全天"
    days = "".join("一二三四五六日"[day] for day in sorted(hours.days))
    words = f"{hours.opens:%H:%M}—{hours.closes:%H:%M} 周{days}"
    for name, some in (("休", hours.holidays), ("班", hours.extra_days)):
        words += f" {name} {'、'.join(day.isoformat() for day in sorted(some))}" if some else ""
    return words


def set_ability(command: SetSeatAbility, services: Services) -> None:
    """Raises ``InputError`` for a product that is not in the catalogue."""
    now = services.clock.now()
    for product_id in command.products:
        services.products.get(product_id)
    with services.db.write() as unit:
        seat = scope.seat(unit, command.actor, command.seat_id)
        unit.office.save_ability(SeatAbility(seat.seat_id, command.products, command.dialects))
        unit.changes.branch_ids.add(seat.branch_id)
        on_record(unit, command.actor, now, "seat.ability", f"{seat.seat_id} {ability_words(command)}")


def ability_words(command: SetSeatAbility) -> str:
    products = "、".join(sorted(command.products)) or "全部"
    return f"产品 {products}；语言 {'、'.join(DIALECT_TITLES[one] for one in sorted(command.dialects)) or '全部'}"


HANDLERS: dict[type[Command], Handler] = {
    SetQueueLimits: set_limits,
    SetBranchHours: set_hours,
    SetSeatAbility: set_ability,
}
