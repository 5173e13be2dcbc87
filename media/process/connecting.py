"""Finding the media process of a place, or starting one."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.process import channel, launch, words
from media.process.places import Info, Place

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.05
START_SECONDS = 30.0
"""A laptop that has just been switched on takes its time to load the libraries."""
KILL_SECONDS = 5.0


class Unanswered(Exception):
    """Raised where no process could be reached or started."""


@dataclass(frozen=True)
class Attached:
    """``taken``: another window has it, nothing else is to be had. ``writing``: what is being recorded."""

    channel: channel.Channel
    taken: bool = False
    writing: tuple[Path, ...] = ()


class Door:
    """Of one place. For one thread, but for ``kill`` and ``taken``."""

    def __init__(self, job: launch.Job) -> None:
        self._job = job
        self._child: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None

    def attach(self, stopping: threading.Event) -> Attached | None:
        """To the process that runs, or to a new one. None where ``stopping``; raises ``Unanswered``."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if stopping.wait(LOOK_SECONDS):
                self.kill()
                return None
            found = self._try()
            if found is not None:
                return found
            self._see_to_it()
        self.kill()
        raise Unanswered

    def _try(self) -> Attached | None:
        info = self._job.place.read()
        if info is None or not self._job.place.held():
            return None
        try:
            answer, way = _say(info, "attach")
        except channel.Silent as error:
            log.warning("the process that runs does not answer: %s", error)
            _kill_holder(self._job.place, info)
            return None
        except (OSError, EOFError, words.Garbled):
            return None  # it is ending, or not there yet
        if answer["kind"] != "welcome":
            way.close()
            return Attached(way, taken=True) if answer["kind"] == "taken" else None
        self._pid = info.pid
        return Attached(way, writing=tuple(Path(path) for path in answer.get("writing", ())))

    def _see_to_it(self) -> None:
        """Starts one where none runs."""
        if self._child is not None and self._child.poll() is None:
            return
        if not self._job.place.held():
            try:
                self._child = launch.start(self._job)
            except OSError as error:
                raise Unanswered from error

    def taken(self) -> bool:
        """Whether another window has it."""
        info = self._job.place.read()
        if info is None or not self._job.place.held():
            return False
        try:
            answer, way = _say(info, "ask")
        except (OSError, EOFError, words.Garbled):
            return False
        way.close()
        return bool(answer.get("held"))

    @property
    def pid(self) -> int | None:
        """Of the process that was last attached to."""
        return self._pid

    def ended(self) -> None:
        """It has said goodbye."""
        if self._child is not None:
            try:
                self._child.wait(KILL_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            self._child = None
        _await_free(self._job.place)

    def kill(self) -> None:
        """Whatever it is doing."""
        child, self._child = self._child, None
        if child is not None and child.poll() is None:
            child.kill()
        if child is not None:
            child.wait(KILL_SECONDS)
        info = self._job.place.read()
        if info is not None and info.pid == self._pid:
            _kill_holder(self._job.place, info)


def _say(info: Info, kind: str) -> tuple[dict[str, Any], channel.Channel]:
    """The answer to a first word; raises OSError, EOFError or ``Garbled``."""
    way = channel.dial(info.address, bytes.fromhex(info.key))
    try:
        way.send(words.pack({"kind": kind}))
        data = way.receive(channel.SECONDS)
        if data is None:
            raise channel.Silent("nothing came")
        return words.unpack(data), way
    except BaseException:
        way.close()
        raise


def _kill_holder(place: Place, info: Info) -> None:
    """Only while the place is held, and told of alike, is the number certain to be that process's."""
    if place.held() and place.read() == info:
        with contextlib.suppress(OSError):
            os.kill(info.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    _await_free(place)


def _await_free(place: Place) -> None:
    until = time.monotonic() + KILL_SECONDS
    while place.held() and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
