"""The sound of a call from one end to the other, peer to peer; only the two descriptions go through the services."""

import asyncio
import fractions
import time
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

RATE, BLOCK = 48_000, 960


class Tone(MediaStreamTrack):
    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._number, self._start = 0, time.monotonic()

    async def recv(self) -> AudioFrame:
        await asyncio.sleep(max(0.0, self._start + self._number * BLOCK / RATE - time.monotonic()))
        at = np.arange(self._number * BLOCK, (self._number + 1) * BLOCK) / RATE
        frame = AudioFrame.from_ndarray(
            (6000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16).reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._number * BLOCK, fractions.Fraction(1, RATE)
        self._number += 1
        return frame


@dataclass
class End:
    """One end; ``heard`` are the moments at which a block of sound arrived, ``states`` what the connection became."""

    heard: list[float] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    _pc: RTCPeerConnection = field(default_factory=lambda: RTCPeerConnection(RTCConfiguration(iceServers=[])))
    _drain: "asyncio.Task[None] | None" = None

    def __post_init__(self) -> None:
        self._pc.on("track", self._listen)
        self._pc.on("connectionstatechange", lambda: self.states.append(self._pc.connectionState))
        self._pc.addTrack(Tone())

    async def offer(self) -> str:
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return str(self._pc.localDescription.sdp)

    async def answer(self, sdp: str) -> str:
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="offer"))
        await self._pc.setLocalDescription(await self._pc.createAnswer())
        return str(self._pc.localDescription.sdp)

    async def accept(self, sdp: str) -> None:
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="answer"))

    def _listen(self, track: MediaStreamTrack) -> None:
        self._drain = asyncio.create_task(self._hear(track), name="hear")

    async def _hear(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                await track.recv()
                self.heard.append(time.monotonic())
        except MediaStreamError:
            return

    def longest_silence(self) -> float:
        """Seconds between two blocks, up to now."""
        moments = [*self.heard, time.monotonic()]
        return max(after - before for before, after in pairwise(moments))

    async def close(self) -> None:
        await self._pc.close()
        if self._drain is not None:
            self._drain.cancel()
            await asyncio.gather(self._drain, return_exceptions=True)
