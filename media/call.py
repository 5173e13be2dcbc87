"""One call on the engine's loop: its devices, its clocks, its connections, its recording."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from media import ports
from media.capture import Camera
from media.core.chain import Link
from media.core.mixing import Samples
from media.core.states import CallEvent, CallState, PeerEvent, PeerState, next_call, next_peer, peer_event
from media.core.timeline import Timeline
from media.core.voicebuffer import VoiceBuffer
from media.errors import CommandRefused, MediaError, Unavailable, explain
from media.peer import Peer
from media.recorder import Recorder
from media.recovery import Recording
from media.slots import LatestPicture
from media.snapshot import jpeg
from media.stage import Cast, Pacer, PictureDesk, Script, SoundDesk, fresh, service_now, to_milliseconds
from media.text import font_files
from media.voice import NO_LOUDSPEAKER, Loudspeaker, VoiceSource, open_loudspeaker, open_voice

QUALITY_EVERY = 2.0
MOST_PARTIES = 8


@dataclass
class Party:
    """A customer of this call over all of their connections."""

    party_id: str
    label: str
    slot: LatestPicture
    line: str = ""
    state: PeerState = PeerState.WAITING
    joined: bool = False
    peer: Peer | None = None
    offer: asyncio.Task[None] | None = None
    voice: VoiceBuffer = field(default_factory=VoiceBuffer)

    def cast(self) -> Cast:
        """As the stage needs it."""
        camera_on = self.peer is None or self.peer.camera_on
        connecting = self.state is PeerState.CONNECTING
        return Cast(self.party_id, self.label, self.line, self.slot, self.voice, connecting, self.joined, camera_on)


class Call:
    """Everything between OpenCall and CloseCall. All methods are for the engine's loop.

    ``emit`` may be called from any thread. ``slot_of`` gives the slot of a party's picture.
    """

    def __init__(
        self,
        command: ports.OpenCall,
        options: ports.EngineOptions,
        emit: Callable[[ports.Event], None],
        stage: LatestPicture,
        agent: LatestPicture,
        slot_of: Callable[[str], LatestPicture],
    ) -> None:
        self.call_id = command.call_id
        self.state = CallState.NEW
        self._ice_servers = command.ice_servers
        self._offset = command.clock_offset_seconds
        self._options = options
        self._emit = emit
        self._stage = stage
        self._agent = agent
        self._slot_of = slot_of
        self._loop = asyncio.get_running_loop()
        self._parties: dict[str, Party] = {}
        self._recorder: Recorder | None = None
        self._told: set[str] = set()
        self._script = Script(command.seat_label, command.case_no, command.agent_label, command.clock_offset_seconds)
        self._quality: asyncio.Task[None] | None = None

    # --- opening and closing ---

    async def open(self) -> None:
        """Opens the devices and starts the clocks; raises ``Unavailable`` where no stage can be made."""
        font_files()
        voice, loudspeaker = await asyncio.to_thread(self._open_sound)
        desk = SoundDesk(lambda: self._script, voice, loudspeaker, self._send_voices, self._lost("microphone"))
        picture_desk = PictureDesk(
            (self._options.stage_width, self._options.stage_height),
            lambda: self._script,
            self._agent,
            self._stage,
            self._send_stage,
        )
        self._camera = await asyncio.to_thread(
            Camera,
            self._agent,
            self._lost("camera"),
            use_devices=self._options.use_devices,
            file=self._options.camera_file,
        )
        self._sound_desk = desk
        self._clocks = [
            Pacer("stage", self._options.frame_rate, picture_desk.tick, self._trouble),
            Pacer("sound", 50, desk.tick, self._trouble),
        ]
        for clock in self._clocks:
            clock.start()
        self._quality = self._loop.create_task(self._report_quality())
        self.state = next_call(self.state, CallEvent.OPENED)
        words = loudspeaker.name if loudspeaker else NO_LOUDSPEAKER
        self._emit(ports.CallOpened(self.call_id, self._camera.name, voice.name, words))

    def _open_sound(self) -> tuple[VoiceSource, Loudspeaker | None]:
        use = self._options.use_devices
        return open_voice(use, self._options.voice_file), open_loudspeaker(use)

    async def close(self) -> None:
        """Ends recording, connections, clocks and devices; then CallClosed."""
        if self.state is CallState.RECORDING:
            await self._end_recording()
        self.state = next_call(self.state, CallEvent.CLOSED)
        if self._quality is not None:
            self._quality.cancel()
            await asyncio.gather(self._quality, return_exceptions=True)
        for party in self._parties.values():
            await self._drop(party)
            party.slot.put(None)
        await asyncio.to_thread(self._close_devices)
        self._stage.put(None)
        self._emit(ports.CallClosed(self.call_id))

    def _close_devices(self) -> None:
        for clock in self._clocks:
            clock.close()
        self._sound_desk.close()
        self._camera.close()

    # --- customers ---

    async def offer(self, command: ports.RemoteOffer) -> None:
        """Starts answering; an earlier connection of the party is closed first."""
        party = self._parties.get(command.party_id)
        if party is None:
            if len(self._parties) >= MOST_PARTIES:
                raise CommandRefused("一通电话最多八位客户")
            party = Party(command.party_id, command.party_label, self._slot_of(command.party_id))
            self._parties[command.party_id] = party
        party.label = command.party_label
        await self._drop(party)
        party.state = next_peer(party.state, PeerEvent.OFFERED)
        party.voice = VoiceBuffer()
        party.peer = Peer(
            self._ice_servers,
            party.slot,
            party.voice,
            partial(self._on_state, party),
            partial(self._on_first, party),
        )
        party.offer = self._loop.create_task(self._answer(party, party.peer, command))
        self._restage()

    async def _answer(self, party: Party, peer: Peer, command: ports.RemoteOffer) -> None:
        try:
            answer = await peer.answer(command.sdp)
        except Unavailable as error:
            party.state = next_peer(party.state, PeerEvent.LOST)
            self._restage()
            self._emit(ports.Failed(self.call_id, "offer", str(error)))
            return
        self._restage()
        self._emit(
            ports.LocalAnswer(
                self.call_id,
                party.party_id,
                answer.sdp,
                answer.local_fingerprint,
                answer.remote_fingerprint,
                command.offer_id,
            )
        )

    async def _drop(self, party: Party) -> None:
        if party.offer is not None:
            party.offer.cancel()
            await asyncio.gather(party.offer, return_exceptions=True)
            party.offer = None
        if party.peer is not None:
            await party.peer.close()
            party.peer = None

    def _on_state(self, party: Party, state: str) -> None:
        event = peer_event(state)
        if event is not None:
            # a connection that the customer's side closed may come back with a new offer
            event = PeerEvent.LOST if event is PeerEvent.CLOSED else event
            party.state = next_peer(party.state, event)
            self._restage()
        self._emit(ports.PeerChanged(self.call_id, party.party_id, state))

    def _on_first(self, party: Party, seconds: float) -> None:
        party.joined = True
        self._restage()
        self._emit(ports.FirstPicture(self.call_id, party.party_id, round(seconds, 3)))

    def set_line(self, party_id: str, text: str) -> None:
        """Writes the line under a party's tile; raises ``CommandRefused``."""
        self._party(party_id).line = text
        self._restage()

    def set_muted(self, muted: bool) -> None:
        """Silence in place of the agent's voice, for the customers and in the recording."""
        self._script = replace(self._script, muted=muted)

    def _party(self, party_id: str) -> Party:
        try:
            return self._parties[party_id]
        except KeyError:
            raise CommandRefused("这位客户不在这通电话里") from None

    def _restage(self) -> None:
        cast = tuple(party.cast() for party in self._parties.values())
        self._script = replace(self._script, cast=cast)

    async def snapshot(self, party_id: str) -> None:
        """A still of what was received; raises ``CommandRefused`` where there is no fresh picture."""
        picture = fresh(self._party(party_id).slot.latest(), time.monotonic_ns())
        if picture is None:
            raise CommandRefused("现在没有客户的画面,无法拍照。请等画面恢复后再试")
        age = (time.monotonic_ns() - picture.captured_ns) / 1e9
        taken = service_now(self._offset - age)
        data = await asyncio.to_thread(jpeg, picture)
        self._emit(ports.SnapshotTaken(self.call_id, party_id, taken, data, picture.width, picture.height))

    # --- recording ---

    async def start_recording(self, path: Path) -> None:
        """Begins a file; raises ``CommandRefused`` or ``OSError``."""
        following = next_call(self.state, CallEvent.RECORDING_BEGAN)
        size = (self._options.stage_width, self._options.stage_height)
        rate = self._options.frame_rate
        timeline = Timeline(to_milliseconds(service_now(self._offset)), time.monotonic_ns())
        self._recorder = await asyncio.to_thread(
            Recorder, path, timeline, size, rate, self._on_segment, self._on_recorder_trouble
        )
        self.state = following
        self._script = replace(self._script, recorder=self._recorder)
        self._emit(
            ports.RecordingBegan(
                self.call_id, path, timeline.started_at, *size, rate, video_codec="h264", audio_codec="aac"
            )
        )

    async def stop_recording(self) -> None:
        """Ends the file and tells what it holds; raises ``CommandRefused``."""
        self.state = next_call(self.state, CallEvent.RECORDING_ENDED)
        recorder, self._recorder = self._recorder, None
        self._script = replace(self._script, recorder=None)
        if recorder is not None:
            done = await asyncio.to_thread(recorder.stop, time.monotonic_ns())
            self._emit(ended(self.call_id, done))

    async def _end_recording(self) -> None:
        try:
            await self.stop_recording()
        except MediaError as error:  # the call must end all the same
            self._emit(ports.Failed(self.call_id, "recording", str(error), fatal=True))
        except OSError as error:
            self._emit(ports.Failed(self.call_id, "recording", explain(error), fatal=True))

    def _on_segment(self, item: Link) -> None:
        self._emit(closed_segment(self.call_id, item))

    def _on_recorder_trouble(self, message: str, fatal: bool) -> None:
        self._emit(ports.Failed(self.call_id, "recording", message, fatal))

    # --- from the clocks, on their threads ---

    def _send_stage(self, picture: ports.Picture) -> None:
        self._loop.call_soon_threadsafe(self._hand_stage, picture)

    def _hand_stage(self, picture: ports.Picture) -> None:
        for party in self._parties.values():
            if party.peer is not None:
                party.peer.stage.push(picture)

    def _send_voices(self, number: int, voices: dict[str, Samples]) -> None:
        self._loop.call_soon_threadsafe(self._hand_voices, number, voices)

    def _hand_voices(self, number: int, voices: dict[str, Samples]) -> None:
        for party_id, samples in voices.items():
            peer = self._parties[party_id].peer
            if peer is not None:
                peer.heard.push(number, samples)

    def _lost(self, what: str) -> Callable[[str], None]:
        return lambda message: self._emit(ports.Failed(self.call_id, what, message))

    def _trouble(self, message: str) -> None:
        if message not in self._told and len(self._told) < 20:
            self._told.add(message)
            self._emit(ports.Failed(self.call_id, "stage", f"合成画面或声音时出错:{message}"))

    # --- quality ---

    async def _report_quality(self) -> None:
        while True:
            await asyncio.sleep(QUALITY_EVERY)
            for party in list(self._parties.values()):
                if party.peer is not None and party.state is PeerState.CONNECTED:
                    await self._report_one(party, party.peer)

    async def _report_one(self, party: Party, peer: Peer) -> None:
        seen = await peer.measure()
        self._emit(
            ports.Quality(
                self.call_id,
                party.party_id,
                pictures_per_second=seen.pictures_per_second,
                round_trip_ms=seen.round_trip_ms,
                loss_percent=seen.loss_percent,
                audio_level=seen.audio_level,
            )
        )


def closed_segment(call_id: str, item: Link) -> ports.SegmentClosed:
    """A link as an event."""
    return ports.SegmentClosed(call_id, item.index, item.offset, item.size, item.start_seconds, item.sha256, item.chain)


def ended(call_id: str, done: Recording) -> ports.RecordingEnded:
    """A finished recording as an event."""
    return ports.RecordingEnded(
        call_id=call_id,
        path=done.path,
        ended_at=done.ended_at,
        duration_seconds=done.duration_seconds,
        size=done.size,
        sha256=done.sha256,
        segments=tuple(closed_segment(call_id, item) for item in done.segments),
        gaps=done.gaps,
    )
