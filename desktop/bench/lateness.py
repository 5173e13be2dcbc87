"""How late a picture stands on the window: from its capture in the media process to its first painting.

Another process writes the slots of a call as the media process does, in shared memory; here the window's own widgets
show them. Not on Windows, where the memory would have to be handed over by name.
"""

import mmap
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from desktop.widgets.video import VideoView
from media.ports import Picture
from media.process.memory import Segment
from media.process.shared import SharedSlot, Writer, segment_for

RATE = 15
STAGE, PARTY = (1280, 720), (640, 360)
WINDOW = (1366, 768)


@dataclass(frozen=True)
class Lateness:
    """Milliseconds over ``pictures`` that were painted of ``written``."""

    median: float
    p99: float
    worst: float
    pictures: int
    written: int


class TimedView(VideoView):
    """Notes how old each picture is when it is first painted."""

    def __init__(self) -> None:
        super().__init__()
        self.ages: list[int] = []
        self._timed: Picture | None = None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if self._seen is not None and self._seen is not self._timed:
            self._timed = self._seen
            self.ages.append(time.monotonic_ns() - self._seen.captured_ns)


def measure(seconds: float = 20.0, parties: int = 6) -> Lateness:
    """Shows a stage and that many parties. Needs a QApplication; raises OSError on Windows."""
    if sys.platform == "win32":
        raise OSError("not on Windows")
    sizes = [STAGE, *[PARTY] * parties]
    segments = [segment_for(width * height * 3 // 2) for width, height in sizes]
    views = [TimedView() for _ in sizes]
    for view, segment in zip(views, segments, strict=True):
        slot = SharedSlot()
        slot.attach(segment.data)
        view.watch(slot)
    window = _window(views)
    writer = _start(segments, sizes, seconds)
    try:
        _wait(writer)
    finally:
        writer.kill()
        output = writer.communicate()[0]
        for view in views:
            view.watch(None)
        window.close()
        window.deleteLater()
    return _figures([age for view in views for age in view.ages], int(output or 0))


def _window(views: list[TimedView]) -> QWidget:
    window = QWidget()
    grid = QGridLayout(window)
    grid.addWidget(views[0], 0, 0, 1, max(1, len(views) - 1))
    for column, view in enumerate(views[1:]):
        grid.addWidget(view, 1, column)
    grid.setRowStretch(0, 3)
    grid.setRowStretch(1, 1)
    window.resize(*WINDOW)
    window.show()
    return window


def _start(segments: list[Segment], sizes: list[tuple[int, int]], seconds: float) -> "subprocess.Popen[str]":
    handles = [segment.handle for segment in segments if isinstance(segment.handle, int)]
    slots = [f"{handle}:{width}x{height}" for handle, (width, height) in zip(handles, sizes, strict=True)]
    command = [sys.executable, "-m", "desktop.bench.lateness", str(seconds), *slots]
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    writer = subprocess.Popen(command, pass_fds=handles, stdout=subprocess.PIPE, text=True, env=environment)
    for segment in segments:
        segment.forget()
    return writer


def _wait(writer: "subprocess.Popen[str]") -> None:
    while writer.poll() is None:
        QTest.qWait(50)


def _figures(ages: list[int], written: int) -> Lateness:
    late = np.array(ages or [0]) / 1e6
    return Lateness(float(np.median(late)), float(np.percentile(late, 99)), float(late.max()), len(ages), written)


def write(seconds: float, slots: list[str]) -> int:
    """In the other process: 15 pictures a second into each slot, one slot after the other. → how many."""
    writers = []
    for slot in slots:
        handle, _, size = slot.partition(":")
        width, height = (int(edge) for edge in size.split("x"))
        descriptor = int(handle)
        memory = mmap.mmap(descriptor, os.fstat(descriptor).st_size)
        writers.append((Writer(np.frombuffer(memory, dtype=np.uint8)), _picture(width, height)))
    start, number = time.monotonic(), 0
    while time.monotonic() - start < seconds:
        writer, picture = writers[number % len(writers)]
        writer.put(Picture(picture.y, picture.u, picture.v, time.monotonic_ns()))
        number += 1
        time.sleep(max(0.0, start + number / (RATE * len(writers)) - time.monotonic()))
    return number


def _picture(width: int, height: int) -> Picture:
    rows = np.linspace(16, 235, height, dtype=np.uint8)[:, None]
    y = np.ascontiguousarray(np.broadcast_to(rows, (height, width)))
    grey = np.full((height // 2, width // 2), 128, np.uint8)
    return Picture(y, grey, grey, 0)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(write(float(sys.argv[1]), sys.argv[2:]))
    else:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        application = QApplication(sys.argv[:1])
        print(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0))
