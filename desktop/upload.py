"""Brings a spooled recording to the service: open, finish, put, acknowledged, and only then removed here."""

import asyncio
from collections.abc import Callable

from pydantic import ValidationError

from desktop.bridge import Trouble
from desktop.client import Client
from desktop.model.state import Upload, UploadStage
from desktop.spool import Item, Spool
from media.errors import explain
from signing.wire.case import RecordingState, RecordingView
from signing.wire.staff import RecordingOpened, RecordingStarted

LONGEST_PAUSE = 60.0
HELD = (RecordingState.UPLOADED, RecordingState.VERIFIED)
FINAL = ("not_permitted", "not_found", "not_logged_in", "input", "version", "too_late", "damaged")
"""Refusals that trying again will not change; the file stays here and a person is told."""


class Uploader:
    """Delivers one item at a time; one that fails lets the others pass. ``report`` is called on the loop."""

    def __init__(self, client: Client, spool: Spool, report: Callable[[Upload], None]) -> None:
        self._client = client
        self._spool = spool
        self._report = report
        self._turn = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._under_way: set[str] = set()

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
        """Retries with a growing pause until the service holds the bytes, or says that it never will."""
        if item.item_id in self._under_way:
            return
        self._under_way.add(item.item_id)
        try:
            await self._until_done(item)
        finally:
            self._under_way.discard(item.item_id)

    async def _until_done(self, item: Item) -> None:
        attempt = 0
        while True:
            try:
                async with self._turn:
                    await self._once(item)
            except Trouble as trouble:
                if trouble.code in FINAL:
                    self._say(item, UploadStage.STUCK, message=trouble.text)
                    return
                self._say(item, UploadStage.RETRYING, message=trouble.message)
            except OSError as error:
                self._say(item, UploadStage.RETRYING, message=f"本机文件读写不了：{explain(error)}")
            else:
                self._say(item, UploadStage.DONE)
                return
            attempt += 1
            await asyncio.sleep(min(LONGEST_PAUSE, 2.0 ** min(attempt, 10) / 2))

    async def _once(self, item: Item) -> None:
        item = await self.open(item)
        if item.recording_id is None or item.finished is None:
            raise Trouble("录像没有开始的记录，无法上传", "请把本机录像文件夹交给管理员", code="input")
        self._say(item, UploadStage.SENDING, 0, item.finished.size)
        await self._finish(item)
        await self._put(item)
        self._spool.remove(item)

    async def _finish(self, item: Item) -> None:
        """A conflict means that an earlier attempt got this far."""
        try:
            await self._client.send(f"/api/recordings/{item.recording_id}/finish", item.finished)
        except Trouble as trouble:
            if not _conflict(trouble):
                raise

    async def _put(self, item: Item) -> None:
        def moved(done: int, total: int) -> None:
            self._say(item, UploadStage.SENDING, done, total)

        assert item.finished is not None
        path = f"/api/recordings/{item.recording_id}/content"
        answer = await self._client.put_file(path, self._spool.video(item), moved)
        try:
            held = RecordingView.model_validate_json(answer)
        except ValidationError as error:
            raise Trouble("服务没有确认收到录像", "文件仍在本机，将自动重试", code="unreachable") from error
        if held.state is RecordingState.DAMAGED:
            raise Trouble("服务复核发现录像有问题", ";".join(held.findings), code="damaged")
        if held.sha256 != item.finished.sha256 or held.state not in HELD:
            raise Trouble("服务收到的录像与本机不一致", "文件仍在本机，将自动重试", code="digest")

    def _say(self, item: Item, stage: UploadStage, done: int = 0, total: int = 0, message: str = "") -> None:
        self._report(Upload(item.item_id, item.case_no, stage, done, total, message))


def _too_late(trouble: Trouble) -> Trouble:
    """A call that is over takes no new recording; the file stays here for the support desk."""
    return Trouble(trouble.message, trouble.hint, code="too_late") if _conflict(trouble) else trouble


def _conflict(trouble: Trouble) -> bool:
    return trouble.code in ("conflict", "illegal_event") or trouble.code.startswith("rule.")
