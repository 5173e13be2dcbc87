"""What one connection sends, voice and pictures together: numbered, paced, and held to one rate. For the loop only."""

import asyncio
import logging
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtp import RtcpReceiverInfo, RtpPacket

from media.core.arrivals import History, parse
from media.core.sendqueue import Kind, SendQueue
from media.core.sendrate import SendRate
from media.rtc import headers, names
from media.rtc.headers import Headers
from media.rtc.tasks import next_stroke

log = logging.getLogger(__name__)

BELOW_RTP = 44
"""Bytes of IP, UDP and the seal of SRTP."""
TICK = 0.1
RTPFB, TRANSPORT_FEEDBACK = 205, 15
SMOOTH = 0.8
SHORTEST_PAUSE = 0.001
"""Seconds."""
SHORTEST, MOST_BETWEEN = 0.3, 10_000
"""Seconds and packets between two reports that say something."""


@dataclass
class Outbound:
    """A packet that waits. ``make`` gives it its number at the moment that it leaves; None where it is not wanted."""

    make: Callable[[], RtpPacket | None]
    headers: Headers
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
        self._transport: RTCDtlsTransport | None = None
        self._ticking: asyncio.TimerHandle | None = None
        self._paused: asyncio.TimerHandle | None = None
        """Comes when the pace lets the next packet go; None while nothing waits."""
        self._leaving = self._closed = False
        self._failed = 0
        self._count = _Count(now)
        self._bits = 0
        self._last_report = (0, 0.0, 0)

    def attach(self, transport: RTCDtlsTransport) -> None:
        """Begins to send; harmless twice."""
        if self._transport is None and not self._closed:
            self._transport = transport
            names.tap_rtcp(transport, self._rtcp)
            self._tick()

    def close(self) -> None:
        """Ends sending; what waits is dropped."""
        self._closed, self._transport = True, None
        for timer in (self._ticking, self._paused):
            if timer is not None:
                timer.cancel()

    @property
    def trip(self) -> float:
        """The round trip, or what it is taken for as long as it is not known."""
        return 0.1 if self.round_trip is None else self.round_trip

    def put(self, item: Outbound, size: int) -> bool:
        """Hands a packet of ``size`` payload bytes over; False where it was refused."""
        taken = self.queue.put(item.kind, item, size + BELOW_RTP)
        if self._paused is None or item.kind is Kind.VOICE:
            self._leave()
        return taken

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

    def _tick(self) -> None:
        now = time.monotonic()
        self.rate.tick(now)
        self.queue.set_rate(self.rate.target, now)
        self._ticking = asyncio.get_running_loop().call_at(next_stroke(TICK), self._tick)
        self._leave()

    def _leave(self) -> None:
        """Sends what may leave, and comes again when more may: for some hundred packets a second, so without a task."""
        if self._leaving or self._transport is None:
            return
        self._leaving = True
        try:
            while (item := self.queue.take(time.monotonic())) is not None:
                self._send(item, self._transport)
        except ConnectionError:
            self.close()
        except Exception:
            self._failed += 1
            if self._failed == 1:
                log.exception("a packet did not leave")
        finally:
            self._leaving = False
        self._pause()

    def _pause(self) -> None:
        if self._paused is not None:
            self._paused.cancel()
        wait = None if self._closed else self.queue.wait(time.monotonic())
        again = None if wait is None else min(TICK, max(SHORTEST_PAUSE, wait))
        self._paused = None if again is None else asyncio.get_running_loop().call_later(again, self._leave)

    def _send(self, item: Outbound, transport: RTCDtlsTransport) -> None:
        packet = item.make()
        if packet is None:
            return
        size = len(packet.payload) + 30 + BELOW_RTP
        packet.extensions.abs_send_time = (headers.ntp_now() >> 14) & 0x00FFFFFF
        packet.extensions.transport_sequence_number = self._history.sent(size, time.monotonic())
        data = item.headers.write(packet)
        names.send(transport, data)
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
