"""A recording on its way while it is made: the recorder is killed, the service is killed, stopped or full, the key is
not to be had. Nothing is lost but the fragment that was being written, and nothing of it lies on the seat in the clear.
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from desktop import retrying
from desktop.client import Client
from desktop.model.state import Upload, UploadStage
from desktop.recovery import NO_KEY, recover_items
from desktop.spool import Item, Spool
from desktop.upload import Uploader
from media.core.chain import Link
from media.sealedstore import told_links
from signing.wire.staff import RecordingStarted, SegmentHeld
from tests.integration.desktop.office import Service, start_service
from tests.integration.web.running import PASSWORDS
from tests.integration.web.test_killed import answered, waiting_customer
from tests.unit.media.sample import Take

ROOT = Path(__file__).parents[3]
RECORDER = """
import sys, time
from datetime import datetime
from pathlib import Path
from tests.unit.media.sample import Take

take = Take(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
for second in range(int(sys.argv[4])):
    take.run(second, second + 1)
    print(second, flush=True)
    time.sleep(0.4)
sys.stdin.readline()
done = take.stop(int(sys.argv[4]))
print(done.duration_seconds, flush=True)
"""
MAGIC = (b"ftypiso", b"moof", b"mdat", b"avc1")


class Killed(subprocess.Popen[str]):
    """A recorder in a process of its own, which is killed at the end whatever happens."""

    def __init__(self, seat: "Seat", item: Item, seconds: int = 60) -> None:
        key = seat.spool.key(item)
        assert key is not None
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        arguments = [str(seat.spool.video(item)), key.hex(), seat.began.isoformat(), str(seconds)]
        command = [sys.executable, "-c", RECORDER, *arguments]
        super().__init__(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def __exit__(self, *fault: Any) -> None:
        self.kill()
        super().__exit__(*fault)

    async def second(self, wanted: int) -> None:
        """Returns once it has recorded so many."""
        assert self.stdout is not None
        while (line := await asyncio.to_thread(self.stdout.readline)) and float(line) < wanted - 1:
            pass
        assert line, "the recorder ended"


@dataclass
class Seat:
    """A seat in a live call: its log-in, its spool, its deliveries. ``told`` and ``warned``: what the agent sees."""

    office: Service
    folder: Path
    client: Client
    call_id: str
    case_id: str
    told: list[Upload] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    began: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __post_init__(self) -> None:
        self.start_again()

    def start_again(self) -> None:
        """Another run of the program: it knows nothing that is not on the disk."""
        self.spool = Spool(self.folder)
        self.uploader = Uploader(self.client, self.spool, self.told.append, self.warned.append)

    def begin(self) -> Item:
        item = self.spool.create(self.client.server, self.call_id, "2026-1")
        self.spool.checked(item, 1_000_000)  # by a check that is never behind
        return self.spool.update(item, opened=self.opened())

    def opened(self) -> RecordingStarted:
        return RecordingStarted(
            started_at=self.began, width=320, height=240, frame_rate=15, video_codec="h264", audio_codec="aac"
        )

    def stages(self) -> set[UploadStage]:
        return {upload.stage for upload in self.told}

    def sealed(self) -> list[Path]:
        return sorted(self.folder.rglob("*.sealed"))

    def readable(self) -> list[str]:
        """Whatever of a recording can be read on the seat's disk."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return [path.name for path in files if any(word in path.read_bytes() for word in MAGIC)]


async def until(true: Callable[[], object], seconds: float = 40.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for happens elsewhere
            await asyncio.sleep(0.05)


@asynccontextmanager
async def following(work: Awaitable[None]) -> AsyncIterator["asyncio.Future[None]"]:
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def seat_in_a_call(tmp_path: Path) -> AsyncIterator[Seat]:
    office = await asyncio.to_thread(start_service, tmp_path / "service")
    client = Client(office.url)
    made: Seat | None = None
    try:
        await client.log_in("zhang", PASSWORDS["zhang"])
        call_id, case_id = await asyncio.to_thread(_talking, office.url, client.token)
        made = Seat(office, tmp_path / "spool", client, call_id, case_id)
        yield made
    finally:
        await client.close()
        (made.office if made else office).stop()


def _talking(url: str, token: str) -> tuple[str, str]:
    """→ the call and the case."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as desk:
        desk.post("/api/seat/presence", json={"presence": "available"})
        _, case_id = waiting_customer(url, token)
        return str(answered(desk)["call"]["call_id"]), case_id


def restarted(seat: Seat, folder: Path) -> None:
    """The service again, at the same address over the same data."""
    seat.office = start_service(folder, int(seat.office.url.rpartition(":")[2]))


def as_auditor(seat: Seat) -> httpx.Client:
    login = {"username": "lin", "password": PASSWORDS["lin"]}
    token = httpx.post(f"{seat.office.url}/api/staff/login", json=login).json()["token"]
    return httpx.Client(base_url=seat.office.url, headers={"Authorization": f"Bearer {token}"}, timeout=60)


def delivered(seat: Seat, tmp_path: Path) -> dict[str, Any]:
    """The one recording of the case as the auditor gets it: read back whole, and played by a foreign tool."""
    with as_auditor(seat) as http:
        case = http.get(f"/api/audit/cases/{seat.case_id}").json()
        (recording,) = case["case"]["recordings"]
        assert recording["state"] == "verified", recording
        film = tmp_path / "film.mp4"
        film.write_bytes(http.get(f"/api/audit/recordings/{recording['recording_id']}").content)
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(film)]
    probe = subprocess.run(command, capture_output=True, check=True, text=True)
    assert probe.stderr == ""
    (video, _) = json.loads(probe.stdout)["streams"]
    heads = [event["type"] for event in case["events"]].count("recording.head")
    return {**recording, "frames": int(video["nb_read_frames"]), "heads": heads, "size": film.stat().st_size}


async def held(seat: Seat, item: Item) -> int:
    """How many segments the service has of it."""
    item = seat.spool.update(item)
    if item.recording_id is None:
        return 0
    return (await seat.client.get(f"/api/recordings/{item.recording_id}/segments", SegmentHeld)).next_index


async def held_at_least(seat: Seat, item: Item, count: int) -> None:
    async with asyncio.timeout(40):
        while await held(seat, item) < count:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)


@pytest.mark.timeout(240)
async def test_a_killed_recorder_loses_one_fragment_at_most(tmp_path: Path) -> None:
    async with seat_in_a_call(tmp_path) as seat:
        item = seat.begin()
        await seat.uploader.keys.keep(item)
        with Killed(seat, item) as recorder:
            async with following(seat.uploader.deliver(item)):
                await recorder.second(5)
                await held_at_least(seat, item, 4)
                await until(lambda: len(seat.sealed()) <= 4)
                assert seat.stages() == {UploadStage.CURRENT}, seat.told
                recorder.send_signal(signal.SIGKILL)
                await asyncio.to_thread(recorder.wait)
        told = told_links(seat.spool.video(item))
        assert seat.readable() == []
        seat.start_again()
        found = await recover_items(seat.spool, seat.client.server)
        assert (len(found.whole), found.broken) == (1, [])
        await seat.uploader.deliver(found.whole[0])
        assert seat.told[-1].stage is UploadStage.DONE, seat.told
        assert not any(seat.folder.iterdir())
        whole = delivered(seat, tmp_path)
        assert whole["size"] >= told[-1].offset + told[-1].size
        assert whole["duration_seconds"] >= 4
        assert whole["frames"] == round(whole["duration_seconds"] * 15)
        assert whole["heads"] >= 1, "what came during the call is on the case's chain"


@pytest.mark.timeout(240)
async def test_a_killed_service_goes_on_where_it_was(tmp_path: Path) -> None:
    async with seat_in_a_call(tmp_path) as seat:
        item = seat.begin()
        await seat.uploader.keys.keep(item)
        with Killed(seat, item, 14) as recorder:
            async with following(seat.uploader.deliver(item)) as delivery:
                await held_at_least(seat, item, 3)
                seat.office.process.kill()
                seat.office.process.wait()
                await recorder.second(10)
                await until(lambda: UploadStage.RETRYING in seat.stages())
                before = told_links(seat.spool.video(item))
                assert len(seat.sealed()) >= 4, "what is not acknowledged stays"
                restarted(seat, tmp_path / "service")
                await until(lambda: seat.told[-1].stage is UploadStage.CURRENT)
                await recorder.second(14)
                _end(recorder)
                await delivery
        whole = delivered(seat, tmp_path)
        assert whole["duration_seconds"] == 14.0
        assert whole["size"] > before[-1].offset
        assert seat.readable() == []


def _end(recorder: Killed) -> None:
    assert recorder.stdin is not None
    assert recorder.stdout is not None
    recorder.stdin.write("\n")
    recorder.stdin.flush()
    assert float(recorder.stdout.readline()) > 0


@pytest.mark.timeout(240)
async def test_what_could_not_be_sent_for_long_is_sent_when_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first second to the last nobody answers; the spool holds everything, and nothing plain."""
    monkeypatch.setattr(retrying, "STALLED", 2.0)
    async with seat_in_a_call(tmp_path) as seat:
        item = seat.begin()
        await seat.uploader.keys.keep(item)
        seat.office.process.kill()
        seat.office.process.wait()
        with Killed(seat, item, 12) as recorder:
            async with following(seat.uploader.deliver(item)):
                await recorder.second(12)
                _end(recorder)
        assert len(seat.warned) == 1
        assert "已加密存在本机" in seat.warned[0]
        assert len(seat.sealed()) == len(told_links(seat.spool.video(item))) == 14
        assert seat.readable() == []
        restarted(seat, tmp_path / "service")
        seat.start_again()
        (left,) = (await recover_items(seat.spool, seat.client.server)).whole
        await seat.uploader.deliver(left)
        whole = delivered(seat, tmp_path)
        assert (whole["duration_seconds"], whole["frames"]) == (12.0, 180)
        assert not any(seat.folder.iterdir())


@pytest.mark.timeout(240)
async def test_a_plain_recording_of_an_older_version_is_delivered_too(tmp_path: Path) -> None:
    async with seat_in_a_call(tmp_path) as seat:
        item = seat.begin()
        _as_the_older_version_left_it(seat, item)
        seat.start_again()
        found = await recover_items(seat.spool, seat.client.server)
        assert (len(found.whole), found.broken) == (1, [])
        await seat.uploader.deliver(found.whole[0])
        assert seat.told[-1].stage is UploadStage.DONE, seat.told
        assert not any(seat.folder.iterdir())
        assert delivered(seat, tmp_path)["duration_seconds"] >= 3


def _as_the_older_version_left_it(seat: Seat, item: Item) -> None:
    """Killed in the middle: a torn last fragment, no end, and a note that knows of no key."""
    take = Take(seat.folder.parent / "recording.mp4", None, seat.began)
    take.run(0, 5)
    take.recorder.drain()
    for path in seat.folder.parent.glob("recording.*"):
        shutil.copy(path, seat.spool.video(item).parent)
    take.stop(5)
    with seat.spool.video(item).open("ab") as file:
        file.write(b"\0\0\x10\0moof torn")
    note = seat.spool.video(item).with_name("item.json")
    known = json.loads(note.read_text())
    del known["wrapped"]
    note.write_text(json.dumps(known))
    assert seat.readable() == ["recording.mp4"]


@pytest.mark.timeout(240)
async def test_without_a_key_it_records_encrypted_all_the_same_and_says_what_that_means(tmp_path: Path) -> None:
    async with seat_in_a_call(tmp_path) as seat:
        seat.office.stop()
        item = seat.begin()
        with Killed(seat, item, 30) as recorder:
            async with following(seat.uploader.keys.keep(item)) as keeping:
                await recorder.second(3)
                await until(lambda: seat.warned)
                assert len(seat.warned) == 1
                assert "密钥还没有存好" in seat.warned[0]
                assert seat.readable() == []
                assert (await recover_items(Spool(seat.folder), seat.client.server)).whole, (
                    "it runs: nothing is lost yet"
                )
                recorder.kill()
                recorder.wait()
                ((_, why),) = (await recover_items(Spool(seat.folder), seat.client.server)).broken
                assert why == NO_KEY
                restarted(seat, tmp_path / "service")
                await keeping
        seat.start_again()
        (left,) = (await recover_items(seat.spool, seat.client.server)).whole
        await seat.uploader.deliver(left)
        assert delivered(seat, tmp_path)["duration_seconds"] >= 2


@pytest.mark.timeout(240)
async def test_a_segment_that_is_on_neither_side_is_told_and_the_rest_is_kept(tmp_path: Path) -> None:
    async with seat_in_a_call(tmp_path) as seat:
        item = seat.begin()
        await seat.uploader.keys.keep(item)
        with Killed(seat, item, 5) as recorder:
            await recorder.second(5)
            _end(recorder)
        seat.sealed()[2].unlink()
        await seat.uploader.deliver(item)
        assert seat.told[-1].stage is UploadStage.STUCK
        assert "第 3 段服务没有收到，本机也没有了" in seat.told[-1].message
        assert len(seat.sealed()) >= 4


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Of the service's files."""
    folder = tmp_path / "service" / "blobs"
    folder.mkdir(parents=True)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]).returncode:
        pytest.skip("mounting a small disk takes root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.timeout(240)
async def test_a_service_whose_disk_is_full_says_so_and_the_seat_keeps_everything(
    tmp_path: Path, small_disk: Path
) -> None:
    async with seat_in_a_call(tmp_path) as seat:
        item = seat.begin()
        await seat.uploader.keys.keep(item)
        ballast = small_disk / "ballast"
        with Killed(seat, item, 8) as recorder:
            async with following(seat.uploader.deliver(item)) as delivery:
                await held_at_least(seat, item, 2)
                with ballast.open("wb", buffering=0) as file, suppress(OSError):
                    while True:
                        file.write(bytes(4096))
                await recorder.second(8)
                await until(lambda: seat.told[-1].stage is UploadStage.RETRYING)
                assert "服务器磁盘已满" in seat.told[-1].message
                answer = await _put_again(seat, item)
                assert (answer.status_code, answer.json()["code"]) == (507, "outside.full")
                there, service_has = len(seat.sealed()), await held(seat, item)
                assert there >= 9 - service_has
                ballast.unlink()
                _end(recorder)
                await delivery
        assert delivered(seat, tmp_path)["duration_seconds"] == 8.0


async def _put_again(seat: Seat, item: Item) -> httpx.Response:
    """The next segment, as the seat sends it."""
    item, links = seat.spool.update(item), told_links(seat.spool.video(item))
    source = await seat.uploader._source(item)
    link: Link = links[await held(seat, item)]
    headers = {
        "Authorization": f"Bearer {seat.client.token}", "X-Segment-Sha256": link.sha256, "X-Segment-Chain": link.chain,
        "X-Segment-Start": repr(link.start_seconds),
    }  # fmt: skip
    source.links()
    path = f"{seat.office.url}/api/recordings/{item.recording_id}/segments/{link.index}"
    async with httpx.AsyncClient() as http:
        return await http.put(path, content=source.read(link.index), headers=headers)
