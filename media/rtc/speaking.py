"""A voice on its way out: frames of 20 or 40 ms, more careful of loss and of headers as the path is worse."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from av import AudioFrame
from av.frame import Frame
from av.packet import Packet

from media.core.budget import voice
from media.core.mixing import BLOCK, Samples, to_mono
from media.core.redundancy import Redundancy
from media.core.sendqueue import Kind
from media.rtc.chorus import Chorus, Manner, Share, Step, guarded
from media.rtc.outgoing import Outgoing

if TYPE_CHECKING:
    from media.rtc.sender import Stream


@dataclass(frozen=True)
class Said:
    """A packet of Opus from sample ``at`` on, empty where nothing is to be sent; ``copies`` ride along later."""

    at: int
    payload: bytes
    copies: int


class Speaking:
    """One track of sound in steps of 20 ms. ``redundant``: the payload type of RFC 2198, where it was agreed.

    Who has the same ``chorus`` and hears the same shares an encoder. All but ``encode`` is for the loop.
    """

    def __init__(self, outgoing: Outgoing, stream: "Stream", redundant: int | None, chorus: Chorus) -> None:
        self._outgoing = outgoing
        self._stream = stream
        self._redundant = redundant
        outgoing.redundant = redundant is not None
        self._redundancy = Redundancy()
        self._share = Share(chorus)
        self._waiting: tuple[int, Samples] | None = None
        self._silent = True
        self._settle()

    def take(self, frame: Frame | Packet) -> None:  # type: ignore[type-arg]
        """One step of somebody else's track."""
        if isinstance(frame, AudioFrame) and frame.pts is not None:
            samples = frame.to_ndarray().ravel().astype(np.int16, copy=False)
            self.say(frame.pts, to_mono(samples, frame.layout.nb_channels))

    def say(self, at: int, samples: Samples) -> None:
        """One step, from sample ``at`` on."""
        self._settle()
        self._hand_on(self.encode(at, samples))

    def _settle(self) -> None:
        """Looks how the path is; the steps from here on are encoded for that."""
        rate, loss = self._outgoing.rate.settled, self._outgoing.rate.losses.share()
        self._asked = Manner(voice(rate, loss, self._outgoing.redundant), guarded(loss))

    def encode(self, at: int, samples: Samples) -> Said | None:
        """One step, on whatever thread, as long as it is one at a time; two steps make a packet on a thin path.

        The two are the same for everybody, so that they can be shared.
        """
        asked = self._asked
        self._share.settle(asked)
        if self._waiting is not None and at - self._waiting[0] == BLOCK:
            at, samples = self._waiting[0], np.concatenate([self._waiting[1], samples])
        elif asked.spoken.milliseconds == 40 and self._share.flexible and at % (2 * BLOCK) == 0:
            self._waiting = (at, samples)
            return None
        self._waiting = None
        return Said(at, self._share.encode(Step(at, samples)), asked.spoken.copies)

    def put(self, said: Said | None) -> None:
        """What ``encode`` returned, to the pacer; the next step is for the path as it is now."""
        self._hand_on(said)
        self._settle()

    def _hand_on(self, said: Said | None) -> None:
        if said is not None:
            self._stream.moment(said.at)
            self._put(said.at, said.payload, said.copies)

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
