"""Customers' own tracks on their way: after the stage, before its end, and never in its way."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from desktop import tracking
from desktop.client import Client
from desktop.model.state import Upload, UploadStage
from desktop.spool import Item, Spool, started
from desktop.tracking import CRASHED
from desktop.upload import Uploader, as_finished
from media.core.chain import Link
from media.core.matroska import blocks_of
from media.recovery import Recording
from media.sealedstore import sealed_path, told_links
from media.trackfile import end_of, tracks_beside
from tests.unit.desktop.answers import Answer, Answers, answering, refused
from tests.unit.desktop.test_spool import began
from tests.unit.media.sample import record
from tests.unit.media.test_tracktape import Taping


@dataclass
class Service:
    """Takes what comes, in order, of the stage and of tracks; ``replies`` by the path's end come first."""

    spool: Spool
    item: Item
    done: Recording
    replies: dict[str, Answer] = field(default_factory=dict)
    held: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    told: list[Upload] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    answers: Answers = field(init=False)
    uploader: Uploader = field(init=False)

    def answer(self, method: str, path: str) -> Answer:
        for end, reply in self.replies.items():
            if path.endswith(end):
                return reply
        *_, who, last = path.rstrip("/").split("/")
        if path.endswith("/tracks"):
            number = sum(asked.endswith("/tracks") for _, asked in self.answers.asked)
            return 200, {"recording_id": f"trk{number}"}
        if last == "segments":
            known = self.held.get(who, [])
            return 200, known[-1] if known else {"next_index": 0}
        if method == "PUT":
            return 200, self._keep(path.split("/")[-3], int(last))
        if path.endswith("/track/assemble"):
            return 200, {"track_id": path.split("/")[-3], "state": "verified"}
        if path.endswith("/track/lost"):
            return 200, {"track_id": path.split("/")[-3], "state": "lost"}
        if last == "finish":
            return 200, None
        at = self.done.started_at.isoformat()
        view = {"recording_id": "rec1", "call_id": "c1", "state": "verified", "started_at": at}
        return 200, {**view, "sha256": self.done.sha256}

    def _keep(self, who: str, index: int) -> dict[str, object]:
        known = self.held.setdefault(who, [])
        link = (self.done.segments if who == "rec1" else self._links(who))[index]
        assert index == len(known), "not in order"
        known.append({"next_index": index + 1, "sha256": link.sha256, "chain": link.chain})
        return known[-1]

    def _links(self, who: str) -> list[Link]:
        paths = tracks_beside(self.spool.video(self.item))
        return told_links(paths[int(who.removeprefix("trk")) - 1])

    def order(self) -> list[str]:
        """What was asked of the service that ends something, in order."""
        ends = ("/track/finish", "/track/assemble", "/track/lost", "rec1/finish", "rec1/assemble")
        asked = [path for _, path in self.answers.asked if path.endswith(ends)]
        return [next(end for end in ends if path.endswith(end)) for path in asked]

    @property
    def stage(self) -> UploadStage | None:
        return self.told[-1].stage if self.told else None


@asynccontextmanager
async def service(
    tmp_path: Path, people: tuple[str, ...] = ("par_1",), *, closed: bool = True
) -> AsyncIterator[Service]:
    spool = Spool(tmp_path / "spool")
    made = spool.create("", "c1", "2026-1")
    key = spool.key(made)
    assert key is not None
    done = await asyncio.to_thread(record, spool.video(made), 2.0, key)
    await asyncio.to_thread(tape, spool.video(made).parent, key, people)
    if not closed:
        for path in tracks_beside(spool.video(made)):
            path.with_suffix(".end.json").unlink()
    opened = started(began(spool.video(made)), ("", ""))
    item = spool.update(made, opened=opened, recording_id="rec1", finished=as_finished(done))
    spool.ended(item)
    this = Service(spool, item, done)
    async with answering(this.answer) as this.answers:
        client = Client(this.answers.url)
        this.uploader = Uploader(client, spool, this.told.append, this.warned.append)
        try:
            yield this
        finally:
            await client.close()


def tape(folder: Path, key: bytes, people: tuple[str, ...]) -> None:
    made = Taping(folder, key)
    for person in people:
        made.talk(person, 1.0, 10)
        made.talk(person, 4.0, 10)
    made.tape.stop()


async def test_the_stage_goes_first_and_its_end_last(tmp_path: Path) -> None:
    async with service(tmp_path, ("par_1", "par_2")) as this:
        async with asyncio.timeout(20):
            await this.uploader.deliver(this.item)
        assert this.stage is UploadStage.DONE, this.told
        assert this.order() == [*["/track/finish", "/track/assemble"] * 2, "rec1/finish", "rec1/assemble"]
        puts = [path.split("/")[-3] for method, path in this.answers.asked if method == "PUT"]
        assert puts.index("trk1") > max(number for number, who in enumerate(puts) if who == "rec1")
        assert all(len(this.held[who]) >= 2 for who in ("trk1", "trk2"))
        said = json.loads(this.answers.bodies["/api/recordings/trk1/track/finish"])
        assert len(said["segments"]) == len(this.held["trk1"])
        assert said["given_up"] == ""
        assert [gap["lack"] for gap in said["gaps"]].count("picture") >= 1
        assert not any(this.spool.folder.iterdir())
        assert this.warned == []


async def test_what_a_crash_left_is_closed_and_says_so(tmp_path: Path) -> None:
    async with service(tmp_path, closed=False) as this:
        (path,) = tracks_beside(this.spool.video(this.item))
        assert end_of(path) is None
        async with asyncio.timeout(20):
            await this.uploader.deliver(this.item)
        said = json.loads(this.answers.bodies["/api/recordings/trk1/track/finish"])
        assert (said["given_up"], said["sha256"]) == (CRASHED, None)
        assert 3.5 < said["duration_seconds"] < 4.5
        assert this.stage is UploadStage.DONE


async def test_one_that_the_service_never_takes_is_given_up_and_holds_up_nobody(tmp_path: Path) -> None:
    async with service(tmp_path) as this:
        this.replies["/track/finish"] = refused(422, "input.chain")
        async with asyncio.timeout(20):
            await this.uploader.deliver(this.item)
        assert this.order() == ["/track/finish", "/track/lost", "rec1/finish", "rec1/assemble"]
        assert this.stage is UploadStage.DONE
        assert len(this.warned) == 1
        assert "服务不收" in this.warned[0]


async def test_one_that_is_wanted_no_more_is_left_without_a_word(tmp_path: Path) -> None:
    async with service(tmp_path) as this:
        this.replies["/tracks"] = refused(409, "recording.lost")
        async with asyncio.timeout(20):
            await this.uploader.deliver(this.item)
        assert (this.stage, this.warned, this.order()) == (UploadStage.DONE, [], ["rec1/finish", "rec1/assemble"])


async def test_a_piece_that_is_altered_on_the_disk_is_given_up(tmp_path: Path) -> None:
    async with service(tmp_path) as this:
        (path,) = tracks_beside(this.spool.video(this.item))
        piece = sealed_path(path, 1)
        piece.write_bytes(piece.read_bytes()[:-1] + b"x")
        async with asyncio.timeout(20):
            await this.uploader.deliver(this.item)
        assert "/track/lost" in this.order()
        assert this.stage is UploadStage.DONE


async def test_tracks_that_keep_failing_let_the_stage_pass_in_the_end(tmp_path: Path) -> None:
    async with service(tmp_path) as this:
        this.replies["/tracks"] = refused(500, "internal")
        this.uploader._tracking.patience = 1.0
        begin = time.monotonic()
        async with asyncio.timeout(20):
            await this.uploader.deliver(this.item)
        assert time.monotonic() - begin >= 1.0
        assert this.stage is UploadStage.DONE
        assert tracking.GONE.format(why="多次重试仍未成功") in this.warned


async def test_what_was_brought_is_what_was_taped(tmp_path: Path) -> None:
    async with service(tmp_path) as this:
        async with asyncio.timeout(20):
            await this.uploader.deliver(this.item)
        data = b"".join(
            this.answers.bodies[path] for method, path in this.answers.asked if method == "PUT" and "/trk1/" in path
        )
        assert len(list(blocks_of(data))) == 20 + 100
