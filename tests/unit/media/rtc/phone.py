"""A phone at the other end of an emulated line, as a browser is one: it asks for what is missing, tells what came."""

import asyncio
import time
from typing import Any, cast

import av
import numpy as np
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    HeaderExtensionsMap,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSrPacket,
    RtpPacket,
    is_rtcp,
    unwrap_rtx,
)
from av.video.codeccontext import VideoCodecContext

from media.core.callfigures import PictureFigures, Shown, pictures
from media.core.congestion import TransportFeedback
from media.core.frames import Frame, FrameBuffer, Piece
from media.core.link import OneWay
from media.core.nack import NackList
from media.core.picturecode import read, since
from media.core.reception import Reception
from media.core.repair import ABANDON, KeyframeAsker
from media.core.sequence import Unwrapper
from media.lab.linkfile import LinkFile
from media.rtc.depayload import part
from media.rtc.receiver import _nack
from tests.unit.media.rtc.wire import H264, RTX, Wire, parameters

BELOW_RTP = 38
"""Bytes of IP, UDP and the seal of SRTP."""
LOOK, TELL, REPORT = 0.01, 0.05, 1.0
OWN = 77


class Line(Wire):
    """A wire that leads to a phone over an emulated link. ``bits`` is what left."""

    def reach(self, link: LinkFile, seed: int) -> "Phone":
        """Begins; to be called before anything is sent."""
        self._down, self._up = OneWay(link.down, seed), OneWay(link.up, seed + 1)
        self._zero = time.monotonic()
        self.bits = self.wishes = 0
        self.listeners: list[Any] = []
        self.phone = Phone(self)
        return self.phone

    async def _send_rtp(self, data: bytes) -> None:
        self.bits += 8 * (len(data) + BELOW_RTP)
        self._pass(self._down, data, self.phone.take)

    def answer(self, data: bytes) -> None:
        """What the phone says, to the senders if it arrives."""
        self._pass(self._up, data, self._hear)

    def _pass(self, way: OneWay, data: bytes, take: Any) -> None:
        fate = way.take(len(data) + BELOW_RTP, time.monotonic() - self._zero)
        if fate.leaves is not None:
            asyncio.get_running_loop().call_at(self._zero + fate.leaves, take, data)

    def _hear(self, data: bytes) -> None:
        task = asyncio.get_running_loop().create_task(self._handle_rtcp_data(data))
        self.listeners.append(task)
        task.add_done_callback(self.listeners.remove)

    async def _handle_rtcp_data(self, data: bytes) -> None:
        for packet in RtcpPacket.parse(data):
            for sender in self.senders:
                if getattr(packet, "media_ssrc", sender._ssrc) == sender._ssrc:
                    await sender._handle_rtcp_packet(packet)


class Phone:
    """``shown``: every picture of which the time code can be read; ``asked``: how many key pictures it asked for."""

    def __init__(self, line: Line) -> None:
        self.shown: list[Shown] = []
        self.asked = 0
        self.keys: list[float] = []
        self._line = line
        self._began = time.monotonic()
        self._map = HeaderExtensionsMap()
        self._map.configure(parameters(cast(list[RTCRtpCodecParameters], []), "0"))
        self._numbers, self._times = Unwrapper(), Unwrapper(32)
        self._frames, self._nacks, self._asker = FrameBuffer(), NackList(), KeyframeAsker()
        self._feedback, self._reception = TransportFeedback(), Reception(90_000)
        context = av.CodecContext.create("h264", "r")
        assert isinstance(context, VideoCodecContext)
        self._decoder = context
        self._ssrc: int | None = None
        self._report = (0, 0.0)

    # --- what comes ---

    def take(self, data: bytes) -> None:
        """One datagram."""
        if not is_rtcp(data):
            self._packet(RtpPacket.parse(data, self._map))
            return
        for packet in RtcpPacket.parse(data):
            if isinstance(packet, RtcpSrPacket) and packet.ssrc == self._ssrc:
                self._report = ((packet.sender_info.ntp_timestamp >> 16) & 0xFFFFFFFF, time.monotonic())

    def _packet(self, packet: RtpPacket) -> None:
        now = time.monotonic()
        if packet.extensions.transport_sequence_number is not None:
            self._feedback.arrived(packet.extensions.transport_sequence_number, now)
        again = packet.payload_type == RTX
        if again and self._ssrc is not None:
            packet = unwrap_rtx(packet, payload_type=H264, ssrc=self._ssrc)
        elif packet.payload_type == H264:
            self._ssrc = packet.ssrc
            self._reception.add(packet.sequence_number, packet.timestamp, now)
        if packet.payload_type == H264:
            self._piece(packet, again, now)

    def _piece(self, packet: RtpPacket, again: bool, now: float) -> None:
        number, piece = self._numbers.unwrap(packet.sequence_number), part("H264", packet.payload)
        self._nacks.arrived(number, now, again)
        at = self._times.unwrap(packet.timestamp)
        self._frames.insert(Piece(number, at, bool(packet.marker), piece.data, piece.starts, piece.key, now))
        self._show()

    def _show(self) -> None:
        frames = self._frames.pop()
        if frames and self._frames.next is not None:
            self._nacks.forget(self._frames.next)
        for frame in frames:
            self._decode(frame)

    def _decode(self, frame: Frame) -> None:
        now = time.monotonic()
        if frame.key:
            self._asker.came()
            self.keys.append(now)
        for picture in self._decoder.decode(av.Packet(frame.data)):
            code = read(picture.to_ndarray()[: picture.height].astype(np.uint8))
            if code is not None:
                self.shown.append(Shown(1000 * now, code.number, since(code.sent_ms, 1000 * now)))

    # --- what it says ---

    async def run(self) -> None:
        """For ever."""
        told = reported = time.monotonic()
        while True:
            await asyncio.sleep(LOOK)
            now = time.monotonic()
            self._ask(now)
            if now - told >= TELL:
                told = now
                for data in self._feedback.build(OWN, self._ssrc or 0):
                    self._line.answer(data)
            if now - reported >= REPORT and self._ssrc is not None:
                reported = now
                self._line.answer(bytes(RtcpRrPacket(ssrc=OWN, reports=[self._told(self._ssrc, now)])))

    def _ask(self, now: float) -> None:
        waits = self._frames.waits(now)
        if waits > ABANDON and self._frames.next is not None:
            self._frames.abandon()
            self._asker.want()
            self._show()
        lost = self._nacks.due(now)
        if self._ssrc is None:
            return
        if lost:
            self._line.answer(_nack(OWN, self._ssrc, [number & 0xFFFF for number in lost]))
        if self._asker.due(waits, self._nacks.round_trip, now, self._frames.key_coming):
            self.asked += 1
            self._line.answer(bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=OWN, media_ssrc=self._ssrc)))

    def _told(self, ssrc: int, now: float) -> RtcpReceiverInfo:
        seen, (last, at) = self._reception.report(), self._report
        since_then = int((now - at) * 65536) if last else 0
        return RtcpReceiverInfo(ssrc, seen.fraction, seen.lost, seen.highest, seen.jitter, last, since_then)

    def figures(self, since_s: float, until_s: float) -> PictureFigures:
        """Of the pictures shown between two moments of the call, in seconds from its beginning."""
        window = (1000 * (self._began + since_s), 1000 * (self._began + until_s))
        return pictures(self.shown, 1000 * self._began, window)
