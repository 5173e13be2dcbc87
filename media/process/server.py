"""The media process: runs the engine, keeps what a new window has to know, and serves one window at a time."""

import logging
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from media import ports
from media.engine import MediaEngine
from media.errors import CommandRefused
from media.process import channel, words
from media.process.journal import Journal
from media.process.launch import Job
from media.process.memory import Segment, name_of
from media.process.session import Session
from media.process.shared import SharedPicture

log = logging.getLogger(__name__)

BEAT_SECONDS = 0.25
IDLE_SECONDS = 10.0
"""Without a window and without a call there is nothing to wait for."""
LOG_SECONDS = 10.0
"""Between two looks at how long the log is: a call may last for hours, and so may what goes wrong in it."""
EMPTY_SECONDS = 60.0
"""Without a window, in a call in which nobody is left: long enough for a new window, and no camera on for longer."""
DOORS = 8
"""Connections that are being looked at."""


class Server:
    """``run`` until a window ends it, or nobody has come for ``job.linger`` seconds."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._lock = threading.RLock()
        self._journal = Journal()
        self._window: Session | None = None
        self._number = 0
        self._alone_since = self._somebody_at = self._looked = time.monotonic()
        self._met = False
        self._over = threading.Event()
        self._answered = True
        self._doors = threading.Semaphore(DOORS)
        self._slots: dict[str, SharedPicture] = {}
        self._engine = MediaEngine(job.options, self._make_slot)

    def run(self) -> None:
        """Raises ``Running`` where there is one already, OSError where it cannot listen."""
        signal.signal(signal.SIGTERM, lambda *_: self._over.set())
        with self._job.place.hold() as info:
            listener = channel.listen(info.address)
            self._engine.start(self._on_event)
            threading.Thread(target=self._accept, args=(listener, bytes.fromhex(info.key)), daemon=True).start()
            self._job.place.tell(info)
            log.info("ready")
            try:
                while not self._over.wait(BEAT_SECONDS):
                    self._tick()
            finally:
                self._end()

    def _end(self) -> None:
        try:
            self._engine.stop(30)
        except TimeoutError:
            log.exception("the engine did not stop in time")
        with self._lock:
            window = self._window
        if window is not None:
            window.put({"kind": "bye"})
            window.flush(5)
        log.info("over")

    # --- signs of life ---

    def _tick(self) -> None:
        """The engine's own loop gives each sign of life: one that is stuck gives none."""
        if self._answered:
            self._answered = False
            self._engine.ask(self._beat)
        if time.monotonic() - self._looked >= LOG_SECONDS:
            self._looked = time.monotonic()
            self._job.place.turn_log()
        with self._lock:
            if self._waited(time.monotonic()) > self._patience() and self._window is None:
                log.info("no window came")
                self._over.set()

    def _waited(self, now: float) -> float:
        """Seconds without a window; once nobody is in the call, since then at most."""
        if self._journal.somebody:
            self._somebody_at = now
        elif self._journal.call_id:
            return now - max(self._alone_since, self._somebody_at)
        return now - self._alone_since

    def _patience(self) -> float:
        if not self._met:
            return IDLE_SECONDS
        if not self._journal.call_id:
            return min(IDLE_SECONDS, self._job.linger)
        return self._job.linger if self._journal.somebody else min(EMPTY_SECONDS, self._job.linger)

    def _beat(self) -> None:
        self._answered = True
        with self._lock:
            if self._window is not None:
                self._window.put({"kind": "beat"})

    # --- from the engine ---

    def _on_event(self, event: ports.Event) -> None:
        with self._lock:
            self._number += 1
            self._journal.event(self._number, event)
            if self._window is not None:
                self._window.tell(self._number, event)

    def _make_slot(self, key: str) -> SharedPicture:
        """Called with the engine's lock held, so without ours."""
        self._slots[key] = made = SharedPicture(partial(self._offer, key))
        return made

    def _offer(self, key: str, segment: Segment) -> None:
        window = self._window
        if window is not None:
            window.put({"kind": "slot", "key": key, "name": name_of(segment), "size": segment.size}, segment)

    # --- windows ---

    def _accept(self, listener: Any, key: bytes) -> None:
        while not self._over.is_set():
            try:
                connection = listener.accept()
            except (OSError, AssertionError):  # the latter by a pipe of Windows whose other end went away at once
                log.exception("nobody can connect")
                time.sleep(BEAT_SECONDS)
                continue
            if self._doors.acquire(blocking=False):
                threading.Thread(target=self._serve, args=(connection, key), daemon=True).start()
            else:
                connection.close()

    def _serve(self, connection: Any, key: bytes) -> None:
        """One connection to its end."""
        try:
            way = channel.welcome(connection, key)
        except OSError as error:
            log.warning("a connection was refused: %s", error)
            return
        finally:
            self._doors.release()
        session = Session(way)
        try:
            session.converse(partial(self._take, session))
        finally:
            self._detach(session)
            session.close()

    def _take(self, session: Session, message: Mapping[str, Any]) -> None:
        match message["kind"]:
            case "attach":
                self._attach(session)
            case "ask":
                session.put({"kind": "held", "held": self._held(session)})
            case "command":
                self._command(session, words.read(message["command"]))
            case "watch" if session is self._window:
                self._watch(str(message["key"]))
            case "beat":
                self._heard(session, int(message["heard"]))
            case "stop" if session is self._window:
                self._over.set()

    def _held(self, session: Session) -> bool:
        """Whether another window has the engine, and lives."""
        return self._window is not None and self._window is not session and self._window.alive

    def _attach(self, session: Session) -> None:
        with self._lock:
            if self._over.is_set() or self._held(session):
                session.put({"kind": "bye" if self._over.is_set() else "taken"})
                return
            if self._window is not None:
                self._window.put({"kind": "displaced"})
            self._rest()
            self._window, session.base, self._met = session, self._number, True
            writing = self._journal.writing
            session.put({"kind": "welcome", "writing": [str(writing)] if writing is not None else []})
            if self._journal.call_id:
                session.tell(0, ports.CallLeft(self._journal.call_id, self._journal.recording))
            else:
                self._tell_unheard(session)

    def _detach(self, session: Session) -> None:
        with self._lock:
            if self._window is session:
                log.info("the window is gone")
                self._window, self._alone_since = None, time.monotonic()
                self._rest()

    def _rest(self) -> None:
        for slot in list(self._slots.values()):
            slot.rest()

    def _watch(self, key: str) -> None:
        if key.startswith("party:"):
            self._engine.party(key.removeprefix("party:"))
        slot = self._slots.get(key)
        if slot is not None:
            slot.watch()

    def _heard(self, session: Session, number: int) -> None:
        with self._lock:
            if session is self._window and session.heard_all:
                self._journal.heard(number)

    def _tell_unheard(self, session: Session) -> None:
        """What came before it; what comes after is told as it comes."""
        for number, event in self._journal.unheard():
            if number <= session.base and not session.heard_all:
                session.tell(number, event)
        session.heard_all = True

    # --- what the window wants ---

    def _command(self, session: Session, command: ports.Command) -> None:
        """Nothing of a window that has been replaced meanwhile, also between its word and this one."""
        with self._lock:
            if session is not self._window:
                return
            if isinstance(command, ports.OpenCall) and self._journal.call_id == command.call_id:
                self._resume(session)
                return
            if isinstance(command, ports.OpenCall) and self._journal.call_id:
                self._post(ports.CloseCall(self._journal.call_id))  # a window that opens another one is done with it
            self._post(command)
            if isinstance(command, ports.OpenCall | ports.CloseCall | ports.Listen):
                self._tell_unheard(session)

    def _resume(self, session: Session) -> None:
        for event in self._journal.standing():
            session.tell(0, event)
        self._tell_unheard(session)

    def _post(self, command: ports.Command) -> None:
        self._journal.command(command)
        with suppress(CommandRefused):  # it is ending
            self._engine.post(command)
