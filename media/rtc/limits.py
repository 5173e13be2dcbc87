"""What the other end may leave with us over the data channel before a message is whole.

aiortc keeps whatever comes in pieces, without end, and looks through all of it for each further piece; and an error in
what it reads ends the whole connection. Beyond a bound, and after an error, the channel ends here; picture and sound go
on without it.
"""

import logging

from aiortc.rtcsctptransport import DataChunk, RTCSctpTransport

from media.rtc import names

log = logging.getLogger(__name__)

MOST_HELD = 65_536
"""Bytes of messages in pieces; one of ours is never longer than 4 KiB."""
MOST_PIECES = 256
"""Kept at once; 64 KiB in the pieces that browsers send are 60."""
MOST_STREAMS = 16
"""Our page opens one."""


class Limits:
    """Of one data channel transport; to be made before it starts."""

    def __init__(self, sctp: RTCSctpTransport) -> None:
        self._sctp = sctp
        self._over = False
        names.around_data(sctp, self._take)
        names.before_chunks(sctp, self._may)

    async def _take(self, take: names.Takes, data: bytes) -> None:
        if self._over:
            return
        try:
            await take(data)
            self._over = self._over or self._is_beyond()
        except ConnectionError:
            raise
        except Exception:  # of what comes from outside; aiortc would end the whole connection
            log.exception("the data channel could not be read")
            self._over = True
        if self._over:
            log.warning("the data channel is closed, picture and sound go on")
            await self._sctp.stop()

    def _may(self, chunk: DataChunk) -> bool:
        """Whether a further piece may come; none after one too many."""
        self._over = self._over or self._is_beyond(len(chunk.user_data))
        return not self._over

    def _is_beyond(self, more: int = 0) -> bool:
        held = [len(one.user_data) for one in names.partial_messages(self._sctp)]
        return (
            sum(held) + more > MOST_HELD
            or len(held) > MOST_PIECES
            or names.came_ahead(self._sctp) > MOST_PIECES
            or names.opened_streams(self._sctp) > MOST_STREAMS
        )
