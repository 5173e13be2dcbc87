"""What one connection sends, voice and pictures together: numbered, paced, and held to one rate. For the loop only."""

import asyncio
import logging
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from aiortc import clock
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtp import HeaderExtensionsMap, RtcpReceiverInfo, RtpPacket

from media.core.arrivals import History, parse
from media.core.sendqueue import Kind, SendQueue
from media.core.sendrate import SendRate
from media.rtc import names
from media.rtc.tasks import end

log = logging.getLogger(__name__)

BELOW_RTP = 44
"""Bytes of IP, UDP and the seal of SRTP."""
TICK = 0.1
RTPFB, TRANSPORT_FEEDBACK = 205, 15
SMOOTH = 0.8
SHORTEST, MOST_BETWEEN = 0.3, 10_000
"""Seconds and packets between two reports that say something."""


@dataclass
class Outbound:
    """A packet that waits. ``make`` gives it its number at the moment that it leaves; None where it is not wanted."""

    make: Callable[[], RtpPacket | None]
    extensions: HeaderExtensionsMap
    kind: Kind
    left: Callable[[RtpPacket, int], None] = lambda packet, size: None


@dataclass(frozen=True)
class Sending:
    """How it goes. Rates in bits a second over the time since the look before; ``loss`` and ``again`` are shares."""

    target: float
    sent: float
    again: float
    loss: float
    round_trip_ms: float | None
    queue_ms: float
    picture: tuple[int, int] | None
    """What size pictures have now; None while there is voice alone."""


@dataclass
class _Count:
    since: float = field(default_factory=time.monotonic)
    bits: int = 0
    again: int = 0


class Outgoing:
    """Of one connection. ``attach`` once its transport stands; ``close`` it."""

    def __init__(self) -> None:
        now = time.monotonic()
        self.rate = SendRate(now)
        self.queue: SendQueue[Outbound] = SendQueue(self.rate.target, now)
        self.round_trip: float | None = None
        self.picture: tuple[int, int] | None = None
        self.easy_until = 0.0
        """Until then (monotonic) pictures stay small, however much would pass: see ``Peer.ease``."""
        self.redundant = False
        """Whether voice may be sent twice (RFC 2198)."""
        self.told = False
        """Whether transport-wide feedback has come."""
        self._history = History()
        self._wake: asyncio.Future[None] | None = None
        """What the pump waits for, while it does."""
        self._transport: RTCDtlsTransport | None = None
        self._task: asyncio.Task[None] | None = None
        self._count = _Count(now)
        self._bits = 0
        self._last_report = (0, 0.0, 0)

    def attach(self, transport: RTCDtlsTransport) -> None:
        """Begins to send; harmless twice."""
        if self._task is None:
            self._transport = transport
            names.tap_rtcp(transport, self._rtcp)
            self._task = asyncio.get_running_loop().create_task(self._pump())

    async def close(self) -> None:
        """Ends sending; what waits is dropped."""
        task, self._task = self._task, None
        await end(task)

    @property
    def trip(self) -> float:
        """The round trip, or what it is taken for as long as it is not known."""
        return 0.1 if self.round_trip is None else self.round_trip

    def put(self, item: Outbound, size: int) -> bool:
        """Hands a packet of ``size`` payload bytes over; False where it was refused."""
        taken = self.queue.put(item.kind, item, size + BELOW_RTP)
        self._woken()
        return taken

    def _woken(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def measured_trip(self, seconds: float) -> None:
        """A round trip, from a receiver's report."""
        known = self.round_trip
        self.round_trip = seconds if known is None else SMOOTH * known + (1 - SMOOTH) * seconds
        self.rate.round_trip = self.round_trip

    def reported(self, kind: str, report: RtcpReceiverInfo, trip: float | None) -> None:
        """A receiver's report of the pictures; it counts where there is no transport-wide feedback."""
        now = time.monotonic()
        before, since, bits = self._last_report
        if kind != "video" or self.told or now - since < SHORTEST:
            return
        self._last_report = report.highest_sequence, now, self._bits
        packets = (report.highest_sequence - before) & 0xFFFFFFFF
        if since and 0 < packets < MOST_BETWEEN:
            self.rate.report(report.fraction_lost / 256, packets, (self._bits - bits) / (now - since), trip, now)
            self.queue.set_rate(self.rate.target, now)

    def measure(self) -> Sending:
        """Counts since the last call."""
        now, count = time.monotonic(), self._count
        self._count = _Count(now)
        return Sending(
            target=self.rate.target,
            sent=count.bits / max(0.001, now - count.since),
            again=count.again / max(1, count.bits),
            loss=self.rate.losses.share(),
            round_trip_ms=None if self.round_trip is None else self.round_trip * 1000,
            queue_ms=self.rate.trend.queue * 1000,
            picture=self.picture,
        )

    # --- what leaves ---

    async def _pump(self) -> None:
        ticked = 0.0
        with suppress(ConnectionError):
            while True:
                now = time.monotonic()
                if now - ticked >= TICK:
                    ticked = now
                    self.rate.tick(now)
                    self.queue.set_rate(self.rate.target, now)
                item = self.queue.take(now)
                if item is None:
                    await self._pause(self.queue.wait(now))
                else:
                    await self._send(item)

    async def _pause(self, seconds: float | None) -> None:
        """Until something is put, or for so long; for some hundred packets a second, so without a task for each."""
        loop = asyncio.get_running_loop()
        self._wake = loop.create_future()
        timer = loop.call_later(TICK if seconds is None else max(0.001, min(TICK, seconds)), self._woken)
        try:
            await self._wake
        finally:
            timer.cancel()

    async def _send(self, item: Outbound) -> None:
        packet = item.make()
        if packet is None or self._transport is None:
            return
        size = len(packet.payload) + 30 + BELOW_RTP
        packet.extensions.abs_send_time = (clock.current_ntp_time() >> 14) & 0x00FFFFFF
        packet.extensions.transport_sequence_number = self._history.sent(size, time.monotonic())
        data = packet.serialize(item.extensions)
        await self._transport._send_rtp(data)
        size = len(data) + BELOW_RTP
        self._bits += size * 8
        self._count.bits += size * 8
        self._count.again += size * 8 if item.kind is Kind.AGAIN else 0
        item.left(packet, size)

    # --- what is told of it ---

    def _rtcp(self, data: bytes) -> bytes:
        """Takes transport-wide feedback out of a compound packet and returns the rest: aiortc cannot read it."""
        rest = b""
        while len(data) >= 4:
            length = 4 * (struct.unpack_from("!H", data, 2)[0] + 1)
            one, data = data[:length], data[length:]
            if one[1] == RTPFB and one[0] & 0x1F == TRANSPORT_FEEDBACK:
                self._feedback(one)
            else:
                rest += one
        return rest

    def _feedback(self, data: bytes) -> None:
        try:
            told = parse(data[12:])
        except ValueError as error:
            log.debug("a feedback that is not whole: %s", error)
            return
        self.told = True
        now = time.monotonic()
        self.rate.results(self._history.told(told), now)
        self.queue.set_rate(self.rate.target, now)
