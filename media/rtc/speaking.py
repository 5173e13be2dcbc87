"""A voice on its way out: frames of 20 or 40 ms, more careful of loss and of headers as the path is worse."""

from typing import TYPE_CHECKING

import numpy as np
from av import AudioFrame
from av.frame import Frame
from av.packet import Packet

from media.core.budget import voice
from media.core.mixing import BLOCK, Samples, to_mono
from media.core.redundancy import Redundancy
from media.core.sendqueue import Kind
from media.opusencoder import voice_encoder
from media.rtc.outgoing import Outgoing

if TYPE_CHECKING:
    from media.rtc.sender import Stream


class Speaking:
    """One track of sound in steps of 20 ms. ``redundant``: the payload type of RFC 2198, where it was agreed."""

    def __init__(self, outgoing: Outgoing, stream: "Stream", redundant: int | None) -> None:
        self._outgoing = outgoing
        self._stream = stream
        self._redundant = redundant
        outgoing.redundant = redundant is not None
        self._redundancy = Redundancy()
        self._encoder = voice_encoder()
        self._waiting: tuple[int, Samples] | None = None
        self._silent = True

    def take(self, frame: Frame | Packet) -> None:  # type: ignore[type-arg]
        """One step of somebody else's track."""
        if isinstance(frame, AudioFrame) and frame.pts is not None:
            samples = frame.to_ndarray().ravel().astype(np.int16, copy=False)
            self.say(frame.pts, to_mono(samples, frame.layout.nb_channels))

    def say(self, at: int, samples: Samples) -> None:
        """One step, from sample ``at`` on; two of them make a packet on a thin path."""
        self._stream.moment(at)
        rate, loss = self._outgoing.rate.settled, self._outgoing.rate.losses.share()
        spoken = voice(rate, loss, self._outgoing.redundant)
        if self._waiting is not None and at - self._waiting[0] == BLOCK:
            at, samples = self._waiting[0], np.concatenate([self._waiting[1], samples])
            self._waiting = None
        elif spoken.milliseconds == 40 and self._encoder.flexible:
            self._waiting = (at, samples)
            return
        self._waiting = None
        # 0.3 ms: less than it takes to hand it to another thread and back, and a voice that waits for threads jitters
        self._put(at, self._encoder.encode(samples, spoken, loss), spoken.copies)

    def _put(self, at: int, payload: bytes, copies: int) -> None:
        marker, self._silent = self._silent and bool(payload), not payload
        if not payload:
            return
        payload_type = self._stream.codec.payloadType or 0
        if self._redundant is not None:
            wrapped = self._redundancy.wrap(payload_type, at, payload, copies)
            if copies:
                payload_type, payload = self._redundant, wrapped
        self._stream.put(Kind.VOICE, payload_type, at, payload, marker)
