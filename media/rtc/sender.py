"""Our sender in the place of aiortc's: off the loop, at the rate that the path carries (RFC 3550, RFC 4585)."""

import asyncio
import logging
import random
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from aiortc import MediaStreamTrack, RTCRtpSender, clock
from aiortc.codecs import is_rtx
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpSendParameters
from aiortc.rtp import (
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    RtpPacket,
    wrap_rtx,
)
from aiortc.stats import RTCRemoteInboundRtpStreamStats, RTCStatsReport

from media.core.mixing import Samples
from media.core.resend import Resending
from media.core.sendqueue import Kind
from media.ports import Picture
from media.rtc import headers, names
from media.rtc.broadcast import Broadcast
from media.rtc.headers import Headers
from media.rtc.outgoing import Outbound, Outgoing
from media.rtc.showing import Showing
from media.rtc.speaking import Speaking
from media.rtc.tasks import end
from media.tracks import StageTrack, VoiceTrack

log = logging.getLogger(__name__)

RED = "red"
SPACED = 0.025
"""Seconds: losses come in bursts, and a copy right behind its original would be lost with it."""
FAR = 10.0
"""Seconds beyond which a round trip is a mistake of a clock."""


class Stream:
    """One SSRC on its way out: numbers, what is kept for repetition, and what reports say."""

    def __init__(self, sender: "Sender", parameters: RTCRtpSendParameters, codec: RTCRtpCodecParameters) -> None:
        self.codec = codec
        self.packets = self.octets = 0
        self.newest = (0, 0)
        """NTP and RTP time of the newest frame."""
        self.headers = Headers(parameters)
        self.resending: Resending[RtpPacket] = Resending(time.monotonic())
        self.known = False
        """Whether the other side has reported on this SSRC, and needs to be told no more whose it is."""
        self.unasked = 0
        """How often each packet is sent once more, SPACED apart, before anybody asks."""
        self._sender = sender
        self._mid = parameters.muxId
        self._sequence = random.randrange(1 << 15)  # noqa: S311 - RFC 3711 wants it low, not secret
        self._again_sequence = random.randrange(1 << 15)  # noqa: S311
        self._zero = random.getrandbits(32)
        self._again = next(
            (
                each.payloadType
                for each in parameters.codecs
                if is_rtx(each) and each.parameters["apt"] == codec.payloadType
            ),
            None,
        )

    def moment(self, timestamp: int) -> None:
        """Notes when a frame was taken, for the reports that align voice and picture."""
        self.newest = (headers.ntp_now(), (self._zero + timestamp) & 0xFFFFFFFF)

    def put(self, kind: Kind, payload_type: int, timestamp: int, payload: bytes, marker: bool) -> bool:
        """Hands a payload to the pacer; False where that is full."""

        def make() -> RtpPacket:
            packet = RtpPacket(payload_type, int(marker), self._sequence, (self._zero + timestamp) & 0xFFFFFFFF)
            packet.ssrc, packet.payload = self._sender._ssrc, payload
            packet.extensions.mid = None if self.known else self._mid
            self._sequence = (self._sequence + 1) & 0xFFFF
            return packet

        return self._sender.outgoing.put(Outbound(make, self.headers, kind, self._left), len(payload) + 30)

    def _left(self, packet: RtpPacket, size: int) -> None:
        self.packets += 1
        self.octets += len(packet.payload)
        if self.codec.name.lower() not in ("opus", RED):
            self.resending.sent(packet.sequence_number, packet, size, time.monotonic())
            for place in range(self.unasked if self._again is not None else 0):
                asyncio.get_running_loop().call_later(SPACED * (place + 1), self._ahead, packet.sequence_number)

    def _ahead(self, sequence: int) -> None:
        packet = self.resending.unasked(sequence, time.monotonic())
        if packet is not None:
            self._put_again(packet)

    def again(self, sequence: int) -> None:
        """Sends a packet once more, where that is worth it."""
        outgoing = self._sender.outgoing
        packet = self.resending.asked(sequence, outgoing.trip, outgoing.rate.target, time.monotonic())
        if packet is not None:
            self._put_again(packet)

    def _put_again(self, packet: RtpPacket) -> None:
        item = Outbound(lambda: self._repeated(packet), self.headers, Kind.AGAIN)
        self._sender.outgoing.put(item, len(packet.payload) + 32)

    def _repeated(self, packet: RtpPacket) -> RtpPacket:
        if self._again is None:
            return packet
        number, self._again_sequence = self._again_sequence, (self._again_sequence + 1) & 0xFFFF
        return wrap_rtx(packet, payload_type=self._again, sequence_number=number, ssrc=self._sender._rtx_ssrc)


class Sender(RTCRtpSender):
    """Takes aiortc's place in a transceiver. Pictures come from a ``StageTrack`` and are encoded by ``broadcast``."""

    def __init__(
        self, what: MediaStreamTrack | str, transport: RTCDtlsTransport, outgoing: Outgoing, broadcast: Broadcast
    ) -> None:
        super().__init__(what, transport)
        self.outgoing = outgoing
        self._broadcast = broadcast
        self.stream: Stream | None = None
        self.showing: Showing | None = None
        self._speaking: Speaking | None = None
        self.failed = 0
        self._cname = ""
        self._tasks: list[asyncio.Task[None]] = []
        self._report: RtcpReceiverInfo | None = None

    async def send(self, parameters: RTCRtpSendParameters) -> None:
        """Begins, once; called by aiortc when the transport stands."""
        if self._tasks:
            return
        self._cname = parameters.rtcp.cname or ""
        self.stream = Stream(self, parameters, parameters.codecs[0])
        self.transport._register_rtp_sender(self, parameters)
        self.outgoing.attach(self.transport)
        work = [self._run_reports(self.stream)]
        if self.kind == "audio":
            self._speaking = self._voice(self.stream, parameters)
            if isinstance(self.track, VoiceTrack):
                self.track.feed(self)
            else:
                work.append(self._run_voice(self._speaking))
        self._tasks = [asyncio.get_running_loop().create_task(each) for each in work]
        if isinstance(self.track, StageTrack):
            self.showing = Showing(self.outgoing, self.stream, self._broadcast)
            self.track.feed(self._show)

    def _voice(self, stream: Stream, parameters: RTCRtpSendParameters) -> Speaking:
        redundant = next((each.payloadType for each in parameters.codecs if each.name.lower() == RED), None)
        return Speaking(self.outgoing, stream, redundant, self._broadcast.chorus)

    def _show(self, picture: Picture) -> None:
        if self.showing is not None and names.may_send(self):
            self.showing.show(picture)

    def say(self, at: int, samples: Samples) -> None:
        """One step of the voice, on the loop."""
        if self._speaking is not None and names.may_send(self):
            self._safely(partial(self._speaking.say, at, samples))

    def speak(self, at: int, samples: Samples) -> Callable[[], None]:
        """One step of the voice, encoded on the sound's thread for a path as it was one step ago."""
        speaking = self._speaking
        if speaking is None or not names.may_send(self):
            return _nothing
        try:
            said = speaking.encode(at, samples)
        except Exception as error:  # one frame that cannot be encoded must not end a voice
            return partial(self._fail, error)
        return partial(self._safely, partial(speaking.put, said))

    async def stop(self) -> None:
        """Ends for good."""
        if not self._tasks:
            return
        self.transport._unregister_rtp_sender(self)
        if isinstance(self.track, StageTrack | VoiceTrack):
            self.track.feed(None)
        if self.showing is not None:
            await self.showing.close()
        await end(*self._tasks)
        self._send_reports([RtcpByePacket(sources=[self._ssrc])])
        if self.track is not None:
            self.track.stop()

    async def _run_voice(self, source: Speaking) -> None:
        with suppress(MediaStreamError, ConnectionError):
            while True:
                track = self.track
                if track is None:
                    await asyncio.sleep(0.02)
                    continue
                frame = await track.recv()
                if names.may_send(self):  # what comes meanwhile is drained, or it would pile up
                    self._safely(partial(source.take, frame))

    def _safely(self, speak: Callable[[], None]) -> None:
        try:
            speak()
        except Exception as error:  # one frame that cannot be encoded must not end a voice
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.failed += 1
        if self.failed == 1:
            log.error("a frame of %s was not encoded", self.kind, exc_info=error)

    # --- reports ---

    async def _run_reports(self, stream: Stream) -> None:
        while True:
            await asyncio.sleep(random.uniform(0.5, 1.0))  # noqa: S311 - RFC 3550 section 6.2 spreads reports
            if stream.packets:
                ntp, rtp = stream.newest
                info = RtcpSenderInfo(ntp, rtp, stream.packets & 0xFFFFFFFF, stream.octets & 0xFFFFFFFF)
                names_us = RtcpSourceInfo(ssrc=self._ssrc, items=[(1, self._cname.encode())])
                self._send_reports([RtcpSrPacket(self._ssrc, info), RtcpSdesPacket(chunks=[names_us])])

    def _send_reports(self, packets: list[AnyRtcpPacket]) -> None:
        names.try_to_send(self.transport, b"".join(map(bytes, packets)))

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if self.stream is None:
            return
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == self._ssrc:
                    self._reported(self.stream, report)
        elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            for sequence in packet.lost:
                self.stream.again(sequence & 0xFFFF)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt in (RTCP_PSFB_FIR, RTCP_PSFB_PLI) and self.showing:
            self.showing.ask()

    def _reported(self, stream: Stream, report: RtcpReceiverInfo) -> None:
        stream.known = True
        trip = round_trip(report, clock.current_ntp_time())
        if trip is not None:
            self.outgoing.measured_trip(trip)
        self.outgoing.reported(self.kind, report, trip)
        self._report = report

    async def getStats(self) -> RTCStatsReport:  # noqa: N802
        """What the other side reports of what we send."""
        found = RTCStatsReport()
        trip = self.outgoing.round_trip
        if self._report is not None and self.stream is not None and trip is not None:
            found.add(
                RTCRemoteInboundRtpStreamStats(
                    timestamp=clock.current_datetime(),
                    type="remote-inbound-rtp",
                    id=f"remote-inbound-rtp_{self._ssrc}",
                    ssrc=self._ssrc,
                    kind=self.kind,
                    transportId=str(id(self.transport)),
                    packetsReceived=self.stream.packets - self._report.packets_lost,
                    packetsLost=self._report.packets_lost,
                    jitter=self._report.jitter,
                    roundTripTime=trip,
                    fractionLost=self._report.fraction_lost,
                )
            )
        return found


def _nothing() -> None:
    """Of a step that goes nowhere."""


def round_trip(report: RtcpReceiverInfo, ntp: int) -> float | None:
    """Seconds from our report to theirs and back (RFC 3550 section 6.4.1); None where they had none of ours yet."""
    if not report.lsr:
        return None
    units = ((ntp >> 16) - report.lsr - report.dlsr) & 0xFFFFFFFF
    seconds = struct.unpack("!i", struct.pack("!I", units))[0] / 65536
    return seconds if 0 < seconds < FAR else None
