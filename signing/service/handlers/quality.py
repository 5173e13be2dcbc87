"""The quality of a customer's line onto the case's chain: what the seat measured, and apart from it what a phone told;
and between which ends the line went; and what the seat's check of its recording found.

None of it is checked here: the service sees no media. It holds the times, the amount and who may report.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from signing.domain import events
from signing.domain.call import Call
from signing.domain.case import Case
from signing.domain.connection import Ends
from signing.domain.connection import is_new as is_new_connection
from signing.domain.doubt import Doubt, Kind
from signing.domain.doubt import is_new as is_new_doubt
from signing.domain.errors import ConflictError, InputError, NotPermitted
from signing.domain.line import FORGOTTEN, CallLines, LineNow, is_due
from signing.domain.quality import Stretch, is_new
from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import Actor, Command
from signing.service.handlers.common import party_of, require_open
from signing.service.quality_commands import ReportConnection, ReportDoubt, ReportQuality, TellLines
from signing.service.services import Services
from signing.service.store import Unit

CLOCK_TOLERANCE = timedelta(seconds=30)
ROUNDING = 0.1
"""Seconds, of what was told to a tenth."""


def report_quality(command: ReportQuality, services: Services) -> bool:
    """Changes no state and no screen, so nothing is pushed."""
    now, stretch = services.clock.now(), command.stretch
    with services.db.write() as unit:
        call, case = _own_call(unit, command.actor, command.call_id, command.party_id)
        require_open(case)
        _require_plausible(stretch, call, now)
        if not is_new(stretch, _kept(unit, case, call, command.party_id)):
            return False
        happening = events.quality_measured(party_of(case, command.party_id), call, stretch)
        unit.cases.append(case.case_id, happening, command.actor, now)
        return True


def tell_lines(command: TellLines, services: Services) -> bool:
    """Raises ``ConflictError`` where the call is over, ``InputError`` for somebody who is not in it."""
    now, lines = services.clock.now(), command.lines
    with services.db.write() as unit:
        call = scope.live_call(unit, command.actor, command.call_id)
        if call is None:
            raise ConflictError("这次通话已经结束", "不需要再上报线路")
        _require_own(call, command.actor)
        _require_parties(unit, call, lines)
        before = unit.lines.of(call.call_id)
        if not is_due(before, now):
            return False
        if before is None or before.lines != lines:
            unit.changes.call_ids.add(call.call_id)
        unit.lines.forget(now - FORGOTTEN)
        unit.lines.save(CallLines(call.call_id, now, lines))
        return True


def _require_parties(unit: Unit, call: Call, lines: tuple[LineNow, ...]) -> None:
    told = [line.party_id for line in lines]
    there = {leg.party_id for leg in unit.queue.legs_of(call.call_id)}
    if len(set(told)) != len(told) or not there.issuperset(told):
        raise InputError("这位客户不在这次通话里", "请以页面显示的通话为准")


def report_connection(command: ReportConnection, services: Services) -> bool:
    """Changes no state and no screen, so nothing is pushed."""
    now, in_use = services.clock.now(), command.in_use
    with services.db.write() as unit:
        call, case = _own_call(unit, command.actor, command.call_id, command.party_id)
        require_open(case)
        _require_within(in_use.since, in_use.since, call, now)
        told = _told(unit, case, call, command.party_id, events.CONNECTION)
        if not is_new_connection(in_use, [_ends(body) for body in told]):
            return False
        happening = events.connection_in_use(party_of(case, command.party_id), call, in_use)
        unit.cases.append(case.case_id, happening, command.actor, now)
        return True


def _ends(body: events.Body) -> Ends:
    return Ends(str(body["seat_fingerprint"]), str(body["phone_fingerprint"]))


def report_doubt(command: ReportDoubt, services: Services) -> bool:
    """Changes no state and no screen, so nothing is pushed."""
    now, doubt, party_id = services.clock.now(), _to_milliseconds(command.doubt), command.party_id
    with services.db.write() as unit:
        call, case = _own_call(unit, command.actor, command.call_id, party_id)
        require_open(case)
        if doubt.until is not None and doubt.until < doubt.since:
            raise InputError("录像检查的时间前后颠倒", "请核对坐席电脑的时间")
        _require_within(doubt.since, doubt.until or doubt.since, call, now)
        if not is_new_doubt(doubt, party_id, _doubts(unit, case, call)):
            return False
        party = None if party_id is None else party_of(case, party_id)
        unit.cases.append(case.case_id, events.recording_doubted(party, call, doubt), command.actor, now)
        return True


def _to_milliseconds(doubt: Doubt) -> Doubt:
    """As the chain keeps it, so that one told again is recognised."""
    until = None if doubt.until is None else _whole(doubt.until)
    return replace(doubt, since=_whole(doubt.since), until=until)


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _doubts(unit: Unit, case: Case, call: Call) -> list[tuple[Doubt, str | None]]:
    """What is on record of this call's recording."""
    bodies = [event.body for event in unit.cases.events(case.case_id) if event.type == events.DOUBT]
    return [_doubt(body) for body in bodies if body["call_id"] == call.call_id]


def _doubt(body: events.Body) -> tuple[Doubt, str | None]:
    since, until = (
        None if body[name] is None else datetime.fromisoformat(str(body[name])) for name in ("since", "until")
    )
    assert since is not None
    party_id = body["party_id"]
    doubt = Doubt(Kind(str(body["kind"])), since, until, bool(body["of_agent"]))
    return doubt, None if party_id is None else str(party_id)


def _own_call(unit: Unit, actor: Actor, call_id: str, party_id: str | None) -> tuple[Call, Case]:
    """Of whoever talked in it; with that customer, where one is named."""
    call, case = scope.call(unit, actor, call_id)
    _require_own(call, actor)
    if party_id is not None and all(leg.party_id != party_id for leg in unit.queue.legs_of(call_id)):
        raise InputError("这位客户不在这次通话里", "请以页面显示的通话为准")
    return call, case


def _require_own(call: Call, actor: Actor) -> None:
    if call.seat_id != actor.seat_id or call.staff_id != actor.actor_id:
        raise NotPermitted("这不是您接听的通话", "线路和连接由接听的坐席上报")


def _require_plausible(stretch: Stretch, call: Call, now: datetime) -> None:
    if stretch.since >= stretch.until:
        raise InputError("线路质量的时间不在这次通话之内", "请核对坐席电脑的时间")
    if stretch.broken_seconds > (stretch.until - stretch.since).total_seconds() + ROUNDING:
        raise InputError("线路中断的时间比这一段还长", "请把坐席程序升级到最新版本")
    _require_within(stretch.since, stretch.until, call, now)


def _require_within(since: datetime, until: datetime, call: Call, now: datetime) -> None:
    ended = now if call.ended_at is None else call.ended_at
    if since < call.started_at - CLOCK_TOLERANCE or until > ended + CLOCK_TOLERANCE:
        raise InputError("上报的时间不在这次通话之内", "请核对坐席电脑的时间")


def _kept(unit: Unit, case: Case, call: Call, party_id: str) -> list[datetime]:
    """Until when this party's line is on record for this call."""
    told = _told(unit, case, call, party_id, events.QUALITY)
    return [datetime.fromisoformat(str(body["until"])) for body in told]


def _told(unit: Unit, case: Case, call: Call, party_id: str, kind: str) -> list[events.Body]:
    """What is on record of this party in this call."""
    return [
        event.body
        for event in unit.cases.events(case.case_id)
        if (event.type, event.body.get("call_id"), event.body.get("party_id")) == (kind, call.call_id, party_id)
    ]


HANDLERS: dict[type[Command], Handler] = {
    ReportQuality: report_quality,
    TellLines: tell_lines,
    ReportConnection: report_connection,
    ReportDoubt: report_doubt,
}
