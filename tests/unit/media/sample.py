"""A real recording, made in a moment: file time is given, nothing waits."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from media.core.chain import Link
from media.core.mixing import BLOCK, RATE
from media.core.timeline import SECOND, Timeline
from media.pictures import from_rgb
from media.ports import Picture
from media.recorder import Recorder
from media.recovery import Recording
from media.standin import beeps

START = datetime(2026, 11, 24, 2, 10, 0, 250_000, tzinfo=UTC)
SIZE = (320, 240)
RATE_OF_PICTURES = 15


def picture(number: int) -> Picture:
    """A grey picture with a bar that moves."""
    rgb = np.full((SIZE[1], SIZE[0], 3), 90, dtype=np.uint8)
    left = number * 4 % (SIZE[0] - 20)
    rgb[40:200, left : left + 20] = (230, 200, 40)
    return from_rgb(rgb)


class Take:
    """A recorder fed with made-up time."""

    def __init__(self, path: Path, key: bytes | None = None, started_at: datetime = START) -> None:
        self.segments: list[Link] = []
        self.troubles: list[tuple[str, bool]] = []
        self.recorder = Recorder(
            path,
            Timeline(started_at, 0),
            SIZE,
            RATE_OF_PICTURES,
            self.segments.append,
            lambda message, fatal: self.troubles.append((message, fatal)),
            key,
        )

    def run(self, begin: float, end: float, *, shown: bool = True, heard: bool = True, present: bool = True) -> None:
        """Feeds the seconds from ``begin`` to ``end``, waiting for the recorder so that nothing is dropped."""
        for step in range(round(begin * 50), round(end * 50)):
            now = step * SECOND // 50
            number = self.recorder.timeline.index(now, RATE_OF_PICTURES)
            if shown and number != self.recorder.timeline.index(now - SECOND // 50, RATE_OF_PICTURES):
                self.recorder.show(picture(number), now, present)
            if heard:
                self.recorder.hear(beeps(step * BLOCK, BLOCK), now)
            if step % 10 == 0:
                self.recorder.drain()

    def stop(self, end: float) -> Recording:
        self.recorder.drain()
        return self.recorder.stop(round(end * SECOND))


def record(path: Path, seconds: float = 3.0, key: bytes | None = None) -> Recording:
    """A whole recording of moving picture and beeps."""
    take = Take(path, key)
    take.run(0, seconds)
    return take.stop(seconds)


def samples(seconds: float) -> int:
    return round(seconds * RATE)
