"""What is said in descriptions, and what is read from payloads."""

from fractions import Fraction

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.codecs import CODECS, HEADER_EXTENSIONS
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from av import VideoFrame

from media.hearing import Hearing
from media.rtc.connection import Connection
from media.rtc.depayload import Part, part
from media.rtc.offering import SEND_TIME, TRANSPORT_SEQUENCE, extend, red_payload
from media.rtc.receiver import Incoming, Receiver

OFFERED = """a=rtpmap:{red} red/48000/2\r\na=fmtp:{red} 111/111\r\n"""


def test_extending_twice_is_extending_once() -> None:
    before = str(CODECS), str(HEADER_EXTENSIONS)
    extend()
    assert (str(CODECS), str(HEADER_EXTENSIONS)) == before
    for extensions in HEADER_EXTENSIONS.values():
        assert sum(extension.uri == TRANSPORT_SEQUENCE for extension in extensions) == 1
        assert sum(extension.uri == SEND_TIME for extension in extensions) == 1
        assert len({extension.id for extension in extensions}) == len(extensions)


def test_opus_stays_the_first_of_our_own_offer() -> None:
    assert CODECS["audio"][0].mimeType == "audio/opus"


def connection() -> Connection:
    return Connection(RTCConfiguration(iceServers=[]), Incoming(lambda picture: None, Hearing()))


async def offered() -> tuple[RTCPeerConnection, str]:
    offering = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    offering.addTransceiver("audio")
    offering.addTransceiver("video")
    await offering.setLocalDescription(await offering.createOffer())
    return offering, offering.localDescription.sdp


@pytest.mark.parametrize("red", [63, 45, 121])
async def test_redundant_audio_is_answered_under_the_offers_number(red: int) -> None:
    offering, sdp = await offered()
    sdp = sdp.replace(" 63 ", f" {red} ").replace(" 63\r\n", f" {red}\r\n").replace(":63 ", f":{red} ")
    answering = connection()
    await answering.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="offer"))
    await answering.setLocalDescription(await answering.createAnswer())
    answer = answering.localDescription.sdp
    assert f"a=rtpmap:{red} red/48000/2\r\n" in answer
    assert f"a=fmtp:{red} 96/96\r\n" in answer
    assert "useinbandfec=1" in answer
    assert answer.count("transport-cc") >= 2
    assert answer.count(TRANSPORT_SEQUENCE) == 2
    assert "PCMU" not in answer
    assert all(isinstance(receiver, Receiver) for receiver in answering.getReceivers())
    await answering.close()
    await offering.close()


async def test_what_we_send_is_never_redundant_audio() -> None:
    offering, sdp = await offered()
    line = next(line for line in sdp.split("\r\n") if line.startswith("m=audio"))
    head, numbers = line.rsplit(" ", len(line.split()) - 3)[0], line.split()[3:]
    first = " ".join([head, "63", *(number for number in numbers if number != "63")])
    lines = sdp.replace(line, first).split("\r\n")
    red = [each for each in lines if each.startswith(("a=rtpmap:63", "a=fmtp:63"))]
    rest = [each for each in lines if each not in red]
    at = rest.index(next(each for each in rest if each.startswith("a=rtpmap:")))
    answering = connection()
    moved = "\r\n".join([*rest[:at], *red, *rest[at:]])
    await answering.setRemoteDescription(RTCSessionDescription(sdp=moved, type="offer"))
    (transceiver, *_) = answering.getTransceivers()
    parameters = answering._RTCPeerConnection__localRtp(transceiver)
    assert [codec.name for codec in parameters.codecs] == ["opus", "red"]
    await answering.close()
    await offering.close()


async def test_a_description_without_opus_is_refused() -> None:
    offering, sdp = await offered()
    answering = connection()
    with pytest.raises(ValueError):
        await answering.setRemoteDescription(RTCSessionDescription(sdp=sdp.replace("opus", "soup"), type="offer"))
    await answering.close()
    await offering.close()


def test_the_number_of_redundant_audio() -> None:
    assert red_payload("v=0\r\n" + OFFERED.format(red=63)) == 63
    assert red_payload("a=rtpmap:63 red/8000\r\n") is None


def pictures(encoder: Vp8Encoder | H264Encoder) -> list[list[bytes]]:
    """Payloads of three large pictures, the first and the last key frames."""
    made, noise = [], np.random.default_rng(1)
    for number in range(3):
        frame = VideoFrame.from_ndarray(noise.integers(0, 255, (360, 640, 3), dtype=np.uint8), format="rgb24")
        frame = frame.reformat(format="yuv420p")
        frame.pts, frame.time_base = number * 3000, Fraction(1, 90_000)
        made.append(encoder.encode(frame, force_keyframe=number == 2)[0])
    return made


@pytest.mark.parametrize(("codec", "encoder"), [("VP8", Vp8Encoder), ("H264", H264Encoder)])
def test_where_frames_begin_and_which_are_key(codec: str, encoder: type[Vp8Encoder | H264Encoder]) -> None:
    for number, payloads in enumerate(pictures(encoder())):
        parts = [part(codec, payload) for payload in payloads]
        assert len(parts) > 1
        assert parts[0].key == (number in (0, 2))
        assert all(len(each.data) for each in parts)
        if number != 1:
            assert parts[0].starts
        if codec == "VP8":
            assert [each.starts for each in parts] == [True] + [False] * (len(parts) - 1)


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_padding_is_nothing_and_rubbish_refused(codec: str) -> None:
    assert part(codec, b"") == Part(b"")
    with pytest.raises(ValueError):
        part(codec, b"\x80" if codec == "VP8" else b"\x1f")
