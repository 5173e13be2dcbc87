"""Customers' own tracks that cannot be had: none of them holds up a seal."""

from datetime import timedelta
from pathlib import Path

import pytest

import signing.service.handlers.tracks as handlers
from signing.bootstrap import App
from signing.domain.case import RecordingState
from signing.domain.track import TOO_MUCH
from signing.evidence.verify import judge_package
from signing.service import commands as c
from signing.service import track_commands as tc
from signing.service.content import package_file
from tests.integration.service.office import (
    Film,
    bodies_of,
    types_of,
)
from tests.integration.service.test_seal_later import signed
from tests.integration.service.test_tracks import Desk, desk, finish, kept, taped

__all__ = ["desk"]


@pytest.mark.parametrize("fault", ["gone", "changed"])
async def test_one_that_the_store_does_not_give_back_is_damaged_and_may_be_given_up(
    desk: Desk, fault: str, tmp_path: Path
) -> None:
    do = desk.app.bus.execute
    track_id = await desk.start()
    data, links = taped()
    for piece in kept(desk.agent, track_id, data, links):
        await do(piece)
    await do(finish(desk.agent, desk.track(track_id), data, links))
    (stored,) = (tmp_path / "data" / "blobs").rglob(links[2].sha256)
    if fault == "gone":
        stored.unlink()
    else:
        stored.write_bytes(stored.read_bytes()[:-1] + b"\0\0")
    found = await do(tc.AssembleTrack(desk.agent, track_id))
    assert found.state is RecordingState.DAMAGED
    assert found.findings, "the seat is told what is wrong, once and for all"
    lost = await do(tc.GiveUpTrack(desk.agent, track_id, "服务里的内容已经损坏"))
    assert lost.state is RecordingState.LOST


@pytest.mark.timeout(480)
async def test_one_for_which_the_package_has_no_room_is_told_lost_and_the_case_is_sealed(
    app: App, shot: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    do, room = app.bus.execute, await signed(app, shot)
    data, links = taped()
    begun = room.call.started_at + timedelta(seconds=1)
    track_id = await do(tc.StartTrack(room.agent, room.call.call_id, room.customer.actor_id, begun, "VP8"))
    for piece in kept(room.agent, track_id, data, links):
        await do(piece)
    (track,) = room.case.tracks
    await do(finish(room.agent, track, data, links))
    await do(tc.AssembleTrack(room.agent, track_id))
    recorded = sum(one.size or 0 for one in room.case.recordings)
    monkeypatch.setattr(handlers, "ROOM", recorded + sum(map(len, data)) - 1)
    closed = await do(c.SealCase(room.agent, room.case_id))
    assert [(one.state, one.lost_reason) for one in closed.tracks] == [(RecordingState.LOST, TOO_MUCH)]
    (told,) = bodies_of(app, room.case_id, "track.lost")
    assert told["reason"] == TOO_MUCH
    assert types_of(app, room.case_id)[-1] == "package.closed"
    judged = judge_package(package_file(room.case_id, closed.package, app.services.blobs), None, None)
    assert judged.verdict == "valid"
    assert any(TOO_MUCH in line for line in judged.not_checked)
