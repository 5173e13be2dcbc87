"""What goes out over a connection; each holds at most what is needed now and drops the oldest."""

import asyncio
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Protocol

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

from media.core.mixing import BLOCK, RATE, Samples
from media.ports import Picture


class StageTrack(MediaStreamTrack):
    """The composed stage on its way to a customer; holds the newest picture only.

    Pictures are pushed on, not fetched: customers who share an encoding must get them at the same time.
    """

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._newest: Picture | None = None
        self._take: Callable[[Picture], None] | None = None

    def push(self, picture: Picture) -> None:
        """To be called on the loop; for all who are to see the same object in one step of it."""
        self._newest = picture
        if self._take is not None:
            self._take(picture)

    def feed(self, take: Callable[[Picture], None] | None) -> None:
        """Where pictures go from here on, the newest one at once; None: nowhere."""
        self._take = take
        if take is not None and self._newest is not None:
            take(self._newest)

    async def recv(self) -> VideoFrame:
        """Ends at once, since nothing is to be fetched here."""
        raise MediaStreamError


class Mouth(Protocol):
    """What a voice goes out by."""

    def say(self, at: int, samples: Samples) -> None:
        """A step of BLOCK samples from sample ``at`` on; on the loop."""
        ...

    def speak(self, at: int, samples: Samples) -> Callable[[], None]:
        """The same on another thread, as long as it is one at a time; what is returned is to be called on the loop."""
        ...


class VoiceTrack(MediaStreamTrack):
    """What a customer hears, in steps of 20 ms; drops the oldest beyond 200 ms.

    Steps are fetched as frames, or handed on as they are to who has said that they can ``feed`` on them.
    """

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._steps: asyncio.Queue[tuple[int, Samples]] = asyncio.Queue(10)
        self._mouth: Mouth | None = None

    def feed(self, mouth: Mouth | None) -> None:
        """Where each step goes from here on; None: they are to be fetched."""
        self._mouth = mouth

    def push(self, number: int, samples: Samples) -> None:
        """Step ``number`` of BLOCK samples; to be called on the loop."""
        if self._mouth is None:
            self._keep(number, samples)
        else:
            self._mouth.say(number * BLOCK, samples)

    def speak(self, number: int, samples: Samples) -> Callable[[], None]:
        """Step ``number`` on another thread, one for all steps; what is returned is to be called on the loop."""
        mouth = self._mouth
        return partial(self._keep, number, samples) if mouth is None else mouth.speak(number * BLOCK, samples)

    def _keep(self, number: int, samples: Samples) -> None:
        if self._steps.full():
            self._steps.get_nowait()
        self._steps.put_nowait((number, samples))

    async def recv(self) -> AudioFrame:
        number, samples = await self._steps.get()
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, number * BLOCK, Fraction(1, RATE)
        return frame
