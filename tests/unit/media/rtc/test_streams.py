"""Streams fed with packets by hand: redundant sound taken apart, pictures decoded, requests written."""

import asyncio
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtcpPacket, RtcpRtpfbPacket, RtpPacket
from av import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from media.core.lipsync import LipSync
from media.hearing import Hearing
from media.rtc.pictures import PictureStream
from media.rtc.receiver import _nack
from media.rtc.voices import VoiceStream
from tests.unit.media.core.test_red import pack
from tests.unit.media.test_hearing import encoded

RED = RTCRtpCodecParameters(mimeType="audio/red", clockRate=48000, channels=2, payloadType=63)
OPUS = RTCRtpCodecParameters(mimeType="audio/opus", clockRate=48000, channels=2, payloadType=111)
VP8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90000, payloadType=96)


@given(st.integers(0, 0xFFFF), st.lists(st.integers(1, 40), max_size=60))
def test_a_request_names_what_is_lost_over_wraps(first: int, steps: list[int]) -> None:
    lost, at = [first], first
    for step in steps:
        at += step
        lost.append(at & 0xFFFF)
    (packet,) = RtcpPacket.parse(_nack(7, 8, lost))
    assert isinstance(packet, RtcpRtpfbPacket)
    assert (packet.fmt, packet.ssrc, packet.media_ssrc) == (1, 7, 8)
    assert [number & 0xFFFF for number in packet.lost] == lost


def heard(codec: RTCRtpCodecParameters, payloads: list[bytes | None]) -> dict[str, int]:
    """What became of packets of 20 ms, None for a lost one."""
    hearing = Hearing()
    stream = VoiceStream(hearing, LipSync())
    first = 0xFFFF_FFFF - 5 * 960  # the timestamp wraps on the way
    now = time.monotonic()
    for number, payload in enumerate(payloads):
        if payload is not None:
            packet = RtpPacket(codec.payloadType or 0, 0, number, (first + 960 * number) & 0xFFFF_FFFF, 5, payload)
            stream.packet(codec, packet, now + number * 0.02 - len(payloads) * 0.02)
    for _ in range(len(payloads) // 2):
        hearing.take()
    return hearing.counts


def test_redundant_sound_fills_what_is_lost() -> None:
    packets = encoded(60)
    red: list[bytes | None] = [
        pack([(960, packets[at - 1])] if at else [], packet) for at, packet in enumerate(packets)
    ]
    plain: list[bytes | None] = list(packets)
    for at in range(10, 55, 4):
        red[at] = plain[at] = None
    assert heard(RED, red)["concealed"] == heard(RED, red)["recovered"] == 0
    without = heard(OPUS, plain)
    assert without["concealed"] + without["recovered"] >= 3 * 960


def test_another_voice_is_heard_at_once() -> None:
    hearing = Hearing()
    stream, now = VoiceStream(hearing, LipSync()), time.monotonic()
    for ssrc, first in ((5, 1_000_000_000), (6, 77)):
        for number, payload in enumerate(encoded(20)):
            stream.packet(OPUS, RtpPacket(111, 0, number, first + 960 * number, ssrc, payload), now - 0.4 + number / 50)
        assert any(hearing.take().any() for _ in range(10))


def test_rubbish_is_passed_over() -> None:
    assert heard(RED, [b"\xef", b"", b"\xff\xff"] * 10)["played"] == 0


def payloads(pictures: int) -> list[list[bytes]]:
    encoder, made = Vp8Encoder(), []
    noise = np.random.default_rng(1)
    for number in range(pictures):
        frame = VideoFrame.from_ndarray(noise.integers(0, 255, (240, 320, 3), dtype=np.uint8), format="rgb24")
        frame = frame.reformat(format="yuv420p")
        frame.pts, frame.time_base = number * 6000, Fraction(1, 90_000)
        made.append(encoder.encode(frame)[0])
    return made


def packets_of(frames: list[list[bytes]], first: int = 65_520) -> list[RtpPacket]:
    made: list[RtpPacket] = []
    for number, frame in enumerate(frames):
        for place, payload in enumerate(frame):
            sequence = (first + len(made)) & 0xFFFF
            made.append(RtpPacket(96, int(place == len(frame) - 1), sequence, number * 6000, 9, payload))
    return made


async def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def test_pictures_are_shown_once_each_and_in_order() -> None:
    shown: list[VideoFrame] = []
    stream = PictureStream(shown.append, LipSync())
    packets = packets_of(payloads(6))
    now = time.monotonic()
    for packet in packets:
        stream.packet(VP8, packet, now, repaired=False)
        stream.packet(VP8, packet, now, repaired=False)
    await until(lambda: len(shown) == 6)
    assert [frame.pts for frame in shown] == [number * 6000 for number in range(6)]
    assert stream.wants(now)[0] == []
    await stream.close()


async def test_a_lost_packet_is_asked_for_and_its_copy_lets_all_go() -> None:
    shown: list[VideoFrame] = []
    stream = PictureStream(shown.append, LipSync())
    packets = packets_of(payloads(6))
    lost = next(at for at, packet in enumerate(packets) if packet.timestamp == 6000)
    now = time.monotonic()
    for at, packet in enumerate(packets):
        if at != lost:
            stream.packet(VP8, packet, now, repaired=False)
    await until(lambda: len(shown) == 1)
    asked, key = stream.wants(now)
    assert [number & 0xFFFF for number in asked] == [packets[lost].sequence_number]
    assert not key
    stream.packet(VP8, packets[lost], now + 0.1, repaired=True)
    await until(lambda: len(shown) == 6)
    assert stream.nacks.round_trip == pytest.approx(0.1)
    await stream.close()


async def test_what_cannot_be_repaired_is_asked_for_anew_and_gone_on_with() -> None:
    shown: list[VideoFrame] = []
    stream = PictureStream(shown.append, LipSync())
    packets = packets_of(payloads(6))
    now = time.monotonic()
    for packet in packets:
        if packet.timestamp != 6000:
            stream.packet(VP8, packet, now, repaired=False)
    await until(lambda: len(shown) == 1)
    assert stream.wants(now + 1.9)[1], "a key frame is asked for"
    stream.wants(now + 2.1)
    await until(lambda: len(shown) == 5)
    await stream.close()


async def test_another_source_begins_anew() -> None:
    shown: list[VideoFrame] = []
    stream = PictureStream(shown.append, LipSync())
    for ssrc, first in ((9, 100), (10, 60_000)):
        for packet in packets_of(payloads(2), first):
            packet.ssrc = ssrc
            stream.packet(VP8, packet, time.monotonic(), repaired=False)
    await until(lambda: len(shown) == 4)
    assert stream.wants(time.monotonic())[0] == []
    await stream.close()
