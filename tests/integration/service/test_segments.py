"""A recording that comes while it is made: kept in order, acknowledged once durable, its heads on the case's chain."""

import asyncio
import hashlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from media import readback
from signing.adapters.database.schema import recording_segment
from signing.bootstrap import App
from signing.domain.call import Call
from signing.domain.case import RecordingState, Segment
from signing.domain.errors import ConflictError, InputError, NotPermitted, SigningError, StorageFull
from signing.domain.heads import head_faults, of_body
from signing.domain.readable import whole_of
from signing.service import commands as c
from signing.service import recording_commands as rc
from signing.service.commands import Actor
from signing.service.handlers.recordings import OTHER_CLOCK
from signing.web.views.audit import audit_case
from tests.integration.service.office import (
    Film,
    SteppedClock,
    bodies_of,
    deliver,
    film,
    finish_command,
    in_call,
    log_in,
    open_app,
    pieces,
    start_command,
    stored,
    types_of,
)


class Taping:
    """A seat in a call with a recording that has begun."""

    def __init__(self, app: App, clock: SteppedClock, agent: Actor, call: Call, recording_id: str) -> None:
        self.app, self.clock, self.agent, self.call, self.recording_id = app, clock, agent, call, recording_id

    async def keep(self, piece: rc.KeepSegment) -> Segment:
        found: Segment = await self.app.bus.execute(piece)
        return found

    async def refused(self, piece: c.Command, kind: type[SigningError], words: str) -> SigningError:
        with pytest.raises(kind) as caught:
            await self.app.bus.execute(piece)
        assert words in caught.value.message + caught.value.hint
        return caught.value

    def held(self) -> tuple[Segment, ...]:
        with self.app.services.db.read() as unit:
            return unit.segments.all(self.recording_id)


@pytest.fixture(scope="module")
def shot() -> Film:
    return film(6)


@pytest.fixture
async def taping(tmp_path: Path) -> AsyncIterator[Taping]:
    clock = SteppedClock()
    app = open_app(tmp_path / "data", clock=clock, identity=object())
    agent, _, _, call = await in_call(app)
    recording_id = await app.bus.execute(start_command(agent, call))
    yield Taping(app, clock, agent, call, recording_id)
    await app.close()


async def test_segments_are_kept_in_order_and_again_changes_nothing(taping: Taping, shot: Film) -> None:
    brought = pieces(taping.agent, taping.recording_id, shot)
    for piece, link in zip(brought, shot.segments, strict=True):
        for _ in range(2):
            assert await taping.keep(piece) == link
    assert taping.held() == shot.segments
    assert taping.app.queries.segments_held(taping.agent, taping.recording_id) == shot.segments[-1]
    case_id = taping.call.case_id
    for link in shot.segments:
        data = taping.app.services.blobs.get(case_id, link.sha256)
        assert data == shot.data[link.offset : link.offset + link.size]


async def test_a_recording_that_is_told_again_is_the_same(taping: Taping) -> None:
    """The answer was lost with the line: another one would be missed at the seal for ever."""
    again = await taping.app.bus.execute(start_command(taping.agent, taping.call))
    assert again == taping.recording_id
    assert len(bodies_of(taping.app, taping.call.case_id, "recording.started")) == 1


async def test_what_does_not_follow_is_refused_and_nothing_of_it_is_kept(taping: Taping, shot: Film) -> None:
    first, second, third, *_ = pieces(taping.agent, taping.recording_id, shot)
    await taping.refused(second, ConflictError, "应从第 1 段继续")
    await taping.keep(first)
    await taping.refused(third, ConflictError, "应从第 2 段继续")
    await taping.refused(replace(second, data=third.data), InputError, "摘要不符")
    await taping.refused(replace(second, chain=third.chain), InputError, "接不上")
    other = replace(first, data=b"x", sha256=hashlib.sha256(b"x").hexdigest())
    await taping.refused(other, ConflictError, "不同的内容")
    await taping.refused(replace(second, data=b"", sha256=hashlib.sha256(b"").hexdigest()), InputError, "接不上")
    assert taping.held() == shot.segments[:1]


async def test_the_chains_head_is_an_event_every_ten_seconds_and_no_more_often(taping: Taping, shot: Film) -> None:
    brought = pieces(taping.agent, taping.recording_id, shot)
    for piece in brought[:3]:
        await taping.keep(piece)
    case_id = taping.call.case_id
    assert [of_body(body).index for body in bodies_of(taping.app, case_id, "recording.head")] == [1]
    taping.clock.pass_by(seconds=9)
    await taping.keep(brought[3])
    assert len(bodies_of(taping.app, case_id, "recording.head")) == 1
    taping.clock.pass_by(seconds=1.1)
    await taping.keep(brought[4])
    await taping.keep(brought[4])
    bodies = bodies_of(taping.app, case_id, "recording.head")
    assert [(of_body(body).index, of_body(body).chain) for body in bodies][1:] == [(4, shot.segments[4].chain)]
    assert {body["recording_id"] for body in bodies} == {taping.recording_id}
    assert head_faults([of_body(body) for body in bodies], shot.segments) == []


async def test_a_service_whose_clock_is_set_back_chains_heads_and_refuses_no_recording_for_good(
    taping: Taping, shot: Film
) -> None:
    brought = pieces(taping.agent, taping.recording_id, shot)
    for piece in brought[:2]:
        await taping.keep(piece)
    taping.clock.pass_by(seconds=-600)
    await taping.keep(brought[2])
    await taping.keep(brought[3])
    chained = [of_body(body).index for body in bodies_of(taping.app, taping.call.case_id, "recording.head")]
    assert chained == [1, 2], "one at once, the next after its time by the new clock"
    finish = finish_command(taping.agent, taping.recording_id, shot, taping.call.started_at)
    with pytest.raises(InputError) as refused:
        await taping.app.bus.execute(finish)
    assert refused.value.code == OTHER_CLOCK
    taping.clock.pass_by(seconds=600)
    await taping.app.bus.execute(finish)


async def test_at_its_end_the_whole_is_read_back_from_its_segments(taping: Taping, shot: Film) -> None:
    finish = finish_command(taping.agent, taping.recording_id, shot, taping.call.started_at)
    await taping.app.bus.execute(finish)
    found = await deliver(taping.app, taping.agent, taping.recording_id, shot)
    assert (found.state, found.sha256, found.findings) == (RecordingState.VERIFIED, shot.sha256, ())
    content = taping.app.queries.recording(await log_in(taping.app, "lin", "demo-audit-2026"), taping.recording_id)
    assert whole_of(content.file) == shot.data
    assert b"".join(content.part(100, 5000)) == shot.data[100:5000]
    edge = shot.segments[1].offset
    assert b"".join(content.part(edge, edge + 1)) == shot.data[edge : edge + 1]


async def test_what_a_person_should_look_at_is_told_and_blocks_nothing(
    taping: Taping, shot: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readback, "DARK", 256)
    monkeypatch.setattr(readback, "BLACK", 0.5)
    finish = finish_command(taping.agent, taping.recording_id, shot, taping.call.started_at)
    await taping.app.bus.execute(finish)
    found = await deliver(taping.app, taping.agent, taping.recording_id, shot)
    assert (found.state, found.findings) == (RecordingState.VERIFIED, ())
    (advice,) = found.advice
    assert advice.startswith("00:00 至 00:0")
    assert advice.endswith("画面全黑")
    (body,) = bodies_of(taping.app, taping.call.case_id, "recording.verified")
    assert body["advice"] == [advice]
    auditor = await log_in(taping.app, "lin", "demo-audit-2026")
    seen = audit_case(taping.app.queries.audit_case(auditor, taping.call.case_id))
    assert seen.case.recordings[0].advice == [advice]
    assert [row.title for row in seen.events if row.type == "recording.verified"] == [f"录像回读完整，请复看：{advice}"]


async def test_after_a_crash_the_seat_promises_no_digest_and_the_service_counts_it(taping: Taping, shot: Film) -> None:
    for piece in pieces(taping.agent, taping.recording_id, shot)[:4]:
        await taping.keep(piece)
    finish = finish_command(taping.agent, taping.recording_id, shot, taping.call.started_at)
    for _ in range(2):
        await taping.app.bus.execute(replace(finish, sha256=None))
    assert types_of(taping.app, taping.call.case_id).count("recording.finished") == 1
    found = await deliver(taping.app, taping.agent, taping.recording_id, shot)
    assert (found.state, found.sha256) == (RecordingState.VERIFIED, shot.sha256)


async def test_another_recording_cannot_be_finished_in_the_place_of_the_one_that_came(
    taping: Taping, shot: Film
) -> None:
    other = film(6, shade=80)
    for piece in pieces(taping.agent, taping.recording_id, shot)[:3]:
        await taping.keep(piece)
    finish = finish_command(taping.agent, taping.recording_id, other, taping.call.started_at)
    await taping.refused(finish, InputError, "与通话中已上传的分段不符")
    wrong = finish_command(taping.agent, taping.recording_id, shot, taping.call.started_at)
    await taping.app.bus.execute(replace(wrong, sha256="ab" * 32))
    with pytest.raises(InputError, match="摘要不符"):
        await deliver(taping.app, taping.agent, taping.recording_id, shot)


async def test_a_recording_swapped_in_the_database_is_damaged_by_the_heads_of_the_call(
    taping: Taping, shot: Film
) -> None:
    """Whoever owns the database swaps all segments for another recording's; the chain of the case is not theirs."""
    for piece in pieces(taping.agent, taping.recording_id, shot)[:2]:
        await taping.keep(piece)
    other = film(6, shade=80)
    assert other.segments[1].chain != shot.segments[1].chain
    _put_in_their_place(taping, other)
    finish = finish_command(taping.agent, taping.recording_id, other, taping.call.started_at)
    await taping.app.bus.execute(finish)
    found = await deliver(taping.app, taping.agent, taping.recording_id, other)
    assert found.state is RecordingState.DAMAGED
    assert any("录像被换过" in finding for finding in found.findings)


def _put_in_their_place(taping: Taping, other: Film) -> None:
    blobs = taping.app.services.blobs
    with taping.app.engine.begin() as connection:
        for link in other.segments[:2]:
            blobs.put(taping.call.case_id, other.data[link.offset : link.offset + link.size])
            values = {"place": link.offset, "size": link.size, "sha256": link.sha256, "chain": link.chain}
            where = (recording_segment.c.recording_id == taping.recording_id, recording_segment.c.number == link.index)
            connection.execute(update(recording_segment).where(*where).values(**values))


async def test_nothing_more_is_taken_once_it_is_whole_or_declared_lost(taping: Taping, shot: Film) -> None:
    brought = pieces(taping.agent, taping.recording_id, shot)
    for piece in brought[:2]:
        await taping.keep(piece)
    await taping.app.bus.execute(c.HangUp(taping.agent, taping.call.call_id, "x"))
    supervisor = await log_in(taping.app, "chen", "demo-super-2026")
    await taping.app.bus.execute(c.DeclareRecordingLost(supervisor, taping.recording_id, "硬盘坏了"))
    error = await taping.refused(brought[2], ConflictError, "声明这段录像遗失")
    assert error.code == "recording.lost"


@pytest.mark.parametrize("promised", [True, False])
async def test_neither_end_nor_read_back_of_a_lost_recording_is_taken_and_nothing_is_read_for_it(
    taping: Taping, shot: Film, promised: bool
) -> None:
    """All of it came, and its blobs cannot be read any more: the answer is the same, and final."""
    for piece in pieces(taping.agent, taping.recording_id, shot):
        await taping.keep(piece)
    finish = finish_command(taping.agent, taping.recording_id, shot, taping.call.started_at)
    if promised:
        await taping.app.bus.execute(finish)
    await taping.app.bus.execute(c.HangUp(taping.agent, taping.call.call_id, "x"))
    supervisor = await log_in(taping.app, "chen", "demo-super-2026")
    await taping.app.bus.execute(c.DeclareRecordingLost(supervisor, taping.recording_id, "硬盘坏了"))
    for command in (finish, rc.AssembleRecording(taping.agent, taping.recording_id)):
        error = await taping.refused(command, ConflictError, "声明这段录像遗失")
        assert error.code == "recording.lost"


async def test_the_spool_key_is_the_calls_alone_and_every_asking_is_on_record(taping: Taping) -> None:
    ask = rc.TakeSpoolKey(taping.agent, taping.call.call_id)
    key = await taping.app.bus.execute(ask)
    assert (len(key), await taping.app.bus.execute(ask)) == (32, key)
    with taping.app.services.db.read() as unit:
        looks = [line for line in unit.logs.views() if b"spool_key" in line]
    assert len(looks) == 2
    assert all(taping.call.call_id.encode() in line for line in looks)
    assert key != taping.app.services.spool_keys.of(taping.call.case_id, "call_other")
    assert key != taping.app.services.spool_keys.of("case_other", taping.call.call_id)
    supervisor = await log_in(taping.app, "chen", "demo-super-2026")
    await taping.refused(rc.TakeSpoolKey(supervisor, taping.call.call_id), NotPermitted, "不是本席位的通话")
    await taping.app.bus.execute(c.HangUp(taping.agent, taping.call.call_id, "x"))
    await taping.app.bus.execute(c.FinishWrapUp(taping.agent))
    assert await taping.app.bus.execute(ask) == key, "what a crash left is opened long after the call"


async def test_a_service_that_has_just_started_gives_the_key_too(taping: Taping, tmp_path: Path) -> None:
    """It has the case's key in the database only."""
    ask = rc.TakeSpoolKey(taping.agent, taping.call.call_id)
    key = await taping.app.bus.execute(ask)
    await taping.app.close()
    again = open_app(tmp_path / "data", identity=object())
    async with asyncio.timeout(60):
        assert await again.bus.execute(ask) == key
    await again.close()


async def test_a_recording_of_before_lies_in_one_file_and_is_read_as_ever(taping: Taping, shot: Film) -> None:
    await taping.app.bus.execute(finish_command(taping.agent, taping.recording_id, shot, taping.call.started_at))
    await deliver(taping.app, taping.agent, taping.recording_id, shot)
    case = stored(taping.app, taping.call.case_id)
    taping.app.services.blobs.put(case.case_id, shot.data)
    with taping.app.services.db.write() as unit:
        (one,) = case.recordings
        unit.cases.save(replace(case, recordings=(replace(one, in_segments=False),)))
    content = taping.app.queries.recording(await log_in(taping.app, "lin", "demo-audit-2026"), taping.recording_id)
    assert whole_of(content.file) == shot.data
    assert b"".join(content.part(7, 99)) == shot.data[7:99]
    read = content.segment
    assert [len(read(link)) for link in shot.segments] == [link.size for link in shot.segments]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder]).returncode:
        pytest.skip("mounting a small disk takes root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


async def test_a_full_disk_of_the_service_is_said_and_later_it_goes_on(
    tmp_path: Path, small_disk: Path, shot: Film
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "blobs").symlink_to(small_disk)
    app = open_app(tmp_path / "data", identity=object())
    agent, _, _, call = await in_call(app)
    taping = Taping(app, SteppedClock(), agent, call, await app.bus.execute(start_command(agent, call)))
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    first, *rest = pieces(agent, taping.recording_id, shot)
    error = await taping.refused(first, StorageFull, "服务器磁盘已满")
    assert error.code == "outside.full"
    assert taping.held() == ()
    ballast.unlink()
    for piece in (first, *rest):
        await taping.keep(piece)
    assert taping.held() == shot.segments
    await app.close()
