"""The contract with aiortc 1.16: every name that we lean on is there and is what we take it for."""

import inspect
import struct
from importlib.metadata import version

import pytest
from aioice import stun
from aioice.ice import Connection as Ice
from aioice.ice import StunProtocol
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceGatherer,
    RTCIceTransport,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpTransceiver,
)
from aiortc.codecs import CODECS, HEADER_EXTENSIONS, get_decoder, h264, vpx
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcdtlstransport import RTCDtlsTransport, RtpRouter
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcsctptransport import SCTP_DATA_FIRST_FRAG, DataChunk, RTCSctpTransport
from aiortc.rtp import HeaderExtensions
from av.video.codeccontext import VideoCodecContext

from media.rtc import names


def test_the_version_is_the_one_that_was_read() -> None:
    assert version("aiortc").startswith("1.16.")
    assert version("aioice").startswith("0.13.")


def test_what_we_override_and_use_is_there() -> None:
    for owner, name in (*names.HOOKS, *names.USED):
        assert callable(owner.__dict__.get(name)), f"{owner.__name__}.{name}"


def test_what_we_override_is_called_by_that_name() -> None:
    connection, router = inspect.getsource(RTCPeerConnection), inspect.getsource(RTCDtlsTransport)
    assert "self.__createTransceiver(" in connection
    assert "self.__localRtp(" in connection
    assert "transceiver.receiver.receive(" in connection
    assert "await self._do_handshake()" in router
    assert "self._connection.connect()" in inspect.getsource(RTCIceTransport), "of the instance, which is wrapped"
    assert "self.check_incoming(" in inspect.getsource(Ice)
    assert "transport._send_data(" in inspect.getsource(RTCSctpTransport)
    assert "self._data_receiver._handle_data(" in router
    assert "self._receive_data_chunk(" in inspect.getsource(RTCSctpTransport), "of the instance, which is wrapped"
    for name in ("_handle_disconnect(", "_handle_rtcp_packet(", "_handle_rtp_packet("):
        assert f".{name}" in router
    assert "arrival_time_ms" in inspect.signature(RTCRtpReceiver._handle_rtp_packet).parameters


def test_signatures() -> None:
    def takes(function: object) -> list[str]:
        return list(inspect.signature(function).parameters)  # type: ignore[arg-type]

    assert takes(RTCRtpReceiver.__init__) == ["self", "kind", "transport"]
    assert takes(RTCRtpReceiver._set_rtcp_ssrc) == ["self", "ssrc"]
    assert takes(RTCDtlsTransport._send_rtp) == ["self", "data"]
    assert takes(RTCDtlsTransport._register_rtp_receiver) == ["self", "receiver", "parameters"]
    assert takes(RTCDtlsTransport._set_state) == ["self", "state"]
    assert takes(RTCSctpTransport._handle_data) == ["self", "data"]
    assert takes(RTCSctpTransport._receive_data_chunk) == ["self", "chunk"]
    assert takes(StunProtocol.send_stun) == ["self", "message", "addr"]
    assert takes(Ice.check_incoming) == ["self", "message", "addr", "protocol"]
    assert takes(JitterFrame.__init__) == ["self", "data", "timestamp"]
    create = dict(names.HOOKS)[RTCPeerConnection]
    assert create.startswith("_RTCPeerConnection__")
    assert {"register_receiver", "route_rtp", "route_rtcp"} <= set(dir(RtpRouter))


async def test_attributes() -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    transceiver = connection.addTransceiver("video")
    assert names.codecs(transceiver) == []
    assert isinstance(transceiver.sender._ssrc, int)
    assert callable(vars(transceiver.sender.transport.transport)["_send"]), "of the instance, which is tapped"
    assert names.is_live(transceiver.receiver)
    assert getattr(transceiver, names.RECEIVER) is transceiver.receiver
    assert RTCPeerConnection._RTCPeerConnection__connect.__qualname__ == names.CONNECT  # type: ignore[attr-defined]
    await connection.close()


async def test_what_a_data_channel_keeps_of_messages_that_are_not_whole() -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.createDataChannel("pingqian")
    sctp = connection.sctp
    assert sctp is not None
    assert (names.partial_messages(sctp), names.opened_streams(sctp), names.came_ahead(sctp)) == ([], 0, 0)
    sctp._last_received_tsn = 6
    await sctp._receive_data_chunk(
        piece := DataChunk(flags=SCTP_DATA_FIRST_FRAG, body=struct.pack("!LHHL", 8, 3, 0, 53))
    )
    assert names.partial_messages(sctp) == [piece]
    assert (names.opened_streams(sctp), names.came_ahead(sctp)) == (1, 1)
    await connection.close()


async def test_what_a_check_is_made_of() -> None:
    ice = names.ice(RTCIceTransport(RTCIceGatherer(iceServers=[])))
    assert getattr(ice, names.CHECK_LIST) == []
    assert names.open_checks(ice) == []
    message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    transaction = stun.Transaction(message, ("192.0.2.1", 9), StunProtocol(ice))
    assert getattr(transaction, names.REQUEST) is message
    assert getattr(transaction, names.ADDRESS) == ("192.0.2.1", 9)
    assert StunProtocol(ice).transactions == {}
    await ice.close()


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_a_decoder_works_on_one_thread(codec: str) -> None:
    decoder = names.on_one_thread(get_decoder(RTCRtpCodecParameters(mimeType=f"video/{codec}", clockRate=90_000)))
    assert isinstance(context := getattr(decoder, names.CODEC), VideoCodecContext)
    assert context.thread_count == 1
    assert not context.is_open, "afterwards it would be too late to say so"


def test_tables_and_parsers() -> None:
    assert {"audio", "video"} == set(CODECS) == set(HEADER_EXTENSIONS)
    assert {"abs_send_time", "transport_sequence_number"} <= set(vars(HeaderExtensions()))
    assert callable(vpx.VpxPayloadDescriptor.parse)
    assert callable(h264.H264PayloadDescriptor.parse)
    assert callable(get_decoder)
    assert hasattr(MediaStreamTrack, "stop")


async def test_a_receiver_is_put_in_anothers_place() -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    transceiver = connection.addTransceiver("audio")
    mine = RTCRtpReceiver("audio", transceiver.receiver.transport)
    names.set_receiver(transceiver, mine)
    assert isinstance(transceiver, RTCRtpTransceiver)
    assert transceiver.receiver is mine
    assert connection.getReceivers() == [mine]
    await connection.close()
