"""The same pictures and sound for both sides of a comparison: a real stage with people who move, as raw files."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from media.compositor import Compositor, Header, TileState, TileView
from media.core.mixing import RATE, Samples
from media.lab.scene import LENGTH, planes
from media.pictures import from_flat, packed
from media.ports import Picture
from media.standin import beeps

PICTURES = 15
STAGE = (1280, 720)
CLOCK = "2026-11-24 10:10:{:02d}"


@dataclass(frozen=True)
class Footage:
    """Raw I420 pictures one after another, and 48 kHz mono s16le as long."""

    pictures: Path
    sound: Path
    size: tuple[int, int]
    count: int

    @property
    def seconds(self) -> float:
        return self.count / PICTURES

    def picture(self, number: int, captured_ns: int = 0) -> Picture:
        width, height = self.size
        length = width * height * 3 // 2
        flat = np.memmap(self.pictures, np.uint8, "r", offset=number % self.count * length, shape=(length,))
        return from_flat(np.asarray(flat), width, height, captured_ns)

    def samples(self) -> Samples:
        return np.fromfile(self.sound, np.int16)


def stage(folder: Path, seconds: float, size: tuple[int, int] = STAGE, people: int = 3) -> Footage:
    """Composed as a call composes it: ``people`` who all move, a clock that goes on each second."""
    folder.mkdir(parents=True, exist_ok=True)
    compositor, count = Compositor(*size), round(seconds * PICTURES)
    pictures = folder / "stage.yuv"
    with pictures.open("wb") as file:
        for number in range(count):
            header = Header("上杭支行 · 07号席", "2026-00318", CLOCK.format(number // PICTURES % 60), recording=True)
            views = [_view(who, number) for who in range(people)]
            file.write(packed(compositor.compose(header, views, number)).tobytes())
    return Footage(pictures, _sound(folder, seconds), size, count)


def _view(who: int, number: int) -> TileView:
    title = ("坐席 张××", "借款人 王×国", "配偶 李×英", "保证人 陈×")[who % 4]
    return TileView(title, "风险告知", TileState.LIVE, mover(number + 17 * who))


@lru_cache(maxsize=LENGTH)
def mover(number: int) -> Picture:
    """A person at 640 × 360 who moves; the same after three seconds."""
    return planes(number % LENGTH)


def _sound(folder: Path, seconds: float) -> Path:
    path = folder / "sound.pcm"
    path.write_bytes(beeps(0, round(seconds * RATE)).tobytes())
    return path
