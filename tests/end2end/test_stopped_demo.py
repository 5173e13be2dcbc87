"""A demonstration that is stopped, wherever it is, leaves no service, window, media process or browser behind."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tests.end2end.demorun import ROOT

pytestmark = [pytest.mark.end2end, pytest.mark.timeout(600)]

PATIENCE = 240.0
"""Seconds for a step that takes some on a quiet machine."""


@dataclass
class Running:
    """A demonstration, and the lines that it says; an empty one when it is over."""

    process: "subprocess.Popen[str]"
    lines: "queue.Queue[str]" = field(default_factory=queue.Queue)

    def read(self) -> None:
        """To the end, so that no pipe gets full."""
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self.lines.put(line)
        self.lines.put("")

    def until_it_says(self, wanted: str) -> None:
        heard, end = list[str](), time.monotonic() + PATIENCE
        while not any(wanted in line for line in heard):
            line = self.lines.get(timeout=max(0.0, end - time.monotonic()))
            assert line, f"it ended before {wanted}:\n{''.join(heard)}"
            heard.append(line)


@contextmanager
def demonstration(folder: Path) -> Iterator[Running]:
    command = [sys.executable, "-m", "signing.cli", "demo", "--unattended", "--parties", "1", "--out", str(folder)]
    running = Running(
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
    )
    reader = threading.Thread(target=running.read)
    reader.start()
    try:
        yield running
    finally:
        running.process.kill()
        for process in naming(folder):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        running.process.wait()
        reader.join()


def naming(folder: Path) -> list[psutil.Process]:
    """Processes that have the demonstration's folder on their command line: all but the helpers of the browsers."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if any(str(folder) in word for word in process.cmdline()):
                found.append(process)
    return found


@pytest.mark.parametrize(
    ("number", "group", "after"),
    [
        (signal.SIGTERM, False, "接通，双方见到首帧画面"),
        (signal.SIGINT, True, "坐席登录、置为空闲"),
        (signal.SIGHUP, False, "启动服务"),
    ],
    ids=["killed in the call", "Ctrl+C while it waits", "its terminal closed at the start"],
)
def test_nothing_is_left_of_it(number: signal.Signals, group: bool, after: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with demonstration(folder) as running:
        running.until_it_says(after)
        pid = running.process.pid
        beside = psutil.Process(pid).children(recursive=True)
        assert len(naming(folder)) >= 2, "at least the service runs beside it"
        (os.killpg if group else os.kill)(pid, number)
        assert running.process.wait(PATIENCE) == 128 + number
        _, left = psutil.wait_procs([*beside, *naming(folder)], 30)
        assert [" ".join(process.cmdline())[:200] for process in left] == []
