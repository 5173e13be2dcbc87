"""What SIGKILL costs: a recording of ours and a plain MP4 of FFmpeg's, both killed in the middle, again and again."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import av

from desktop.bench.recording.footage import PICTURES, Footage, stage
from desktop.bench.recording.sides import ffmpeg
from desktop.bench.recording.takes import KEY, recorder
from media.core.mixing import BLOCK, RATE
from media.core.timeline import SECOND
from media.errors import BrokenRecording
from media.recovery import recover, recover_sealed
from signing.commandline.bench.table import Row

SIZE = (640, 360)
MOST = 1
"""Fragments that may be lost."""
SHORTEST, LONGEST = 2.0, 6.0
AWAY = (1.0, 2.0)
"""Seconds in which nobody is seen: what is left tells it."""


@dataclass(frozen=True)
class Lost:
    """Of one killed recording: seconds of picture that were shown and are gone, and in how many fragments, of a second
    each, they lay."""

    seconds: float
    fragments: int


def rows(folder: Path, kills: int, seed: int, told: Callable[[str], None]) -> list[Row]:
    footage, chance = stage(folder, 3.0, SIZE, people=2), random.Random(seed)  # noqa: S311 - repeatable on purpose
    ours, theirs = list[Lost](), list[float]()
    for number in range(kills):
        lives = chance.uniform(SHORTEST, LONGEST)
        ours.append(our_loss(footage, folder / f"killed{number}.mp4", lives))
        theirs.append(plain_loss(footage, folder / f"plain{number}.mp4", lives))
        told(
            f"强行终止：本系统丢 {ours[-1].seconds:.2f} 秒（{ours[-1].fragments} 段），普通 MP4 丢 {theirs[-1]:.2f} 秒"
        )
    fragments = max(lost.fragments for lost in ours)
    return [
        Row("强行终止后丢失的片段（最多）", float(fragments), "段", f"≤ {MOST}", fragments <= MOST),
        Row("强行终止后丢失的画面（最多）", max(lost.seconds for lost in ours), "秒", anchor=max(theirs)),
    ]


def our_loss(footage: Footage, path: Path, lives: float) -> Lost:
    """Records in real time in a process that is killed after ``lives`` seconds."""
    mine, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_record, args=(theirs, footage, path), daemon=True)
    process.start()
    theirs.close()
    shown = mine.recv()  # the first picture is on its way
    time.sleep(lives)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    try:
        while True:
            shown = mine.recv()
    except EOFError:
        pass
    return _lost(path, (shown + 1) / PICTURES)


def _record(pipe: Connection, footage: Footage, path: Path) -> None:
    samples, started = footage.samples(), time.monotonic_ns()
    recording, number = recorder(path, footage.size, [], started, KEY), 0
    while True:
        due = started + number * SECOND // PICTURES + 1
        time.sleep(max(0.0, (due - time.monotonic_ns()) / SECOND))
        recording.show(footage.picture(number), due, present=not AWAY[0] <= number / PICTURES < AWAY[1])
        for at in range(number * RATE // PICTURES, (number + 1) * RATE // PICTURES, BLOCK):
            recording.hear(samples[at % (len(samples) - BLOCK) :][:BLOCK], started + at * SECOND // RATE)
        pipe.send(number)
        number += 1


def _lost(path: Path, shown: float, key: bytes | None = KEY) -> Lost:
    try:
        kept = recover_sealed(path, key) if key else recover(path)
        seconds = kept.duration_seconds
    except BrokenRecording:
        seconds = 0.0
    begun = -(-round(shown * PICTURES) // PICTURES)
    whole = round(seconds * PICTURES) // PICTURES
    return Lost(max(0.0, shown - seconds), max(0, begun - whole))


def plain_loss(footage: Footage, path: Path, lives: float) -> float:
    """The same pictures into a plain MP4 by FFmpeg in real time, killed too: seconds that cannot be played."""
    width, height = footage.size
    process = subprocess.Popen(
        [
            ffmpeg(), "-nostdin", "-y", "-v", "error", "-re", "-stream_loop", "-1", "-f", "rawvideo",
            "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", str(PICTURES), "-i", str(footage.pictures),
            "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", str(path),
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(lives)
    process.kill()
    process.wait()
    return max(0.0, lives - _playable(path))


def _playable(path: Path) -> float:
    """Seconds that a player finds in a file."""
    try:
        with av.open(path) as container:
            return float((container.duration or 0) / av.time_base)
    except (av.FFmpegError, OSError):
        return 0.0
