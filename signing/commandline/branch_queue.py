"""``pingqian branch``: how the queue is run, from the service's own machine. A running service follows in seconds."""

import argparse
import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from signing.bootstrap import App
from signing.domain.agreement import SIDE_TITLES, Side
from signing.domain.beijing import BEIJING
from signing.domain.dialect import DIALECT_TITLES, Dialect
from signing.domain.errors import InputError, NotFound
from signing.domain.opening import Stop, moment
from signing.service import queue_commands as q
from signing.service.commands import SYSTEM, Command
from signing.service.office import OwnHours, OwnLimits
from signing.service.store import Branch, Unit

WEEKDAYS = "一二三四五六日"
NEVER = "never"
LONGEST_PAUSE_MINUTES = 30 * 24 * 60


def configure(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> list[argparse.ArgumentParser]:
    """Adds the actions; returns their parsers."""
    return [_hours(actions), _pause(actions), _stop(actions), _resume(actions), _ability(actions), *_limits(actions)]


_Actions = Any


def _add(actions: _Actions, name: str, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=words, description=words)
    return parser


def _hours(actions: _Actions) -> argparse.ArgumentParser:
    parser = _add(actions, "hours", "设置网点的服务时间；不给时间时显示现在的设置")
    parser.add_argument("branch", metavar="网点编号")
    parser.add_argument("hours", metavar="时间", nargs="?", help="如 08:30-17:30；always 表示全天")
    parser.add_argument("--days", metavar="星期", default="一二三四五", help="如 一二三四五六（默认 一二三四五）")
    parser.add_argument(
        "--holiday", action="append", default=[], metavar="日期", help="不办理的日子，如 2027-02-17；可重复"
    )
    parser.add_argument("--workday", action="append", default=[], metavar="日期", help="调休上班的日子；可重复")
    return parser


def _stopping(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("branch", metavar="网点编号", nargs="?", help="不给时为整个机构，须给 --institution")
    parser.add_argument("--institution", default="", metavar="编号", help="机构编号")
    parser.add_argument("--reason", required=True, metavar="文字", help="原因，记入操作记录")
    return parser


def _pause(actions: _Actions) -> argparse.ArgumentParser:
    parser = _stopping(_add(actions, "pause", "暂停排队：不再振铃，客户保留位置"))
    parser.add_argument("--message", required=True, metavar="文字", help="给客户看的话")
    parser.add_argument("--minutes", type=int, metavar="分钟", help="多久以后自动恢复（默认不自动恢复）")
    return parser


def _stop(actions: _Actions) -> argparse.ArgumentParser:
    parser = _stopping(_add(actions, "stop", "紧急停止：不再振铃，也不再接受排队"))
    parser.add_argument("--message", required=True, metavar="文字", help="给客户看的话")
    parser.add_argument("--end-calls", action="store_true", help="同时结束进行中的通话（默认让通话办完）")
    return parser


def _resume(actions: _Actions) -> argparse.ArgumentParser:
    return _stopping(_add(actions, "resume", "恢复排队"))


def _ability(actions: _Actions) -> argparse.ArgumentParser:
    parser = _add(actions, "ability", "设置席位能办的产品和能说的话；都不给时不限")
    parser.add_argument("seat", metavar="席位编号")
    parser.add_argument("--product", action="append", default=[], metavar="产品编号", help="可重复；默认全部")
    dialects = "、".join(f"{one.value}（{title}）" for one, title in DIALECT_TITLES.items())
    parser.add_argument(
        "--dialect", action="append", default=[], choices=[one.value for one in Dialect], metavar="语言", help=dialects
    )
    return parser


def _limits(actions: _Actions) -> list[argparse.ArgumentParser]:
    limits = _add(actions, "limits", "设置机构排队的时限（秒；never 表示不设）；没有给的不变，都不给时只显示")
    limits.add_argument("institution", metavar="机构编号")
    for option, words in (
        ("--overflow", "等多久以后其他网点的席位也可接待"),
        ("--any-dialect", "等多久以后不再限定语言"),
        ("--promote", "等多久以后与 65 岁以上同等优先"),
        ("--grace", "过了预约时间多久仍优先"),
        ("--ring", "振铃多久算未接"),
    ):
        limits.add_argument(option, metavar="秒", help=words)
    limits.add_argument("--target", metavar="百分比/秒", help="本机构的服务水平，如 90/30；never 表示按 80/20")
    overflow = _add(actions, "overflow", "与另一家机构约定互助：双方各自声明后才生效；不给操作时列出")
    overflow.add_argument("institution", metavar="本机构编号")
    overflow.add_argument("other", metavar="对方编号", nargs="?")
    which = overflow.add_mutually_exclusive_group()
    which.add_argument("--send", type=int, metavar="秒", help="本机构客户等这么久以后，可由对方席位接待")
    which.add_argument("--accept", action="store_true", help="本机构席位可接待对方的客户")
    which.add_argument("--end-send", action="store_true", help="收回 --send")
    which.add_argument("--end-accept", action="store_true", help="收回 --accept")
    return [limits, overflow]


# --- carrying out -----------------------------------------------------------------------------------------------------


def run(app: App, arguments: argparse.Namespace) -> None:
    """Raises ``SigningError``; the one of an unknown branch, seat or institution says where their numbers stand."""
    try:
        if arguments.action in _STOPPING:
            _require_place(app, arguments.branch, arguments.institution)
        RUN[arguments.action](app, arguments)
    except NotFound as error:
        raise NotFound(error.message, error.hint or "请用 pingqian branch list 查看编号") from None


_STOPPING = ("pause", "stop", "resume")


def _require_place(app: App, branch_id: str | None, institution_id: str) -> None:
    """Raises ``InputError`` where neither is given, or a branch that is not of the institution."""
    if branch_id is None:
        if not institution_id:
            raise InputError("没有给出网点，也没有给出机构", "请写上网点编号；整个机构的，请给 --institution 机构编号")
        _require_institution(app, institution_id)
        return
    own = _require_branch(app, branch_id).institution_id
    if institution_id not in ("", own):
        raise InputError(f"网点 {branch_id} 属于机构 {own}，不属于 {institution_id}", "请改正 --institution")


def _do(app: App, command: Command) -> Any:
    return asyncio.run(app.bus.execute(command))


def _set_hours(app: App, arguments: argparse.Namespace) -> None:
    if arguments.hours is None:
        _require_branch(app, arguments.branch)
        print(hours_words(_read(app, lambda unit: unit.office.hours_of(arguments.branch))))
        return
    hours = None if arguments.hours == "always" else _given_hours(arguments)
    _do(app, q.SetBranchHours(SYSTEM, arguments.branch, hours))
    print(f"已设置：{hours_words(hours)}")


def _require_branch(app: App, branch_id: str) -> Branch:
    branches: dict[str, Branch] = {one.branch_id: one for one in _read(app, lambda unit: unit.people.branches())}
    if branch_id not in branches:
        raise NotFound(f"没有网点 {branch_id}", "")
    return branches[branch_id]


def _read(app: App, work: Callable[[Unit], Any]) -> Any:
    with app.services.db.read() as unit:
        return work(unit)


def _given_hours(arguments: argparse.Namespace) -> OwnHours:
    try:
        opens, _, closes = arguments.hours.partition("-")
        days = frozenset(WEEKDAYS.index(day) for day in arguments.days)
        holidays, extra = (
            frozenset(date.fromisoformat(one) for one in some) for some in (arguments.holiday, arguments.workday)
        )
        return OwnHours(arguments.branch, _clock_time(opens), _clock_time(closes), days, holidays, extra)
    except ValueError:
        raise InputError(
            "时间、星期或日期的写法不对",
            "如 pingqian branch hours 网点 08:30-17:30 --days 一二三四五 --holiday 2027-02-17",
        ) from None


def _clock_time(text: str) -> time:
    """Beijing's, as all hours are. Raises ``ValueError``, also for one with a zone of its own."""
    at = time.fromisoformat(text)
    if at.tzinfo is not None:
        raise ValueError(text)
    return at


def hours_words(hours: OwnHours | None) -> str:
    if hours is None:
        return "全天办理"
    words = f"{hours.opens:%H:%M}—{hours.closes:%H:%M}，周{''.join(WEEKDAYS[day] for day in sorted(hours.days))}"
    for name, days in (("不办理", hours.holidays), ("调休上班", hours.extra_days)):
        words += f"；{name} {'、'.join(day.isoformat() for day in sorted(days))}" if days else ""
    return words


def _pause_queue(app: App, arguments: argparse.Namespace) -> None:
    until = None if arguments.minutes is None else _now(app) + _minutes(arguments.minutes)
    made: Stop = _do(
        app, q.PauseQueue(SYSTEM, arguments.branch, arguments.message, arguments.reason, until, arguments.institution)
    )
    print("已暂停排队" + (f"，{moment(made.until)} 自动恢复" if made.until else "，用 pingqian branch resume 恢复"))


def _minutes(given: int) -> timedelta:
    if not 0 < given <= LONGEST_PAUSE_MINUTES:
        raise InputError(
            f"暂停的分钟数应在 1 到 {LONGEST_PAUSE_MINUTES} 之间（至多 30 天）", "要停更久的，请不给 --minutes"
        )
    return timedelta(minutes=given)


def _now(app: App) -> datetime:
    return app.services.clock.now().astimezone(BEIJING)


def _stop_queue(app: App, arguments: argparse.Namespace) -> None:
    _do(
        app,
        q.StopQueue(
            SYSTEM,
            arguments.branch,
            arguments.message,
            arguments.reason,
            arguments.end_calls,
            arguments.institution,
        ),
    )
    print("已紧急停止，用 pingqian branch resume 恢复")


def _resume_queue(app: App, arguments: argparse.Namespace) -> None:
    _do(app, q.ResumeQueue(SYSTEM, arguments.branch, arguments.reason, arguments.institution))
    print("已恢复排队")


def _set_ability(app: App, arguments: argparse.Namespace) -> None:
    dialects = frozenset(Dialect(one) for one in arguments.dialect)
    _do(app, q.SetSeatAbility(SYSTEM, arguments.seat, frozenset(arguments.product), dialects))
    products = "、".join(arguments.product) or "全部产品"
    print(f"已设置：{products}；{'、'.join(DIALECT_TITLES[one] for one in sorted(dialects)) or '不限语言'}")


def _set_limits(app: App, arguments: argparse.Namespace) -> None:
    _require_institution(app, arguments.institution)
    known = {one.institution_id: one for one in _read(app, lambda unit: unit.office.limits())}
    limits = known.get(arguments.institution, OwnLimits(arguments.institution))
    if all(getattr(arguments, one) is None for one in _LIMITS):
        print(f"现在的设置：{limits_words(limits)}")
        return
    given = {
        "overflow_seconds": _seconds(arguments.overflow, limits.overflow_seconds),
        "any_dialect_seconds": _seconds(arguments.any_dialect, limits.any_dialect_seconds),
        "promote_seconds": _seconds(arguments.promote, limits.promote_seconds),
        "grace_seconds": _seconds(arguments.grace, limits.grace_seconds) or 0,
        "ring_seconds": _seconds(arguments.ring, limits.ring_seconds) or 0,
    }
    limits = replace(limits, **given)
    if arguments.target is not None:
        percent, seconds = _target(arguments.target)
        limits = replace(limits, target_percent=percent, target_seconds=seconds)
    _do(app, q.SetQueueLimits(SYSTEM, limits))
    print(f"已设置：{limits_words(limits)}")


_LIMITS = ("overflow", "any_dialect", "promote", "grace", "ring", "target")


def _target(given: str) -> tuple[int | None, int | None]:
    if given == NEVER:
        return None, None
    percent, _, seconds = given.partition("/")
    if not (percent.isdecimal() and seconds.isdecimal()):
        raise InputError(f"“{given}”不是服务水平", "请写成 90/30 这样：90% 的客户在 30 秒内接通")
    return int(percent), int(seconds)


def _seconds(given: str | None, before: int | None) -> int | None:
    if given is None:
        return before
    if given == NEVER:
        return None
    if not given.isdecimal():
        raise InputError(f"“{given}”不是秒数", "请写整数，或 never")
    return int(given)


def limits_words(limits: OwnLimits) -> str:
    def words(seconds: int | None) -> str:
        return "不设" if seconds is None else f"{seconds} 秒"

    return (
        f"支行互助 {words(limits.overflow_seconds)}，放宽语言 {words(limits.any_dialect_seconds)}，"
        f"久候优先 {words(limits.promote_seconds)}，预约宽限 {words(limits.grace_seconds)}，"
        f"振铃 {words(limits.ring_seconds)}，"
        f"服务水平 {limits.target_percent or 80}%/{limits.target_seconds or 20} 秒"
    )


def _overflow(app: App, arguments: argparse.Namespace) -> None:
    own, other = arguments.institution, arguments.other
    for one in (own, other):
        if one is not None:
            _require_institution(app, one)
    command = _overflow_command(arguments)
    if command is not None:
        if other is None:
            raise InputError("没有给出对方机构", "请在本机构编号后写上对方编号")
        _do(app, command)
    shown = [
        one for one in _read(app, lambda unit: unit.office.declarations()) if own in (one.institution_id, one.other_id)
    ]
    for one in shown:
        after = f"，等候 {one.after_seconds} 秒后" if one.side is Side.SENDS else ""
        print(f"{one.institution_id} → {one.other_id}\t{SIDE_TITLES[one.side]}{after}\t{moment(one.declared_at)}")
    if not shown:
        print("没有约定")


def _require_institution(app: App, institution_id: str) -> None:
    _read(app, lambda unit: unit.people.institution(institution_id))


def _overflow_command(arguments: argparse.Namespace) -> Command | None:
    own, other = arguments.institution, arguments.other or ""
    if arguments.send is not None:
        return q.DeclareOverflow(SYSTEM, other, Side.SENDS, arguments.send, own)
    if arguments.accept:
        return q.DeclareOverflow(SYSTEM, other, Side.ACCEPTS, 0, own)
    if arguments.end_send or arguments.end_accept:
        return q.EndOverflow(SYSTEM, other, Side.SENDS if arguments.end_send else Side.ACCEPTS, own)
    return None


RUN: dict[str, Callable[[App, argparse.Namespace], None]] = {
    "hours": _set_hours,
    "pause": _pause_queue,
    "stop": _stop_queue,
    "resume": _resume_queue,
    "ability": _set_ability,
    "limits": _set_limits,
    "overflow": _overflow,
}
