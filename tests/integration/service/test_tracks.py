"""Customers' own tracks at the service: made known, kept, chained, checked, and in the evidence package."""

import asyncio
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from media.core.matroska import PICTURE, SOUND, Block, PictureFormat, cluster, header
from signing.bootstrap import App
from signing.domain.call import Call
from signing.domain.case import RecordingState, Segment, Track
from signing.domain.errors import ConflictError, InputError, NotFound, NotPermitted
from signing.domain.readable import whole_of
from signing.domain.recording import chain_faults
from signing.domain.track import LATE
from signing.evidence.verify import judge_package
from signing.service import commands as c
from signing.service import recording_commands as rc
from signing.service import track_commands as tc
from signing.service.commands import Actor, Command
from signing.service.content import package_file
from tests.integration.service.office import (
    Film,
    SteppedClock,
    bodies_of,
    in_call,
    open_app,
    start_command,
    stored,
    types_of,
)
from tests.integration.service.test_seal_later import colleague, signed

PIECES = 5


def taped(begin: int = 0) -> tuple[list[bytes], tuple[Segment, ...]]:
    """A header and some pieces of two seconds, as the seat writes them."""
    data = [header(datetime(2026, 11, 24, 2, 10, tzinfo=UTC), PictureFormat("VP8", 320, 240), {})]
    for number in range(PIECES):
        first = begin + number * 2000
        data.append(
            cluster(
                [
                    Block(PICTURE, first, True, b"picture %d" % number),
                    *(Block(SOUND, first + 20 * step, True, b"\xf8\xff\xfe") for step in range(1, 100)),
                ]
            )
        )
    links, chain, place = [], bytes(32), 0
    for index, piece in enumerate(data):
        digest = hashlib.sha256(piece).digest()
        chain = hashlib.sha256(chain + digest).digest()
        links.append(Segment(index, place, len(piece), max(0, index - 1) * 2.0, digest.hex(), chain.hex()))
        place += len(piece)
    return data, tuple(links)


@dataclass
class Desk:
    """A seat in a call, whose stage is being recorded."""

    app: App
    clock: SteppedClock
    agent: Actor
    call: Call
    party_id: str

    async def start(self, after: float = 1.0) -> str:
        at = self.call.started_at + timedelta(seconds=after)
        start = tc.StartTrack(self.agent, self.call.call_id, self.party_id, at, "VP8")
        started: str = await self.app.bus.execute(start)
        return started

    def track(self, track_id: str) -> Track:
        case = stored(self.app, self.call.case_id)
        return next(one for one in case.tracks if one.track_id == track_id)


def kept(agent: Actor, track_id: str, data: list[bytes], links: tuple[Segment, ...]) -> list[rc.KeepSegment]:
    return [
        rc.KeepSegment(agent, track_id, link.index, link.start_seconds, link.sha256, link.chain, piece)
        for link, piece in zip(links, data, strict=True)
    ]


def finish(
    agent: Actor, track: Track, data: list[bytes], links: tuple[Segment, ...], given_up: str = ""
) -> tc.FinishTrack:
    seconds = PIECES * 2.0
    return tc.FinishTrack(
        agent, track.track_id, track.started_at + timedelta(seconds=seconds), seconds, sum(map(len, data)),
        hashlib.sha256(b"".join(data)).hexdigest(), links, ((2.0, 4.5, "muted"), (6.0, 8.0, "picture")), given_up,
    )  # fmt: skip


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock = SteppedClock()
    app = open_app(tmp_path / "data", clock=clock, identity=object())
    agent, customer, _, call = await in_call(app)
    await app.bus.execute(start_command(agent, call))
    clock.pass_by(seconds=30)
    yield Desk(app, clock, agent, call, customer.actor_id)
    await app.close()


async def test_a_track_comes_like_the_stages_recording(desk: Desk) -> None:
    do = desk.app.bus.execute
    track_id = await desk.start()
    data, links = taped()
    assert chain_faults(links, sum(map(len, data))) == []
    for piece in kept(desk.agent, track_id, data, links):
        for _ in range(2):
            await do(piece)
    assert desk.app.queries.segments_held(desk.agent, track_id) == links[-1]
    for _ in range(2):
        await do(finish(desk.agent, desk.track(track_id), data, links))
    whole = await do(tc.AssembleTrack(desk.agent, track_id))
    assert (whole.state, whole.file, whole.findings) == (RecordingState.VERIFIED, "borrower-1", ())
    assert (await do(tc.AssembleTrack(desk.agent, track_id))).state is RecordingState.VERIFIED
    assert whole.sha256 == hashlib.sha256(b"".join(data)).hexdigest()
    told = [kind for kind in types_of(desk.app, desk.call.case_id) if kind.startswith("track.")]
    assert told == ["track.started", "track.head", "track.finished", "track.verified"]


async def test_its_heads_go_on_the_chain_once_a_minute(desk: Desk) -> None:
    track_id = await desk.start()
    data, links = taped()
    for piece in kept(desk.agent, track_id, data, links):
        await desk.app.bus.execute(piece)
        desk.clock.pass_by(seconds=25)
    heads = bodies_of(desk.app, desk.call.case_id, "track.head")
    assert [body["index"] for body in heads] == [1, 4]
    assert [body["chain"] for body in heads] == [links[1].chain, links[4].chain]


async def test_asking_again_gives_the_same_track_and_another_beginning_another(desk: Desk) -> None:
    first = await desk.start()
    assert await desk.start() == first
    second = await desk.start(9.0)
    assert second != first
    assert [track.file for track in stored(desk.app, desk.call.case_id).tracks] == ["borrower-1", "borrower-2"]


async def test_only_the_seat_of_the_call_keeps_tracks_and_only_of_its_parties(desk: Desk) -> None:
    other = await colleague(desk.app, "wu", "seat_08")
    start = tc.StartTrack(desk.agent, desk.call.call_id, desk.party_id, desk.call.started_at, "")
    track_id = await desk.start()
    foreign: tuple[Command, ...] = (
        replace(start, actor=other),
        tc.AssembleTrack(other, track_id),
        tc.GiveUpTrack(other, track_id, "x"),
    )
    for command in foreign:
        with pytest.raises(NotPermitted):
            await desk.app.bus.execute(command)
    with pytest.raises(NotFound):
        await desk.app.bus.execute(replace(start, party_id="party_of_another"))
    with pytest.raises(InputError):
        await desk.app.bus.execute(replace(start, started_at=desk.call.started_at - timedelta(hours=1)))
    for unknown in (rc.AssembleRecording(desk.agent, track_id), tc.AssembleTrack(desk.agent, "rec_none")):
        with pytest.raises(NotFound):
            await desk.app.bus.execute(unknown)


async def test_there_is_none_without_a_recording_of_the_stage(tmp_path: Path) -> None:
    app = open_app(tmp_path / "data", identity=object())
    agent, customer, _, call = await in_call(app)
    with pytest.raises(ConflictError):
        await app.bus.execute(tc.StartTrack(agent, call.call_id, customer.actor_id, call.started_at, "VP8"))
    await app.close()


async def test_what_is_not_what_was_promised_is_refused_or_found(desk: Desk) -> None:
    do = desk.app.bus.execute
    track_id = await desk.start()
    data, links = taped()
    brought = kept(desk.agent, track_id, data, links)
    await do(brought[0])
    with pytest.raises(ConflictError, match="音视频结束"):
        await do(tc.AssembleTrack(desk.agent, track_id))
    other_data, other_links = taped(begin=40)
    end = finish(desk.agent, desk.track(track_id), data, links)
    with pytest.raises(InputError):
        await do(replace(end, gaps=((0.0, 1.0, "weather"),)))
    with pytest.raises(InputError):
        await do(replace(end, ended_at=end.ended_at + timedelta(days=1)))
    await do(end)
    with pytest.raises(ConflictError, match="应从第 2 段继续"):
        await do(tc.AssembleTrack(desk.agent, track_id))
    for piece in kept(desk.agent, track_id, other_data, other_links)[1:-1]:
        await do(piece)
    with pytest.raises(InputError, match="结束时报告的不符"):
        await do(kept(desk.agent, track_id, other_data, other_links)[-1])


async def test_a_piece_that_is_none_makes_it_damaged_and_the_seat_gives_it_up(desk: Desk) -> None:
    do = desk.app.bus.execute
    track_id = await desk.start()
    data, links = taped()
    junk = b"\x42\x86\x81\x01" * 10
    data[2] = junk
    chain, place, fixed = bytes(32), 0, []
    for link, piece in zip(links, data, strict=True):
        digest = hashlib.sha256(piece).digest()
        chain = hashlib.sha256(chain + digest).digest()
        fixed.append(replace(link, offset=place, size=len(piece), sha256=digest.hex(), chain=chain.hex()))
        place += len(piece)
    for command in kept(desk.agent, track_id, data, tuple(fixed)):
        await do(command)
    await do(finish(desk.agent, desk.track(track_id), data, tuple(fixed)))
    found = await do(tc.AssembleTrack(desk.agent, track_id))
    assert (found.state, found.findings) == (RecordingState.DAMAGED, ("第 3 段读不出来",))
    lost = await do(tc.GiveUpTrack(desk.agent, track_id, "本机读不出来"))
    assert lost.state is RecordingState.LOST
    (body,) = bodies_of(desk.app, desk.call.case_id, "track.lost")
    assert body["reason"] == "本机读不出来"
    with pytest.raises(ConflictError) as caught:
        await do(finish(desk.agent, desk.track(track_id), data, tuple(fixed)))
    assert caught.value.code == "recording.lost"


@pytest.mark.timeout(480)
async def test_the_package_holds_it_and_its_own_verifier_checks_it(app: App, shot: Film, tmp_path: Path) -> None:
    do, room = app.bus.execute, await signed(app, shot)
    data, links = taped()
    begun = room.call.started_at + timedelta(seconds=1)
    whole, late = [
        await do(tc.StartTrack(room.agent, room.call.call_id, room.customer.actor_id, at, "VP8"))
        for at in (begun, begun + timedelta(seconds=1))
    ]
    for piece in kept(room.agent, whole, data, links):
        await do(piece)
    track = next(one for one in room.case.tracks if one.track_id == whole)
    await do(finish(room.agent, track, data, links, "本机磁盘空间不足"))
    await do(tc.AssembleTrack(room.agent, whole))
    closed = await do(c.SealCase(room.agent, room.case_id))
    assert [one.lost_reason for one in closed.tracks if one.track_id == late] == [LATE]
    package = whole_of(package_file(room.case_id, closed.package, app.services.blobs))
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        names = [name for name in archive.namelist() if name.startswith("tracks/")]
        assert names == ["tracks/borrower-1.mkv", "tracks/borrower-1.segments.json"]
        assert archive.read(names[0]) == b"".join(data)
        (tmp_path / "verify.py").write_bytes(archive.read("verify.py"))
    judged = judge_package(package, None, None)
    rows = {row.name: row for row in judged.rows}
    assert judged.verdict == "valid"
    assert "本机磁盘空间不足" in rows["tracks/borrower-1.mkv"].detail
    assert any("borrower-2" in line and LATE in line for line in judged.not_checked)
    (tmp_path / "p.asice").write_bytes(package)
    command = [sys.executable, "-I", str(tmp_path / "verify.py"), str(tmp_path / "p.asice"), "--json"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=True)
    told = json.loads(done.stdout)
    assert {"tracks/borrower-1.mkv", "tracks/borrower-1.segments.json"} <= {
        item["name"] for item in told["items"] if item["ok"]
    }
    with pytest.raises(ConflictError):
        await do(tc.StartTrack(room.agent, room.call.call_id, room.customer.actor_id, begun, "VP8"))
