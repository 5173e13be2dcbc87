"""Bytes in, upright RGB out; and the few measures of a picture that decide whether it is worth reading."""

import io
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from media.vision.errors import NotAPicture

Rgb = npt.NDArray[np.uint8]
"""Shape (height, width, 3)."""

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 64_000_000
"""Refused before a pixel is decoded; the largest phone stills have 50 million."""
MAX_SIDE = 3200
"""Larger pictures are reduced to this after opening; a card needs 1,000 pixels across."""
MAX_SLIMNESS = 8
"""Longer by shorter side above which nothing was photographed by a phone: a strip is not worth an engine's time."""
TALLEST = 4000
"""Rows of a part that is measured at 1,000 pixels across."""
DARK = 55.0
"""Mean luma (0 … 255) below which a picture counts as too dark."""
BLURRED = 15.0
"""Sharpness below which print is hard to read (tried on rendered cards: sharp ones have 60 … 110)."""
GLARING = 0.03
"""Share of clipped pixels from which glare is worth a warning."""


@dataclass(frozen=True)
class Quality:
    """``brightness`` is the mean luma 0 … 255, ``glare`` the share of clipped pixels 0 … 1.

    ``sharpness`` is the variance of the Laplacian at 1,000 pixels across and a mean luma of 128.
    """

    width: int
    height: int
    brightness: float
    sharpness: float
    glare: float

    @property
    def dark(self) -> bool:
        return self.brightness < DARK

    @property
    def blurred(self) -> bool:
        return self.sharpness < BLURRED


def decode(data: bytes) -> Rgb:
    """Opens JPEG, PNG or WebP, obeys EXIF orientation, reduces to ``MAX_SIDE``. Raises ``NotAPicture``."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise NotAPicture("图片尺寸过大，请用手机相机的普通模式重新拍摄")
            if max(image.size) > MAX_SLIMNESS * min(image.size):
                raise NotAPicture("图片太窄或者太扁，请用手机相机的普通模式重新拍摄")
            image.draft("RGB", (MAX_SIDE, MAX_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
            upright.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BILINEAR)
            return np.asarray(upright, dtype=np.uint8)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise NotAPicture("图片尺寸过大，请用手机相机的普通模式重新拍摄") from bomb
    except (OSError, SyntaxError, ValueError) as broken:
        raise NotAPicture("收到的不是可以打开的图片，请重新拍摄（JPEG 或 PNG）") from broken


def fit(picture: Rgb, side: int) -> Rgb:
    """Scaled down so that the longer side is at most ``side``; never scaled up."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def turned(picture: Rgb, quarter_turns: int) -> Rgb:
    """Turned counter-clockwise, contiguous in memory as dlib and OpenCV want it."""
    return np.ascontiguousarray(np.rot90(picture, quarter_turns))


def measure(picture: Rgb) -> Quality:
    """The quality of ``picture`` as it is; give it the part that matters."""
    height, width = picture.shape[:2]
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    rows = min(TALLEST, max(1, round(height * 1000 / width)))
    across = cv2.resize(luma, (1000, rows), interpolation=cv2.INTER_AREA)
    brightness = float(np.mean(np.asarray(luma)))
    edges = np.asarray(cv2.Laplacian(across, cv2.CV_64F))
    return Quality(
        width=width,
        height=height,
        brightness=brightness,
        sharpness=float(edges.var() * (128 / max(brightness, 1)) ** 2),
        glare=float(np.mean(np.asarray(luma) >= 252)),
    )
