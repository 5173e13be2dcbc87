"""The picture that both kinds of sender show: a person before a wall, who moves. Three seconds that come again."""

import io
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from media.core.picturecode import HEIGHT, WIDTH
from media.pictures import from_rgb
from media.ports import Picture

RATE = 15
LENGTH = 45

Rgb = npt.NDArray[np.uint8]


@cache
def _wall() -> Rgb:
    """Plaster with grain, so that there is something to encode; larger than the picture, for the camera sways."""
    chance = np.random.default_rng(7)
    coarse = cv2.resize(chance.normal(0, 14, (12, 20)).astype(np.float32), (WIDTH + 32, HEIGHT + 32))
    grain = cv2.GaussianBlur(chance.normal(0, 9, (HEIGHT + 32, WIDTH + 32)).astype(np.float32), (0, 0), 1.2)
    wall = np.array([150, 160, 150], dtype=np.float32) + (coarse + grain)[:, :, None]
    return np.asarray(np.clip(wall, 0, 255), dtype=np.uint8)


def scene(number: int) -> Rgb:
    """The picture of a number, (HEIGHT, WIDTH, 3), without a code."""
    turn = 2 * np.pi * (number % LENGTH) / LENGTH
    sway_x, sway_y = int(16 + 3 * np.sin(turn)), int(16 + 2 * np.cos(turn))
    rgb = _wall()[sway_y : sway_y + HEIGHT, sway_x : sway_x + WIDTH].copy()
    x, y = int(440 + 16 * np.sin(turn)), int(150 + 8 * np.sin(2 * turn))
    cv2.ellipse(rgb, (440 + (x - 440) // 3, 400), (150, 190), 0, 0, 360, (52, 92, 74), -1)
    cv2.ellipse(rgb, (x, y), (58, 78), 4 * np.sin(turn), 0, 360, (205, 165, 140), -1)
    cv2.ellipse(rgb, (x, y - 40), (60, 44), 0, 180, 360, (40, 34, 30), -1)
    for eye in (-22, 22):
        cv2.circle(rgb, (x + eye, y - 10), 6, (30, 26, 24), -1)
    opening = int(4 + 9 * abs(np.sin(5 * turn)))
    cv2.ellipse(rgb, (x, y + 38), (18, opening), 0, 0, 360, (120, 50, 50), -1)
    cv2.putText(rgb, f"{number % LENGTH:02d}", (24, 330), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (30, 60, 50), 4)
    return rgb


def jpeg(number: int) -> bytes:
    """For the page."""
    out = io.BytesIO()
    Image.fromarray(scene(number)).save(out, "JPEG", quality=92)
    return out.getvalue()


def planes(number: int) -> Picture:
    """For the seat: the same that the page shows, by way of the same JPEG."""
    return from_rgb(np.asarray(Image.open(io.BytesIO(jpeg(number))), dtype=np.uint8))
