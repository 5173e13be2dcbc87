"""One stream of pictures: repaired, put in order, decoded, shown in time. All methods are for the loop."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket
from av import VideoFrame

from media.core.frames import Frame, FrameBuffer, Piece
from media.core.lipsync import LipSync
from media.core.nack import NackList
from media.core.pacing import PicturePacing
from media.core.repair import ABANDON, KeyframeAsker
from media.core.sequence import Unwrapper
from media.rtc.decoding import PictureDecoding
from media.rtc.depayload import part
from media.tracktap import Tap

HELD = 30
"""Pictures that wait for their time at most."""


class PictureStream:
    """``show(picture, due)`` gets each picture at its time."""

    def __init__(self, show: Callable[[VideoFrame], None], sync: LipSync, tap: Tap | None = None) -> None:
        self._show = show
        self._sync = sync
        self._tap = tap
        self._loop = asyncio.get_running_loop()
        self._decoding = PictureDecoding(self._decoded, self._failed)
        self._held: deque[tuple[float, VideoFrame]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._codec: RTCRtpCodecParameters | None = None
        self.ssrc: int | None = None
        self._reset()

    def _reset(self) -> None:
        self._sequence, self.timestamps = Unwrapper(), Unwrapper(32)
        self.frames, self.nacks, self.asker = FrameBuffer(), NackList(), KeyframeAsker()
        self._pacing = PicturePacing()

    def packet(self, codec: RTCRtpCodecParameters, packet: RtpPacket, now: float, repaired: bool) -> None:
        """Takes a packet as it was first sent; ``repaired``: this copy was sent on request."""
        if packet.ssrc != self.ssrc:
            self.ssrc = packet.ssrc
            self._reset()
            if self._tap is not None:
                self._tap.restart()
        sequence = self._sequence.unwrap(packet.sequence_number)
        self.nacks.arrived(sequence, now, repaired)
        try:
            piece = part(codec.name, packet.payload)
        except ValueError:
            return
        timestamp = self.timestamps.unwrap(packet.timestamp)
        marker = bool(packet.marker)
        self.frames.insert(Piece(sequence, timestamp, marker, piece.data, piece.starts, piece.key, now))
        self._codec = codec
        self._hand_on()

    def wants(self, now: float) -> tuple[list[int], bool]:
        """(unwrapped numbers to ask for again, whether to ask for a key frame)."""
        waits = self.frames.waits(now)
        if waits > ABANDON and self.frames.next is not None:
            self.frames.abandon()
            self.asker.want()
            self._hand_on()
        if self._tap is not None and self._tap.wants_key():
            self.asker.want()
        lost = self.nacks.due(now)
        return lost, self.ssrc is not None and self.asker.due(waits, self.nacks.round_trip, now, self.frames.key_coming)

    def _hand_on(self) -> None:
        frames = self.frames.pop()
        if self.frames.next is not None and frames:
            self.nacks.forget(self.frames.next)
        for frame in frames:
            if frame.key:
                self.asker.came()
            if self._codec is not None and not self._decoding.put(self._codec, frame):
                self.asker.want()
            if self._codec is not None and self._tap is not None:
                self._tap.picture(self._codec.name, frame, self._sync.pictures.moment(frame.timestamp))

    def _failed(self) -> None:
        self.asker.want()

    def _decoded(self, frame: Frame, picture: VideoFrame) -> None:
        now = time.monotonic()
        due = self._pacing.due(frame.timestamp, now, self._sync.picture_due(frame.timestamp, now))
        if due <= now and not self._held:
            self._show(picture)
            return
        self._held.append((due, picture))
        if len(self._held) > HELD:
            self._held.popleft()
        self._wait()

    def _wait(self) -> None:
        if self._timer is None and self._held:
            self._timer = self._loop.call_later(max(0.0, self._held[0][0] - time.monotonic()), self._release)

    def _release(self) -> None:
        self._timer = None
        now = time.monotonic()
        while self._held and self._held[0][0] <= now + 0.002:
            self._show(self._held.popleft()[1])
        self._wait()

    async def close(self) -> None:
        """Ends the decoder and drops what is held."""
        if self._timer is not None:
            self._timer.cancel()
        self._held.clear()
        await self._decoding.close()
