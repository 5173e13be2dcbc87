"""One peer connection over aiortc, which only this module, ``media.tracks`` and ``media.rtc`` import.

What comes in is received by ``media.rtc``: the newest picture goes into a slot, the voice into a ``Hearing``.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import CoroutineType
from typing import Any

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCIceServer, RTCRtpSender, RTCSessionDescription
from av import VideoFrame

from media.core.freezes import Freezes
from media.core.messages import SILENT, Message
from media.errors import Unavailable
from media.hearing import Hearing
from media.pictures import from_frame
from media.ports import IceServer
from media.rtc.broadcast import Broadcast
from media.rtc.channel import Channel
from media.rtc.connection import Connection
from media.rtc.names import CONNECT
from media.rtc.outgoing import Sending
from media.rtc.receiver import Incoming
from media.sdp import fingerprint, sends, takes
from media.slots import LatestPicture
from media.tracks import StageTrack, VoiceTrack
from media.tracktap import Tap

log = logging.getLogger(__name__)

EASE_SECONDS = 30.0
SILENT_AFTER = 2.0
"""Seconds without a packet after which a connection counts as disconnected; silence tells nothing of the microphone."""


@dataclass(frozen=True)
class Answer:
    """Our description for the customer, and who stood at both ends of DTLS."""

    sdp: str
    local_fingerprint: str
    remote_fingerprint: str


@dataclass(frozen=True)
class Measured:
    """One look at the line; counts since the look before."""

    pictures_per_second: float
    round_trip_ms: float | None
    loss_percent: float
    audio_level: float
    frozen: float = 0.0
    """Share of time in which the picture stood still."""
    heard: Mapping[str, int] = field(default_factory=dict)
    """Totals of the voice, as ``Hearing.counts``."""
    behind: float | None = None
    """Seconds that the voice waits here to be heard; None while nobody speaks."""
    silent: bool = False
    """No packet came at all."""


class Peer:
    """One connection with one customer. Create it on the loop; ``close`` it and await that.

    ``on_state(state)`` gets RTCPeerConnectionState words; ``on_first(seconds)`` the time from offer to first picture;
    ``on_message(message)`` what the phone says over the channel, which ``send`` answers;
    ``broadcast`` encodes once for all peers that have the same one. ``tap`` is told of what comes.
    """

    def __init__(
        self,
        ice_servers: Sequence[IceServer],
        slot: LatestPicture,
        voice: Hearing,
        on_state: Callable[[str], None],
        on_first: Callable[[float], None],
        on_message: Callable[[Message], None] = lambda message: None,
        broadcast: Broadcast | None = None,
        tap: Tap | None = None,
    ) -> None:
        self.slot = slot
        self.voice = voice
        self.tap = tap
        self.stage = StageTrack()
        self.heard = VoiceTrack()
        self.camera_on = self.sees = self.hears = True
        """Whether they mean to send pictures, and to be sent pictures and sound."""
        self.ends: tuple[str, str] | None = None
        """The fingerprints of our and of their certificate, once an offer is answered."""
        self._on_state = on_state
        self._on_first = on_first
        self._offered = time.monotonic()
        self._pictures = self._pictures_seen = 0
        self._freezes = Freezes()
        self._expected_seen = self._received_seen = 0
        self._measured = time.monotonic()
        self._last_packet = time.monotonic()
        self._received_total = 0
        self._state = "new"
        self._closing = False
        self._tasks: set[asyncio.Task[None]] = set()
        servers = [RTCIceServer(list(s.urls), s.username, s.credential) for s in ice_servers]
        # an empty list, never None: None means a public STUN server
        configuration = RTCConfiguration(iceServers=servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self._pc = Connection(configuration, Incoming(self._show, voice, tap=tap), broadcast)
        self._pc.on("connectionstatechange", self._on_connection)
        self._channel = Channel(self._pc, on_message)

    async def answer(self, sdp: str) -> Answer:
        """Answers a customer's offer with all of our candidates; raises ``Unavailable`` for one we cannot use."""
        remote = fingerprint(sdp)
        self.camera_on = sends(sdp, "video")
        self.sees, self.hears = takes(sdp, "video"), takes(sdp, "audio")
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="offer"))
            # what the offer has no place for would leave a sender without a transport, and nothing would connect
            asked = {transceiver.kind for transceiver in self._pc.getTransceivers()}
            for track in (self.stage, self.heard):
                if track.kind in asked:
                    self._pc.addTrack(track)
            self._prefer_vp8()
            await self._pc.setLocalDescription(await self._pc.createAnswer())
        except Exception as error:  # a description comes from outside, and aiortc has no error of its own for it
            raise Unavailable("客户手机发来的连接信息不能用，请让客户刷新页面") from error
        own = str(self._pc.localDescription.sdp)
        self._own(self._watch())
        self.ends = (fingerprint(own), remote)
        return Answer(own, *self.ends)

    async def offer(self) -> str:
        """A listener's offer: pictures come in, sound goes both ways. All candidates are in it."""
        self._pc.addTransceiver("video", direction="recvonly")
        self._pc.addTrack(self.heard)
        self._prefer_vp8()
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return str(self._pc.localDescription.sdp)

    async def accept(self, sdp: str) -> None:
        """The answer to ``offer``; raises ``Unavailable`` for one we cannot use."""
        try:
            fingerprint(sdp)
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="answer"))
        except Exception as error:  # a description comes from outside, and aiortc has no error of its own for it
            raise Unavailable("坐席发来的连接信息不能用，请重新旁听") from error
        self._own(self._watch())

    def _prefer_vp8(self) -> None:
        codecs = RTCRtpSender.getCapabilities("video").codecs
        ordered = sorted(codecs, key=lambda codec: codec.mimeType.lower() not in ("video/vp8", "video/rtx"))
        for transceiver in self._pc.getTransceivers():
            if transceiver.kind == "video":
                transceiver.setCodecPreferences(ordered)

    def _own(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_connection(self) -> None:
        self._set_state(str(self._pc.connectionState))

    def _set_state(self, state: str) -> None:
        if state != self._state and not self._closing:
            self._state = state
            self._last_packet = time.monotonic()
            self._on_state(state)

    def _show(self, frame: VideoFrame) -> None:
        if self._closing:
            return
        self.slot.put(from_frame(frame, time.monotonic_ns()))
        self._pictures += 1
        self._freezes.shown(time.monotonic())
        if self._pictures == 1:
            self._on_first(time.monotonic() - self._offered)

    async def _watch(self) -> None:
        """Notices silence on the line long before ICE consent expires."""
        while True:
            await asyncio.sleep(0.5)
            received = self._received()[1] + self._channel.heard
            if received != self._received_total:
                self._received_total = received
                self._last_packet = time.monotonic()
                if self._state == "disconnected":
                    self._set_state("connected")
            elif (silent := time.monotonic() - self._last_packet) > SILENT_AFTER:
                if self._state == "connected":
                    self._set_state("disconnected")
                if self._state == "disconnected":  # what we send may still arrive
                    self.send({"kind": SILENT, "seconds": round(silent, 1)})

    @property
    def comes(self) -> bool:
        """Whether something has come of what the phone sends."""
        return self._state == "connected" and self._received()[1] > 0

    @property
    def stands(self) -> bool:
        """Whether there is a connection, be it one that nothing comes by at the moment."""
        return not self._closing and self._state in ("connected", "disconnected")

    @property
    def over(self) -> bool:
        """Whether nothing can come any more."""
        return self._closing or self._state in ("failed", "closed")

    def _received(self) -> tuple[int, int]:
        """(packets expected, packets received) over all streams that came in."""
        streams = [stream for receiver in self._pc.receivers() for stream in receiver.receptions.values()]
        return sum(stream.expected for stream in streams), sum(stream.received for stream in streams)

    async def measure(self) -> Measured:
        """Counts since the last call."""
        expected, received = self._received()
        due, came = expected - self._expected_seen, received - self._received_seen
        pictures = self._pictures - self._pictures_seen
        self._expected_seen, self._received_seen, self._pictures_seen = expected, received, self._pictures
        since, self._measured = self._measured, time.monotonic()
        now = self._measured
        return Measured(
            pictures_per_second=round(pictures / max(0.001, now - since), 1),
            round_trip_ms=await self._round_trip(),
            loss_percent=max(0.0, min(100.0, 100.0 * (due - came) / due)) if due > 0 else 0.0,
            audio_level=self.voice.loudness(),
            frozen=self._freezes.share(now),
            heard=self.voice.counts,
            behind=self.voice.behind,
            silent=came == 0,
        )

    def murmur(self) -> float | None:
        """How loud their voice was since the last call, 0…1; None while nothing comes at all: then the line is dead."""
        loudness = self.voice.murmur()
        return loudness if time.monotonic() - self._last_packet < SILENT_AFTER else None

    def send(self, message: Message) -> bool:
        """Says something over the channel; False where there is none or nothing leaves by it."""
        return self._channel.send(message)

    def ease(self) -> None:
        """Sends small pictures for EASE_SECONDS: the phone says that it does not get through with what it has."""
        self._pc.outgoing.easy_until = time.monotonic() + EASE_SECONDS

    def sending(self) -> Sending:
        """How what we send goes; counts since the last call."""
        return self._pc.outgoing.measure()

    async def _round_trip(self) -> float | None:
        times = [
            report.roundTripTime
            for sender in self._pc.getSenders()
            for report in (await sender.getStats()).values()
            if report.type == "remote-inbound-rtp" and report.roundTripTime is not None
        ]
        return max(0.0, min(times) * 1000) if times else None

    async def close(self) -> None:
        """Ends the connection and everything it started."""
        self._closing = True
        try:
            await self._pc.close()
        except Exception:  # of a connection that was never whole, such as an offer without a transport for its media
            log.exception("a connection did not close by itself")
        tasks = [*self._tasks, *self._connecting()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _connecting(self) -> list[asyncio.Task[Any]]:
        """aiortc's own task of a connection closed before ICE came to an end: it would wait for ever."""
        return [
            task
            for task in asyncio.all_tasks()
            if isinstance(coro := task.get_coro(), CoroutineType)
            and coro.__qualname__ == CONNECT
            and coro.cr_frame is not None
            and coro.cr_frame.f_locals.get("self") is self._pc
        ]
