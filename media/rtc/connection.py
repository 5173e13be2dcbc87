"""A peer connection of aiortc with our receivers and senders in it."""

from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpTransceiver, RTCSessionDescription
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from media.rtc import names
from media.rtc.arriving import hand_media_on
from media.rtc.broadcast import Broadcast
from media.rtc.checking import Checks
from media.rtc.handshake import Handshake
from media.rtc.limits import Limits
from media.rtc.offering import RED, extend, sound_codecs
from media.rtc.outgoing import Outgoing
from media.rtc.receiver import Incoming, Receiver
from media.rtc.sender import Sender

extend()

GATHER_SECONDS = 2.5
"""The answer waits so long at most, and the phone for the answer. More than a relay had to show that it is there."""


def _sends_last(codec: RTCRtpCodecParameters) -> int:
    """Our encoder of VP8 cannot follow a rate; constrained baseline is what phones decode in hardware."""
    name, profile = codec.name.lower(), str(codec.parameters.get("profile-level-id", ""))
    if name == "h264":
        return 0 if profile.lower().startswith("42e0") else 1
    return 3 if codec.mimeType.lower() == RED else 2


class Connection(RTCPeerConnection):
    """``incoming`` says where pictures and voice go. Tracks that come in are announced but carry nothing.

    ``broadcast``: of those who get the same pictures; without one they are encoded for this connection alone.
    """

    def __init__(self, configuration: RTCConfiguration, incoming: Incoming, broadcast: Broadcast | None = None) -> None:
        super().__init__(configuration)
        self._incoming = incoming
        self._broadcast = broadcast or Broadcast()
        self.outgoing = Outgoing()
        self._limits: Limits | None = None
        self._handshakes: dict[RTCDtlsTransport, Handshake] = {}

    def receivers(self) -> list[Receiver]:
        """Our receivers."""
        return [receiver for receiver in self.getReceivers() if isinstance(receiver, Receiver)]

    async def setRemoteDescription(self, sessionDescription: RTCSessionDescription) -> None:  # noqa: N802, N803
        await super().setRemoteDescription(sessionDescription)
        if self.sctp is not None and self._limits is None:
            self._limits = Limits(self.sctp)
        for transceiver in self.getTransceivers():
            if transceiver.kind == "audio":
                agreed = names.codecs(transceiver)
                agreed[:] = sound_codecs(agreed, sessionDescription.sdp)

    async def close(self) -> None:
        """Ends the connection and what reports on it."""
        await super().close()
        for handshake in self._handshakes.values():
            await handshake.close()
        await self._incoming.feedback.close()
        self.outgoing.close()

    def _RTCPeerConnection__createTransceiver(self, *args: Any, **kwargs: Any) -> RTCRtpTransceiver:  # noqa: N802
        transceiver = names.create_transceiver(self, *args, **kwargs)
        own = transceiver.sender
        if own.transport not in self._handshakes:
            names.bound_gathering(names.ice(own.transport.transport), GATHER_SECONDS)
            Checks(own.transport.transport)
            self._handshakes[own.transport] = Handshake(own.transport)
            hand_media_on(own.transport)
        names.set_sender(transceiver, Sender(own.track or own.kind, own.transport, self.outgoing, self._broadcast))
        receiver = Receiver(transceiver.kind, transceiver.receiver.transport, self._incoming)
        names.set_receiver(transceiver, receiver)
        return transceiver

    def _RTCPeerConnection__localRtp(self, transceiver: RTCRtpTransceiver) -> Any:  # noqa: N802
        """What we send first: Opus, whose redundant form is chosen packet by packet, and H.264, whatever they send."""
        parameters = names.local_rtp(self, transceiver)
        parameters.codecs = sorted(parameters.codecs, key=_sends_last)
        return parameters
