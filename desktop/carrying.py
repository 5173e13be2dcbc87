"""Brings the segments of a spooled stream to the service: put in order, acknowledged by digest, only then dropped."""

import asyncio
from collections.abc import Callable

from desktop.bridge import Trouble
from desktop.client import Client
from desktop.source import Source
from media.core.chain import Link
from signing.wire.staff import SegmentHeld


class Carrier:
    """One request at a time, of however many streams. ``recording_id`` is what the service calls one."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._turn = asyncio.Lock()
        self._next: dict[str, int] = {}
        """Of each stream the segment to go on with, as the service has told; unknown after every failure."""

    def forget(self, recording_id: str | None) -> None:
        """Something failed, or the stream is done: the service is asked anew how far it is."""
        if recording_id is not None:
            self._next.pop(recording_id, None)

    async def carry(
        self,
        recording_id: str,
        source: Source,
        moved: Callable[[Link], None] = lambda link: None,
        most: int | None = None,
    ) -> bool:
        """Brings what is there, ``most`` segments of it, and tells ``moved`` of each. Returns whether that was all.

        Raises ``Trouble``, ``BrokenRecording`` and OSError.
        """
        links = await asyncio.to_thread(source.links)
        following = self._next.get(recording_id)
        if following is None:
            following = await self._resume(recording_id, links)
        await asyncio.to_thread(source.release, following)  # with each look: the check may have read on meanwhile
        for link in links[following:] if most is None else links[following : following + most]:
            await self._put(recording_id, source, link)
            following = self._next[recording_id] = link.index + 1
            await asyncio.to_thread(source.release, following)
            moved(link)
        self._next[recording_id] = following
        return following >= len(links)

    async def _resume(self, recording_id: str, links: list[Link]) -> int:
        """How far the service is. What it holds must be the beginning of what is here."""
        held = await self._held(recording_id)
        if held.next_index and (held.next_index > len(links) or links[held.next_index - 1].chain != held.chain):
            raise Trouble("服务存有的录像与本机不同", "请不要删除本机文件，联系管理员核查", code="damaged")
        return held.next_index

    async def _held(self, recording_id: str) -> SegmentHeld:
        return await self._client.get(f"/api/recordings/{recording_id}/segments", SegmentHeld)

    async def _put(self, recording_id: str, source: Source, link: Link) -> None:
        """Returns once the service says by digest and chain that it holds the segment for good."""
        try:
            data = await asyncio.to_thread(source.read, link.index)
        except FileNotFoundError:
            if (await self._held(recording_id)).next_index > link.index:  # another window was faster
                return
            message = f"录像第 {link.index + 1} 段服务没有收到，本机也没有了"
            raise Trouble(message, "请联系管理员", code="damaged") from None
        headers = {
            "Content-Type": "application/octet-stream",
            "X-Segment-Sha256": link.sha256,
            "X-Segment-Chain": link.chain,
            "X-Segment-Start": repr(link.start_seconds),
        }
        path = f"/api/recordings/{recording_id}/segments/{link.index}"
        async with self._turn:
            held = await self._client.put_bytes(path, data, SegmentHeld, headers)
        if (held.next_index, held.sha256, held.chain) != (link.index + 1, link.sha256, link.chain):
            raise Trouble("服务确认收到的录像分段与本机不一致", "文件仍在本机，将自动重试", code="digest")
