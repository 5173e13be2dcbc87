"""The media engine: a thread with an event loop of its own behind plain commands and plain events."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import cv2

from media import ports
from media.call import Call
from media.core.devices import DeviceChoice
from media.errors import CommandRefused, MediaError, explain
from media.lines import Lines
from media.listening import Listening
from media.loop import MediaLoop
from media.sleeping import asleep
from media.slots import LatestPicture
from media.stage import machine_now

log = logging.getLogger(__name__)

WAITING_COMMANDS = 64


class MediaEngine:
    """Implements ``media.ports.Engine``. One call at a time.

    ``make_slot`` makes the slot for pictures of ``stage``, ``agent`` or ``party:`` and a party_id. ``machine`` is this
    machine's clock, aware UTC, ``asleep`` how many seconds it has slept since it was started.
    """

    def __init__(
        self,
        options: ports.EngineOptions | None = None,
        make_slot: Callable[[str], LatestPicture] = lambda key: LatestPicture(),
        machine: Callable[[], datetime] = machine_now,
        asleep: Callable[[], float] = asleep,
    ) -> None:
        self._options = options or ports.EngineOptions()
        self._make_slot = make_slot
        self._machine, self._asleep = machine, asleep
        self._stage = make_slot("stage")
        self._agent = make_slot("agent")
        self._slots: dict[str, LatestPicture] = {}
        self._lock = threading.Lock()
        self._waiting = 0
        self._call: Call | Listening | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._listener: Callable[[ports.Event], None] = lambda event: None

    # --- from any thread ---

    def start(self, listener: Callable[[ports.Event], None]) -> None:
        """Starts the thread; returns when commands are taken. Raises ``CommandRefused`` where it runs already."""
        if self._thread is not None:
            raise CommandRefused("音视频引擎已经启动")
        self._listener = listener
        self._loop = MediaLoop()
        self._commands: asyncio.Queue[ports.Command | None] = asyncio.Queue()
        self._thread = threading.Thread(target=self._run, args=(self._loop,), name="media", daemon=True)
        self._thread.start()

    def post(self, command: ports.Command) -> None:
        """Hands a command over and returns. Too many waiting: the command is not taken and Failed says so."""
        loop = self._loop
        if loop is None or self._thread is None or not self._thread.is_alive():
            raise CommandRefused("音视频引擎没有运行")
        with self._lock:
            taken = self._waiting < WAITING_COMMANDS
            self._waiting += taken
        if taken:
            loop.call_soon_threadsafe(self._commands.put_nowait, command)
        else:
            self._fail(command, "操作太快，音视频引擎来不及处理，请稍后再试")

    def ask(self, answer: Callable[[], None]) -> None:
        """Calls ``answer`` on the engine's loop when it comes to it: a sign of life."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(answer)

    def stage(self) -> ports.PictureSlot:
        """The composed stage."""
        return self._stage

    def party(self, party_id: str) -> ports.PictureSlot:
        """One customer's picture as received; the slot stays the same over calls and connections."""
        return self._slot(party_id)

    def agent(self) -> ports.PictureSlot:
        """The seat's own camera."""
        return self._agent

    def being_recorded(self) -> frozenset[Path]:
        """None: this engine goes with its window."""
        return frozenset()

    def stop(self, timeout: float = 10.0) -> None:
        """Closes the call, ends the recording and joins the thread; raises TimeoutError. Harmless twice."""
        thread, loop = self._thread, self._loop
        if thread is None or loop is None:
            return
        if thread.is_alive():
            loop.call_soon_threadsafe(self._commands.put_nowait, None)
        thread.join(timeout)
        if thread.is_alive():
            raise TimeoutError("音视频引擎没有按时停下")
        self._thread = self._loop = None

    def _slot(self, party_id: str) -> LatestPicture:
        with self._lock:
            if party_id not in self._slots:
                self._slots[party_id] = self._make_slot(f"party:{party_id}")
            return self._slots[party_id]

    # --- events ---

    def _emit(self, event: ports.Event) -> None:
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._deliver, event)

    def _deliver(self, event: ports.Event) -> None:
        try:
            self._listener(event)
        except Exception:  # a listener's fault must not end the call or the recording
            log.exception("the listener failed on %s", type(event).__name__)

    def _fail(self, command: ports.Command, message: str, fatal: bool = False) -> None:
        self._emit(ports.Failed(command.call_id, type(command).__name__, message, fatal))

    # --- on the loop ---

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        cv2.setNumThreads(1)  # what a tile takes is less than it costs to wake another thread
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self._serve())
        finally:
            loop.run_until_complete(_end_tasks())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    async def _serve(self) -> None:
        while (command := await self._commands.get()) is not None:
            with self._lock:
                self._waiting -= 1
            await self._carry_out(command)
        await self._close_call()
        await asyncio.sleep(0)  # the last events are delivered

    async def _carry_out(self, command: ports.Command) -> None:
        try:
            await self._dispatch(command)
        except MediaError as error:
            self._fail(command, str(error))
        except OSError as error:
            self._fail(command, explain(error))
        except Exception as error:
            log.exception("command %s failed", type(command).__name__)
            self._fail(command, f"操作没有完成（{type(error).__name__}），请重试", fatal=True)

    async def _dispatch(self, command: ports.Command) -> None:
        if isinstance(command, ports.OpenCall | ports.Listen):
            await self._open_call(command)
            return
        if isinstance(command, ports.ChooseDevices):
            self._choose_devices(command.choice)
            return
        call = self._current(command.call_id)
        if isinstance(command, ports.CloseCall):
            await self._close_call()
        elif isinstance(command, ports.WatchVoice):
            call.watch_voice(command.on)
        elif isinstance(call, Listening):
            await _while_listening(call, command)
        else:
            await _in_call(call, command)

    async def _open_call(self, command: ports.OpenCall | ports.Listen) -> None:
        if self._call is not None:
            raise CommandRefused("还有一通电话没有结束")
        self._call = await self._opened(command)

    async def _opened(self, command: ports.OpenCall | ports.Listen) -> Call | Listening:
        if isinstance(command, ports.Listen):
            ear = Listening(command, self._options, self._emit, self._stage)
            await ear.open()
            return ear
        clocks = self._machine, self._asleep
        call = Call(command, self._options, self._emit, self._stage, self._agent, self._slot, *clocks)
        await call.open()
        return call

    def _choose_devices(self, choice: DeviceChoice) -> None:
        self._options = replace(self._options, devices=choice)
        if self._call is not None:
            self._call.devices.choose(choice)

    async def _close_call(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            await call.close()

    def _current(self, call_id: str) -> Call | Listening:
        if self._call is None or self._call.call_id != call_id:
            raise CommandRefused("这通电话不存在或已经结束")
        return self._call


async def _in_call(call: Call, command: ports.Command) -> None:
    match command:
        case ports.StartRecording(_, path, key, tracks):
            await call.start_recording(path, key, tracks=tracks)
        case ports.StopRecording():
            await call.stop_recording()
        case ports.TakeSnapshot(_, party_id):
            await call.snapshot(party_id)
        case ports.SetMuted(_, muted):
            call.set_muted(muted)
        case ports.PlaySound(_, sound_id, sound):
            await call.play_sound(sound_id, sound)
        case ports.StopSound():
            call.stop_sound()
        case ports.SetLayout(_, layout):
            call.set_layout(layout)
        case ports.ShowDocument(_, page, title, which):
            call.show_document(page, title, which)
        case ports.SetAside(_, party_id):
            call.set_aside(party_id)
        case _:
            await _on_lines(call.lines, command)


async def _on_lines(lines: Lines, command: ports.Command) -> None:
    match command:
        case ports.RemoteOffer():
            await lines.offer(command)
        case ports.ExpectParty():
            lines.expect(command)
        case ports.HoldParty(_, party_id, held):
            lines.hold(party_id, held)
        case ports.MuteParty(_, party_id, muted):
            lines.mute(party_id, muted)
        case ports.RemoveParty(_, party_id):
            await lines.remove(party_id)
        case ports.SetWhisper(_, party_id, on):
            lines.whisper(party_id, on)
        case ports.SetPartyLine(_, party_id, text, mark):
            lines.set_text(party_id, text, mark)
        case _:
            raise CommandRefused(f"通话中不能做这个操作（{type(command).__name__}）")


async def _while_listening(ear: Listening, command: ports.Command) -> None:
    match command:
        case ports.RemoteAnswer():
            await ear.answered(command)
        case ports.SetTalking(_, on):
            ear.set_talking(on)
        case _:
            raise CommandRefused(f"旁听中不能做这个操作（{type(command).__name__}）")


async def _end_tasks() -> None:
    """Ends what libraries left on the loop: aiortc's connecting outlives a close in the middle of it."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
