"""One customer's browser as a process of its own, and what it says."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from desktop.demo.props import Props
from desktop.demo.service import DemoError
from signing.wire.staff import NewParty


class CustomerProcess:
    """``check`` raises when it has failed. ``patience``: seconds that one screen may stay."""

    def __init__(
        self, who: NewParty, link: str, messages: str, props: Props, out: Path, patience: float = 90.0
    ) -> None:
        self.who = who
        self.figures: dict[str, dict[str, object]] = {}
        self.finished = threading.Event()
        self.shots: set[str] = set()
        self._failed = ""
        out.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "desktop.demo.customer", "--link", link, "--messages", messages,
                "--name", who.name, "--phone-tail", who.phone[-4:], "--patience", str(patience),
                "--camera", str(props.camera), "--voice", str(props.voice), "--cards", str(props.cards),
                "--out", str(out),
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self._log = out / "phone.log"
        self._thread = threading.Thread(target=self._read, name="customer-log", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._log.open("w", encoding="utf-8") as log:
            for line in self._process.stdout:
                log.write(line)
                log.flush()
                self._take(line)
        if self._process.wait() != 0 and not self._failed:
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
        if "failed" in said:
            self._failed = str(said["failed"])
        if "figure" in said:
            self.figures[str(said["figure"])] = said
        if said.get("done"):
            self.finished.set()

    def check(self) -> None:
        if self._failed:
            raise DemoError(f"{self.who.name} 的手机没有走完：{self._failed}（详见 {self._log}）")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._thread.join(5)
