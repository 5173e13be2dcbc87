"""One call on the engine's loop: its devices, its clocks, its recording; its connections are ``media.lines``."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from media import ports
from media.checker import Checked, Checker, from_file
from media.compositor import Page
from media.core.chain import Link
from media.core.layout import Layout
from media.core.mixing import Samples
from media.core.speaking import Speaking
from media.core.states import CallEvent, CallState, next_call
from media.core.timeline import Timeline
from media.core.wallclock import CallClock, Jump, lasting
from media.devices.seat import InUse, SeatDevices
from media.errors import CommandRefused, MediaError, explain
from media.lines import Lines
from media.loop import run_all
from media.reading import Reading, opened
from media.recorder import Recorder
from media.recovery import Recording
from media.sealedstore import reader
from media.sleeping import Awake, asleep
from media.slots import LatestPicture
from media.snapshot import jpeg
from media.stage import Ear, Pacer, PictureDesk, Script, SoundDesk, machine_now, to_milliseconds
from media.text import font_files
from media.tiles import Cast, fresh
from media.tracktape import TrackTape
from media.witness import Witness

NOTICED = 20.0
"""Seconds for which the recording shows that this machine's clock was set, or that it slept."""
SET_RIGHT = "请检查电脑的日期和时间"
UNRECORDED = "这段时间没有录像，录像会马上另起一段接着录"
COMING_BACK = "客户会自己连回来，请等画面恢复"


class Call:
    """Everything between OpenCall and CloseCall. All methods are for the engine's loop.

    ``emit`` may be called from any thread. ``slot_of`` gives the slot of a party's picture. ``lines`` are the
    connections, there once the call is open.
    """

    def __init__(
        self,
        command: ports.OpenCall,
        options: ports.EngineOptions,
        emit: Callable[[ports.Event], None],
        stage: LatestPicture,
        agent: LatestPicture,
        slot_of: Callable[[str], LatestPicture],
        machine: Callable[[], datetime] = machine_now,
        asleep: Callable[[], float] = asleep,
    ) -> None:
        self.call_id = command.call_id
        self.state = CallState.NEW
        self._machine, self._asleep = machine, asleep
        offset = command.clock_offset_seconds
        self._clock = CallClock(machine() + timedelta(seconds=offset), time.monotonic_ns(), offset, asleep())
        self._awake: Awake | None = None
        self._options = options
        self._emit = emit
        self._stage = stage
        self._agent = agent
        self._loop = asyncio.get_running_loop()
        self._recorder: Recorder | None = None
        self._checker: Checker | None = None
        self._broke_off_ns: int | None = None
        """When the recording that is still to be stopped got its last picture; None: it gets more."""
        self._slept: list[str] = []
        """In words, each time since a recording began."""
        self._tape: TrackTape | None = None
        self._told: set[str] = set()
        self._clocks: list[Pacer] = []
        self._script = Script(command.seat_label, command.case_no, command.agent_label, offset, clock=self._clock)
        self._lines = partial(Lines, command.call_id, command.ice_servers, emit, slot_of, self._restage)

    # --- opening and closing ---

    async def open(self) -> None:
        """Opens the devices and starts the clocks; raises ``Unavailable`` where no stage can be made.

        Where anything fails, what was opened by then is closed.
        """
        font_files()
        self.devices = await asyncio.to_thread(SeatDevices, self._options, self._agent, self._devices_changed)
        async with AsyncExitStack() as undo:
            undo.push_async_callback(asyncio.to_thread, self._close_devices)
            self._awake = Awake() if self._options.use_devices else None
            self._script = replace(
                self._script,
                unplugged=lambda: self.devices.unplugged,
                unheard=lambda: bool(self.devices.sound.silent),
            )
            self.lines = self._lines()
            undo.push_async_callback(self.lines.close)
            self._start_clocks()
            undo.pop_all()
        self.state = next_call(self.state, CallEvent.OPENED)
        now = self.devices.in_use()
        self._emit(ports.CallOpened(self.call_id, now.camera, now.microphone, now.loudspeaker))
        if now.unclean:
            self._devices_changed(now, "")

    def _start_clocks(self) -> None:
        sound, speaking = self.devices.sound, Speaking()
        told = self._send_voices, self._lost("microphone"), speaking, self._read_out
        desk = SoundDesk(lambda: self._script, sound, sound, *told)
        picture_desk = PictureDesk(
            (self._options.stage_width, self._options.stage_height),
            lambda: self._script,
            self._agent,
            self._stage,
            self._send_stage,
            speaking,
        )
        for clock in (
            Pacer("stage", self._options.frame_rate, picture_desk.tick, self._trouble),
            Pacer("sound", 50, desk.tick, self._trouble),
            Pacer("clock", 1, self._look_at_clock, self._trouble),
        ):
            clock.start()
            self._clocks.append(clock)

    def _devices_changed(self, now: InUse, message: str) -> None:
        self._emit(now.event(self.call_id, message))

    def watch_voice(self, on: bool) -> None:
        """Whether the microphone's level is told."""
        self.devices.watch_voice(self._voice_level if on else None)
        self._devices_changed(self.devices.in_use(), "")

    def _voice_level(self, level: float) -> None:
        self._emit(ports.VoiceLevel(self.call_id, level))

    async def close(self) -> None:
        """Ends recording, connections, clocks and devices, each whatever comes of the others; then CallClosed."""
        self.stop_sound()
        async with AsyncExitStack() as rest:
            rest.callback(self._closed)
            rest.push_async_callback(asyncio.to_thread, self._close_devices)
            rest.push_async_callback(self.lines.close)
            if self.state is CallState.RECORDING:
                await self._end_recording()
            self.state = next_call(self.state, CallEvent.CLOSED)

    def _closed(self) -> None:
        self._stage.put(None)
        self._emit(ports.CallClosed(self.call_id))

    def _close_devices(self) -> None:
        try:
            for clock in self._clocks:
                clock.close()
        finally:
            if self._awake is not None:
                self._awake.close()
            self.devices.close()

    # --- who is on the stage ---

    def set_muted(self, muted: bool) -> None:
        """Silence in place of the agent's voice, for the customers and in the recording."""
        self._script = replace(self._script, muted=muted)
        self.devices.sound.muted = muted

    def set_layout(self, layout: Layout) -> None:
        """How the stage is arranged."""
        self._script = replace(self._script, layout=layout)

    async def play_sound(self, sound_id: str, sound: bytes) -> None:
        """For all in the call, after what plays already was ended; raises ``Unavailable``."""
        reading = await asyncio.to_thread(opened, sound_id, sound)
        self.stop_sound()
        self._script = replace(self._script, reading=reading)

    def stop_sound(self) -> None:
        """Nothing where nothing plays."""
        self._end_reading(self._script.reading, whole=False)

    def _end_reading(self, reading: Reading | None, *, whole: bool) -> None:
        if reading is not None and reading is self._script.reading:
            self._script = replace(self._script, reading=None)
            self._emit(ports.SoundEnded(self.call_id, reading.sound_id, whole, reading.seconds))

    def show_document(self, page: ports.Picture | None, title: str, which: str) -> None:
        """The page that is read, beside the faces; None: none."""
        self._script = replace(self._script, page=None if page is None else Page(page, title, which))

    def set_aside(self, party_id: str | None) -> None:
        """With whom the agent talks alone."""
        self.lines.set_aside(party_id)
        self._script = replace(self._script, aside=party_id)

    def _restage(self, cast: tuple[Cast, ...], ears: tuple[Ear, ...]) -> None:
        self._script = replace(self._script, cast=cast, ears=ears)

    async def snapshot(self, party_id: str) -> None:
        """A still of what was received; raises ``CommandRefused`` where there is no fresh picture."""
        picture = fresh(self.lines.seen(party_id).latest(), time.monotonic_ns())
        if picture is None:
            raise CommandRefused("现在没有客户的画面，无法拍照。请等画面恢复后再试")
        taken = self._clock.now(picture.captured_ns)
        data = await asyncio.to_thread(jpeg, picture)
        self._emit(ports.SnapshotTaken(self.call_id, party_id, taken, data, picture.width, picture.height))

    # --- recording ---

    async def start_recording(self, path: Path, key: bytes = b"", *, tracks: bool = False) -> None:
        """Begins a recording, encrypted under ``key`` where there is one, with each customer's own tracks beside it if
        ``tracks``; raises ``CommandRefused`` or ``OSError``."""
        following = next_call(self.state, CallEvent.RECORDING_BEGAN)
        size = (self._options.stage_width, self._options.stage_height)
        rate = self._options.frame_rate
        now, slept = time.monotonic_ns(), len(self._slept)
        timeline = Timeline(to_milliseconds(self._clock.now(now)), now)
        witness = Witness(timeline, rate)
        checker = Checker(reader(path, key) if key else from_file(path), witness, partial(self._on_checked, path))
        try:
            told = partial(self._on_segment, checker), self._on_recorder_trouble
            self._recorder = await asyncio.to_thread(Recorder, path, timeline, size, rate, *told, key=key or None)
        except BaseException:
            checker.close()
            raise
        self.state, self._checker, self._broke_off_ns = following, checker, None
        self._script = replace(self._script, recorder=self._recorder, witness=witness)
        if tracks:
            self._tape = TrackTape(path, key or None, timeline, self._on_tape_trouble)
            self.lines.record(self._tape)
        self._emit(
            ports.RecordingBegan(
                self.call_id, path, timeline.started_at, *size, rate, video_codec="h264", audio_codec="aac"
            )
        )
        self._after_sleep(slept)

    def _after_sleep(self, before: int) -> None:
        """The recording that begins shows that this machine slept; one that was begun ``before`` it did has its time no
        more, and breaks off."""
        if len(self._slept) > before:
            self._break_off()
            self._say_slept(recording=True)
        elif self._slept:
            self._notice(self._slept[-1])
            self._slept = []

    async def stop_recording(self) -> None:
        """Ends the file and tells what it holds; raises ``CommandRefused``."""
        self.state = next_call(self.state, CallEvent.RECORDING_ENDED)
        now = self._broke_off_ns or time.monotonic_ns()
        recorder, self._recorder = self._recorder, None
        checker, self._checker = self._checker, None
        self._script = replace(self._script, recorder=None, witness=None)
        await self._stop_tape()
        try:
            done = await asyncio.to_thread(recorder.stop, now) if recorder else None
        finally:
            if checker is not None:
                await asyncio.to_thread(checker.close)
        if done is not None:
            self._emit(ended(self.call_id, done))

    async def _stop_tape(self) -> None:
        """Before the stage's end is told: who delivers that takes the tracks for ended too."""
        tape, self._tape = self._tape, None
        if tape is not None:
            self.lines.record(None)
            await asyncio.to_thread(tape.stop)

    async def _end_recording(self) -> None:
        try:
            await self.stop_recording()
        except MediaError as error:  # the call must end all the same
            self._emit(ports.Failed(self.call_id, "recording", str(error), fatal=True))
        except OSError as error:
            self._emit(ports.Failed(self.call_id, "recording", explain(error), fatal=True))

    def _on_segment(self, checker: Checker, item: Link) -> None:
        self._emit(closed_segment(self.call_id, item))
        checker.written(item)

    def _on_checked(self, path: Path, checked: Checked) -> None:
        far = checked.index, checked.until, checked.left_out
        self._emit(ports.RecordingChecked(self.call_id, path, *far, checked.doubts, checked.missed, checked.unread))

    def _on_tape_trouble(self, message: str) -> None:
        self._emit(ports.Failed(self.call_id, "tracks", message))

    def _on_recorder_trouble(self, message: str, fatal: bool) -> None:
        self._emit(ports.Failed(self.call_id, "recording", message, fatal))

    # --- the machine's clock ---

    def _look_at_clock(self, number: int, due_ns: int) -> None:
        if self._clock.slept(self._asleep()):
            self._loop.call_soon_threadsafe(self._woke_up)
            return
        jump = self._clock.look(self._machine(), time.monotonic_ns())
        if jump is not None:
            self._loop.call_soon_threadsafe(self._clock_jumped, jump)

    def _woke_up(self) -> None:
        """File time stood still with the monotonic clock: what follows belongs to another recording."""
        slept = self._clock.slept(self._asleep())
        if not slept:
            return
        recorder = self._script.recorder
        recording = recorder is not None and not recorder.broken
        if recording:
            self._break_off()
        self._clock.move_on(slept)
        self._slept.append(f"电脑休眠了 {lasting(slept)}")
        self._say_slept(recording=recording)

    def _say_slept(self, *, recording: bool) -> None:
        words = self._slept[-1]
        what, meaning = ("recording", f"{UNRECORDED}。{COMING_BACK}") if recording else ("clock", COMING_BACK)
        self._emit(ports.Failed(self.call_id, what, f"{words}：{meaning}", fatal=recording))
        self._notice(words)

    def _break_off(self) -> None:
        """Nothing more gets into the recording, which is still to be stopped."""
        self._broke_off_ns = time.monotonic_ns()
        self._script = replace(self._script, recorder=None, witness=None)
        if self._tape is not None:
            self.lines.record(None)

    def _clock_jumped(self, jump: Jump) -> None:
        """Told to the agent, and for a while seen in the recording; its time goes on as the call's."""
        self._emit(ports.Failed(self.call_id, "clock", f"{jump.words}：录像仍按通话的时间，不受影响。{SET_RIGHT}"))
        self._notice(jump.words)

    def _notice(self, words: str) -> None:
        self._script = replace(self._script, notice=words)
        self._loop.call_later(NOTICED, self._notice_over, words)

    def _notice_over(self, words: str) -> None:
        if self._script.notice == words:
            self._script = replace(self._script, notice="")

    # --- from the clocks, on their threads ---

    def _send_stage(self, picture: ports.Picture) -> None:
        self._loop.call_soon_threadsafe(self.lines.hand_stage, picture)

    def _send_voices(self, number: int, voices: dict[str, Samples]) -> None:
        if left := self.lines.speak(number, voices):
            self._loop.call_soon_threadsafe(run_all, left)

    def _read_out(self, reading: Reading) -> None:
        self._loop.call_soon_threadsafe(partial(self._end_reading, reading, whole=True))

    def _lost(self, what: str) -> Callable[[str], None]:
        return lambda message: self._emit(ports.Failed(self.call_id, what, message))

    def _trouble(self, message: str) -> None:
        if message not in self._told and len(self._told) < 20:
            self._told.add(message)
            self._emit(ports.Failed(self.call_id, "stage", f"合成画面或声音时出错：{message}"))


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
