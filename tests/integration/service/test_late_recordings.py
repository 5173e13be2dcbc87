"""A recording that began while the service was away: missed by the seal, told late and packed; or declared lost."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from signing.bootstrap import App
from signing.domain.case import RecordingState
from signing.domain.errors import ConflictError, InputError, NotFound, NotPermitted, RuleBroken
from signing.domain.events.titles import title_of
from signing.service import commands as c
from signing.service import recording_commands as rc
from signing.wire.audit import Verdict
from tests.integration.service.office import (
    Film,
    SteppedClock,
    bodies_of,
    deliver,
    film,
    finish_command,
    in_call,
    log_in,
    pieces,
    sealed,
    sign_command,
    start_command,
    types_of,
)
from tests.integration.service.risky import set_rules
from tests.integration.service.test_steps import Room, identified, read


@pytest.fixture
async def room(app: App) -> Room:
    agent, customer, case, call = await in_call(app)
    return Room(app, agent, customer, case.case_id, call)


async def outage(room: Room, clock: SteppedClock, shot: Film) -> None:
    """The first recording came whole; then six minutes of which the service knows nothing, and the end of the call."""
    do = room.app.bus.execute
    recording_id = await do(start_command(room.agent, room.call))
    await identified(room)
    for number in range(len(room.case.documents)):
        await read(room, number)
        await do(sign_command(room.customer, room.case, number))
    await do(finish_command(room.agent, recording_id, shot, room.call.started_at))
    await deliver(room.app, room.agent, recording_id, shot)
    clock.pass_by(minutes=6)
    await do(c.DropLeg(c.SYSTEM, room.call.call_id, room.party_id, "服务中断"))


def late(room: Room) -> c.StartRecording:
    first = start_command(room.agent, room.call)
    return replace(first, started_at=first.started_at + timedelta(seconds=60))


@pytest.mark.timeout(480)
async def test_the_seal_misses_what_the_seat_has_and_a_late_recording_ends_that(
    room: Room, clock: SteppedClock, shot: Film
) -> None:
    do, app = room.app.bus.execute, room.app
    await outage(room, clock, shot)
    seal = c.SealCase(room.agent, room.case_id)
    error = await room.refused(seal, RuleBroken, "没有录像的下落")
    assert "请在接听的坐席电脑上登录以补传" in error.message

    begun, other = late(room), film(3, shade=90)
    recording_id = await do(begun)
    assert await do(begun) == recording_id, "an answer that was lost on the way costs nothing"
    await room.refused(seal, RuleBroken, "录像还没有交齐")
    for piece in pieces(room.agent, recording_id, other)[:3]:
        await do(piece)
    finish = finish_command(room.agent, recording_id, other, begun.started_at)
    six = timedelta(minutes=5)
    await do(replace(finish, ended_at=finish.ended_at + six))
    found = await deliver(app, room.agent, recording_id, other)
    assert found.state is RecordingState.VERIFIED

    (head,) = [body for body in bodies_of(app, room.case_id, "recording.head") if body["recording_id"] == recording_id]
    assert "补传" in title_of("recording.head", head)
    _, started = bodies_of(app, room.case_id, "recording.started")
    assert "通话结束后补登，距录像开始 5 分" in title_of("recording.started", started)
    report, chain = await sealed(app, room.agent, room.case_id)
    assert report.verdict is Verdict.VALID, report.headline
    assert {item.name for item in report.items} >= {
        f"recordings/{one.recording_id}.mp4" for one in room.case.recordings
    }
    assert sum(json.loads(line)["type"] == "recording.started" for line in chain.splitlines()) == 2
    with pytest.raises(ConflictError, match="已经用印"):
        await do(replace(late(room), started_at=begun.started_at + timedelta(seconds=200)))


async def test_what_did_not_happen_in_a_call_of_this_seat_cannot_be_told_late(
    room: Room, clock: SteppedClock, shot: Film
) -> None:
    await outage(room, clock, shot)
    begun, minute = late(room), timedelta(minutes=1)
    for wrong in (room.call.started_at - minute, app_now(room) + minute):
        await room.refused(replace(begun, started_at=wrong), InputError, "不在本次通话之内")
    elsewhere = replace(room.agent, seat_id="seat_08")
    await room.refused(replace(begun, actor=elsewhere), NotPermitted, "不是本席位的通话")
    await room.refused(replace(begun, call_id="call_none"), NotFound, "")
    long = await room.app.bus.execute(begun)
    finish = finish_command(room.agent, long, shot, begun.started_at)
    await room.app.bus.execute(replace(finish, ended_at=begun.started_at + timedelta(minutes=4)))
    inside = replace(begun, started_at=begun.started_at + minute)
    await room.refused(inside, InputError, "已有另一段录像")


def app_now(room: Room) -> datetime:
    return room.app.services.clock.now()


async def test_what_was_never_recorded_is_declared_by_a_supervisor_who_did_not_hold_the_call(
    room: Room, clock: SteppedClock, shot: Film
) -> None:
    do, app = room.app.bus.execute, room.app
    chen = await log_in(app, "chen", "demo-super-2026")
    declare = rc.DeclareCallUnrecorded(chen, room.call.call_id, "坐席电脑被盗")
    await room.refused(declare, ConflictError, "通话还在进行")
    await outage(room, clock, shot)
    await room.refused(replace(declare, reason=" "), InputError, "原因")
    await room.refused(replace(declare, actor=room.agent), NotPermitted, "")
    own = replace(chen, actor_id=room.call.staff_id)
    await room.refused(replace(declare, actor=own), NotPermitted, "由您接听")
    (lost,) = await do(declare)
    assert (lost.state, lost.lost_reason, lost.call_id) == (RecordingState.LOST, "坐席电脑被盗", room.call.call_id)
    assert types_of(app, room.case_id)[-1] == "recording.lost"
    await room.refused(declare, ConflictError, "都有下落")
    await set_rules(app, '[recording_lost]\noutcome = "refuse"')
    with pytest.raises(RuleBroken, match="坐席电脑被盗"):
        await do(c.SealCase(room.agent, room.case_id))
    await set_rules(app, '[recording_lost]\noutcome = "refer"')
    with pytest.raises(RuleBroken, match="主管"):
        await do(c.SealCase(room.agent, room.case_id))
    await set_rules(app)
    report, chain = await sealed(app, room.agent, room.case_id)
    assert report.verdict is Verdict.VALID, report.headline
    assert "1 段录像已声明遗失" in report.headline
    assert "坐席电脑被盗" in chain


async def test_a_call_that_ended_before_its_recording_was_told_takes_it_after_the_case_has_ended_too(
    room: Room, clock: SteppedClock
) -> None:
    """What happened in a case that came to nothing is evidence as well."""
    do = room.app.bus.execute
    clock.pass_by(minutes=6)
    await do(c.AbortCase(room.agent, room.case_id, "客户改变主意"))
    recording_id = await do(late(room))
    shot = film(2)
    await do(finish_command(room.agent, recording_id, shot, late(room).started_at))
    assert (await deliver(room.app, room.agent, recording_id, shot)).state is RecordingState.VERIFIED
