"""Media goes from the datagram to its receiver in one go, and nothing else does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtp import AnyRtcpPacket, RtcpSenderInfo, RtcpSrPacket, RtpPacket

from media.hearing import Hearing
from media.rtc import names
from media.rtc.arriving import hand_media_on
from media.rtc.receiver import Incoming, Receiver
from tests.unit.media.rtc.test_early_keys import RTP, line

OPUS = RTCRtpCodecParameters(mimeType="audio/opus", clockRate=48000, channels=2, payloadType=111)


class Kept(Receiver):
    """Keeps what it is handed."""

    def __init__(self, transport: RTCDtlsTransport, incoming: Incoming) -> None:
        super().__init__("audio", transport, incoming)
        self.payloads: list[bytes] = []
        self.reports: list[AnyRtcpPacket] = []

    def take(self, packet: RtpPacket) -> None:
        self.payloads.append(packet.payload)

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        self.reports.append(packet)


class Ends:
    """Ours, the client of a handshake, and theirs, whose datagrams are made to arrive by ``arrive``."""

    def __init__(self, ours: RTCDtlsTransport, theirs: RTCDtlsTransport) -> None:
        self.ours, self.theirs = ours, theirs
        self.queued: list[bytes] = []
        self.socket: Any = SimpleNamespace(data_received=lambda data, component: self.queued.append(data))
        cast(Any, ours.transport)._connection = self.socket
        self.incoming = Incoming(lambda frame: None, Hearing())
        self.receiver = Kept(ours, self.incoming)
        hand_media_on(ours)

    def sealed(self, number: int = 1) -> bytes:
        """A packet as it goes over the line."""
        sealed: bytes = self.theirs._tx_srtp.protect(RTP[:3] + bytes([number]) + RTP[4:])
        return sealed

    def arrive(self, data: bytes) -> None:
        self.socket.data_received(data, 1)


@asynccontextmanager
async def ends() -> AsyncIterator[Ends]:
    async with line() as made:
        for starting in made.starting:
            await starting
        both = Ends(made.client, made.server)
        await both.receiver.receive(RTCRtpReceiveParameters(codecs=[OPUS], muxId="0"))
        yield both
        await both.receiver.stop()
        await both.incoming.feedback.close()


async def test_media_is_there_at_once() -> None:
    async with ends() as both:
        for number in (1, 2, 3):
            both.arrive(both.sealed(number))
        assert both.receiver.payloads == [b"voice of the seat"] * 3, "before the loop has turned once"
        assert both.queued == []


async def test_everything_else_waits_for_aiortc_as_ever() -> None:
    async with ends() as both:
        others = [b"", b"\x80", b"\x16\xfe\xfd shaking hands", b"\x40 a channel of a relay"]
        for data in others:
            both.arrive(data)
        assert both.queued == others
        assert both.receiver.payloads == []


async def test_a_report_is_there_at_once_and_one_that_is_forged_or_torn_is_nobodys() -> None:
    async with ends() as both:
        both.arrive(both.sealed())
        ssrc = int.from_bytes(RTP[8:12], "big")
        report = bytes(RtcpSrPacket(ssrc, RtcpSenderInfo(1, 2, 3, 4)))
        sealed = both.theirs._tx_srtp.protect_rtcp(report)
        both.arrive(sealed[:-1] + bytes([sealed[-1] ^ 1]))
        both.arrive(both.theirs._tx_srtp.protect_rtcp(report[:8]))
        both.arrive(b"\x80\xc8" * 20)
        assert both.receiver.reports == []
        both.arrive(sealed)
        assert [bytes(packet) for packet in both.receiver.reports] == [report], "before the loop has turned once"
        assert (both.queued, both.receiver.payloads) == ([], [b"voice of the seat"])


async def test_what_is_forged_or_replayed_or_broken_is_nobodys() -> None:
    async with ends() as both:
        sealed = both.sealed()
        both.arrive(sealed[:-1] + bytes([sealed[-1] ^ 1]))
        both.arrive(sealed[:11])
        both.arrive(b"\x80" * 40)
        assert both.receiver.payloads == []
        both.arrive(sealed)
        both.arrive(sealed)
        assert both.receiver.payloads == [b"voice of the seat"], "once"
        assert both.queued == []


async def test_a_payload_that_nobody_agreed_to_is_nobodys() -> None:
    async with ends() as both:
        both.arrive(both.theirs._tx_srtp.protect(bytes([128, 99]) + RTP[2:]))
        assert (both.receiver.payloads, both.queued) == ([], [])


async def test_before_there_are_keys_and_after_they_are_taken_away_nothing_is_unsealed() -> None:
    async with ends() as both:
        sealed = both.sealed()
        names.fail(both.ours)
        both.arrive(sealed)
        assert both.queued == [sealed], "aiortc drops it"
        assert both.receiver.payloads == []
