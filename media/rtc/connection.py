"""A peer connection of aiortc with our receivers in it."""

from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpTransceiver, RTCSessionDescription

from media.rtc import names
from media.rtc.offering import RED, extend, sound_codecs
from media.rtc.receiver import Incoming, Receiver

extend()


class Connection(RTCPeerConnection):
    """``incoming`` says where pictures and voice go. Tracks that come in are announced but carry nothing."""

    def __init__(self, configuration: RTCConfiguration, incoming: Incoming) -> None:
        super().__init__(configuration)
        self._incoming = incoming

    def receivers(self) -> list[Receiver]:
        """Our receivers."""
        return [receiver for receiver in self.getReceivers() if isinstance(receiver, Receiver)]

    async def setRemoteDescription(self, sessionDescription: RTCSessionDescription) -> None:  # noqa: N802, N803
        await super().setRemoteDescription(sessionDescription)
        for transceiver in self.getTransceivers():
            if transceiver.kind == "audio":
                agreed = names.codecs(transceiver)
                agreed[:] = sound_codecs(agreed, sessionDescription.sdp)

    async def close(self) -> None:
        """Ends the connection and what reports on it."""
        await super().close()
        await self._incoming.feedback.close()

    def _RTCPeerConnection__createTransceiver(self, *args: Any, **kwargs: Any) -> RTCRtpTransceiver:  # noqa: N802
        transceiver = names.create_transceiver(self, *args, **kwargs)
        receiver = Receiver(transceiver.kind, transceiver.receiver.transport, self._incoming)
        names.set_receiver(transceiver, receiver)
        return transceiver

    def _RTCPeerConnection__localRtp(self, transceiver: RTCRtpTransceiver) -> Any:  # noqa: N802
        """What we send is never redundant audio: it goes behind what our sender speaks."""
        parameters = names.local_rtp(self, transceiver)
        parameters.codecs = sorted(parameters.codecs, key=lambda codec: codec.mimeType.lower() == RED)
        return parameters
