"""A customer without a browser: an aiortc peer with a pitch and a colour of its own, which keeps what it hears.

One lives on a thread of the test's process; many live together in a process beside it (``FarPhones``), for they would
take the interpreter from the engine that they call.
"""

import asyncio
import fractions
import threading
import time
from collections.abc import Coroutine
from multiprocessing import get_context
from multiprocessing.managers import BaseManager
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

from media import ports
from media.core.mixing import BLOCK, RATE, Samples, to_mono
from tests.integration.media.seat import Seat

Found = TypeVar("Found")
Gray = npt.NDArray[np.uint8]
PICTURES = 8
"""A second: enough to be live, cheap for two processors."""

WIFE, GUARANTOR = 1500, 2300
"""What they say, in Hz."""
RED, BLUE = (210, 30, 30), (30, 30, 210)
"""What they show."""


class _Voice(MediaStreamTrack):
    kind = "audio"

    def __init__(self, pitch: float, loud: int = 6000) -> None:
        super().__init__()
        self._pitch, self._loud, self._number, self._start = pitch, loud, 0, time.monotonic()

    async def recv(self) -> AudioFrame:
        await asyncio.sleep(max(0.0, self._start + self._number * 0.02 - time.monotonic()))
        at = np.arange(self._number * BLOCK, (self._number + 1) * BLOCK) / RATE
        samples = (self._loud * np.sin(2 * np.pi * self._pitch * at)).astype(np.int16)
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._number * BLOCK, fractions.Fraction(1, RATE)
        self._number += 1
        return frame


class _Camera(MediaStreamTrack):
    kind = "video"

    def __init__(self, rgb: tuple[int, int, int], size: tuple[int, int] = (320, 240), rate: int = PICTURES) -> None:
        super().__init__()
        self._rate = rate
        self._rgb, self._size, self._number, self._start = rgb, size, 0, time.monotonic()

    async def recv(self) -> VideoFrame:
        await asyncio.sleep(max(0.0, self._start + self._number / self._rate - time.monotonic()))
        frame = VideoFrame.from_ndarray(np.full((*self._size[::-1], 3), self._rgb, dtype=np.uint8), format="rgb24")
        frame.pts, frame.time_base = self._number * (90_000 // self._rate), fractions.Fraction(1, 90_000)
        self._number += 1
        return frame.reformat(format="yuv420p")


class Joining:
    """Whoever can make an offer and take an answer joins a call in the same way."""

    party_id: str

    def offer(self) -> str:
        raise NotImplementedError

    def accept(self, sdp: str) -> None:
        raise NotImplementedError

    def join(self, seat: Seat, call_id: str = "c1") -> None:
        """Offers, takes the answer, and waits for the picture at the seat."""
        since = len(seat.events)
        seat.post(ports.RemoteOffer(call_id, self.party_id, self.party_id, self.offer()))
        answer = seat.wait(ports.LocalAnswer, since=since, where=lambda event: event.party_id == self.party_id)
        self.accept(answer.sdp)
        seat.wait(ports.FirstPicture, since=since, where=lambda event: event.party_id == self.party_id)


class ThinPhone(Joining):
    """Runs on a thread of its own. ``leave`` it."""

    def __init__(
        self,
        party_id: str,
        pitch: float,
        rgb: tuple[int, int, int],
        size: tuple[int, int] = (320, 240),
        rate: int = PICTURES,
        loud: int = 6000,
    ) -> None:
        self.party_id, self.pitch, self.rgb = party_id, pitch, rgb
        self.size, self.rate, self.loud = size, rate, loud
        self.pictures: list[VideoFrame] = []
        self.seen = 0
        """Pictures that have come."""
        self._heard: list[Samples] = []
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"thin-{party_id}", daemon=True)
        self._thread.start()

    def offer(self) -> str:
        return self._do(self._offer())

    def accept(self, sdp: str) -> None:
        self._do(self._accept(sdp))

    def count(self) -> int:
        """Pictures that have come."""
        return self.seen

    def luma(self) -> Gray:
        """Of the newest picture."""
        return self.pictures[-1].to_ndarray(format="gray").astype(np.uint8)

    def hears(self, seconds: float = 1.0) -> Samples:
        """The next ``seconds`` of what comes in."""
        self._heard = []
        end = time.monotonic() + 10
        while sum(map(len, self._heard)) < seconds * RATE:
            assert time.monotonic() < end, "no sound came"
            time.sleep(0.02)
        return np.concatenate(self._heard)[-int(seconds * RATE) :]

    def drop(self) -> None:
        """Ends the connection as a phone does that loses its page."""
        self._do(self._pc.close())

    def leave(self) -> None:
        if hasattr(self, "_pc"):
            self.drop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Found]) -> Found:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(15)

    async def _offer(self) -> str:
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._pc.on("track", self._on_track)
        self._pc.addTrack(_Voice(self.pitch, self.loud))
        self._pc.addTrack(_Camera(self.rgb, self.size, self.rate))
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return str(self._pc.localDescription.sdp)

    async def _accept(self, sdp: str) -> None:
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="answer"))

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._drains = {*getattr(self, "_drains", set()), asyncio.ensure_future(self._drain(track))}

    async def _drain(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    self.pictures = [*self.pictures[-3:], frame]
                    self.seen += 1
                elif isinstance(frame, AudioFrame):
                    self._heard.append(to_mono(frame.to_ndarray().ravel().astype(np.int16), frame.layout.nb_channels))
        except MediaStreamError:
            return


class _Beside(BaseManager):
    """The process in which they live."""


_Beside.register("ThinPhone", ThinPhone)


class FarPhone(Joining):
    """As ``ThinPhone``, in the other process."""

    def __init__(self, far: Any, party_id: str) -> None:
        self._far, self.party_id = far, party_id

    def offer(self) -> str:
        return str(self._far.offer())

    def accept(self, sdp: str) -> None:
        self._far.accept(sdp)

    @property
    def seen(self) -> int:
        return int(self._far.count())

    def luma(self) -> Gray:
        return np.asarray(self._far.luma())

    def hears(self, seconds: float = 1.0) -> Samples:
        return np.asarray(self._far.hears(seconds), dtype=np.int16)

    def drop(self) -> None:
        self._far.drop()

    def leave(self) -> None:
        self._far.leave()


class FarPhones:
    """Phones in one process beside the test's. ``close`` it."""

    def __init__(self) -> None:
        self._beside = _Beside(ctx=get_context("spawn"))
        self._beside.start()
        self._made: list[FarPhone] = []

    def phone(self, party_id: str, *arguments: Any, **keywords: Any) -> FarPhone:
        """Arguments as of ``ThinPhone``."""
        far = self._beside.ThinPhone(party_id, *arguments, **keywords)  # type: ignore[attr-defined]
        self._made.append(FarPhone(far, party_id))
        return self._made[-1]

    def close(self) -> None:
        for phone in self._made:
            phone.leave()
        self._beside.shutdown()
