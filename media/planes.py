"""A picture as it goes about in the engine and its boundary: three planes, and where the newest one is kept."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Picture:
    """A YUV 4:2:0 picture: ``y`` of shape (height, width), ``u`` and ``v`` of half each.

    BT.601, limited range (16-235), planes without row padding; read-only for everyone but its maker.
    """

    y: Plane
    u: Plane
    v: Plane
    captured_ns: int
    """``time.monotonic_ns()`` at arrival or capture."""

    @property
    def width(self) -> int:
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        return int(self.y.shape[0])


class PictureSlot(Protocol):
    """Holds only the newest picture; writing never waits for a reader."""

    def latest(self) -> Picture | None: ...
