"""What goes out over a connection; each holds at most what is needed now and drops the oldest."""

import asyncio
import time
from fractions import Fraction

from aiortc import MediaStreamTrack
from av import AudioFrame, VideoFrame

from media.core.mixing import BLOCK, RATE, Samples
from media.pictures import to_frame
from media.ports import Picture

VIDEO_CLOCK = 90_000


class StageTrack(MediaStreamTrack):
    """The composed stage on its way to a customer; holds the newest picture only."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._newest: asyncio.Queue[Picture] = asyncio.Queue(1)
        self._zero_ns = time.monotonic_ns()

    def push(self, picture: Picture) -> None:
        """To be called on the loop."""
        if self._newest.full():
            self._newest.get_nowait()
        self._newest.put_nowait(picture)

    async def recv(self) -> VideoFrame:
        picture = await self._newest.get()
        frame = to_frame(picture)
        frame.pts = max(0, picture.captured_ns - self._zero_ns) * VIDEO_CLOCK // 1_000_000_000
        frame.time_base = Fraction(1, VIDEO_CLOCK)
        return frame


class VoiceTrack(MediaStreamTrack):
    """What a customer hears, in steps of 20 ms; drops the oldest beyond 200 ms."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._steps: asyncio.Queue[tuple[int, Samples]] = asyncio.Queue(10)

    def push(self, number: int, samples: Samples) -> None:
        """Step ``number`` of BLOCK samples; to be called on the loop."""
        if self._steps.full():
            self._steps.get_nowait()
        self._steps.put_nowait((number, samples))

    async def recv(self) -> AudioFrame:
        number, samples = await self._steps.get()
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, number * BLOCK, Fraction(1, RATE)
        return frame
