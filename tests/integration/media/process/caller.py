"""A customer's phone in a thread of its own: a real WebRTC peer of aiortc that counts what it is shown."""

import asyncio
import threading
import time
from concurrent.futures import Future
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack


class Caller:
    """``close`` it. ``pictures``: how many came since it was made."""

    def __init__(self) -> None:
        self.pictures = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="caller")
        self._thread.start()
        self._peer: RTCPeerConnection | None = None
        self._watching: asyncio.Task[None] | None = None

    def offer(self) -> str:
        """The SDP of a new connection; the one before is given up."""
        return str(self._do(self._offer()))

    def take(self, answer: str) -> None:
        self._do(self._take(answer))

    def sees(self, count: int = 10, seconds: float = 10.0) -> None:
        """Waits for so many more pictures; AssertionError where they do not come."""
        before, end = self.pictures, time.monotonic() + seconds
        while self.pictures < before + count:
            assert time.monotonic() < end, f"only {self.pictures - before} pictures came"
            time.sleep(0.05)

    def close(self) -> None:
        self._do(self._hang_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, work: Any) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(20)

    async def _offer(self) -> str:
        await self._hang_up()
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peer.addTrack(VideoStreamTrack())
        self._peer.addTrack(AudioStreamTrack())
        self._peer.on("track", self._watch)
        await self._peer.setLocalDescription(await self._peer.createOffer())
        return str(self._peer.localDescription.sdp)

    async def _take(self, answer: str) -> None:
        assert self._peer is not None
        await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    def _watch(self, track: Any) -> None:
        if track.kind == "video":
            self._watching = asyncio.ensure_future(self._see(track))

    async def _see(self, track: Any) -> None:
        while True:
            await track.recv()
            self.pictures += 1

    async def _hang_up(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._watching = None
        if self._peer is not None:
            await self._peer.close()
            self._peer = None
