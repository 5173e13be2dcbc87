"""Our receiver in the place of aiortc's: one for sound, one for pictures, both reporting (RFC 3550, RFC 4585)."""

import asyncio
import random
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiortc import RTCRtpReceiver
from aiortc.codecs import is_rtx
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
    unwrap_rtx,
)
from av import VideoFrame

from media.core.lipsync import LipSync
from media.core.reception import Reception
from media.hearing import Hearing
from media.rtc import names
from media.rtc.feedback import Feedback
from media.rtc.pictures import PictureStream
from media.rtc.tasks import end, stroke
from media.rtc.voices import VoiceStream
from media.tracktap import Tap

REPAIR_EVERY, LOOK_EVERY = 0.005, 0.05
"""Seconds between two looks at what is missing: while something is, and while nothing is."""
MOST_STREAMS = 8
"""SSRCs counted; a sender that shows more is not one of ours."""


@dataclass
class Incoming:
    """What all streams of one connection share. ``show`` gets each picture at its time, on the loop."""

    show: Callable[[VideoFrame], None]
    hearing: Hearing
    sync: LipSync = field(default_factory=LipSync)
    tap: Tap | None = None
    """Is told of everything that comes, before it is decoded."""
    feedback: Feedback = field(default_factory=Feedback)


class Receiver(RTCRtpReceiver):
    """Takes aiortc's place in a transceiver. ``receptions`` counts by SSRC."""

    def __init__(self, kind: str, transport: RTCDtlsTransport, incoming: Incoming) -> None:
        super().__init__(kind, transport)
        self.kind = kind
        self.receptions: dict[int, Reception] = {}
        self._incoming = incoming
        self._known: dict[int, RTCRtpCodecParameters] = {}
        self._originals: dict[int, int] = {}
        self._reports: dict[int, tuple[int, float]] = {}
        self._own_ssrc = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.voice: VoiceStream | None = None
        self.pictures: PictureStream | None = None

    def _set_rtcp_ssrc(self, ssrc: int) -> None:
        self._own_ssrc = ssrc

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Begins, once; called by aiortc when the transport stands."""
        if self._tasks:
            return
        self._known = {codec.payloadType: codec for codec in parameters.codecs if codec.payloadType is not None}
        self._originals = {each.rtx.ssrc: each.ssrc for each in parameters.encodings if each.rtx}
        work = [self._run_reports()]
        if self.kind == "video":
            self.pictures = PictureStream(self._incoming.show, self._incoming.sync, self._incoming.tap)
            work.append(self._run_repairs(self.pictures))
        else:
            self.voice = VoiceStream(self._incoming.hearing, self._incoming.sync, self._incoming.tap)
        self._tasks = [asyncio.get_running_loop().create_task(each) for each in work]
        self.transport._register_rtp_receiver(self, parameters)
        media = next((each.ssrc for each in parameters.encodings), 0)
        self._incoming.feedback.start(self.transport, self._own_ssrc, media)

    async def stop(self) -> None:
        """Ends for good."""
        if not self._tasks:
            return
        self.transport._unregister_rtp_receiver(self)
        await end(*self._tasks)
        if self.pictures is not None:
            await self.pictures.close()
        self._handle_disconnect()

    def _handle_disconnect(self) -> None:
        if self.track is not None:
            self.track.stop()

    # --- what comes in ---

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        self.take(packet)

    def take(self, packet: RtpPacket) -> None:
        """A packet that was sent to this receiver."""
        now = time.monotonic()
        self._incoming.feedback.arrived(packet, now)
        codec = self._known.get(packet.payload_type)
        if codec is None or not names.is_live(self):
            return
        if packet.ssrc not in self.receptions and len(self.receptions) >= MOST_STREAMS:
            return
        reception = self.receptions.setdefault(packet.ssrc, Reception(codec.clockRate))
        reception.add(packet.sequence_number, packet.timestamp, now)
        if self.voice is not None:
            self.voice.packet(codec, packet, now)
        elif self.pictures is not None:
            self._picture_packet(self.pictures, codec, packet, now)

    def _picture_packet(
        self, pictures: PictureStream, codec: RTCRtpCodecParameters, packet: RtpPacket, now: float
    ) -> None:
        repaired = is_rtx(codec)
        if repaired:
            original = self._originals.get(packet.ssrc, pictures.ssrc)
            payload_type = codec.parameters.get("apt")
            if original is None or not isinstance(payload_type, int) or len(packet.payload) < 2:
                return
            codec = self._known[payload_type]
            packet = unwrap_rtx(packet, payload_type=payload_type, ssrc=original)
        pictures.packet(codec, packet, now, repaired)
        self._ask(pictures, now)

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if not isinstance(packet, RtcpSrPacket):
            return
        info = packet.sender_info
        self._reports[packet.ssrc] = ((info.ntp_timestamp >> 16) & 0xFFFFFFFF, time.monotonic())
        if self.voice is not None and packet.ssrc == self.voice.ssrc:
            self._incoming.sync.voice.report(info.ntp_timestamp, self.voice.timestamps.near(info.rtp_timestamp))
        elif self.pictures is not None and packet.ssrc == self.pictures.ssrc:
            self._incoming.sync.pictures.report(info.ntp_timestamp, self.pictures.timestamps.near(info.rtp_timestamp))

    # --- what goes back ---

    async def _run_repairs(self, pictures: PictureStream) -> None:
        while True:
            await (asyncio.sleep(REPAIR_EVERY) if pictures.nacks.missing else stroke(LOOK_EVERY))
            self._ask(pictures, time.monotonic())

    def _ask(self, pictures: PictureStream, now: float) -> None:
        lost, key = pictures.wants(now)
        if lost and pictures.ssrc is not None:
            self._send(_nack(self._own_ssrc, pictures.ssrc, [sequence & 0xFFFF for sequence in lost]))
        if key and pictures.ssrc is not None:
            self._send(bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=self._own_ssrc, media_ssrc=pictures.ssrc)))

    async def _run_reports(self) -> None:
        while True:
            await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311 - RFC 3550 section 6.2 spreads reports
            now = time.monotonic()
            reports = [self._report(ssrc, reception, now) for ssrc, reception in self.receptions.items()]
            if reports:
                self._send(bytes(RtcpRrPacket(ssrc=self._own_ssrc, reports=reports)))

    def _report(self, ssrc: int, reception: Reception, now: float) -> RtcpReceiverInfo:
        # what the phone's Opus puts in as copies follows the report on its sound, which is true
        seen = reception.report(self._incoming.feedback.floor if self.kind == "video" else 0.0)
        last, at = self._reports.get(ssrc, (0, now))
        return RtcpReceiverInfo(
            ssrc=ssrc,
            fraction_lost=seen.fraction,
            packets_lost=seen.lost,
            highest_sequence=seen.highest,
            jitter=seen.jitter,
            lsr=last,
            dlsr=min(0xFFFFFFFF, int((now - at) * 65536)) if last else 0,
        )

    def _send(self, data: bytes) -> None:
        names.try_to_send(self.transport, data)


def _nack(sender: int, media: int, lost: list[int]) -> bytes:
    """A generic NACK (RFC 4585 section 6.2.1); ``lost`` in the order of the stream, across a wrap too."""
    fields, at = b"", 0
    while at < len(lost):
        first, mask = lost[at], 0
        at += 1
        while at < len(lost) and 0 < (distance := (lost[at] - first) & 0xFFFF) <= 16:
            mask |= 1 << (distance - 1)
            at += 1
        fields += struct.pack("!HH", first, mask)
    head = bytes(RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=sender, media_ssrc=media))
    return head[:2] + struct.pack("!H", len(head) // 4 - 1 + len(fields) // 4) + head[4:] + fields
