"""A window that is asked to end by a signal takes its media process with it: no camera stays on without anybody."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop.signals import ENDING
from media.process.places import Place
from tests.integration.desktop.office import service

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from desktop.app import Options, build
from media.ports import EngineOptions
from tests.integration.web.running import PASSWORDS
made = build(Options(sys.argv[1], data=Path(sys.argv[2]), media=EngineOptions(use_devices=False)))
QTimer.singleShot(0, lambda: made.window._log_in("zhang", PASSWORDS["zhang"]))
sys.exit(made.run())
"""
PATIENCE = 90.0
"""Seconds for what takes one or two on a quiet machine."""


def until(happened: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.mark.timeout(480)
def test_whoever_asks_it_politely_to_end_leaves_nothing_behind(tmp_path: Path) -> None:
    assert {signal.SIGINT, signal.SIGTERM, signal.SIGHUP} == set(ENDING)
    with service(tmp_path / "service") as office:
        for number in (signal.SIGTERM, signal.SIGHUP):
            ended_by(number, office.url, tmp_path / number.name)


def ended_by(number: signal.Signals, url: str, data: Path) -> None:
    place = Place(data / "media", "seat")
    window = subprocess.Popen([sys.executable, "-c", PROGRAM, url, str(data)])
    try:
        until(lambda: place.read() is not None or window.poll() is not None, "no media process")
        beside = psutil.Process(window.pid).children(recursive=True)
        assert beside
        os.kill(window.pid, number)
        assert window.wait(PATIENCE) == 0, number.name
        _, left = psutil.wait_procs(beside, PATIENCE)
        assert not left, (number.name, left)
        assert not place.held()
    finally:
        window.kill()
        window.wait()
