"""What is written before each payload: aiortc's way with RTP, by a shorter one where that comes to the same bytes."""

import struct
import time

from aiortc.rtcrtpparameters import RTCRtpSendParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket

SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
NUMBER = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
LARGEST_ID = 14
"""That fits into a header of one byte (RFC 8285)."""
SINCE_1900 = 2_208_988_800
"""Seconds from NTP's beginning to UNIX's."""
_SECOND = 1_000_000_000
_HEADER = struct.Struct("!BBHLLHHLHBB")


def ntp_now() -> int:
    """This machine's clock as NTP's 64 bits (RFC 5905)."""
    seconds, rest = divmod(time.time_ns(), _SECOND)
    return (seconds + SINCE_1900) << 32 | (rest << 32) // _SECOND


class Headers:
    """Of one stream."""

    def __init__(self, parameters: RTCRtpSendParameters) -> None:
        self._map = HeaderExtensionsMap()
        self._map.configure(parameters)
        ids = {each.uri: each.id for each in parameters.headerExtensions}
        time_id, number_id = ids.get(SEND_TIME, 0), ids.get(NUMBER, 0)
        self._short = 0 < time_id <= LARGEST_ID and 0 < number_id <= LARGEST_ID
        # lengths less one; the one of the number stands before the last bytes of its word
        self._time_head, self._number_head = (time_id << 4 | 2) << 24, number_id << 4 | 1

    def write(self, packet: RtpPacket) -> bytes:
        """The packet as it goes to the seal."""
        told = packet.extensions
        usual = told.mid is None and told.audio_level is None and not packet.csrc and not packet.padding_size
        if not self._short or not usual or told.abs_send_time is None or told.transport_sequence_number is None:
            return packet.serialize(self._map)
        number = told.transport_sequence_number
        header = _HEADER.pack(
            0x90,
            packet.marker << 7 | packet.payload_type,
            packet.sequence_number,
            packet.timestamp,
            packet.ssrc,
            0xBEDE,
            2,
            self._time_head | told.abs_send_time,
            self._number_head << 8 | number >> 8,
            number & 0xFF,
            0,
        )
        return header + packet.payload
