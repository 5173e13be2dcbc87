"""Every private name of aiortc 1.16 that we lean on, in one place; a contract test fails where one has gone.

``HOOKS`` are overridden by us and called by aiortc, ``USED`` are read or called by us.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, RTCRtpTransceiver
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

CONNECT = "RTCPeerConnection.__connect"
"""Qualified name of the coroutine that brings a connection up; it outlives a close in the middle of it."""

HOOKS: tuple[tuple[type, str], ...] = (
    (RTCPeerConnection, "_RTCPeerConnection__createTransceiver"),
    (RTCPeerConnection, "_RTCPeerConnection__localRtp"),
    (RTCDtlsTransport, "_do_handshake"),
    (RTCDtlsTransport, "_handle_rtcp_data"),
    (RTCRtpSender, "_handle_rtcp_packet"),
    (RTCRtpReceiver, "_handle_disconnect"),
    (RTCRtpReceiver, "_handle_rtcp_packet"),
    (RTCRtpReceiver, "_handle_rtp_packet"),
    (RTCRtpReceiver, "_set_rtcp_ssrc"),
)
USED: tuple[tuple[type, str], ...] = (
    (RTCDtlsTransport, "_register_rtp_receiver"),
    (RTCDtlsTransport, "_unregister_rtp_receiver"),
    (RTCDtlsTransport, "_register_rtp_sender"),
    (RTCDtlsTransport, "_unregister_rtp_sender"),
    (RTCDtlsTransport, "_send_rtp"),
    (RTCPeerConnection, "_RTCPeerConnection__connect"),
)
RECEIVER = "_RTCRtpTransceiver__receiver"
SENDER = "_RTCRtpTransceiver__sender"
CODECS = "_codecs"
Sends = Callable[[bytes], Coroutine[Any, Any, None]]


def set_receiver(transceiver: RTCRtpTransceiver, receiver: RTCRtpReceiver) -> None:
    """Puts ``receiver`` in the place of the transceiver's own and gives it the SSRC to report with."""
    assert hasattr(transceiver, RECEIVER)
    setattr(transceiver, RECEIVER, receiver)
    receiver._set_rtcp_ssrc(transceiver.sender._ssrc)


def codecs(transceiver: RTCRtpTransceiver) -> list[RTCRtpCodecParameters]:
    """What the transceiver has negotiated; changing the list changes what will be said and done."""
    found: list[RTCRtpCodecParameters] = getattr(transceiver, CODECS)
    return found


def is_live(receiver: RTCRtpReceiver) -> bool:
    """Whether the negotiated direction lets anything in."""
    return bool(receiver._enabled)


def create_transceiver(connection: Any, *args: Any, **kwargs: Any) -> RTCRtpTransceiver:
    """aiortc's own."""
    made: RTCRtpTransceiver = RTCPeerConnection._RTCPeerConnection__createTransceiver(  # type: ignore[attr-defined]
        connection, *args, **kwargs
    )
    return made


def local_rtp(connection: Any, transceiver: RTCRtpTransceiver) -> Any:
    """aiortc's own parameters for sending."""
    return RTCPeerConnection._RTCPeerConnection__localRtp(connection, transceiver)  # type: ignore[attr-defined]


async def send(transport: RTCDtlsTransport, data: bytes) -> None:
    """Sends RTCP; nothing happens on a transport that is not there any more."""
    try:
        await transport._send_rtp(data)
    except ConnectionError:
        return


def set_sender(transceiver: RTCRtpTransceiver, sender: RTCRtpSender) -> None:
    """Puts ``sender`` in the place of the transceiver's own, in the same stream."""
    assert hasattr(transceiver, SENDER)
    sender._stream_id = transceiver.sender._stream_id
    setattr(transceiver, SENDER, sender)
    transceiver.receiver._set_rtcp_ssrc(sender._ssrc)


def may_send(sender: RTCRtpSender) -> bool:
    """Whether the negotiated direction lets anything out."""
    return bool(sender._enabled)


def tap_rtcp(transport: RTCDtlsTransport, tap: Callable[[bytes], bytes]) -> None:
    """Lets ``tap`` see every RTCP packet before aiortc does, which then reads what ``tap`` returns."""
    handle = transport._handle_rtcp_data

    async def tapped(data: bytes) -> None:
        rest = tap(data)
        if rest:
            await handle(rest)

    transport._handle_rtcp_data = tapped  # type: ignore[method-assign]


def before_handshake(transport: RTCDtlsTransport, begin: Callable[[], None]) -> None:
    """Lets ``begin`` be called when the handshake begins."""
    shake = transport._do_handshake

    async def begun() -> None:
        begin()
        await shake()

    transport._do_handshake = begun  # type: ignore[method-assign]


def tap_sent(transport: RTCDtlsTransport, tap: Callable[[bytes], None]) -> Sends:
    """Lets ``tap`` see every datagram that goes out; returns how to send one past it."""
    send = transport.transport._send

    async def tapped(data: bytes) -> None:
        tap(data)
        await send(data)

    transport.transport._send = tapped
    return send


def untap_sent(transport: RTCDtlsTransport, send: Sends) -> None:
    """``send`` is what ``tap_sent`` returned."""
    transport.transport._send = send  # type: ignore[assignment]
