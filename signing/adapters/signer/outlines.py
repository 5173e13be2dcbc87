"""Text as vector outlines, for appearances that no font has to be embedded for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from math import cos, radians, sin
from pathlib import Path
from threading import RLock

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

Matrix = tuple[float, float, float, float, float, float]
GRAIN = 4
"""Units of the font (a thousandth of the em): finer than 1,200 dots an inch at any size that a seal has."""


def number(value: float) -> str:
    """As a PDF content stream writes it, to a hundredth of a point (3.5 µm)."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def _fine(value: float) -> str:
    """For a matrix that scales units of the font."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def rotated(degrees: float, x: float, y: float, scale_x: float, scale_y: float) -> Matrix:
    """Scale, then turn anticlockwise, then move."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return (c * scale_x, s * scale_x, -s * scale_y, c * scale_y, x, y)


class _PathPen(BasePen):  # type: ignore[misc]
    """Collects PDF path operators in whole steps of ``GRAIN``: short, and alike wherever the glyph stands."""

    def __init__(self, glyphs: object) -> None:
        super().__init__(glyphs)
        self.operators: list[str] = []

    def _at(self, *points: tuple[float, float]) -> str:
        return " ".join([f"{round(x / GRAIN)} {round(y / GRAIN)}" for x, y in points])

    def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - fontTools' names
        self.operators.append(f"{self._at(point)} m")

    def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self.operators.append(f"{self._at(point)} l")

    def _curveToOne(  # noqa: N802
        self, first: tuple[float, float], second: tuple[float, float], end: tuple[float, float]
    ) -> None:
        self.operators.append(f"{self._at(first, second, end)} c")

    def _closePath(self) -> None:  # noqa: N802
        self.operators.append("h")


@dataclass(frozen=True)
class Glyphs:
    """One weight of the paper's font, opened once."""

    font: TTFont
    lock: RLock = field(default_factory=RLock, compare=False)
    """fontTools decodes tables and glyphs as they are asked for, which two threads must not do at once."""
    paths: dict[str, str] = field(default_factory=dict, compare=False)

    def advance(self, text: str, size: float) -> float:
        """In points."""
        with self.lock:
            metrics = self.font["hmtx"]
            return float(sum(metrics[name][0] for name in self._names(text))) * size / 1000

    def place(self, character: str, matrix: Matrix) -> str:
        """Operators that fill one glyph whose em is one unit before ``matrix``."""
        path = self._path(character)
        if not path:
            return ""
        a, b, c, d, e, f = matrix
        scaled = " ".join(_fine(value * GRAIN / 1000) for value in (a, b, c, d))
        return f"q {scaled} {number(e)} {number(f)} cm {path} f Q"

    def _path(self, character: str) -> str:
        with self.lock:
            if character not in self.paths:
                (name,) = self._names(character)
                pen = _PathPen(self.font.getGlyphSet())
                self.font.getGlyphSet()[name].draw(pen)
                self.paths[character] = " ".join(pen.operators)
            return self.paths[character]

    def line(self, text: str, x: float, y: float, size: float) -> str:
        """Operators that fill a line of text beginning at (x, y)."""
        parts = []
        for character in text:
            parts.append(self.place(character, (size, 0, 0, size, x, y)))
            x += self.advance(character, size)
        return " ".join(filter(None, parts))

    def _names(self, text: str) -> Iterator[str]:
        characters = _characters(self.font)
        for character in text:
            yield characters.get(ord(character), ".notdef")


@lru_cache(maxsize=4)
def _characters(font: TTFont) -> dict[int, str]:
    return dict(font.getBestCmap())


@lru_cache(maxsize=4)
def glyphs(path: Path) -> Glyphs:
    """The font at ``path``, held in memory; glyphs are decoded as they are asked for."""
    return Glyphs(TTFont(BytesIO(path.read_bytes()), lazy=True))
