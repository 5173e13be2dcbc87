"""One customer's browser as a process of its own, and what it says."""

import contextlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from desktop.demo.props import Props
from desktop.demo.service import DemoError
from signing.wire.staff import NewParty

NETWORK = "--utility-sub-type=network.mojom.NetworkService"
"""Of the process in which Chromium has all of its sockets."""
ENDING = 5.0
"""Seconds for a browser to end by itself."""


class CustomerProcess:
    """``check`` raises when it has failed. ``patience``: seconds that one screen may stay. ``sharp``: its screenshots
    have twice the resolution. ``keeps``: whether its browser can record, and so keep its own side of the call.

    ``shots`` and ``figures`` go on over ``vanish`` and ``come_back``; so does what the browser has kept on its disk.
    """

    def __init__(
        self,
        who: NewParty,
        link: str,
        messages: str,
        props: Props,
        out: Path,
        *,
        patience: float,
        sharp: bool = True,
        keeps: bool = True,
    ) -> None:
        self.who = who
        self.figures: dict[str, dict[str, object]] = {}
        self.finished = threading.Event()
        self.shots: set[str] = set()
        self.step = ""
        self._failed = ""
        self._away = False
        out.mkdir(parents=True, exist_ok=True)
        self._command = [
            sys.executable, "-m", "desktop.demo.customer", "--link", link, "--messages", messages,
            "--name", who.name, "--phone-tail", who.phone[-4:], "--patience", str(patience),
            "--camera", str(props.camera), "--voice", str(props.voice), "--cards", str(props.cards),
            "--profile", str(props.profile), "--out", str(out), "--ratio", "2" if sharp else "1",
            "--keeps" if keeps else "--no-keeps",
        ]  # fmt: skip
        self._log = out / "phone.log"
        self._log.unlink(missing_ok=True)
        self._start()

    def _start(self) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._command, stdout=pipe, stderr=subprocess.STDOUT, text=True)
        self._thread = threading.Thread(target=self._read, args=(self._process,), name="customer-log", daemon=True)
        self._thread.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with self._log.open("a", encoding="utf-8") as log:
            for line in process.stdout:
                log.write(line)
                log.flush()
                self._take(line)
        if process.wait() != 0 and not self._failed and not self._away:
            self._failed = "手机端进程意外结束"

    def _take(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if not isinstance(said, dict):
            return
        if "shot" in said:
            self.shots.add(str(said["shot"]))
        if "step" in said:
            self.step = str(said["step"])
        if "failed" in said and not self._away:
            self._failed = str(said["failed"])
        if "figure" in said:
            self.figures[str(said["figure"])] = said
        if said.get("done"):
            self.finished.set()

    def check(self) -> None:
        if self._failed:
            raise DemoError(f"{self.who.name} 的手机没有走完：{self._failed}（详见 {self._log}）")

    def vanish(self) -> None:
        """As a phone does whose battery is empty: browser and all are killed at once, without a goodbye."""
        self._away = True
        _kill(self._family())
        self._process.wait(10)
        self._thread.join(5)

    def lose_line(self) -> None:
        """Nothing comes or goes any more and nobody is told; camera, microphone and page go on."""
        self._network().suspend()

    def find_line(self) -> None:
        self._network().resume()

    def _network(self) -> psutil.Process:
        return next(process for process in self._family() if NETWORK in process.cmdline())

    def come_back(self) -> None:
        """The same browser opens the same link again."""
        self._away = False
        self.step = ""
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            family = self._family()
            self._process.terminate()
            psutil.wait_procs(family, ENDING)  # the browser ends with who drives it, in sessions of its own
            _kill(family)
            self._process.wait()
        self._thread.join(5)

    def _family(self) -> list[psutil.Process]:
        """The browser's processes and who drives it."""
        try:
            first = psutil.Process(self._process.pid)
            return [*first.children(recursive=True), first]
        except psutil.NoSuchProcess:
            return []


def _kill(family: list[psutil.Process]) -> None:
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
