"""The one face that a machine without a camera has: the astronaut photograph that ships in scikit-image's wheel."""

from functools import cache
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
import skimage.data

Rgb = npt.NDArray[np.uint8]

PAPER = (238, 242, 245)
HEAD = (slice(0, 262), slice(110, 320))
"""Rows and columns of head and shoulders in the 512 × 512 photograph."""


@cache
def scene() -> Rgb:
    """The whole photograph, RGB of shape (512, 512, 3). Do not write into it."""
    return np.asarray(cast(Any, skimage.data).astronaut(), dtype=np.uint8)


@cache
def portrait() -> Rgb:
    """Head and shoulders on plain paper, as an identity photograph shows them: RGB of shape (262, 210, 3)."""
    head = np.ascontiguousarray(scene()[HEAD])
    alpha = cv2.GaussianBlur(_person(head).astype(np.float32), (0, 0), 1.2)[..., None]
    return np.asarray(head * alpha + np.array(PAPER) * (1 - alpha), dtype=np.uint8)


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
