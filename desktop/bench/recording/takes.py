"""Recorders for measurements: on made-up time, with nobody who waits for them."""

from datetime import UTC, datetime
from pathlib import Path

from desktop.bench.recording.footage import PICTURES
from media.core.chain import Link
from media.core.timeline import Timeline
from media.recorder import Recorder
from signing.commandline.bench.table import NotMeasured

START = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
KEY = bytes(range(32))
"""Recordings lie encrypted on a seat; without a key the file is plain, for who wants to look into it."""


def recorder(
    path: Path, size: tuple[int, int], segments: list[Link], zero_ns: int = 0, key: bytes | None = None
) -> Recorder:
    """File time zero is ``zero_ns`` on the clock that is told with each picture; what breaks ends the measurement."""

    def trouble(message: str, fatal: bool) -> None:
        if fatal:
            raise NotMeasured(f"录像没有写成：{message}", "请查看磁盘空间")

    return Recorder(path, Timeline(START, zero_ns), size, PICTURES, segments.append, trouble, key)
