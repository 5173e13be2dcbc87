"""A case left unsealed when its wrap-up ended: on the branch's list, taken by a seat there, sealed from it."""

from dataclasses import replace

import pytest

from signing.bootstrap import App
from signing.domain.errors import ConflictError, IllegalEvent, NotFound, NotPermitted
from signing.domain.seat import Seat, SeatState
from signing.service import commands as c
from signing.service.commands import SYSTEM, Actor
from signing.service.store import Branch
from tests.integration.service.office import (
    Film,
    deliver,
    in_call,
    log_in,
    stored,
    types_of,
)
from tests.integration.service.test_steps import Room, hung_up


async def signed(app: App, shot: Film) -> Room:
    """Signed by all and hung up, the recording stored; the seat wraps up."""
    room, recording_id = await hung_up(app, shot)
    await deliver(app, room.agent, recording_id, shot)
    return room


async def colleague(app: App, username: str, seat_id: str, branch_id: str = "branch_shanghang") -> Actor:
    """An agent at another seat, available."""
    with app.services.db.write() as unit:
        here = unit.queue.seat("seat_07")
        if branch_id != here.branch_id:
            unit.people.add_branch(Branch(branch_id, here.institution_id, "武平支行"))
        unit.queue.save_seat(Seat(seat_id, here.institution_id, branch_id, seat_id, app.services.clock.now()))
    admin = await log_in(app, "admin", "demo-admin-2026")
    await app.bus.execute(c.AddStaff(admin, username, "long-enough-1", "吴坐席", "agent", branch_id, seat_id))
    agent = await log_in(app, username, "long-enough-1")
    await app.bus.execute(c.SetPresence(agent, True))
    return agent


def waiting(app: App, agent: Actor) -> list[str]:
    return [case.case_id for case in app.queries.seat(agent).awaiting_seal]


@pytest.mark.timeout(480)
async def test_a_case_put_aside_before_its_seal_is_taken_and_sealed(app: App, shot: Film) -> None:
    do, room = app.bus.execute, await signed(app, shot)
    near, far = await colleague(app, "wu", "seat_08"), await colleague(app, "he", "seat_21", "branch_wuping")
    take, seal = c.TakeCase(near, room.case_id), c.SealCase(near, room.case_id)
    assert waiting(app, near) == [], "it is on the desk of the seat that talked"
    await room.refused(take, ConflictError, "正在其他席位整理")
    await do(c.FinishWrapUp(room.agent))
    assert waiting(app, room.agent) == waiting(app, near) == [room.case_id]
    assert waiting(app, far) == []
    await room.refused(c.TakeCase(far, room.case_id), NotPermitted, "其他网点")
    await room.refused(c.SealCase(far, room.case_id), NotPermitted, "只有接通过")
    await room.refused(c.TakeCase(replace(near, institution_id="other"), room.case_id), NotFound, "")
    await room.refused(seal, NotPermitted, "待用印")
    await do(take)
    seat = app.queries.seat(near)
    assert seat.seat.state is SeatState.WRAP_UP
    assert seat.case is not None
    assert (seat.case.case.case_id, seat.case.seal_blocked_by) == (room.case_id, [])
    assert waiting(app, near) == waiting(app, room.agent) == []
    await room.refused(c.TakeCase(room.agent, room.case_id), ConflictError, "正在其他席位整理")
    await do(seal)
    await do(c.FinishWrapUp(near))
    case = stored(app, room.case_id)
    assert case.package is not None
    assert case.seal_requested_by == "吴坐席"
    assert types_of(app, room.case_id)[-1] == "package.closed"
    assert waiting(app, near) == []


@pytest.mark.timeout(480)
async def test_only_a_free_seat_takes_and_only_what_is_signed(app: App, shot: Film) -> None:
    do, room = app.bus.execute, await signed(app, shot)
    await do(c.FinishWrapUp(room.agent))
    _, _, other, call = await in_call(app)
    take = c.TakeCase(room.agent, room.case_id)
    with pytest.raises(IllegalEvent):
        await do(take)
    with pytest.raises(ConflictError, match="现在不能打开"):
        await do(c.TakeCase(room.agent, other.case_id))
    await do(c.LoseSeat(SYSTEM, call.seat_id))
    agent = await log_in(app)
    await do(take)
    assert app.queries.seat(agent).seat.state is SeatState.WRAP_UP
    await do(c.LoseSeat(SYSTEM, call.seat_id))
    assert waiting(app, agent) == [room.case_id], "a desk that is gone holds nothing"
