"""Sound against picture over a long recording: flashes and beeps go in together, through jitter, drops and stalls."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av import AudioFrame, VideoFrame

from desktop.bench.recording.footage import PICTURES
from desktop.bench.recording.sides import apart
from desktop.bench.recording.takes import recorder
from media.core.mixing import BLOCK, RATE, Samples, silence
from media.core.timeline import SECOND
from media.decoded import frames, luma, wave
from media.pictures import from_rgb
from media.ports import Picture
from signing.commandline.bench.table import Row

SIZE = (320, 180)
EVERY = 5
"""Seconds from one flash and beep to the next."""
LASTS = 0.4
JITTER = 0.03
"""Seconds by which pictures come late, at most."""
FEWER_PICTURES, LESS_SOUND = 0.05, 0.01
BURSTS = 0.2
"""How likely a step of sound is handed on at once; otherwise it waits for the next that is."""
STALL_EVERY, STALL = 60.0, 0.7
"""Seconds between the moments in which nothing at all comes, and how long they last."""
MOST_MS = 40.0


@dataclass(frozen=True)
class Mark:
    """A flash and the beep that went with it: when each begins in the file."""

    picture: float
    sound: float

    @property
    def apart_ms(self) -> float:
        return (self.sound - self.picture) * 1000


def rows(folder: Path, minutes: float, seed: int, told: Callable[[str], None]) -> list[Row]:
    path = folder / "skew.mp4"
    folder.mkdir(parents=True, exist_ok=True)
    marks = apart(measured, path, minutes * 60, seed)
    sizes = [abs(mark.apart_ms) for mark in marks]
    told(f"音画：{minutes:g} 分钟里 {len(marks)} 次，最多错开 {max(sizes, default=0):.0f} 毫秒")
    drift = _drift(marks)
    return [
        Row(
            f"音画错开（{minutes:g} 分钟，含抖动和丢帧，最多）", max(sizes, default=0.0), "毫秒", f"≤ {MOST_MS:g}",
            bool(sizes) and max(sizes) <= MOST_MS,
        ),
        Row("音画错开的变化（末尾减开头）", drift, "毫秒"),
        Row("找到的闪光和提示音", float(len(marks)), "对"),
    ]  # fmt: skip


def _drift(marks: Sequence[Mark]) -> float:
    few = max(1, len(marks) // 10)
    late = [float(np.mean([mark.apart_ms for mark in part])) if part else 0.0 for part in (marks[:few], marks[-few:])]
    return late[1] - late[0]


def measured(path: Path, seconds: float, seed: int) -> list[Mark]:
    """Records on made-up time and looks into the file."""
    _record(path, seconds, random.Random(seed))  # noqa: S311 - repeatable on purpose
    return _marks(path)


def _record(path: Path, seconds: float, chance: random.Random) -> None:
    recording = recorder(path, SIZE, [])
    dark, bright = _plain(60), _plain(220)
    held: list[tuple[Samples, int]] = []
    for step in range(round(seconds * 50)):
        at = step / 50
        if step * PICTURES // 50 != (step - 1) * PICTURES // 50 and not _stalled(at):
            late = chance.uniform(0, JITTER)
            if chance.random() >= FEWER_PICTURES or _near_mark(at):
                recording.show(bright if _on(at) else dark, round((at + late) * SECOND), present=True)
        if not _stalled(at) and (chance.random() >= LESS_SOUND or _near_mark(at)):
            held.append((_sound(step), step * BLOCK * SECOND // RATE))
        if chance.random() < BURSTS:
            for samples, started_ns in held:
                recording.hear(samples, started_ns)
            held.clear()
        if step % 10 == 0:
            recording.drain()
    for samples, started_ns in held:
        recording.hear(samples, started_ns)
    recording.drain()
    recording.stop(round(seconds * SECOND))


def _stalled(at: float) -> bool:
    return at % STALL_EVERY > STALL_EVERY - STALL - EVERY / 2 and at % STALL_EVERY < STALL_EVERY - EVERY / 2


def _on(at: float) -> bool:
    return at % EVERY < LASTS and at >= EVERY


def _near_mark(at: float) -> bool:
    """The edges that are looked for are not among what is dropped."""
    return at % EVERY < 0.15 or at % EVERY > EVERY - 0.15


def _plain(level: int) -> Picture:
    return from_rgb(np.full((SIZE[1], SIZE[0], 3), level, dtype=np.uint8))


def _sound(step: int) -> Samples:
    if not _on(step / 50):
        return silence()
    time = (step * BLOCK + np.arange(BLOCK)) / RATE
    return (9000 * np.sin(2 * np.pi * 440 * time)).astype(np.int16)


def _marks(path: Path) -> list[Mark]:
    pictures, sounds = _edges(path)
    return [
        Mark(at, min(near)) for at in pictures if (near := [sound for sound in sounds if abs(sound - at) < EVERY / 2])
    ]


def _edges(path: Path) -> tuple[list[float], list[float]]:
    """When a picture becomes bright, and when a tone begins."""
    pictures, sounds = list[float](), list[float]()
    bright, loud_until = False, -1.0
    with av.open(path) as container:
        for frame in frames(container):
            if isinstance(frame, VideoFrame):
                lit = float(luma(frame)[::8, ::8].mean()) > 140
                if lit and not bright:
                    pictures.append(frame.time or 0.0)
                bright = lit
            elif isinstance(frame, AudioFrame):
                for at in _loud(frame):
                    if at - loud_until > 1.0:
                        sounds.append(at)
                    loud_until = at
    return pictures, sounds


def _loud(frame: AudioFrame) -> Iterator[float]:
    """Moments of 1 ms in which something is heard."""
    samples, begin = wave(frame), frame.time or 0.0
    each = RATE // 1000
    whole = samples[: len(samples) // each * each].reshape(-1, each)
    for index in np.flatnonzero(np.abs(whole).max(axis=1) > 0.05):
        yield begin + float(index) / 1000
