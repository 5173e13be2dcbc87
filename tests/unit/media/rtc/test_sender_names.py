"""What our sender leans on in aiortc and no class attribute shows; an upgrade that moves it fails here."""

import inspect

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender
from aiortc.rtcdtlstransport import RTCDtlsTransport

from media.rtc import names


async def test_a_sender_has_what_the_connection_reads() -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    transceiver = connection.addTransceiver("video")
    for name in ("_ssrc", "_rtx_ssrc", "_enabled", "_stream_id", "_track_id"):
        assert hasattr(transceiver.sender, name), name
    assert hasattr(transceiver, names.SENDER)
    own = RTCRtpSender("video", transceiver.sender.transport)
    names.set_sender(transceiver, own)
    assert transceiver.sender is own
    assert own._stream_id
    await connection.close()


def test_the_transport_asks_itself_to_handle_rtcp() -> None:
    """The tap is an attribute of one transport: it works as long as the transport looks it up on itself."""
    assert "self._handle_rtcp_data(data)" in inspect.getsource(RTCDtlsTransport._recv_next)


def test_what_is_called_takes_what_we_give() -> None:
    assert list(inspect.signature(RTCDtlsTransport._register_rtp_sender).parameters) == ["self", "sender", "parameters"]
    assert list(inspect.signature(RTCDtlsTransport._unregister_rtp_sender).parameters) == ["self", "sender"]
    assert list(inspect.signature(RTCDtlsTransport._send_rtp).parameters) == ["self", "data"]
    assert list(inspect.signature(RTCRtpSender._handle_rtcp_packet).parameters) == ["self", "packet"]


def test_every_name_is_there() -> None:
    missing = [f"{owner.__name__}.{name}" for owner, name in (*names.HOOKS, *names.USED) if not hasattr(owner, name)]
    assert missing == []
