"""What we say we can, beyond aiortc: transport-wide feedback, redundant audio (RFC 2198), Opus with in-band copies.

aiortc keeps what it can in two public tables of ``aiortc.codecs``; ``extend`` adds to them once for the whole process.
"""

import re

from aiortc.codecs import CODECS, HEADER_EXTENSIONS
from aiortc.rtcrtpparameters import (
    RTCRtcpFeedback,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
)

TRANSPORT_SEQUENCE = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
FEEDBACK = RTCRtcpFeedback(type="transport-cc")
RED = "audio/red"
RED_PAYLOAD = 63
OPUS = "audio/opus"
OPUS_PARAMETERS: dict[str, int | str | None] = {"minptime": 10, "useinbandfec": 1}
_SEND_TIME_ID, _TRANSPORT_SEQUENCE_ID = 3, 4
_RED_LINE = re.compile(r"^a=rtpmap:(\d+) red/48000/2\s*$", re.MULTILINE | re.IGNORECASE)


def extend() -> None:
    """Adds to aiortc's tables what is not there yet."""
    for extensions in HEADER_EXTENSIONS.values():
        for number, uri in ((_SEND_TIME_ID, SEND_TIME), (_TRANSPORT_SEQUENCE_ID, TRANSPORT_SEQUENCE)):
            if not any(extension.uri == uri for extension in extensions):
                extensions.append(RTCRtpHeaderExtensionParameters(id=number, uri=uri))
    if not any(codec.mimeType == RED for codec in CODECS["audio"]):
        CODECS["audio"].append(
            RTCRtpCodecParameters(mimeType=RED, clockRate=48000, channels=2, payloadType=RED_PAYLOAD)
        )
    for codec in [*CODECS["audio"], *CODECS["video"]]:
        if codec.name.lower() in ("opus", "red", "vp8", "h264") and FEEDBACK not in codec.rtcpFeedback:
            codec.rtcpFeedback.append(FEEDBACK)
        if codec.mimeType == OPUS:
            codec.parameters = dict(OPUS_PARAMETERS)


def red_payload(sdp: str) -> int | None:
    """The payload type that a description gives to redundant audio at 48 kHz."""
    found = _RED_LINE.search(sdp)
    return int(found[1]) if found else None


def sound_codecs(agreed: list[RTCRtpCodecParameters], sdp: str) -> list[RTCRtpCodecParameters]:
    """What to answer of ``agreed`` sound codecs: Opus, and redundant audio of Opus under the other side's number.

    All of WebRTC speaks Opus (RFC 7874); raises ValueError for a description without it.
    """
    opus = next((codec for codec in agreed if codec.mimeType.lower() == OPUS), None)
    if opus is None:
        raise ValueError("a description without Opus")
    kept = []
    for codec in agreed:
        if codec.mimeType.lower() == RED and (payload := red_payload(sdp)) is not None:
            codec.payloadType = payload
            codec.parameters = {f"{opus.payloadType}/{opus.payloadType}": None}
            kept.append(codec)
        elif codec is opus:
            kept.append(codec)
    return kept
