"""Faces for a machine without a camera: the astronaut photograph of scikit-image's wheel, and variations of it.

The first is the photograph as it is. The others are drawn over and bent, so that people and the comparison of faces
take each for somebody else; none of them is a picture of anybody.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
import skimage.data

Rgb = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

PAPER = (238, 242, 245)
HEAD = (slice(0, 262), slice(110, 320))
"""Rows and columns of head and shoulders in the 512 × 512 photograph."""
SIDE = 512


@dataclass(frozen=True)
class Look:
    """How a face differs from the photograph.

    ``bumps``: (x, y, radius, grow x, grow y) in its pixels; a place within the radius is drawn out by these shares.
    ``skin``, ``hair``: factors for red, green, blue. ``clothes``: degrees by which the colours of the rest are turned.
    """

    bumps: tuple[tuple[float, float, float, float, float], ...] = ()
    skin: tuple[float, float, float] = (1, 1, 1)
    hair: tuple[float, float, float] = (1, 1, 1)
    clothes: int = 0
    mirrored: bool = False
    glasses: bool = False
    moustache: bool = False


LOOKS = (
    Look(),
    Look(
        bumps=((224, 165, 60, 0.22, -0.06), (206, 104, 22, -0.18, -0.2), (247, 104, 22, -0.18, -0.2),
               (226, 130, 24, 0.35, 0.1)),
        skin=(0.86, 0.8, 0.74), hair=(0.35, 0.4, 0.5), clothes=110, mirrored=True, moustache=True,
    ),
    Look(
        bumps=((224, 130, 75, -0.16, 0.1), (226, 152, 26, -0.3, -0.3), (206, 104, 24, 0.25, 0.2),
               (247, 104, 24, 0.25, 0.2)),
        skin=(1.06, 1.02, 1.0), hair=(1.9, 1.9, 2.0), clothes=200, glasses=True,
    ),
    Look(
        bumps=((224, 178, 55, -0.3, 0.2), (226, 132, 28, 0.3, 0.45), (206, 104, 26, 0.1, -0.35),
               (247, 104, 26, 0.1, -0.35), (226, 70, 50, 0.2, 0.2)),
        skin=(0.78, 0.68, 0.6), hair=(0.5, 0.3, 0.25), clothes=290, mirrored=True,
    ),
)  # fmt: skip


def look_of(number: int) -> Look:
    """That of the person with this number, from 0; with more people than looks they come round again."""
    return LOOKS[number % len(LOOKS)]


@cache
def scene(number: int = 0) -> Rgb:
    """The whole picture of a person, RGB of shape (512, 512, 3). Do not write into it."""
    look, plain = look_of(number), np.asarray(cast(Any, skimage.data).astronaut(), dtype=np.uint8)
    if look == LOOKS[0]:
        return plain
    painted = _painted(plain, look)
    return np.asarray(_bent(painted, look), dtype=np.uint8)


@cache
def portrait(number: int = 0) -> Rgb:
    """Head and shoulders on plain paper, as an identity photograph shows them: RGB of shape (262, 210, 3)."""
    look = look_of(number)
    mask = np.zeros((SIDE, SIDE), dtype=np.float32)
    mask[HEAD] = _person(np.ascontiguousarray(scene()[HEAD])).astype(np.float32)
    if look != LOOKS[0]:
        mask = _bent(mask, look)
    rows, columns = HEAD
    across = slice(SIDE - columns.stop, SIDE - columns.start) if look.mirrored else columns
    alpha = cv2.GaussianBlur(mask[rows, across], (0, 0), 1.2)[..., None]
    return np.asarray(scene(number)[rows, across] * alpha + np.array(PAPER) * (1 - alpha), dtype=np.uint8)


def _person(head: Rgb) -> npt.NDArray[np.bool_]:
    """Which pixels are the person: a graph cut that is told the margins and the face."""
    mask = np.full(head.shape[:2], cv2.GC_PR_FGD, dtype=np.uint8)
    mask[:6], mask[:, :8] = cv2.GC_BGD, cv2.GC_BGD
    mask[:150, :38], mask[:150, -16:] = cv2.GC_BGD, cv2.GC_BGD
    mask[60:250, 75:140] = cv2.GC_FGD
    cv2.setRNGSeed(1)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    cast(Any, cv2).grabCut(head, mask, None, background, foreground, 6, cv2.GC_INIT_WITH_MASK)
    return np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD))


def _bent(picture: Any, look: Look) -> Any:
    """Each place is taken from where the bumps have drawn it out from."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    from_x, from_y = x.copy(), y.copy()
    for cx, cy, radius, grow_x, grow_y in look.bumps:
        weight = np.exp(-(((x - cx) ** 2 + (y - cy) ** 2) / radius**2))
        from_x -= (x - cx) * grow_x * weight
        from_y -= (y - cy) * grow_y * weight
    bent = cv2.remap(picture, from_x, from_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(bent[:, ::-1]) if look.mirrored else bent


def _painted(picture: Rgb, look: Look) -> Rgb:
    """Skin, hair and clothes in other colours; glasses and moustache drawn on."""
    face = _soft((224, 122), (44, 62))
    head = np.clip(_soft((224, 105), (82, 108)) - face, 0, 1)
    dark = np.clip((130 - picture.mean(axis=2)) / 60, 0, 1).astype(np.float32)
    hair = head * dark
    rest = np.clip(1 - face - head, 0, 1)
    turned = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    turned[..., 0] = (turned[..., 0].astype(int) + look.clothes // 2) % 180
    turned[..., 1] = (turned[..., 1] * 0.6).astype(np.uint8)
    clothes = cv2.cvtColor(turned, cv2.COLOR_HSV2RGB).astype(np.float32)
    mixed = picture.astype(np.float32)
    for where, other in (
        (rest, clothes),
        (hair, mixed * np.array(look.hair, np.float32)),
        (face, mixed * np.array(look.skin, np.float32)),
    ):
        mixed = mixed * (1 - where[..., None]) + other * where[..., None]
    drawn = np.ascontiguousarray(np.clip(mixed, 0, 255).astype(np.uint8))
    if look.moustache:
        _draw_moustache(drawn)
    if look.glasses:
        _draw_glasses(drawn)
    return drawn


def _soft(centre: tuple[int, int], axes: tuple[int, int]) -> Floats:
    """An ellipse with a soft edge, 0 … 1."""
    mask = np.zeros((SIDE, SIDE), dtype=np.float32)
    cv2.ellipse(mask, centre, axes, 0, 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 8), dtype=np.float32)


def _draw_moustache(picture: Rgb) -> None:
    over = picture.copy()
    cv2.ellipse(over, (226, 147), (21, 5), 0, 180, 360, (38, 30, 26), -1, cv2.LINE_AA)
    cv2.addWeighted(over, 0.8, picture, 0.2, 0, dst=picture)


def _draw_glasses(picture: Rgb) -> None:
    over, ink = picture.copy(), (30, 34, 40)
    for x in (205, 248):
        cv2.ellipse(over, (x, 105), (18, 14), 0, 0, 360, ink, 2, cv2.LINE_AA)
    cv2.line(over, (223, 103), (230, 103), ink, 2, cv2.LINE_AA)
    cv2.addWeighted(over, 0.9, picture, 0.1, 0, dst=picture)
