"""Brings a spooled recording to the service while it is made: opened, each segment put, acknowledged, and only then
removed here; at its end finished and assembled, and the folder goes once the service has read the whole back."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import httpx

from desktop.bridge import Trouble
from desktop.carrying import Carrier
from desktop.client import SLOW, Client
from desktop.keys import Keys
from desktop.model.state import Upload, UploadStage
from desktop.retrying import Outage
from desktop.source import Source
from desktop.spool import Item, Spool, segment
from desktop.tracking import Tracking
from media.core.chain import Link
from media.errors import BrokenRecording, explain
from media.recovery import Recording
from signing.wire.case import RecordingState, RecordingView
from signing.wire.staff import RecordingFinished, RecordingOpened, RecordingStarted

PACE = 0.5
"""Seconds between two looks at a recording that grows."""
TELLING = 6.0
"""Seconds for a recording's end to be told after the last was written: its check may take three more."""
READING = httpx.Timeout(1800.0, connect=5.0)
"""The service decodes the whole recording before it answers."""
HELD = (RecordingState.UPLOADED, RecordingState.VERIFIED)
FINAL = ("not_permitted", "not_found", "input", "input.chain", "version", "too_late", "damaged", "recording.lost")
"""Refusals that trying again will not change; the file stays here and a person is told."""
FULL = "outside.full"
"""The service's disk has no room left: somebody must make some."""


class Uploader:
    """Delivers any number of items at once, one request at a time; one that fails lets the others pass. ``report`` and
    ``warn`` are called on the loop; ``now`` and ``sleep`` are the monotonic clock by which it is tried again."""

    def __init__(
        self,
        client: Client,
        spool: Spool,
        report: Callable[[Upload], None],
        warn: Callable[[str], None],
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._spool = spool
        self._report, self._warn = report, warn
        self.ending = False
        """No end is made up for a recording any more: the next run does that for what nobody tells."""
        self._now, self._sleep = now, sleep
        self._outages: dict[str, Outage] = {}
        self.keys = Keys(client, spool, warn)
        self._carrier = Carrier(client)
        self._tracking = Tracking(client, spool, self._carrier, warn)
        self._opening = asyncio.Lock()
        self._under_way: set[str] = set()
        self._sources: dict[str, Source] = {}
        self._silent: dict[str, float] = {}
        """Since when nobody records an item whose end is not known."""
        self._said: dict[str, Upload] = {}

    async def open(self, item: Item) -> Item:
        """Makes the recording known to the service, once. Returns the item as it stands then."""
        async with self._opening:
            item = self._spool.update(item)
            if item.recording_id is not None or item.opened is None:
                return item
            return await self._open(item, item.opened)

    async def _open(self, item: Item, opened: RecordingStarted) -> Item:
        try:
            answer = await self._client.post(f"/api/calls/{item.call_id}/recordings", opened, RecordingOpened)
        except Trouble as trouble:
            raise _too_late(trouble) from trouble
        return self._spool.update(item, recording_id=answer.recording_id)

    async def deliver(self, item: Item) -> None:
        """Follows the recording while it runs and to its end. Retries with a growing pause until the service holds it
        whole, or says that it never will."""
        if item.item_id in self._under_way:
            return
        self._under_way.add(item.item_id)
        try:
            await self._until_done(item)
        finally:
            self._under_way.discard(item.item_id)
            self._sources.pop(item.item_id, None)
            self._outages.pop(item.item_id, None)
            self._carrier.forget(self._spool.update(item).recording_id)
            self._tracking.forget(item)

    async def _until_done(self, item: Item) -> None:
        while True:
            try:
                if await self._once(item):
                    self._say(item, UploadStage.DONE)
                    return
                self._outage(item).over()
                self._say(item, UploadStage.CURRENT)
                pause = PACE
            except BrokenRecording as error:
                self._say(item, UploadStage.STUCK, message=str(error))
                return
            except Trouble as trouble:
                if trouble.code in FINAL:
                    self._say(item, UploadStage.STUCK, message=trouble.text)
                    return
                pause = self._failed(item, trouble.message, lasts=trouble.code == FULL)
            except OSError as error:
                pause = self._failed(item, f"本机文件读写不了：{explain(error)}")
            await self._sleep(pause)

    def _outage(self, item: Item) -> Outage:
        return self._outages.setdefault(item.item_id, Outage())

    def _failed(self, item: Item, message: str, *, lasts: bool = False) -> float:
        """→ seconds until it is tried again. ``lasts``: a person is told at once."""
        self._carrier.forget(self._spool.update(item).recording_id)
        self._say(item, UploadStage.RETRYING, message=message)
        outage, now = self._outage(item), self._now()
        pause = outage.failed(now)
        if self._spool.is_running(item) and outage.tell(now, lasts=lasts):
            self._warn(f"录像暂时传不上去（{message}）：已加密存在本机，不影响录制，恢复后自动补传")
        return pause

    async def _once(self, item: Item) -> bool:
        """Brings what there is; True once it is all there and the recording at its end."""
        source = await self._source(item)
        item = await self.open(self._spool.update(item))
        if item.recording_id is not None:  # before it is closed: on a full disk that takes the room which this makes
            await self._carrier.carry(item.recording_id, source, partial(self._sent, item))
        if item.finished is None and self._left_alone(item):
            await self._closed(item, source)
            return False
        tracks = item.recording_id is None or await self._bring_tracks(item)
        if item.finished is None or not tracks:
            return False
        if item.recording_id is None:
            raise Trouble("录像没有开始的记录，无法上传", "请把本机录像文件夹交给管理员", code="input")
        await self._finish(item)
        await self._assemble(item)
        await self._tracking.leave(item)
        self._spool.remove(item)
        return True

    async def _bring_tracks(self, item: Item) -> bool:
        """After what there was of the stage, and before its end is told: once that is verified the case may be sealed,
        and takes no more. Returns whether they need not be waited for."""
        key = None if self._spool.video(item).exists() else await self.keys.of(item)
        over = item.finished is not None and not self._spool.is_running(item)
        return await self._tracking.bring(item, key, over=over)

    def _sent(self, item: Item, link: Link) -> None:
        if item.finished is not None:
            self._say(item, UploadStage.SENDING, link.offset + link.size, item.finished.size)

    def _left_alone(self, item: Item) -> bool:
        """Nobody records it any more, and nobody has told its end in the time that takes."""
        if self.ending or self._spool.is_running(item):
            self._silent.pop(item.item_id, None)
            return False
        since = self._silent.setdefault(item.item_id, self._now())
        return self._now() - since >= TELLING

    async def _source(self, item: Item) -> Source:
        """Plain where an older version wrote it."""
        if item.item_id not in self._sources:
            path = self._spool.video(item)
            key = None if path.exists() else await self.keys.of(item)
            self._sources[item.item_id] = Source(path, key, unread=partial(self._spool.unread, item))
        return self._sources[item.item_id]

    async def _closed(self, item: Item, source: Source) -> Item:
        """What a crash left, made whole."""
        found = await asyncio.to_thread(source.recovered)
        return self._spool.update(item, finished=as_finished(found))

    # --- the end ------------------------------------------------------------------------------------------------

    async def _finish(self, item: Item) -> None:
        """A conflict means that an earlier attempt got this far."""
        try:
            await self._client.send(f"/api/recordings/{item.recording_id}/finish", item.finished, SLOW)
        except Trouble as trouble:
            if not _conflict(trouble):
                raise

    async def _assemble(self, item: Item) -> None:
        assert item.finished is not None
        self._say(item, UploadStage.SENDING, item.finished.size, item.finished.size)
        path = f"/api/recordings/{item.recording_id}/assemble"
        try:
            held = await self._client.post(path, None, RecordingView, READING)
        except Trouble as trouble:
            raise _differs(trouble) from trouble
        if held.state is RecordingState.DAMAGED:
            raise Trouble("服务复核发现录像有问题", ";".join(held.findings), code="damaged")
        if item.finished.sha256 not in (None, held.sha256) or held.state not in HELD:
            raise Trouble("服务收到的录像与本机不一致", "文件仍在本机，将自动重试", code="digest")

    def _say(self, item: Item, stage: UploadStage, done: int = 0, total: int = 0, message: str = "") -> None:
        upload = Upload(item.item_id, item.case_no, stage, done, total, message)
        if self._said.get(item.item_id) != upload:
            self._said[item.item_id] = upload
            self._report(upload)


def as_finished(recording: Recording) -> RecordingFinished:
    """What a recovery found, as the service is told it."""
    return RecordingFinished(
        ended_at=recording.ended_at,
        duration_seconds=recording.duration_seconds,
        size=recording.size,
        sha256=recording.sha256,
        segments=[segment(link) for link in recording.segments],
        gaps=list(recording.gaps),
    )


def _too_late(trouble: Trouble) -> Trouble:
    """A call that is over takes no new recording; the file stays here for the support desk."""
    return Trouble(trouble.message, trouble.hint, code="too_late") if _conflict(trouble) else trouble


def _differs(trouble: Trouble) -> Trouble:
    """What is stored is not what was promised, and stays so; of a single segment the same code is a torn transfer."""
    return Trouble(trouble.message, trouble.hint, code="damaged") if trouble.code == "input.digest" else trouble


def _conflict(trouble: Trouble) -> bool:
    return trouble.code in ("conflict", "illegal_event") or trouble.code.startswith("rule.")
