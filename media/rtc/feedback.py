"""Tells the sender when its packets arrived, some times a second (transport-wide feedback of one connection)."""

import asyncio
import time

from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtp import RtpPacket

from media.core.congestion import TransportFeedback
from media.core.delay import Earliest
from media.core.lossfloor import LossFloor, Pardon, Second
from media.core.sequence import Unwrapper
from media.rtc import names
from media.rtc.tasks import end, stroke

SHORTEST, LONGEST = 0.05, 0.25
"""Seconds between two feedbacks."""
SHARE = 0.05
"""Of the media's rate that feedback may cost."""
SIZE = 90
"""Bytes of a feedback on the wire."""
SEND_TIME_UNIT = 1 << 18
DELAY_WINDOW = 30.0


class Feedback:
    """Of one connection. ``start`` once its transport stands; ``close`` it. ``floor``: see ``media.core.lossfloor``."""

    def __init__(self) -> None:
        self._builder = TransportFeedback()
        self._losses = LossFloor()
        self._pardon = Pardon()
        self._sent = Unwrapper(24)
        self._earliest = Earliest(DELAY_WINDOW)
        self._task: asyncio.Task[None] | None = None
        self._ssrcs = (0, 0)
        self._top: int | None = None
        self._reported_to: int | None = None
        self._bytes = 0
        self._rate = 0.0
        self._clear(time.monotonic())

    @property
    def floor(self) -> float:
        """The share of packets, 0…1, that this line loses however little is sent."""
        return self._losses.floor

    def _clear(self, now: float) -> None:
        self._since, self._came, self._bytes, self._top_before = now, 0, 0, self._top
        self._least: float | None = None

    def arrived(self, packet: RtpPacket, now: float) -> None:
        """Notes one packet of whatever stream."""
        sequence = packet.extensions.transport_sequence_number
        self._bytes += len(packet.payload) + packet.padding_size
        if sequence is None:
            return
        top = self._builder.arrived(sequence, now)
        self._top = top if self._top is None else max(self._top, top)
        self._came += 1
        if packet.extensions.abs_send_time is not None:
            transit = now - self._sent.unwrap(packet.extensions.abs_send_time) / SEND_TIME_UNIT
            delay = transit - self._earliest.add(transit, now)
            self._least = delay if self._least is None else min(self._least, delay)

    def start(self, transport: RTCDtlsTransport, sender: int, media: int) -> None:
        """Begins to report with ``sender`` as our own SSRC; harmless twice."""
        self._ssrcs = (sender, media or self._ssrcs[1])
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(transport))

    async def close(self) -> None:
        """Ends reporting."""
        task, self._task = self._task, None
        await end(task)

    async def _run(self, transport: RTCDtlsTransport) -> None:
        while True:
            pause = SIZE / (SHARE * self._rate) if self._rate else SHORTEST
            await stroke(SHORTEST, min(LONGEST, pause))
            now = time.monotonic()
            if now - self._since >= 1.0:
                self._count(now)
            if data := b"".join(self._built()):
                names.try_to_send(transport, data)

    def _built(self) -> list[bytes]:
        if self._top is None or self._top == self._reported_to:
            return []
        expected = self._top - (self._reported_to if self._reported_to is not None else self._top)
        self._reported_to = self._top
        lost = self._builder.lost()
        return self._builder.build(*self._ssrcs, self._pardon.choose(expected, lost, self.floor))

    def _count(self, now: float) -> None:
        took = now - self._since
        self._rate = self._bytes / took
        if self._top is not None and self._top_before is not None:
            expected = max(0, self._top - self._top_before)
            self._losses.add(Second(expected, self._came, int(self._rate), self._least or 0.0))
        self._clear(now)
