"""A transport in memory in the place of aiortc's, and our sender on it with tracks that a test pushes."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import (
    RTCRtcpParameters,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpSendParameters,
)
from aiortc.rtp import AnyRtcpPacket, HeaderExtensionsMap, RtcpPacket, RtpPacket, is_rtcp

from media.core.mixing import BLOCK, Samples
from media.ports import Picture
from media.rtc.broadcast import Broadcast
from media.rtc.offering import SEND_TIME, TRANSPORT_SEQUENCE
from media.rtc.outgoing import Outgoing
from media.rtc.sender import Sender
from media.tracks import StageTrack, VoiceTrack

OPUS, RED, H264, RTX = 111, 63, 102, 103
EXTENSIONS = [
    RTCRtpHeaderExtensionParameters(id=1, uri="urn:ietf:params:rtp-hdrext:sdes:mid"),
    RTCRtpHeaderExtensionParameters(id=2, uri=SEND_TIME),
    RTCRtpHeaderExtensionParameters(id=3, uri=TRANSPORT_SEQUENCE),
]
SOUND = [
    RTCRtpCodecParameters(mimeType="audio/opus", clockRate=48000, channels=2, payloadType=OPUS),
    RTCRtpCodecParameters(mimeType="audio/red", clockRate=48000, channels=2, payloadType=RED),
]
VIDEO = [
    RTCRtpCodecParameters(mimeType="video/H264", clockRate=90000, payloadType=H264),
    RTCRtpCodecParameters(mimeType="video/rtx", clockRate=90000, payloadType=RTX, parameters={"apt": H264}),
]


def parameters(codecs: list[RTCRtpCodecParameters], mid: str) -> RTCRtpSendParameters:
    return RTCRtpSendParameters(
        codecs=codecs, headerExtensions=EXTENSIONS, muxId=mid, rtcp=RTCRtcpParameters(cname="seat", mux=True)
    )


def spoken(number: int) -> Samples:
    """Step ``number`` of a tone of 440 Hz."""
    at = np.arange(number * BLOCK, (number + 1) * BLOCK) / 48_000
    samples: Samples = (8000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16)
    return samples


@dataclass
class Wire:
    """Keeps what is sent. ``state`` as aiortc has it."""

    state: str = "connected"
    rtp: list[RtpPacket] = field(default_factory=list)
    rtcp: list[AnyRtcpPacket] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    senders: set[Any] = field(default_factory=set)
    passed: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = asyncio.Event()
        self._map = HeaderExtensionsMap()
        self._map.configure(parameters([], "0"))

    async def _send_rtp(self, data: bytes) -> None:
        if is_rtcp(data):
            self.rtcp += RtcpPacket.parse(data)
        else:
            self.rtp.append(RtpPacket.parse(data, self._map))
            self.times.append(time.monotonic())
        self._changed.set()

    async def until(self, there: Callable[[], bool]) -> None:
        """Waits until what was sent is as it should be."""
        async with asyncio.timeout(10):
            while not there():
                self._changed.clear()
                await self._changed.wait()

    async def _handle_rtcp_data(self, data: bytes) -> None:
        self.passed.append(data)

    def _register_rtp_sender(self, sender: Any, parameters: Any) -> None:
        self.senders.add(sender)

    def _unregister_rtp_sender(self, sender: Any) -> None:
        self.senders.discard(sender)

    def of(self, payload_type: int) -> list[RtpPacket]:
        return [packet for packet in self.rtp if packet.payload_type == payload_type]


@dataclass
class Seat:
    """Both senders of one connection on one wire."""

    wire: Wire
    outgoing: Outgoing
    voice: Sender
    pictures: Sender
    heard: VoiceTrack
    stage: StageTrack
    said: int = 0
    shown: int = 0

    def say(self, count: int = 1) -> None:
        for _ in range(count):
            self.heard.push(self.said, spoken(self.said))
            self.said += 1

    def show(self, noise: int = 4) -> None:
        self.stage.push(self.scene(noise))

    def scene(self, noise: int = 4) -> Picture:
        """The next one, not shown."""
        chance = np.random.default_rng(self.shown)
        self.shown += 1
        coarse = np.kron(np.random.default_rng(1).integers(40, 200, (18, 32)), np.ones((20, 20))).astype(np.int16)
        y = np.clip(np.roll(coarse, 3 * self.shown, axis=1) + chance.integers(-noise, noise + 1, (360, 640)), 16, 235)
        half = np.full((180, 320), 128, np.uint8)
        return Picture(y.astype(np.uint8), half, half, time.monotonic_ns())

    async def until(self, count: int, payload_type: int) -> list[RtpPacket]:
        """Waits for so many packets."""
        await self.wire.until(lambda: len(self.wire.of(payload_type)) >= count)
        return self.wire.of(payload_type)

    async def picture(self, noise: int = 4) -> list[RtpPacket]:
        """Shows one and waits until it has left."""
        marks = sum(packet.marker for packet in self.wire.of(H264))
        self.show(noise)
        await self.wire.until(lambda: sum(packet.marker for packet in self.wire.of(H264)) > marks)
        last = self.wire.of(H264)[-1].timestamp
        return [packet for packet in self.wire.of(H264) if packet.timestamp == last]


@asynccontextmanager
async def seat(
    broadcast: Broadcast | None = None, video: list[RTCRtpCodecParameters] = VIDEO, wire: Wire | None = None
) -> AsyncIterator[Seat]:
    """``broadcast``: shared with other seats."""
    wire, outgoing, broadcast = wire or Wire(), Outgoing(), broadcast or Broadcast()
    heard, stage = VoiceTrack(), StageTrack()
    transport = cast(RTCDtlsTransport, wire)
    voice, pictures = (Sender(track, transport, outgoing, broadcast) for track in (heard, stage))
    made = Seat(wire, outgoing, voice, pictures, heard, stage)
    await made.voice.send(parameters(SOUND, "0"))
    await made.pictures.send(parameters(video, "1"))
    try:
        yield made
    finally:
        await made.voice.stop()
        await made.pictures.stop()
        outgoing.close()
