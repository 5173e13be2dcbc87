"""From loose boxes to rows of text, on a card held a little askew. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.vision.ocr import Line

OTHER_ANGLE = 7.0
"""Degrees off the common direction from which text is a watermark, not print."""
OVERPRINT = re.compile(r"样本|非真实|SPECIMEN|仅供|复印无效|[A-WYZ]{3}", re.IGNORECASE)
"""Text that is on a picture of a card but not of the card: specimen marks, and what careful people write across."""


@dataclass(frozen=True)
class Token:
    """Text with its place after the whole was turned upright: pixels, ``y`` of the middle."""

    text: str
    score: float
    left: float
    right: float
    y: float
    height: float


@dataclass(frozen=True)
class Row:
    """Tokens side by side, from the left."""

    tokens: tuple[Token, ...]

    @property
    def text(self) -> str:
        return "".join(token.text for token in self.tokens)

    @property
    def score(self) -> float:
        return min(token.score for token in self.tokens)

    @property
    def y(self) -> float:
        return float(np.mean([token.y for token in self.tokens]))

    @property
    def height(self) -> float:
        return max(token.height for token in self.tokens)


def rows(lines: Sequence[Line]) -> list[Row]:
    """The print of a card as rows from the top, without watermarks."""
    if not lines:
        return []
    slants = np.array([slant(line) for line in lines])
    common = _weighted_median(slants, np.array([_width(line) for line in lines]))
    kept = [line for line, own in zip(lines, slants, strict=True) if abs(own - common) <= OTHER_ANGLE]
    tokens = [_token(line, common) for line in kept]
    return _grouped([token for token in tokens if token.text and not OVERPRINT.search(token.text)])


def slant(line: Line) -> float:
    """Degrees from the horizontal, clockwise positive, −90 … 90; of short text only roughly known."""
    x, y = (line.box[1] + line.box[2] - line.box[0] - line.box[3]) / 2
    return float((np.degrees(np.arctan2(y, x)) + 90) % 180 - 90)


def upright_share(lines: Sequence[Line]) -> float:
    """Which part of the longer pieces of text lies across rather than up: 1 for a level card, 0 for one on end."""
    across = [_width(line) > _tall(line) for line in lines if max(_width(line), _tall(line)) > 40]
    return float(np.mean(across)) if across else 1.0


def hull(lines: Sequence[Line]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of all text in pixels."""
    corners = np.concatenate([line.box for line in lines])
    left, top = np.floor(corners.min(axis=0))
    right, bottom = np.ceil(corners.max(axis=0))
    return int(left), int(top), int(right), int(bottom)


def _width(line: Line) -> float:
    return float(np.linalg.norm(line.box[1] - line.box[0]))


def _tall(line: Line) -> float:
    return float(np.linalg.norm(line.box[3] - line.box[0]))


def _weighted_median(values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def _token(line: Line, angle: float) -> Token:
    turn = np.radians(-angle)
    corners = line.box @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return Token(
        text=re.sub(r"\s", "", unicodedata.normalize("NFKC", line.text)),
        score=line.score,
        left=float(corners[:, 0].min()),
        right=float(corners[:, 0].max()),
        y=float(corners[:, 1].mean()),
        height=_tall(line),
    )


def _grouped(tokens: Sequence[Token]) -> list[Row]:
    """Tokens whose middles lie within half a height of the neighbour's belong to one row."""
    groups: list[list[Token]] = []
    for token in sorted(tokens, key=lambda t: t.y):
        near = [g for g in groups if abs(_nearest(g, token).y - token.y) < 0.5 * min(token.height, g[0].height)]
        if near:
            near[-1].append(token)
        else:
            groups.append([token])
    return [Row(tuple(sorted(group, key=lambda t: t.left))) for group in groups]


def _nearest(group: Sequence[Token], token: Token) -> Token:
    return min(group, key=lambda other: abs(other.left - token.left))
