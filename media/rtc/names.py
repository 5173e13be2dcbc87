"""Every private name of aiortc 1.16 and aioice 0.13 that we lean on, in one place.

A contract test fails where one has gone. ``HOOKS`` are overridden by us and called by aiortc or aioice, ``USED`` are
read or called by us.
"""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pylibsrtp
from aioice.candidate import Candidate
from aioice.ice import CandidatePair, StunProtocol
from aioice.ice import Connection as Ice
from aioice.stun import Message
from aiortc import RTCIceTransport, RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, RTCRtpTransceiver
from aiortc.codecs.base import Decoder
from aiortc.rtcdtlstransport import RTCDtlsTransport, State
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcsctptransport import DataChunk, InboundStream, RTCSctpTransport
from aiortc.rtp import RtpPacket

CONNECT = "RTCPeerConnection.__connect"
"""Qualified name of the coroutine that brings a connection up; it outlives a close in the middle of it."""

HOOKS: tuple[tuple[type, str], ...] = (
    (RTCPeerConnection, "_RTCPeerConnection__createTransceiver"),
    (RTCPeerConnection, "_RTCPeerConnection__localRtp"),
    (RTCDtlsTransport, "_do_handshake"),
    (RTCDtlsTransport, "_send_data"),
    (RTCDtlsTransport, "_handle_rtcp_data"),
    (RTCSctpTransport, "_handle_data"),
    (RTCSctpTransport, "_receive_data_chunk"),
    (Ice, "data_received"),
    (Ice, "get_component_candidates"),
    (Ice, "connect"),
    (Ice, "check_incoming"),
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
    (RTCDtlsTransport, "_set_state"),
    (RTCPeerConnection, "_RTCPeerConnection__connect"),
    (StunProtocol, "send_stun"),
)
RECEIVER = "_RTCRtpTransceiver__receiver"
SENDER = "_RTCRtpTransceiver__sender"
STREAMS, AHEAD = "_inbound_streams", "_sack_misordered"
CODECS = "_codecs"
OWN_PART_SENT = b"SSLv3/TLS write finished"
"""OpenSSL's name of the state in which a client waits for the server's last flight."""
CHECK_LIST = "_check_list"
CODEC = "codec"
"""Of aiortc's decoders of pictures: FFmpeg's context."""
REQUEST, ADDRESS = "_Transaction__request", "_Transaction__addr"
Sends = Callable[[bytes], Coroutine[Any, Any, None]]
Connects = Callable[[], Coroutine[Any, Any, None]]
Shakes = Callable[[], Coroutine[Any, Any, None]]
Takes = Callable[[bytes], Coroutine[Any, Any, None]]
Way = tuple[StunProtocol, tuple[str, int]]
"""Our socket and their address."""


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


def on_one_thread(decoder: Decoder) -> Decoder:
    """Before it decodes anything. Phones send a picture in one piece: other threads would wake up for nothing."""
    getattr(decoder, CODEC).thread_count = 1
    return decoder


def create_transceiver(connection: Any, *args: Any, **kwargs: Any) -> RTCRtpTransceiver:
    """aiortc's own."""
    made: RTCRtpTransceiver = RTCPeerConnection._RTCPeerConnection__createTransceiver(  # type: ignore[attr-defined]
        connection, *args, **kwargs
    )
    return made


def local_rtp(connection: Any, transceiver: RTCRtpTransceiver) -> Any:
    """aiortc's own parameters for sending."""
    return RTCPeerConnection._RTCPeerConnection__localRtp(connection, transceiver)  # type: ignore[attr-defined]


def send(transport: RTCDtlsTransport, data: bytes) -> None:
    """Sends RTP or RTCP before it returns: nothing on aiortc's way out waits. Raises ConnectionError where that has
    ended."""
    _at_once(transport._send_rtp(data))


def _at_once(way: Coroutine[Any, Any, None]) -> None:
    """Goes it to its end, which it reaches without waiting for anything."""
    try:
        way.send(None)
    except StopIteration:
        return
    way.close()
    raise RuntimeError("aiortc waits where it never did")


def try_to_send(transport: RTCDtlsTransport, data: bytes) -> None:
    """The same; nothing happens on a transport that is not there any more."""
    with suppress(ConnectionError):
        send(transport, data)


def before_queue(connection: Ice, take: Callable[[bytes], bool]) -> None:
    """``take`` has each datagram that is no STUN as it comes; what it returns False for waits for aiortc as ever."""
    queue = connection.data_received

    def came(data: bytes, component: int) -> None:
        if not take(data):
            queue(data, component)

    connection.data_received = came  # type: ignore[method-assign]


def unsealed(transport: RTCDtlsTransport, data: bytes) -> tuple[RTCRtpReceiver, RtpPacket] | None:
    """A packet of RTP and whose it is, as aiortc itself reads it; None for one that is forged, broken or nobody's.

    To be called once a packet and only while ``may_unseal``: another time it counts as replayed.
    """
    try:
        plain = transport._rx_srtp.unprotect(data)
        packet = RtpPacket.parse(plain, transport._rtp_header_extensions_map)
    except (pylibsrtp.Error, ValueError):
        return None
    receiver = transport._rtp_router.route_rtp(packet)
    return (receiver, packet) if isinstance(receiver, RTCRtpReceiver) else None


def told(transport: RTCDtlsTransport, data: bytes) -> None:
    """A packet of RTCP, read and handed on as aiortc itself does it, before this returns; nothing for one that is
    forged. As ``unsealed``, once a packet and only while ``may_unseal``."""
    try:
        plain = transport._rx_srtp.unprotect_rtcp(data)
    except pylibsrtp.Error:
        return
    _at_once(transport._handle_rtcp_data(plain))


def may_unseal(transport: RTCDtlsTransport, data: bytes) -> bool:
    """Whether it is RTP or RTCP (RFC 7983) and there are keys for it."""
    return len(data) > 1 and 127 < data[0] < 192 and transport._rx_srtp is not None


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


def around_handshake(transport: RTCDtlsTransport, around: Callable[[Shakes], Coroutine[Any, Any, None]]) -> None:
    """``around`` is called in the place of aiortc's own handshake and gets that; it may return before its end."""
    shake = transport._do_handshake

    async def begun() -> None:
        await around(shake)

    transport._do_handshake = begun  # type: ignore[method-assign]


def has_keys(transport: RTCDtlsTransport) -> bool:
    """Whether we, as the client, have sent all of our part, to a server that has shown that it holds its certificate.

    OpenSSL verifies the signature of the server's key exchange before it sends that part.
    """
    ssl = transport._ssl
    return (
        transport._role == "client"
        and ssl is not None
        and ssl.get_state_string() == OWN_PART_SENT
        and ssl.get_peer_certificate(as_cryptography=True) is not None
    )


def fail(transport: RTCDtlsTransport) -> None:
    """Ends a transport whose other end cannot be trusted: nothing goes out or is let in, and the connection has failed.

    aiortc's own loop goes on receiving whatever the state is, and drops media that it has no keys for.
    """
    transport._rx_srtp = None  # type: ignore[assignment]
    if transport.state == "connected":
        transport._set_state(State.FAILED)


def around_data(sctp: RTCSctpTransport, around: Callable[[Takes, bytes], Coroutine[Any, Any, None]]) -> None:
    """``around`` gets what DTLS has decrypted for the data channel, and aiortc's own way to take it."""
    take = sctp._handle_data

    async def taken(data: bytes) -> None:
        await around(take, data)

    sctp._handle_data = taken  # type: ignore[method-assign]


def before_chunks(sctp: RTCSctpTransport, may: Callable[[DataChunk], bool]) -> None:
    """Only chunks that ``may`` come are put together to messages."""
    receive = sctp._receive_data_chunk

    async def unless_refused(chunk: DataChunk) -> None:
        if may(chunk):
            await receive(chunk)

    sctp._receive_data_chunk = unless_refused  # type: ignore[method-assign]


def partial_messages(sctp: RTCSctpTransport) -> list[DataChunk]:
    """What has come of messages that are not whole, or are not due yet."""
    streams: dict[int, InboundStream] = getattr(sctp, STREAMS)
    return [chunk for stream in streams.values() for chunk in stream.reassembly]


def opened_streams(sctp: RTCSctpTransport) -> int:
    """By which something came."""
    return len(getattr(sctp, STREAMS))


def came_ahead(sctp: RTCSctpTransport) -> int:
    """Chunks that came while one before them is missing."""
    return len(getattr(sctp, AHEAD))


def before_data(transport: RTCDtlsTransport, held: Callable[[bytes], bool]) -> Sends:
    """Sends in DTLS itself only what ``held`` does not keep back; returns how to send that later.

    It must not wait: what comes in is answered by whoever receives, and the handshake's end has to be received too.
    """
    send = transport._send_data

    async def unless_held(data: bytes) -> None:
        if not held(data):
            await send(data)

    transport._send_data = unless_held  # type: ignore[method-assign]
    return send


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


def ice(transport: RTCIceTransport) -> Ice:
    """aioice's own connection, which finds the path."""
    return transport._connection


def bound_gathering(connection: Ice, seconds: float) -> None:
    """Whatever server has not answered by then gives no candidate; aioice waits for five seconds."""
    gather: Any = connection.get_component_candidates

    async def bounded(component: int, addresses: list[str], timeout: float = seconds) -> list[Candidate]:  # noqa: ASYNC109
        found: list[Candidate] = await gather(component, addresses, min(timeout, seconds))
        return found

    connection.get_component_candidates = bounded  # type: ignore[method-assign]


def around_checks(connection: Ice, around: Callable[[Connects], Coroutine[Any, Any, None]]) -> None:
    """``around`` is called in the place of aioice's own ``connect`` and gets that."""
    connect = connection.connect

    async def connected() -> None:
        await around(connect)

    connection.connect = connected  # type: ignore[method-assign]


def after_incoming_check(connection: Ice, came: Callable[[Way], None]) -> None:
    """Lets ``came`` be called after each check of the other end that is in order."""
    incoming = connection.check_incoming

    def heard(message: Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        incoming(message, addr, protocol)
        came((protocol, addr))

    connection.check_incoming = heard  # type: ignore[method-assign]


@dataclass(frozen=True)
class Check:
    """A check of ours that has no answer yet. ``id`` is its transaction's."""

    id: bytes
    way: Way
    message: Message

    def send(self) -> None:
        """Once more, as it is."""
        protocol, address = self.way
        protocol.send_stun(self.message, address)


def open_checks(connection: Ice) -> list[Check]:
    """Of the pairs that are being checked."""
    ways = {
        (pair.protocol, pair.remote_addr)
        for pair in getattr(connection, CHECK_LIST)
        if pair.state is CandidatePair.State.IN_PROGRESS
    }
    return [
        Check(number, (protocol, address), getattr(transaction, REQUEST))
        for protocol in {protocol for protocol, _ in ways}
        for number, transaction in protocol.transactions.items()
        if (protocol, (address := getattr(transaction, ADDRESS))) in ways
    ]
