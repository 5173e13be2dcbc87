"""Pictures on their way out: as large and as fine as the rate allows, left out where the path is behind."""

import asyncio
import time
from typing import TYPE_CHECKING

from aiortc.mediastreams import VIDEO_TIME_BASE, convert_timebase
from av import VideoFrame
from av.frame import Frame
from av.packet import Packet

from media.core.budget import pictures, unasked, voice
from media.core.ladder import RUNGS, Ladder
from media.core.resend import KeyGate
from media.core.sendqueue import Kind
from media.rtc.encoders import Encoded, Pictures, pictures_for
from media.rtc.outgoing import Outgoing

if TYPE_CHECKING:
    from media.rtc.sender import Stream

BEHIND, HOPELESS = 0.2, 0.7
"""Seconds that packets wait here: the next picture is left out; what waits is dropped for a new beginning."""


EASY = RUNGS[1].least - 1
"""A phone with too much to do gets the size that belongs to such a rate, half the width and the height."""


class Showing:
    """One track of pictures. ``gate`` takes requests for a key picture."""

    def __init__(self, outgoing: Outgoing, stream: "Stream") -> None:
        self.gate = KeyGate()
        self.left_out = 0
        self._outgoing = outgoing
        self._stream = stream
        self._ladder: Ladder | None = None
        self._encoder: Pictures = pictures_for(stream.codec.name)
        self._begun = False

    async def take(self, frame: Frame | Packet) -> None:  # type: ignore[type-arg]
        """Encodes a picture off the loop and hands it to the pacer, unless there is no room for it."""
        now = time.monotonic()
        rate = self._climb(now)
        if not isinstance(frame, VideoFrame) or self._ladder is None or not self._has_room(now):
            self.left_out += 1
            return
        encoded = await self._encode(frame, self._ladder, rate, self.gate.due(now) or not self._begun)
        if encoded.key:
            self._begun = True
            self._stream.resending.superseded()
            self.gate.made(encoded.size, self._outgoing.rate.target, self._outgoing.trip, now)
        self._put(encoded)

    async def _encode(self, frame: VideoFrame, ladder: Ladder, rate: float, key: bool) -> Encoded:
        at = convert_timebase(frame.pts or 0, frame.time_base or VIDEO_TIME_BASE, VIDEO_TIME_BASE)
        frame.pts, frame.time_base = at, VIDEO_TIME_BASE
        self._stream.moment(at)
        size = RUNGS[ladder.rung].size(frame.width, frame.height)
        self._outgoing.picture = size if ladder.live else None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self._encoder.encode, frame, size, rate, key)

    def _put(self, encoded: Encoded) -> None:
        payload_type = self._stream.codec.payloadType or 0
        for place, payload in enumerate(encoded.payloads):
            last = place == len(encoded.payloads) - 1
            if not self._stream.put(Kind.PICTURE, payload_type, encoded.timestamp, payload, last):
                self.gate.ask()

    def _climb(self, now: float) -> float:
        """Brings the ladder up to date and returns the encoder's rate."""
        rate, redundant = self._outgoing.rate, self._outgoing.redundant
        loss = rate.losses.share()
        spoken = voice(rate.settled, loss, redundant)
        more = self._stream.unasked = unasked(rate.settled, spoken, rate.losses.belief.share)
        settled = pictures(rate.settled, spoken, loss, more)
        if self._ladder is None:
            self._ladder = Ladder(settled)
        self._ladder.choose(rate.settled, min(settled, EASY) if now < self._outgoing.easy_until else settled, now)
        if not self._ladder.live:
            self._outgoing.picture = None
        return pictures(rate.target, voice(rate.target, loss, redundant), loss, more)

    def _has_room(self, now: float) -> bool:
        backlog = self._outgoing.queue.backlog()
        if backlog > HOPELESS and self._outgoing.queue.drop_pictures():
            self.gate.ask()
            return False
        assert self._ladder is not None
        wanted = self._ladder.live or self.gate.due(now) or not self._begun
        return wanted and backlog < BEHIND
