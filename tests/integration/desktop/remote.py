"""A real window in a process of its own, which a test uses from here by its buttons, looks at, and kills."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from desktop.demo.hands import wait
from desktop.demo.shift import Seat
from desktop.demo.steps import Steps
from desktop.model import party as parties
from desktop.model import script
from desktop.seat.workspace import SeatWorkspace
from signing.wire.case import RecordingState
from signing.wire.staff import LogIn
from tests.integration.web.running import PASSWORDS

ROOT = Path(__file__).parents[3]
PATIENCE = 240.0
"""Seconds for what takes a few on a quiet machine."""


@dataclass(frozen=True)
class Seen:
    """What the window shows."""

    call: str = ""
    case: str = ""
    phase: str = ""
    step: str = ""
    panel: str = ""
    picture: bool = False
    recorded: bool = False
    media: tuple[int, ...] = ()
    identity: int = 0
    """Of the card's two sides, the snapshot and the decision, how many there are."""
    lines: int = 0
    """Of the script, that have their answer."""
    pages: int = 0
    """Of the papers, that the customer has read."""
    papers: int = 0
    signed: int = 0
    """Of the papers."""
    recordings: int = 0
    held: tuple[float, ...] = ()
    """How long those recordings are, in seconds, that the service has read back whole."""
    note: str = ""
    words: str = ""


SEEN = TypeAdapter(Seen)


class Window:
    """``open`` it once it is needed: a program takes its time to start. ``ask`` has it do something and returns what it
    says; ``kill`` it, or ``close`` it.
    """

    def __init__(self, url: str, data: Path, shots: Path) -> None:
        command = [sys.executable, "-m", __name__, url, str(data), str(shots)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
        )

    def open(self) -> "Window":
        self.ask("open")
        return self

    def ask(self, what: str, *words: object) -> Any:
        self.tell(what, *words)
        assert self.process.stdout is not None
        answer = json.loads(self.process.stdout.readline() or '{"trouble": "the window is gone"}')
        assert "trouble" not in answer, answer["trouble"]
        return answer["said"]

    def tell(self, what: str, *words: object) -> None:
        """Without waiting until it is done."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([what, *words]) + "\n")
        self.process.stdin.flush()

    def seen(self) -> Seen:
        return SEEN.validate_python(self.ask("seen"))

    def until(self, ready: Callable[[Seen], object], seconds: float = PATIENCE) -> Seen:
        end = time.monotonic() + seconds
        while not ready(seen := self.seen()):
            assert time.monotonic() < end, f"after {seconds:.0f} s: {seen}"
            time.sleep(0.1)
        return seen

    def kill(self) -> None:
        """-9; its media process stays."""
        self.process.kill()
        self._forget()

    def close(self) -> None:
        """As a window that is closed: its media process ends with it."""
        assert self.process.stdin is not None
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(60)
        self._forget()

    def _forget(self) -> None:
        self.process.wait(20)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


class Inside:
    """The other end: each public name is something that the window can be asked for."""

    def __init__(self, url: str, data: Path, shots: Path) -> None:
        shots.mkdir(parents=True, exist_ok=True)
        self._make = partial(Seat, url, data, shots, Steps())

    def open(self) -> None:
        self._seat = self._make()
        self._hands = self._seat.hands
        self._hands.patience = PATIENCE

    def close(self) -> None:
        self._seat.close()

    def log_in(self, username: str) -> None:
        self._hands.type_into("login.user", username)
        self._hands.type_into("login.password", PASSWORDS[username])
        self._hands.press("login.submit")

    def press(self, name: str) -> None:
        self._hands.press(name)

    def press_if_there(self, name: str) -> bool:
        return self._hands.press_if_there(name)

    def write(self, name: str, text: str) -> None:
        """As a Chinese keyboard does."""
        field = self._hands.await_enabled(name)
        assert isinstance(field, QLineEdit)
        field.clear()
        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(field, event)

    def written(self, name: str) -> str:
        field = self._hands.await_enabled(name)
        assert isinstance(field, QLineEdit)
        return field.text()

    def shot(self, name: str) -> None:
        self._hands.shot(name)

    def identify(self) -> None:
        self._seat.identify()

    def answer(self, lines: int) -> None:
        """So many of the script's, as they are expected."""
        for _ in range(lines):
            before = self._lines()
            line = script.current_line(before)
            assert line is not None
            self._hands.press(f"script.{line.expected or 'yes'}")
            self._hands.until(lambda before=before: script.progress(self._lines()) > script.progress(before), "记录")  # type: ignore[misc]

    def disclose(self) -> None:
        self._seat.disclose()

    def hang_up(self) -> None:
        """From the proof, once nothing lacks."""
        self._hands.until(lambda: self._hands.text("call.hangup") == "挂断", "留痕齐全")
        self._hands.press("call.hangup")

    def audit(self) -> None:
        """Ends the wrap-up, and verifies the package; raises where it is not whole."""
        assert self._seat.state.case is not None
        self._seat.audit(self._seat.state.case.case_no, LogIn(username="lin", password=PASSWORDS["lin"]))

    def seen(self) -> dict[str, object]:
        state, window = self._seat.state, self._seat.application.window
        media = state.media
        workspace = window.findChild(SeatWorkspace)
        return {
            **self._of_the_case(),
            "call": state.call.call_id if state.call else "",
            "step": state.step or "",
            "panel": workspace.panels.currentWidget().objectName() if workspace else "",
            "picture": state.line.peer == "connected" and state.line.picture,
            "recorded": media.recording == "running" and media.reported,
            "media": self._seat.application.engines.pids(),
            "note": state.note,
            "words": " | ".join(one.text() for one in window.findChildren(QLabel) if one.isVisible() and one.text()),
        }

    def _of_the_case(self) -> dict[str, object]:
        case, party = self._seat.state.case, self._seat.state.party
        if case is None or party is None:
            return {}
        identity, papers = party.identity, parties.documents(case, party)
        seen = (identity.front, identity.back, identity.face, identity.decision)
        held = [one for one in case.recordings if one.state is RecordingState.VERIFIED]
        return {
            "case": case.case_no,
            "phase": case.phase,
            "identity": sum(one is not None for one in seen),
            "lines": script.progress(self._lines())[0],
            "pages": sum(len(paper.pages_read) for paper in papers),
            "papers": len(papers),
            "signed": sum(party.party_id in paper.signed_by for paper in papers),
            "recordings": len(case.recordings),
            "held": [one.duration_seconds for one in held],
        }

    def _lines(self) -> list[Any]:
        case, party = self._seat.state.case, self._seat.state.party
        return [] if case is None or party is None else list(parties.lines(case, party))


def main(url: str, data: str, shots: str) -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # what the seat measures is said there too
    asked: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(asked,), name="asked", daemon=True).start()
    inside, opened = Inside(url, Path(data), Path(shots)), False
    while line := _next(asked):
        what, *words = json.loads(line)
        try:
            answer = {"said": getattr(inside, what)(*words)}
            opened = True
        except Exception as error:
            answer = {"trouble": f"{what} {words}: {type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
    if opened:
        inside.close()


def _listen(asked: "queue.Queue[str]") -> None:
    for line in sys.stdin:
        asked.put(line)
    asked.put("")


def _next(asked: "queue.Queue[str]") -> str:
    """Lets the window live meanwhile, once there is one."""
    while QApplication.instance() is not None and asked.empty():
        wait(20)
    return asked.get()


if __name__ == "__main__":
    main(*sys.argv[1:])
