"""A signature as it arrives: its canonical bytes, and how much ink there is."""

from dataclasses import dataclass
from math import hypot

from signing.domain.ledger import canonical
from signing.wire.phone import StrokePoint, Strokes


@dataclass(frozen=True)
class Ink:
    """``points``: how many there are; ``extent``: diagonal of their bounding box ÷ that of the drawing area."""

    json: bytes
    points: int
    extent: float


def ink_of(strokes: Strokes) -> Ink:
    points = [point for stroke in strokes.strokes for point in stroke]
    return Ink(canonical(strokes.model_dump(mode="json")), len(points), _extent(points, strokes))


def _extent(points: list[StrokePoint], area: Strokes) -> float:
    if not points:
        return 0.0
    xs, ys = [point.x for point in points], [point.y for point in points]
    return hypot(max(xs) - min(xs), max(ys) - min(ys)) / hypot(area.width, area.height)
