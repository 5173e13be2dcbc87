"""One voice: packets, redundant ones taken apart, into a ``Hearing``."""

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket

from media.core.lipsync import LipSync
from media.core.red import blocks
from media.core.sequence import Unwrapper
from media.hearing import Hearing
from media.tracktap import Tap


class VoiceStream:
    """All methods are for the loop."""

    def __init__(self, hearing: Hearing, sync: LipSync, tap: Tap | None = None) -> None:
        self._hearing = hearing
        self._sync = sync
        self._tap = tap
        self.ssrc: int | None = None
        self.timestamps = Unwrapper(32)

    def packet(self, codec: RTCRtpCodecParameters, packet: RtpPacket, now: float) -> None:
        """Takes a packet of Opus, or one of redundant audio; one that is neither is passed over."""
        if packet.ssrc != self.ssrc:
            self.ssrc, self.timestamps = packet.ssrc, Unwrapper(32)
            self._hearing.begin()
            if self._tap is not None:
                self._tap.restart()
        timestamp = self.timestamps.unwrap(packet.timestamp)
        for at, payload in self._copies(codec, packet, timestamp):
            self._hearing.put(at, payload, now)
            if self._tap is not None:
                self._tap.sound(at, payload, now, self._sync.voice.moment(at))
        if (heard := self._hearing.heard) is not None:
            self._sync.heard(*heard)

    @staticmethod
    def _copies(codec: RTCRtpCodecParameters, packet: RtpPacket, timestamp: int) -> list[tuple[int, bytes]]:
        if not packet.payload:
            return []
        if codec.name.lower() != "red":
            return [(timestamp, packet.payload)]
        try:
            found = blocks(packet.payload)
        except ValueError:
            return []
        newest_first = sorted(found, key=lambda block: block.earlier)
        return [(timestamp - block.earlier, block.payload) for block in newest_first if block.payload]
