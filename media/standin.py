"""What stands in for a camera or a microphone that is not there: clearly marked, and moving, so that a freeze shows."""

import math
from functools import cache

import numpy as np
from PIL import Image, ImageDraw

from media import text
from media.core.layout import Box
from media.core.mixing import RATE, Samples
from media.pictures import copied, from_rgb, paste
from media.ports import Picture

WIDTH, HEIGHT = 640, 480
WORDS = "演示画面（无摄像头）"
_DIAL = Box(536, 24, 80, 80)
_LARGE = (_DIAL.width * 2, _DIAL.height * 2)


class StandInPicture:
    """A neutral agent: silhouette, words, and a clock whose hand moves."""

    def __init__(self) -> None:
        drawn = _draw_agent()
        self._base = from_rgb(drawn)
        x, y = _DIAL.x, _DIAL.y
        self._behind = Image.fromarray(drawn[y : y + _DIAL.height, x : x + _DIAL.width]).resize(_LARGE)

    def at(self, seconds: float, captured_ns: int) -> Picture:
        """The picture at a moment; the hand turns once a minute, the dot once a second."""
        picture = copied(self._base, captured_ns)
        paste(picture, from_rgb(_draw_dial(self._behind.copy(), seconds)), _DIAL)
        return picture


def _draw_agent() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image, draw = text.sheet(WIDTH, HEIGHT, "#1D2B27")
    for row in range(HEIGHT):
        shade = 1 - row / HEIGHT
        draw.line((0, row, WIDTH, row), fill=(int(24 + 14 * shade), int(36 + 24 * shade), int(33 + 20 * shade)))
    body = "#6E857C"
    draw.ellipse((250, 96, 390, 252), fill=body)
    draw.rounded_rectangle((286, 226, 354, 300), radius=24, fill=body)
    draw.rounded_rectangle((160, 284, 480, 560), radius=110, fill=body)
    draw.polygon([(286, 286), (354, 286), (320, 352)], fill="#E8EEEB")
    _draw_headset(draw)
    draw.rounded_rectangle((156, 400, 484, 448), radius=8, fill=text.CAUTION_PAPER, outline=text.CAUTION, width=2)
    text.write(draw, (WIDTH / 2, 424), WORDS, size=24, colour=text.CAUTION, bold=True, anchor="mm")
    return np.asarray(image)


def _draw_headset(draw: ImageDraw.ImageDraw) -> None:
    dark = "#121816"
    draw.arc((240, 84, 400, 264), start=180, end=360, fill=dark, width=10)
    draw.rounded_rectangle((234, 156, 256, 208), radius=10, fill=dark)
    draw.rounded_rectangle((384, 156, 406, 208), radius=10, fill=dark)
    draw.arc((300, 150, 398, 250), start=20, end=110, fill=dark, width=6)


def _draw_dial(image: Image.Image, seconds: float) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    # drawn at twice the size, so that the hand has smooth edges
    draw = ImageDraw.Draw(image)
    centre = _DIAL.width
    draw.ellipse((6, 6, 2 * centre - 6, 2 * centre - 6), outline=text.MUTED, width=5)
    for tick in range(12):
        draw.line((_on(centre, 58, tick / 12), _on(centre, 66, tick / 12)), fill=text.MUTED, width=4)
    draw.line(((centre, centre), _on(centre, 56, seconds / 60)), fill=text.INK, width=6)
    x, y = _on(centre, 40, seconds)
    draw.ellipse((x - 8, y - 8, x + 8, y + 8), fill=text.PRIMARY)
    return np.asarray(image.resize((_DIAL.width, _DIAL.height)))


def _on(centre: float, radius: float, turn: float) -> tuple[float, float]:
    angle = 2 * math.pi * turn
    return centre + radius * math.sin(angle), centre - radius * math.cos(angle)


def beeps(start: int, count: int, pitch: int = 440) -> Samples:
    """``count`` samples from sample ``start`` on of a soft tone: 0.4 s on, 0.6 s off, with faded edges."""
    return wrapped(_beep(pitch), start, count)


def wrapped(samples: Samples, start: int, count: int) -> Samples:
    """``count`` samples from ``start`` on of what comes again and again; in memory of their own."""
    at = start % len(samples)
    if at + count <= len(samples):
        return samples[at : at + count].copy()
    return samples.take(np.arange(at, at + count), mode="wrap")


@cache
def _beep(pitch: int) -> Samples:
    """The second that comes again and again."""
    position = phase = np.arange(RATE, dtype=np.float64)
    length, edge = 0.4 * RATE, 0.02 * RATE
    envelope = np.clip(np.minimum(phase, length - phase) / edge, 0, 1)
    wave = np.sin(2 * math.pi * pitch * position / RATE)
    return (wave * envelope * 3000).astype(np.int16)
