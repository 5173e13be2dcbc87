"""Media on its way in: from the socket to its receiver in one go.

aiortc has each datagram wait in a queue for a task, which costs a turn of the loop for each of some hundred packets a
second, and of up to twenty reports from each of those whom we send to. DTLS, and what comes before there are keys, go
that way still.
"""

from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtp import is_rtcp

from media.rtc import names
from media.rtc.receiver import Receiver


def hand_media_on(transport: RTCDtlsTransport) -> None:
    """From here on the receivers of ``transport`` get their packets as they come."""

    def take(data: bytes) -> bool:
        if not names.may_unseal(transport, data):
            return False
        if is_rtcp(data):
            names.told(transport, data)
            return True
        found = names.unsealed(transport, data)
        if found is not None and isinstance(found[0], Receiver):
            found[0].take(found[1])
        return True

    names.before_queue(names.ice(transport.transport), take)
