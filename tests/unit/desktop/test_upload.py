"""A delivery's end where the service, another window or the clock stands in its way."""

import asyncio
import inspect
import json
import os
import resource
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from desktop import source, upload
from desktop.client import Client
from desktop.model.state import Upload, UploadStage
from desktop.spool import Item, Spool, started
from desktop.upload import Uploader, as_finished
from media.checker import CHECK, Checked, Checker
from media.core.chain import Link
from media.core.timeline import Timeline
from media.readback import read_back
from media.recovery import Recording
from media.sealedstore import SealedStore, reader, sealed_path
from media.waiting import waiting_path
from media.witness import Witness
from tests.unit.desktop.answers import Answer, Answers, answering, refused
from tests.unit.desktop.test_spool import began
from tests.unit.desktop.views import NOW
from tests.unit.media.sample import Take, record


@dataclass
class Delivery:
    """A whole recording in the spool, and a service that takes all of it but for what ``replies`` say by path's end."""

    spool: Spool
    item: Item
    done: Recording
    replies: dict[tuple[str, str], Answer] = field(default_factory=dict)
    so_far: list[int] = field(default_factory=lambda: [0])
    """How many segments the service says it holds, at one asking after another; the last of them stands."""
    told: list[Upload] = field(default_factory=list)
    service: Answers = field(init=False)
    uploader: Uploader = field(init=False)

    def answer(self, method: str, path: str) -> Answer:
        last = path.rpartition("/")[2]
        if (method, last) in self.replies:
            return self.replies[method, last]
        if method == "PUT":
            return held(self.done.segments[int(last)])
        if last == "segments":
            count = self.so_far.pop(0) if len(self.so_far) > 1 else self.so_far[0]
            return held(self.done.segments[count - 1]) if count else (200, {"next_index": 0})
        return {"finish": (200, None), "assemble": (200, view(self.done))}[last]

    def stage(self) -> UploadStage | None:
        return self.told[-1].stage if self.told else None

    def asked(self, last: str) -> int:
        return sum(path.endswith(f"/{last}") for _, path in self.service.asked)


def held(link: Link) -> Answer:
    return 200, {"next_index": link.index + 1, "sha256": link.sha256, "chain": link.chain}


def view(done: Recording) -> dict[str, object]:
    return {
        "recording_id": "rec1",
        "call_id": "c1",
        "state": "verified",
        "started_at": done.started_at.isoformat(),
        "sha256": done.sha256,
    }


@asynccontextmanager
async def delivery(tmp_path: Path, *, ended: bool = True) -> AsyncIterator[Delivery]:
    spool = Spool(tmp_path / "spool")
    made = spool.create("", "c1", "2026-1")
    key = spool.key(made)
    assert key is not None
    done = await asyncio.to_thread(record, spool.video(made), 3.0, key)
    opened = started(began(spool.video(made)), ("", ""))
    item = spool.update(made, opened=opened, recording_id="rec1", finished=as_finished(done) if ended else None)
    this = Delivery(spool, item, done)
    async with answering(this.answer) as this.service:
        client = Client(this.service.url)
        this.uploader = Uploader(client, spool, this.told.append, lambda text: None)
        try:
            yield this
        finally:
            await client.close()


async def test_all_of_it_is_brought_and_the_folder_goes(tmp_path: Path) -> None:
    async with delivery(tmp_path) as this:
        await this.uploader.deliver(this.item)
        assert this.stage() is UploadStage.DONE, this.told
        assert sum(method == "PUT" for method, _ in this.service.asked) == len(this.done.segments)
        assert not any(this.spool.folder.iterdir())


@pytest.mark.parametrize(
    ("last", "code"),
    [
        ("finish", "input.chain"),
        ("finish", "recording.lost"),
        ("assemble", "input.digest"),
        ("assemble", "recording.lost"),
    ],
)
async def test_what_will_never_be_taken_is_told_and_not_tried_again(tmp_path: Path, last: str, code: str) -> None:
    async with delivery(tmp_path) as this:
        this.replies["POST", last] = refused(409, code)
        async with asyncio.timeout(20):
            await this.uploader.deliver(this.item)
        assert this.stage() is UploadStage.STUCK, this.told
        assert "服务不收" in this.told[-1].message
        assert this.asked(last) == 1
        assert this.spool.items(), "the file stays"


@pytest.mark.parametrize(("asked", "code"), [(("PUT", "1"), "input.digest"), (("POST", "finish"), "input.clock")])
async def test_what_was_torn_on_its_way_or_is_right_by_another_clock_is_sent_again(
    tmp_path: Path, asked: tuple[str, str], code: str
) -> None:
    async with delivery(tmp_path) as this:
        this.so_far = [0, len(this.done.segments)] if asked[1] == "finish" else [0]
        this.replies[asked] = refused(422, code)
        delivering = asyncio.create_task(this.uploader.deliver(this.item))
        async with asyncio.timeout(20):
            while this.stage() is not UploadStage.RETRYING:  # noqa: ASYNC110 - told by a call
                await asyncio.sleep(0.02)
            del this.replies[asked]
            await delivering
        assert this.stage() is UploadStage.DONE, this.told


async def test_a_segment_that_is_acknowledged_by_another_digest_stays_here(tmp_path: Path) -> None:
    async with delivery(tmp_path) as this:
        second = sealed_path(this.spool.video(this.item), 1)
        this.replies["PUT", "1"] = held(replace(this.done.segments[1], sha256=this.done.segments[2].sha256))
        delivering = asyncio.create_task(this.uploader.deliver(this.item))
        async with asyncio.timeout(20):
            while this.stage() is not UploadStage.RETRYING:  # noqa: ASYNC110 - told by a call
                await asyncio.sleep(0.02)
            assert second.exists()
            assert "不一致" in this.told[-1].message
            del this.replies["PUT", "1"]
            await delivering
        assert this.stage() is UploadStage.DONE, this.told


async def test_what_another_window_has_brought_meanwhile_is_not_missed(tmp_path: Path) -> None:
    """It has removed here what the service holds, after this one asked how far that is."""
    async with delivery(tmp_path) as this:
        sealed_path(this.spool.video(this.item), 2).unlink()
        this.so_far = [2, 3]
        async with asyncio.timeout(20):
            await this.uploader.deliver(this.item)
        assert this.stage() is UploadStage.DONE, this.told
        assert [path.rpartition("/")[2] for method, path in this.service.asked if method == "PUT"] == ["3", "4"]


async def test_what_is_on_neither_side_is_told(tmp_path: Path) -> None:
    async with delivery(tmp_path) as this:
        sealed_path(this.spool.video(this.item), 2).unlink()
        this.so_far = [2]
        async with asyncio.timeout(20):
            await this.uploader.deliver(this.item)
        assert this.stage() is UploadStage.STUCK, this.told
        assert "第 3 段服务没有收到，本机也没有了" in this.told[-1].message


async def test_an_end_that_is_told_after_the_check_is_awaited(tmp_path: Path) -> None:
    """Nobody writes any more while the check reads the last fragments; only who recorded knows the whole's digest."""
    async with delivery(tmp_path, ended=False) as this:
        delivering = asyncio.create_task(this.uploader.deliver(this.item))
        await asyncio.sleep(inspect.signature(Checker.close).parameters["timeout"].default)
        assert this.asked("finish") == 0, "not taken for a crash"
        this.spool.update(this.item, finished=as_finished(this.done))
        async with asyncio.timeout(20):
            await delivering
        assert this.stage() is UploadStage.DONE, this.told
        assert json.loads(this.service.bodies["/api/recordings/rec1/finish"])["sha256"] == this.done.sha256


async def test_while_the_window_ends_nobody_is_taken_for_crashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its engine may be long in closing devices after the recording; what it does not tell waits for the next run."""
    monkeypatch.setattr(upload, "TELLING", 0.0)
    async with delivery(tmp_path, ended=False) as this:
        this.uploader.ending = True
        delivering = asyncio.create_task(this.uploader.deliver(this.item))
        async with asyncio.timeout(20):
            while this.stage() is not UploadStage.CURRENT:  # noqa: ASYNC110 - told by a call
                await asyncio.sleep(0.02)
        assert this.asked("finish") == 0
        delivering.cancel()
        with suppress(asyncio.CancelledError):
            await delivering


@pytest.mark.parametrize("reads", [True, False])
async def test_the_delivery_takes_nothing_from_a_check_that_is_slow_and_waits_for_none_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: bool
) -> None:
    monkeypatch.setattr(source, "FLOOR", 0)
    free, told = threading.Event(), list[Checked]()
    async with delivery(tmp_path, ended=False) as this:
        this.uploader.ending = True
        path, newest = this.spool.video(this.item), len(this.done.segments) - 1
        checker = checking(this, told, free)
        delivering = asyncio.create_task(this.uploader.deliver(this.item))
        async with ended_at_last(checker, free), asyncio.timeout(30):
            await became(lambda: this.stage() is UploadStage.CURRENT)
            assert all(sealed_path(path, number).exists() for number in range(newest + 1)), "all is delivered"
            if reads:
                free.set()
                await became(lambda: bool(told) and told[-1].unread == newest + 1)
                assert (told[-1].index, told[-1].missed, told[-1].left_out) == (newest, 0, 0)
                await became(lambda: not any(sealed_path(path, number).exists() for number in range(1, newest)))
            this.spool.update(this.item, finished=as_finished(this.done))
            this.spool.ended(this.item)
            await delivering
        assert this.stage() is UploadStage.DONE, this.told
        assert not any(this.spool.folder.iterdir())


@asynccontextmanager
async def ended_at_last(checker: Checker, free: threading.Event) -> AsyncIterator[None]:
    try:
        yield
    finally:
        free.set()
        await asyncio.to_thread(checker.close)


def checking(this: Delivery, told: list[Checked], free: threading.Event) -> Checker:
    """Has the header, and reads on once it is ``free``."""
    key = this.spool.key(this.item)
    assert key is not None
    read = reader(this.spool.video(this.item), key)

    def slowly(link: Link) -> bytes | None:
        if threading.current_thread().name == CHECK:
            free.wait(30)
        return read(link)

    def tell(checked: Checked) -> None:
        told.append(checked)
        this.spool.checked(this.item, checked.unread)

    checker = Checker(slowly, Witness(Timeline(this.done.started_at, 0), 15), tell)
    for link in this.done.segments:
        checker.written(link)
    return checker


async def became(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 - told by a call
        await asyncio.sleep(0.02)


# --- an hour without a line -------------------------------------------------------------------------------------------

HOUR = 3600
ROOM = 60_000
"""Kilobytes that this program may grow by while it delivers 72 MB."""


class Turned:
    """A monotonic clock that goes by as fast as it is waited for."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@pytest.mark.timeout(240)
async def test_an_hour_of_fragments_is_brought_after_an_hour_in_which_nothing_could_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, so_far, told, warned = Turned(), list[Link](), list[Upload](), list[str]()
    spool = Spool(tmp_path / "spool")
    item, links, store = an_hour(spool, monkeypatch)

    def answer(method: str, path: str) -> Answer:
        if clock.now < HOUR:
            return refused(503, "outside.down")
        last = path.rpartition("/")[2]
        if method == "PUT":
            assert int(last) == len(so_far), "in order, and each once"
            so_far.append(links[int(last)])
            return held(so_far[-1])
        if last == "segments":
            return held(so_far[-1]) if so_far else (200, {"next_index": 0})
        return (200, None) if last == "finish" else (200, view_of(item))

    async with answering(answer) as service:
        client = Client(service.url)
        uploader = Uploader(client, spool, told.append, warned.append, lambda: clock.now, clock.sleep)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        delivering = asyncio.create_task(uploader.deliver(item))
        async with asyncio.timeout(200):
            while len(so_far) < len(links):
                await asyncio.sleep(0.02)
                service.bodies.clear()  # the stand-in keeps them all
            tries = sum(path.endswith("/segments") for _, path in service.asked)
            store.close()
            spool.update(item, finished=as_finished(ended(spool, item, links)))
            await delivering
        await client.close()
    assert told[-1].stage is UploadStage.DONE, told[-1]
    assert [link.chain for link in so_far] == [link.chain for link in links], "all acknowledged, in one chain"
    assert 100 < tries < 150, "while it could not be, some hundred attempts"
    assert len(warned) == 1
    assert "已加密存在本机" in warned[0]
    assert not any(spool.folder.iterdir())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < ROOM


def an_hour(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> tuple[Item, list[Link], SealedStore]:
    """3,600 fragments of a recording that still runs, laid in the spool by the recorder's own store."""
    made = spool.create("", "c1", "2026-1")
    key = spool.key(made)
    assert key is not None
    store, data = SealedStore(spool.video(made), key), os.urandom(20_000)
    with monkeypatch.context() as fast:
        fast.setattr(os, "fsync", lambda descriptor: None)
        for number in range(HOUR + 1):
            store.append(number.to_bytes(4) + data, float(number))
    item = spool.update(made, opened=started(began(spool.video(made)), ("", "")), recording_id="rec1")
    return item, list(store.links), store


def ended(spool: Spool, item: Item, links: list[Link]) -> Recording:
    end = NOW + timedelta(seconds=HOUR)
    size = links[-1].offset + links[-1].size
    return Recording(spool.video(item), NOW, end, float(HOUR), size, None, tuple(links), ())


def view_of(item: Item) -> dict[str, object]:
    return {
        "recording_id": "rec1",
        "call_id": "c1",
        "state": "verified",
        "started_at": NOW.isoformat(),
        "sha256": "0" * 64,
    }


# --- a full disk at the seat ------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Enough to begin a recording."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=17m", "tmpfs", folder]).returncode:
        pytest.skip("mounting a small disk takes root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


async def test_with_a_full_disk_and_a_line_that_works_all_of_it_is_brought_from_memory(small_disk: Path) -> None:
    spool, arrived = Spool(small_disk / "spool"), list[bytes]()
    made = spool.create("", "c1", "2026-1")
    done, troubles = await asyncio.to_thread(recorded_on_a_disk_that_gets_full, spool, made)
    place = waiting_path(spool.video(made))
    assert place is not None
    assert len(list(place.parent.glob("*.sealed"))) >= 3
    assert [message for message, fatal in troubles if fatal] == []
    item = spool.update(
        made, opened=started(began(spool.video(made)), ("", "")), recording_id="rec1", finished=as_finished(done)
    )

    def answer(method: str, path: str) -> Answer:
        last = path.rpartition("/")[2]
        if method == "PUT":
            arrived.append(service.bodies[path])
            return held(done.segments[int(last)])
        if last == "segments":
            return 200, {"next_index": 0}
        return (200, None) if last == "finish" else (200, view(done))

    told: list[Upload] = []
    async with answering(answer) as service:
        client = Client(service.url)
        await Uploader(client, spool, told.append, lambda text: None).deliver(item)
        await client.close()
    assert told[-1].stage is UploadStage.DONE, told
    assert read_back(b"".join(arrived), done.segments).findings == ()
    assert not place.parent.exists()


async def test_after_a_kill_on_a_full_disk_what_can_be_sent_is_sent_before_the_recording_is_closed(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing it writes; only what has been delivered makes room for that."""
    monkeypatch.setattr(upload, "TELLING", 0.0)
    spool = Spool(small_disk / "spool")
    made = spool.create("", "c1", "2026-1")
    done, _ = await asyncio.to_thread(recorded_on_a_disk_that_gets_full, spool, made, 30)
    item = spool.update(made, opened=started(began(spool.video(made)), ("", "")), recording_id="rec1")
    fill(small_disk)
    so_far: list[Link] = []

    def answer(method: str, path: str) -> Answer:
        last = path.rpartition("/")[2]
        if method == "PUT":
            so_far.append(done.segments[int(last)])
        if method == "PUT" or last == "segments":
            return held(so_far[-1]) if so_far else (200, {"next_index": 0})
        return (200, None) if last == "finish" else (200, view(done))

    told: list[Upload] = []
    async with answering(answer) as service:
        client = Client(service.url)
        async with asyncio.timeout(60):
            await Uploader(client, spool, told.append, lambda text: None).deliver(item)
        await client.close()
    assert told[-1].stage is UploadStage.DONE, told
    assert [link.chain for link in so_far] == [link.chain for link in done.segments]
    assert json.loads(service.bodies["/api/recordings/rec1/finish"])["duration_seconds"] == done.duration_seconds


def recorded_on_a_disk_that_gets_full(
    spool: Spool, item: Item, seconds: int = 6
) -> tuple[Recording, list[tuple[str, bool]]]:
    take = Take(spool.video(item), spool.key(item))
    take.run(0, 2)
    fill(spool.folder.parent)
    take.run(2, seconds)
    return take.stop(seconds), take.troubles


def fill(disk: Path) -> None:
    with (disk / "ballast").open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
