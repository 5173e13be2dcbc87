"""A window without Qt in a process of its own, so that a test can freeze and kill it: commands in, events out."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from media import ports
from media.process import words

ROOT = Path(__file__).parents[4]
SCRIPT = """
import sys, threading
from pathlib import Path
from media import ports
from media.process import words
from media.process.client import ProcessEngine

lock = threading.Lock()

def say(message):
    with lock:
        sys.stdout.buffer.write(words.pack(message) + b"\\n")
        sys.stdout.buffer.flush()

engine = ProcessEngine(ports.EngineOptions(use_devices=False), Path(sys.argv[1]), linger=float(sys.argv[2]))
engine.start(lambda event: say({"event": words.write(event)}))
slots = {"stage": engine.stage(), "agent": engine.agent(), "p1": engine.party("p1")}
for line in sys.stdin.buffer:
    message = words.unpack(line)
    if "command" in message:
        engine.post(words.read(message["command"]))
    if "beat" in message:
        engine.beat()
    if "look" in message:
        picture = slots[message["look"]].latest()
        say({"seen": 0 if picture is None else picture.captured_ns, "pid": engine.pid})
engine.stop()
"""
Found = TypeVar("Found")


class Window:
    """``end`` it, or ``kill`` it."""

    def __init__(self, folder: Path, linger: float = 60.0) -> None:
        command = [sys.executable, "-c", SCRIPT, str(folder), str(linger)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=ROOT
        )
        self.events: list[ports.Event] = []
        self._seen: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, name="window-reader")
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            message = words.unpack(line)
            with self._changed:
                if "event" in message:
                    self.events.append(words.read(message["event"]))
                else:
                    self._seen.append(message)
                self._changed.notify_all()

    def post(self, command: ports.Command) -> None:
        self._write({"command": words.write(command)})

    def beat(self) -> None:
        """A sign of life of the window's own thread; whoever has given one has to go on."""
        self._write({"beat": True})

    def look(self, key: str = "stage") -> dict[str, Any]:
        """``seen``: captured_ns of the newest picture, or 0; ``pid`` of the media process."""
        with self._changed:
            before = len(self._seen)
            self._write({"look": key})
            assert self._changed.wait_for(lambda: len(self._seen) > before, 10)
            return self._seen[before]

    def _write(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(words.pack(message) + b"\n")
        self.process.stdin.flush()

    def wait(self, kind: type[Found], timeout: float = 20, where: Callable[[Any], bool] = lambda event: True) -> Found:
        """The first event of ``kind``; AssertionError with what came instead."""
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                for event in self.events:
                    if isinstance(event, kind) and where(event):
                        return event
                if not self._changed.wait(max(0.0, end - time.monotonic())) and time.monotonic() >= end:
                    raise AssertionError(f"no {kind.__name__}; came: {[type(e).__name__ for e in self.events]}")

    def all(self, kind: type[Found]) -> list[Found]:
        return [event for event in self.events if isinstance(event, kind)]

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self._close()

    def end(self) -> None:
        """As a window that is closed: the call and the engine end with it."""
        if self.process.poll() is None and self.process.stdin is not None:
            self.process.stdin.close()
            self.process.wait(30)
        self._close()

    def _close(self) -> None:
        self.process.wait(10)
        self._reader.join(10)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
