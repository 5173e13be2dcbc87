"""For an hour nothing of a call can be sent. The real service takes it all afterwards, in order, and reads it back."""

import asyncio
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from desktop.client import Client
from desktop.model.state import Upload, UploadStage
from desktop.spool import Item, Spool
from desktop.upload import Uploader, as_finished
from media.core.boxes import boxes, child, track_of
from media.recovery import recover_sealed, segments_of
from media.sealedstore import SealedStore
from signing.wire.staff import RecordingOpened, RecordingStarted
from tests.integration.service.office import SteppedClock
from tests.integration.web.running import Running, running
from tests.integration.web.test_killed import answered, waiting_customer
from tests.unit.media import sample

HOUR = 3600
ROUND = 8
"""Seconds after which pictures and packets of sound (1024 samples at 48 kHz) begin together again."""
ROUNDS = 30
PICTURES = 2
"""A second: the service looks at each of them."""


class Turned:
    """One clock of seat and service: goes by as fast as it is waited for, and after ``HOUR`` stands still."""

    def __init__(self, service: SteppedClock) -> None:
        self._service = service
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        if self.now > HOUR + 60:
            await asyncio.sleep(0.05)
            return
        self.now += seconds
        self._service.pass_by(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class Line(httpx.AsyncBaseTransport):
    """The seat's line to the service: real HTTP while it ``works``, and nobody to connect to while it does not."""

    works: bool = False
    tries: int = 0
    through: httpx.AsyncHTTPTransport = field(default_factory=httpx.AsyncHTTPTransport)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.tries += 1
        if not self.works:
            raise httpx.ConnectError("no line", request=request)
        return await self.through.handle_async_request(request)

    async def aclose(self) -> None:
        await self.through.aclose()


@pytest.mark.timeout(480)
async def test_an_hour_in_which_nothing_could_be_sent_is_whole_at_the_real_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # of a thousand files
    monkeypatch.setattr(sample, "RATE_OF_PICTURES", PICTURES)
    stepped, told, warned, line = SteppedClock(), list[Upload](), list[str](), Line()
    async with running(tmp_path / "service", clock=stepped) as office:
        clock, client = Turned(stepped), Client(office.url)
        client._http = httpx.AsyncClient(base_url=office.url, transport=line)
        client.token = await office.log_in("zhang")
        call_id, case_id = await asyncio.to_thread(talking, office, client.token)
        spool = Spool(tmp_path / "spool")
        item = await begun(office, client.token, spool, call_id, stepped.now())
        taped = await asyncio.to_thread(four_minutes, spool, item)
        uploader = Uploader(client, spool, told.append, warned.append, lambda: clock.now, clock.sleep)
        delivering = asyncio.create_task(uploader.deliver(item))
        async with asyncio.timeout(400):
            while clock.now <= HOUR + 60:  # noqa: ASYNC110 - turned by the delivery itself
                await asyncio.sleep(0.01)
            client.token = await office.log_in("zhang")  # the old log-in is over after an hour of silence
            assert await held(office, client.token, item) == 0
            taped.close()
            key = spool.key(item)
            assert key is not None
            done = await asyncio.to_thread(recover_sealed, spool.video(item), key)
            assert len(done.segments) > ROUNDS * ROUND
            assert 100 < line.tries < 200
            line.works = True
            spool.update(item, finished=as_finished(done))
            await delivering
        await client.close()
        assert told[-1].stage is UploadStage.DONE, told[-1]
        assert len([words for words in warned if "已加密存在本机" in words]) == 1, warned
        assert not any(spool.folder.iterdir())
        recording, heads = await audited(office, case_id)
    assert (recording["state"], recording["findings"]) == ("verified", [])
    assert recording["duration_seconds"] == pytest.approx(done.duration_seconds)
    assert recording["sha256"] is not None
    assert heads[-1]["chain"] == done.segments[int(str(heads[-1]["index"]))].chain


def talking(office: Running, token: str) -> tuple[str, str]:
    """→ the live call and its case."""
    with httpx.Client(base_url=office.url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as desk:
        desk.post("/api/seat/presence", json={"presence": "available"})
        _, case_id = waiting_customer(office.url, token)
        return str(answered(desk)["call"]["call_id"]), case_id


async def begun(office: Running, token: str, spool: Spool, call_id: str, at: datetime) -> Item:
    """Known to the service, as the line still worked."""
    opened = RecordingStarted(
        started_at=at, width=320, height=240, frame_rate=PICTURES, video_codec="h264", audio_codec="aac"
    )
    async with office.client(token) as http:
        answer = await http.post(f"/api/calls/{call_id}/recordings", json=opened.model_dump(mode="json"))
    recording_id = RecordingOpened.model_validate_json(answer.content).recording_id
    return spool.update(spool.create(office.url, call_id, "2026-1"), opened=opened, recording_id=recording_id)


async def held(office: Running, token: str, item: Item) -> int:
    async with office.client(token) as http:
        return int((await http.get(f"/api/recordings/{item.recording_id}/segments")).json()["next_index"])


async def audited(office: Running, case_id: str) -> tuple[dict[str, object], list[dict[str, object]]]:
    async with office.client(await office.log_in("lin")) as http:
        case = (await http.get(f"/api/audit/cases/{case_id}")).json()
    (recording,) = case["case"]["recordings"]
    return recording, [event["body"] for event in case["events"] if event["type"] == "recording.head"]


# --- the film ---------------------------------------------------------------------------------------------------------


def four_minutes(spool: Spool, item: Item) -> SealedStore:
    """Four minutes of a recording that still runs, laid in the spool by the recorder's own store."""
    key = spool.key(item)
    assert key is not None
    assert item.opened is not None
    take = sample.Take(spool.folder / "short.mp4", None, item.opened.started_at)
    take.run(0, ROUND + 2.5)
    path = take.stop(ROUND + 2.5).path
    store = SealedStore(spool.video(item), key)
    for number, piece in enumerate(repeated(path.read_bytes())):
        store.append(piece, max(0.0, number - 1.0))
    for file in spool.folder.glob("short.*"):
        file.unlink()
    return store


def repeated(film: bytes) -> Iterator[bytes]:
    """Header and first fragment, then the eight after it again and again, each at its own moment, and the end."""
    pieces = [film[link.offset : link.offset + link.size] for link in segments_of(film)]
    header = next(box for box in boxes(film) if box.kind == "moov")
    scales = dict(track_of(film, header, kind) for kind in ("vide", "soun"))
    yield from pieces[:2]
    for number in range(ROUNDS * ROUND):
        times, place = divmod(number, ROUND)
        yield moved(pieces[2 + place], number + 2, times * ROUND, scales)
    for number, piece in enumerate(pieces[2 + ROUND :], 2 + ROUNDS * ROUND):
        yield moved(piece, number, (ROUNDS - 1) * ROUND, scales)


def moved(piece: bytes, sequence: int, seconds: int, scales: dict[int, int]) -> bytes:
    """A fragment later: its number (mfhd), and the time at which each of its tracks begins (tfdt)."""
    data = bytearray(piece)
    moof = next(box for box in boxes(data) if box.kind == "moof")
    for box in boxes(data, moof.body, moof.end):
        if box.kind == "mfhd":
            struct.pack_into(">I", data, box.body + 4, sequence)
        elif box.kind == "traf":
            at = child(data, box, "tfdt")
            head = child(data, box, "tfhd")
            assert at is not None
            assert head is not None
            scale = scales[struct.unpack_from(">I", data, head.body + 4)[0]]
            form = ">Q" if data[at.body] else ">I"
            before = struct.unpack_from(form, data, at.body + 4)[0]
            struct.pack_into(form, data, at.body + 4, before + seconds * scale)
    return bytes(data)
