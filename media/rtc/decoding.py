"""Decoding of pictures on a thread of its own, behind a bounded queue."""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable

import av
from aiortc.codecs import get_decoder
from aiortc.codecs.base import Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av import VideoFrame

from media.core.frames import Frame
from media.rtc import names

log = logging.getLogger(__name__)
WAITING = 60


class PictureDecoding:
    """``decoded(frame, picture)`` is called on the loop, ``failed()`` too: only a key frame helps then."""

    def __init__(self, decoded: Callable[[Frame, VideoFrame], None], failed: Callable[[], None]) -> None:
        self._decoded = decoded
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._waiting: queue.Queue[tuple[RTCRtpCodecParameters, Frame] | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._run, name="picture-decoder", daemon=True)
        self._thread.start()

    def put(self, codec: RTCRtpCodecParameters, frame: Frame) -> bool:
        """Queues a frame; False where the decoder is hopelessly behind."""
        try:
            self._waiting.put_nowait((codec, frame))
        except queue.Full:
            return False
        return True

    async def close(self) -> None:
        """Ends the thread and waits for it."""
        while True:
            try:
                self._waiting.get_nowait()
            except queue.Empty:
                break
        self._waiting.put_nowait(None)
        await asyncio.to_thread(self._thread.join, 5)

    def _run(self) -> None:
        decoder: Decoder | None = None
        name = ""
        while (task := self._waiting.get()) is not None:
            codec, frame = task
            if decoder is None or codec.name != name:
                decoder, name = names.on_one_thread(get_decoder(codec)), codec.name
            self._decode(decoder, frame)

    def _decode(self, decoder: Decoder, frame: Frame) -> None:
        try:
            pictures = decoder.decode(JitterFrame(data=frame.data, timestamp=frame.timestamp))
        except av.FFmpegError as error:
            log.debug("a picture could not be decoded: %s", error)
            self._tell(self._failed)
            return
        for picture in pictures:
            if isinstance(picture, VideoFrame):
                self._tell(self._decoded, frame, picture)

    def _tell(self, what: Callable[..., None], *args: object) -> None:
        try:
            self._loop.call_soon_threadsafe(what, *args)
        except RuntimeError:  # the loop has ended
            return
