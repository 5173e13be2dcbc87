"""The window's end of the media process: ``media.ports.Engine`` over a channel, with the process started and watched.

One thread attaches, reads and watches; another writes. A process that ends or says nothing for ``SILENT_SECONDS`` is
ended and begun anew, and the listener is told, if a call was open.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from media import ports
from media.errors import CommandRefused
from media.process import memory, words
from media.process.connecting import Attached, Door, Unanswered
from media.process.launch import Job
from media.process.outbox import Outbox
from media.process.places import Place
from media.process.shared import SharedSlot

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
SILENT_SECONDS = 3.0
"""The process says four times a second that its loop runs."""
WAITING_COMMANDS = 64
LINGER_SECONDS = 300.0
PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0)
"""Before each new attempt after a process that broke down soon after it began."""
SOUND_SECONDS = 30.0
"""A process that ran so long did not break down at once."""

BROKE = "音视频程序意外停止，正在自动重新启动。客户几秒内会自动回到通话，录像接着录成下一段，请不要挂断"
FROZE = "音视频程序没有响应，正在自动重新启动。客户几秒内会自动回到通话，录像接着录成下一段，请不要挂断"
NO_START = "音视频程序启动不了。请重新打开屏签；如果仍不行，请把本机日志交给管理员"
TAKEN = "这台电脑上已经打开了另一个屏签窗口，请回到那个窗口办理，或先把它关闭"
DISPLACED = "另一个屏签窗口接管了这里的通话。请在那个窗口继续办理，本窗口可以关闭"


class ProcessEngine:
    """Implements ``media.ports.Engine``. ``folder``: of this user alone; who uses the same one attaches to the same
    process. ``linger``: seconds for which a call goes on without a window.

    The window may ``beat`` from its own thread; once it has, it counts as frozen while it does not.
    """

    def __init__(
        self,
        options: ports.EngineOptions,
        folder: Path,
        name: str = "seat",
        linger: float = LINGER_SECONDS,
    ) -> None:
        self._door = Door(Job(Place(folder, name), options, linger))
        self._listener: Callable[[ports.Event], None] = lambda event: None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._pending: deque[ports.Command] = deque()
        self._outbox: Outbox | None = None
        self._slots: dict[str, SharedSlot] = {}
        self._call_id = ""
        self._lost = False
        self._heard = 0
        self._beat_at: float | None = None
        self._stopping = threading.Event()
        self._attached = threading.Event()
        self._writing: frozenset[Path] = frozenset()

    # --- from any thread ---

    def start(self, listener: Callable[[ports.Event], None]) -> None:
        """Returns at once; commands wait until the process is there. Raises ``CommandRefused`` where it runs."""
        if self._thread is not None:
            raise CommandRefused("音视频引擎已经启动")
        self._listener = listener
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="media-link", daemon=True)
        self._thread.start()

    def post(self, command: ports.Command) -> None:
        """Hands a command over and returns. Too many waiting: the command is not taken and Failed says so."""
        if self._thread is None or not self._thread.is_alive():
            raise CommandRefused("音视频引擎没有运行")
        with self._lock:
            taken = self._hand_over(command)
        if not taken:
            words_ = "操作太快，音视频引擎来不及处理，请稍后再试"
            self._tell(ports.Failed(command.call_id, type(command).__name__, words_))

    def _hand_over(self, command: ports.Command) -> bool:
        if isinstance(command, ports.OpenCall | ports.Listen):
            self._call_id, self._lost = command.call_id, False
        elif self._lost:
            return True  # meant for the engine that is no more
        elif isinstance(command, ports.CloseCall):
            self._call_id = ""
        if self._outbox is not None:
            self._outbox.put({"kind": "command", "command": words.write(command)})
            return True
        if len(self._pending) >= WAITING_COMMANDS:
            return False
        self._pending.append(command)
        return True

    def stage(self) -> ports.PictureSlot:
        """The composed stage."""
        return self._slot("stage")

    def party(self, party_id: str) -> ports.PictureSlot:
        """One customer's picture as received; the slot stays the same over calls, connections and processes."""
        return self._slot(f"party:{party_id}")

    def agent(self) -> ports.PictureSlot:
        """The seat's own camera."""
        return self._slot("agent")

    def _slot(self, key: str) -> SharedSlot:
        with self._lock:
            if key not in self._slots:
                self._slots[key] = SharedSlot()
                if self._outbox is not None:
                    self._outbox.put({"kind": "watch", "key": key})
            return self._slots[key]

    def beat(self) -> None:
        """The window's own thread is alive."""
        self._beat_at = time.monotonic()

    def being_recorded(self, seconds: float = 20.0) -> frozenset[Path]:
        """The files that a call which an earlier window left is recorded to; waits until that is known."""
        self._attached.wait(seconds)
        return self._writing

    @property
    def pid(self) -> int | None:
        """Of the process; None before it was reached."""
        return self._door.pid

    def taken(self) -> bool:
        """Whether another window has the process; asks and returns at once where there is none."""
        return self._door.taken()

    def stop(self, timeout: float = 10.0) -> None:
        """Closes the call, ends the recording and the process; raises TimeoutError. Harmless twice."""
        thread = self._thread
        if thread is None:
            return
        self._stopping.set()
        with self._lock:
            if self._outbox is not None:
                self._outbox.put({"kind": "stop"})
        thread.join(timeout)
        if thread.is_alive():
            self._door.kill()
            thread.join(5)
            self._thread = None
            raise TimeoutError("音视频引擎没有按时停下")
        self._thread = None

    # --- the thread that reads ---

    def _run(self) -> None:
        attempt = 0
        while not self._stopping.wait(PAUSES[min(attempt, len(PAUSES) - 1)]):
            began = time.monotonic()
            try:
                attached = self._door.attach(self._stopping)
            except Unanswered:
                self._tell(ports.Failed(self._call_id, "engine", NO_START, fatal=True))
                attempt += 1
                continue
            if attached is None:
                break
            if attached.taken:
                self._tell(ports.EngineTaken(TAKEN))
                break
            if not self._converse(attached):
                break
            attempt = 0 if time.monotonic() - began > SOUND_SECONDS else attempt + 1
        self._attached.set()

    def _converse(self, attached: Attached) -> bool:
        """Until the end; True where the process is to be begun anew."""
        outbox = Outbox(attached.channel)
        self._settle(attached, outbox)
        try:
            end = self._listen(attached)
        finally:
            with self._lock:
                self._outbox = None
            attached.channel.close()
            outbox.close()
        if end == "displaced":
            self._tell(ports.EngineTaken(DISPLACED))
            return False
        if self._stopping.is_set():
            self._door.ended()
            return False
        log.error("the media process is lost: %s", end)
        self._door.kill()
        self._begin_anew(FROZE if end == "silent" else BROKE)
        return True

    def _settle(self, attached: Attached, outbox: Outbox) -> None:
        self._writing = frozenset(attached.writing)
        self._attached.set()
        with self._lock:
            self._heard = 0
            for key in self._slots:
                outbox.put({"kind": "watch", "key": key})
            while self._pending:
                outbox.put({"kind": "command", "command": words.write(self._pending.popleft())})
            self._outbox = outbox
            if self._stopping.is_set():
                outbox.put({"kind": "stop"})

    def _begin_anew(self, message: str) -> None:
        with self._lock:
            call_id, self._call_id = self._call_id, ""
            self._lost = bool(call_id)
            self._pending.clear()
            for slot in self._slots.values():
                slot.detach()
        if call_id:
            self._tell(ports.EngineRestarted(call_id, message))

    def _listen(self, attached: Attached) -> str:
        """Why it ended. Silence is counted in looks, not by the clock: this process may have been frozen itself."""
        silent = 0.0
        while silent < SILENT_SECONDS or self._stopping.is_set():
            try:
                data = attached.channel.receive(LOOK_SECONDS)
                silent = silent + LOOK_SECONDS if data is None else 0.0
                end = self._take(words.unpack(data), attached) if data is not None else ""
            except (OSError, EOFError):
                return "gone"
            except (words.Garbled, KeyError, TypeError, ValueError):
                log.exception("the media process is not understood")
                return "garbled"
            if end:
                return end
        return "silent"

    def _take(self, message: Mapping[str, Any], attached: Attached) -> str:
        match message["kind"]:
            case "event":
                self._tell(words.read(message["event"]))
                self._heard = max(self._heard, int(message["n"]))
            case "beat":
                self._answer()
            case "slot":
                data = memory.take(attached.channel, str(message["name"]), int(message["size"]))
                self._slots[str(message["key"])].attach(data)
            case "bye" | "displaced" as end:
                return str(end)
        return ""

    def _answer(self) -> None:
        outbox, beat_at = self._outbox, self._beat_at
        stuck = 0.0 if beat_at is None else max(0.0, time.monotonic() - beat_at - 1.0)
        if outbox is not None:
            outbox.put({"kind": "beat", "heard": self._heard, "stuck": stuck})

    def _tell(self, event: ports.Event) -> None:
        try:
            self._listener(event)
        except Exception:  # a listener's fault must not end the call or the recording
            log.exception("the listener failed on %s", type(event).__name__)
